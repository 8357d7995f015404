/** The series of a collection: one per combination of tag values. */
import { OrbitError } from '@orbit-ts/base'
import { parseKey, timeSeriesKeys, type Entry, type KeyRange } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { ModelContext } from '../model.js'
import { ExactSeries, type AppendTarget, type PlacesOf } from './exact-series.js'
import type { SeriesGuards } from './series-guards.js'
import type { SeriesDefinition } from './series-input.js'
import type { SeriesMemory } from './series-memory.js'
import { checkObject } from './series-queries.js'
import {
  COUNTER_ID,
  decodeRecord,
  encodeRecord,
  exactName,
  type SeriesIdentity,
  type SeriesRecord,
} from './series-record.js'

/** Which series a query is about: for each named tag one value or several. */
export type TagFilter = Readonly<Record<string, string | readonly string[]>>

type TagValues = readonly (readonly string[] | undefined)[]

/** Series that one query may read. */
export const SERIES_MAX = 100_000

export class SeriesRegistry {
  readonly #context: ModelContext
  readonly #object: CatalogObject<SeriesDefinition>
  readonly #guards: SeriesGuards
  readonly #exact: ExactSeries

  constructor(
    context: ModelContext,
    object: CatalogObject<SeriesDefinition>,
    memory: SeriesMemory,
    guards: SeriesGuards,
  ) {
    this.#context = context
    this.#object = object
    this.#guards = guards
    this.#exact = new ExactSeries(context, object, memory, guards)
  }

  /** See `ExactSeries`. */
  forAppend(places: ReadonlyMap<string, PlacesOf>): Promise<ReadonlyMap<string, AppendTarget>> {
    return this.#exact.forAppend(places)
  }

  /** The series that match, by tag values. @throws INVALID_ARGUMENT for an unknown tag, LIMIT_EXCEEDED */
  async find(filter: TagFilter = {}): Promise<SeriesRecord[]> {
    const wanted = this.#wanted(filter)
    const tagValues = onlyOne(wanted)
    if (tagValues === undefined) return byName(await this.#findByTags(wanted))
    const record = await this.#exact.find(tagValues)
    return record === undefined ? [] : [record]
  }

  /** As `find`, for who reads nothing but points. */
  async locate(filter: TagFilter = {}): Promise<SeriesIdentity[]> {
    const tagValues = onlyOne(this.#wanted(filter))
    if (tagValues === undefined) return this.find(filter)
    const series = await this.#exact.locate(tagValues)
    return series === undefined ? [] : [series]
  }

  /** Chunks of the series with ids after `seriesId` that match, in order of id. @throws INVALID_ARGUMENT as `find` */
  async *after(seriesId: number, filter: TagFilter = {}): AsyncGenerator<SeriesRecord[]> {
    const wanted = this.#wanted(filter)
    const { start: _, ...rest } = timeSeriesKeys.allSeries(this.#object.id)
    const range = { ...rest, start: timeSeriesKeys.series(this.#object.id, seriesId + 1) }
    for await (const chunk of this.#context.storage.scan(range)) {
      yield chunk.map(({ value }) => decodeRecord(value)).filter((record) => matches(record, wanted))
    }
  }

  store(record: SeriesRecord): void {
    this.#context.storage.put(timeSeriesKeys.series(this.#object.id, record.id), encodeRecord(record))
  }

  /**
   * Holds all guards of the series, for changing its marks.
   * @returns the record as it is now
   */
  async exclude(record: SeriesRecord): Promise<SeriesRecord> {
    await this.#guards.exclude(record.id)
    return this.#isReadCommitted ? this.#reread(record) : record
  }

  /**
   * For computing complete buckets again after points have changed.
   * @returns the record with the marks to go by
   */
  async forRecompute(record: SeriesRecord): Promise<SeriesRecord> {
    if (this.#isReadCommitted) return this.exclude(record)
    await this.#guards.share([record.id])
    return record
  }

  get #isReadCommitted(): boolean {
    return this.#context.storage.isolation === 'read-committed'
  }

  async #reread({ id }: SeriesRecord): Promise<SeriesRecord> {
    return decodeRecord(await this.#context.storage.get(timeSeriesKeys.series(this.#object.id, id)))
  }

  /** For each tag the values that are asked for; undefined for any. */
  #wanted(filter: TagFilter): TagValues {
    const { tags } = this.#object.definition
    checkObject(this.#object, filter, 'tags')
    for (const name of Object.keys(filter)) {
      if (!tags.includes(name)) throw this.#unknownTag(name)
    }
    return tags.map((name) => valuesOf(filter[name], name))
  }

  /** Walks the entries of the first tag that is named, or all series, and checks the rest. */
  async #findByTags(wanted: TagValues): Promise<SeriesRecord[]> {
    const { tags } = this.#object.definition
    const collectionId = this.#object.id
    const driving = wanted.findIndex((values) => values !== undefined)
    const tag = tags[driving]
    const records: SeriesRecord[] = []
    const accept = (record: SeriesRecord): void => {
      if (!matches(record, wanted)) return
      if (records.length >= SERIES_MAX) throw this.#tooMany()
      records.push(record)
    }
    if (tag === undefined) {
      await this.#eachChunk(timeSeriesKeys.allSeries(collectionId), (chunk) => {
        for (const { key, value } of chunk) if (seriesIdOf(key) !== COUNTER_ID) accept(decodeRecord(value))
      })
      return records
    }
    for (const value of wanted[driving] ?? []) {
      await this.#eachChunk(timeSeriesKeys.seriesByTag(collectionId, tag, value), async (chunk) => {
        const keys = chunk.map(({ key }) => timeSeriesKeys.series(collectionId, seriesIdOf(key)))
        for (const bytes of await this.#context.storage.getMany(keys)) accept(decodeRecord(bytes))
      })
    }
    return records
  }

  async #eachChunk(range: KeyRange, work: (chunk: Entry[]) => void | Promise<void>): Promise<void> {
    for await (const chunk of this.#context.storage.scan(range)) await work(chunk)
  }

  #unknownTag(name: string): OrbitError {
    const { tags } = this.#object.definition
    const list = tags.length === 0 ? 'it has none' : `it has ${tags.join(', ')}`
    return new OrbitError(
      'INVALID_ARGUMENT',
      `time series "${this.#object.name}": "${name}" is no tag; ${list}`,
      { field: name },
    )
  }

  #tooMany(): OrbitError {
    return new OrbitError(
      'LIMIT_EXCEEDED',
      `time series "${this.#object.name}": more than ${SERIES_MAX} series match; name more tags`,
      { seriesMax: SERIES_MAX },
    )
  }
}

/** The values of the one combination that is asked for; undefined where more may match. */
function onlyOne(wanted: TagValues): string[] | undefined {
  const values = wanted.flatMap((some) => (some?.length === 1 ? some : []))
  return values.length === wanted.length ? values : undefined
}

function byName(records: SeriesRecord[]): SeriesRecord[] {
  return records.sort((a, b) => (exactName(a.tagValues) < exactName(b.tagValues) ? -1 : 1))
}

function matches({ tagValues }: SeriesRecord, wanted: TagValues): boolean {
  return wanted.every((values, index) => values === undefined || values.includes(tagValues[index] ?? ''))
}

function valuesOf(
  filter: string | readonly string[] | undefined,
  tag: string,
): readonly string[] | undefined {
  if (filter === undefined) return undefined
  const values: unknown[] = Array.isArray(filter) ? filter : [filter]
  if (values.every((value) => typeof value === 'string')) return [...new Set(values)]
  throw new OrbitError('INVALID_ARGUMENT', `tags.${tag}: a text or a list of texts is expected`, {
    field: `tags.${tag}`,
  })
}

function seriesIdOf(key: Uint8Array): number {
  const parsed = parseKey(key)
  return 'seriesId' in parsed ? parsed.seriesId : COUNTER_ID
}
