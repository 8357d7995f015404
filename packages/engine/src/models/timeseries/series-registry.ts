/**
 * Which series a collection has: one per combination of tag values.
 *
 * Invariants:
 * 1. The record of a series, its exact-tags key and its tag keys are written in one transaction and agree.
 * 2. Ids are never used again: the sequence, under series id 0, only grows. It is moved outside of the transaction, so
 *    that those who meet new series at the same time do not conflict.
 * 3. `rolledUpTo` of a rollup says up to when its buckets are complete. Who appends shares the series' record,
 *    who rolls up writes it: so a point cannot slip into a bucket while that is being completed.
 */
import { OrbitError, fromUtf8, utf8 } from '@orbit-ts/base'
import { parseKey, timeSeriesKeys, type Entry, type KeyRange } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { ModelContext } from '../model.js'
import type { SeriesDefinition } from './series-input.js'
import { checkObject } from './series-queries.js'

export interface SeriesRecord {
  readonly id: number
  readonly tagValues: readonly string[]
  /** End of the last complete bucket, by rollup id. */
  readonly rolledUpTo: Readonly<Record<string, number>>
  /** Start of the first complete bucket that is kept, by rollup id. Left out: none was removed. */
  readonly rolledUpFrom?: Readonly<Record<string, number>>
  /** The retention has removed points up to here, and rollups know of them. */
  readonly prunedTo?: number
}

/** Which series a query is about: for each named tag one value or several. */
export type TagFilter = Readonly<Record<string, string | readonly string[]>>

type TagValues = readonly (readonly string[] | undefined)[]

/** No series has it. Under it are the sequence of ids and the mark of the retention. */
export const COUNTER_ID = 0
/** Series that one query may read. */
export const SERIES_MAX = 100_000

export class SeriesRegistry {
  readonly #context: ModelContext
  readonly #object: CatalogObject<SeriesDefinition>

  constructor(context: ModelContext, object: CatalogObject<SeriesDefinition>) {
    this.#context = context
    this.#object = object
  }

  /** The series of each combination, created where missing; each is shared (invariant 3). */
  async forAppend(combinations: readonly (readonly string[])[]): Promise<Map<string, SeriesRecord>> {
    const { storage } = this.#context
    const names = [...new Set(combinations.map(exactName))]
    const found = await storage.getMany(names.map((name) => timeSeriesKeys.exactTags(this.#object.id, name)))
    const ids = found.map((bytes) => (bytes === undefined ? undefined : Number(fromUtf8(bytes))))
    const missing = names.filter((_, index) => ids[index] === undefined)
    const known = names.filter((_, index) => ids[index] !== undefined)
    const records = await this.#lockAndRead(ids.filter((id) => id !== undefined))
    const series = new Map(known.map((name, index) => [name, required(records[index])]))
    for (const record of await this.#create(missing)) series.set(exactName(record.tagValues), record)
    return series
  }

  /** The series that match, by tag values. @throws INVALID_ARGUMENT for an unknown tag, LIMIT_EXCEEDED */
  async find(filter: TagFilter = {}): Promise<SeriesRecord[]> {
    const wanted = this.#wanted(filter)
    const records = wanted.every((values) => values?.length === 1)
      ? await this.#findExact(wanted.map((values) => values?.[0] ?? ''))
      : await this.#findByTags(wanted)
    return records.sort((a, b) => (exactName(a.tagValues) < exactName(b.tagValues) ? -1 : 1))
  }

  /** Chunks of the series with ids after `seriesId` that match, in order of id. @throws INVALID_ARGUMENT as `find` */
  async *after(seriesId: number, filter: TagFilter = {}): AsyncGenerator<SeriesRecord[]> {
    const wanted = this.#wanted(filter)
    const { start: _, ...rest } = timeSeriesKeys.allSeries(this.#object.id)
    const range = { ...rest, start: timeSeriesKeys.series(this.#object.id, seriesId + 1) }
    for await (const chunk of this.#context.storage.scan(range)) {
      yield chunk.map(({ value }) => decode(value)).filter((record) => matches(record, wanted))
    }
  }

  store(record: SeriesRecord): void {
    this.#context.storage.put(timeSeriesKeys.series(this.#object.id, record.id), utf8(JSON.stringify(record)))
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

  async #lockAndRead(ids: readonly number[]): Promise<SeriesRecord[]> {
    const { storage } = this.#context
    const keys = ids.map((id) => timeSeriesKeys.series(this.#object.id, id))
    await storage.lock(keys, { mode: 'shared' })
    return (await storage.getMany(keys)).map((bytes) => decode(required(bytes)))
  }

  async #create(names: readonly string[]): Promise<SeriesRecord[]> {
    if (names.length === 0) return []
    const { storage } = this.#context
    const collectionId = this.#object.id
    const firstId = await this.#context.takeNumbers(timeSeriesKeys.series(collectionId, COUNTER_ID), {
      count: names.length,
      start: 1,
      increment: 1,
    })
    const records = names.map((name, index): SeriesRecord => ({
      id: Number(firstId) + index,
      tagValues: JSON.parse(name) as string[],
      rolledUpTo: {},
    }))
    for (const record of records) {
      this.store(record)
      storage.put(
        timeSeriesKeys.exactTags(collectionId, exactName(record.tagValues)),
        utf8(String(record.id)),
      )
      this.#object.definition.tags.forEach((tag, index) => {
        storage.put(timeSeriesKeys.tag(collectionId, tag, record.tagValues[index] ?? '', record.id), utf8(''))
      })
    }
    return records
  }

  async #findExact(tagValues: readonly string[]): Promise<SeriesRecord[]> {
    const { storage } = this.#context
    const id = await storage.get(timeSeriesKeys.exactTags(this.#object.id, exactName(tagValues)))
    if (id === undefined) return []
    const record = await storage.get(timeSeriesKeys.series(this.#object.id, Number(fromUtf8(id))))
    return [decode(required(record))]
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
        for (const { key, value } of chunk) if (seriesIdOf(key) !== COUNTER_ID) accept(decode(value))
      })
      return records
    }
    for (const value of wanted[driving] ?? []) {
      await this.#eachChunk(timeSeriesKeys.seriesByTag(collectionId, tag, value), async (chunk) => {
        const keys = chunk.map(({ key }) => timeSeriesKeys.series(collectionId, seriesIdOf(key)))
        for (const bytes of await this.#context.storage.getMany(keys)) accept(decode(required(bytes)))
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

/** One text for one combination, equal for equal ones; orders series for people. */
export function exactName(tagValues: readonly string[]): string {
  return JSON.stringify(tagValues)
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

function decode(bytes: Uint8Array): SeriesRecord {
  return JSON.parse(fromUtf8(bytes)) as SeriesRecord
}

function required<T>(value: T | undefined): T {
  if (value === undefined)
    throw new OrbitError('STORAGE_CORRUPT', 'a time series is named in an index and has no record')
  return value
}
