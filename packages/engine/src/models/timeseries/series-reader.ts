import { parseKey, timeSeriesKeys, type Entry } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import type { ModelContext } from '../model.js'
import { decodePoint } from './point-codec.js'
import type { Point } from './points.js'
import type { FieldDefinition, SeriesDefinition } from './series-input.js'
import type { SeriesIdentity } from './series-record.js'

export interface PointRange {
  /** Milliseconds since the epoch; the first moment that counts. */
  readonly from: number | undefined
  /** The first moment that does not count any more. */
  readonly to: number | undefined
  readonly reverse: boolean
}

const CHUNK_SIZE = 256
/** Points that a merge of many series holds, beyond one of each. */
const MERGED_POINTS_MAX = 65_536

/** Points of one or several series in the order of time. */
export class SeriesReader {
  readonly #context: ModelContext
  readonly #collectionId: number
  readonly #tags: readonly string[]
  readonly #fields: ReadonlyMap<number, FieldDefinition>

  constructor(context: ModelContext, object: CatalogObject<SeriesDefinition>) {
    this.#context = context
    this.#collectionId = object.id
    this.#tags = object.definition.tags
    this.#fields = new Map(object.definition.fields.map((field) => [field.id, field]))
  }

  tagsOf(record: SeriesIdentity): Record<string, string> {
    return Object.fromEntries(this.#tags.map((tag, index) => [tag, record.tagValues[index] ?? '']))
  }

  /** Chunks of points of one series. */
  async *one(
    record: SeriesIdentity,
    { from, to, reverse }: PointRange,
    limit = Infinity,
    chunkSize = CHUNK_SIZE,
  ): AsyncGenerator<Point[]> {
    const range = timeSeriesKeys.points(this.#collectionId, record.id, from, to)
    const tags = this.tagsOf(record)
    for await (const chunk of this.#context.storage.scan(range, { reverse, limit, chunkSize })) {
      yield chunk.map((entry) => this.#pointOf(entry, tags))
    }
  }

  /** Chunks of points of all the series, merged by time. Holds a chunk of each in memory: smaller ones of many series. */
  async *merged(
    records: readonly SeriesIdentity[],
    range: PointRange,
    limit = Infinity,
  ): AsyncGenerator<Point[]> {
    const [only] = records
    if (records.length === 1 && only !== undefined) {
      yield* this.one(only, range, limit)
      return
    }
    const sign = range.reverse ? -1 : 1
    const chunkSize = Math.max(1, Math.min(CHUNK_SIZE, Math.floor(MERGED_POINTS_MAX / records.length)))
    const walks = records.map((record) => new Walk(this.one(record, range, limit, chunkSize)))
    try {
      await Promise.all(walks.map((walk) => walk.refill()))
      const heap = new WalkHeap(
        walks.filter((walk) => walk.point !== undefined),
        sign,
      )
      let chunk: Point[] = []
      for (let count = 0; count < limit; count++) {
        const walk = heap.first
        if (walk?.point === undefined) break
        chunk.push(walk.point)
        if (!walk.step()) await walk.refill()
        heap.firstChanged()
        if (chunk.length >= CHUNK_SIZE) {
          yield chunk
          chunk = []
        }
      }
      if (chunk.length > 0) yield chunk
    } finally {
      await Promise.all(walks.map((walk) => walk.close()))
    }
  }

  #pointOf({ key, value }: Entry, tags: Record<string, string>): Point {
    const parsed = parseKey(key)
    const isPoint = parsed.model === 'timeseries' && parsed.kind === 'point'
    return {
      timestamp: isPoint ? Number(parsed.timestamp) : Number.NaN,
      sequence: isPoint ? parsed.sequence : 0,
      tags,
      fields: decodePoint(this.#fields, value),
    }
  }
}

/** The next point of one series; the first one after `refill`. */
class Walk {
  readonly #chunks: AsyncGenerator<Point[]>
  #chunk: Point[] = []
  #index = 0

  constructor(chunks: AsyncGenerator<Point[]>) {
    this.#chunks = chunks
  }

  get point(): Point | undefined {
    return this.#chunk[this.#index]
  }

  /** False when the next chunk has to be read first. */
  step(): boolean {
    this.#index++
    return this.#index < this.#chunk.length
  }

  async refill(): Promise<void> {
    const next = await this.#chunks.next()
    this.#chunk = next.done === true ? [] : next.value
    this.#index = 0
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined)
  }
}

/** A binary heap of walks by the time of their next point. */
class WalkHeap {
  readonly #walks: Walk[]
  readonly #sign: 1 | -1

  constructor(walks: Walk[], sign: 1 | -1) {
    this.#walks = walks
    this.#sign = sign
    for (let at = (walks.length >>> 1) - 1; at >= 0; at--) this.#sink(at)
  }

  get first(): Walk | undefined {
    return this.#walks[0]
  }

  /** The first walk has moved on or ended. */
  firstChanged(): void {
    if (this.#walks[0]?.point === undefined) {
      const last = this.#walks.pop()
      if (last !== undefined && this.#walks.length > 0) this.#walks[0] = last
    }
    this.#sink(0)
  }

  #sink(start: number): void {
    for (let at = start; ;) {
      const left = 2 * at + 1
      const right = left + 1
      let least = at
      if (this.#before(left, least)) least = left
      if (this.#before(right, least)) least = right
      if (least === at) return
      const [a, b] = [this.#walks[at], this.#walks[least]]
      if (a === undefined || b === undefined) return
      this.#walks[at] = b
      this.#walks[least] = a
      at = least
    }
  }

  #before(a: number, b: number): boolean {
    const [first, second] = [this.#walks[a]?.point, this.#walks[b]?.point]
    return (
      first !== undefined && second !== undefined && (first.timestamp - second.timestamp) * this.#sign < 0
    )
  }
}
