/**
 * Aggregates of complete buckets, kept so that long spans need not read every point.
 *
 * Invariants:
 * 1. A stored bucket from its series' `rolledUpFrom` to its `rolledUpTo` equals what its points give, those included
 *    that the retention has removed; empty buckets are not stored. Outside of that stretch nothing is read.
 * 2. Whoever changes points in it computes the touched buckets again in the same transaction.
 * 3. No point changes before its series' `prunedTo`, where the retention removed points: computing those buckets again
 *    would lose what they know.
 */
import { OrbitError } from '@orbit-ts/base'
import { parseKey, timeSeriesKeys } from '@orbit-ts/storage'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { StepBudget } from '../../txn/step-budget.js'
import type { ModelContext } from '../model.js'
import { Accumulator, type Summary } from './accumulator.js'
import { bucketOf, endOfBucket, numberOf } from './downsample.js'
import {
  isNumeric,
  type FieldDefinition,
  type RollupDefinition,
  type SeriesDefinition,
} from './series-input.js'
import type { Point } from './points.js'
import type { SeriesReader } from './series-reader.js'
import type { SeriesRecord } from './series-record.js'

/** By field id. */
type BucketSummary = ReadonlyMap<number, Summary>

const VERSION = 1
const ENTRY_BYTES = 4 + 8 * 8

export class Rollups {
  readonly #context: ModelContext
  readonly #object: CatalogObject<SeriesDefinition>
  readonly #reader: SeriesReader
  readonly #numeric: readonly FieldDefinition[]

  constructor(context: ModelContext, object: CatalogObject<SeriesDefinition>, reader: SeriesReader) {
    this.#context = context
    this.#object = object
    this.#reader = reader
    this.#numeric = object.definition.fields.filter((field) => isNumeric(field.type))
  }

  /** Whether the buckets of all rollups that end at or before `until` are complete. */
  isComplete({ rolledUpTo }: SeriesRecord, until: number): boolean {
    return this.#object.definition.rollups.every(({ id, granularityMs }) => {
      const mark = rolledUpTo[id]
      return mark !== undefined && mark >= bucketOf(until, granularityMs)
    })
  }

  /**
   * Completes buckets that end at or before `until`, the oldest first, until the budget of points to read is spent.
   * `record` has the new marks, and is the one that was given if none moved.
   */
  async complete(
    record: SeriesRecord,
    until: number,
    budget: StepBudget,
  ): Promise<{ readonly record: SeriesRecord; readonly isDone: boolean }> {
    let after = record
    for (const rollup of this.#object.definition.rollups) {
      const end = bucketOf(until, rollup.granularityMs)
      const start = after.rolledUpTo[rollup.id]
      if (start !== undefined && start >= end) continue
      if (budget.isSpent) return { record: after, isDone: false }
      const reached = await this.#write(record, rollup, start, end, budget)
      if (reached !== start) after = { ...after, rolledUpTo: { ...after.rolledUpTo, [rollup.id]: reached } }
      if (reached < end) return { record: after, isDone: false }
    }
    return { record: after, isDone: true }
  }

  /** Computes the complete buckets again that overlap `[from, to)`, after their points have changed. */
  async recompute(record: SeriesRecord, from: number, to: number): Promise<void> {
    const changedFrom = Math.max(from, record.prunedTo ?? -Infinity)
    for (const rollup of this.#object.definition.rollups) {
      const complete = this.completeStretch(record, rollup)
      const start = Math.max(complete.from, bucketOf(changedFrom, rollup.granularityMs))
      const end = Math.min(complete.to, endOfBucket(to, rollup.granularityMs))
      if (changedFrom < to && start < end) await this.#write(record, rollup, start, end)
    }
  }

  /** Where every bucket is complete and kept; empty when `from` is not below `to`. */
  completeStretch(record: SeriesRecord, { id }: RollupDefinition): { from: number; to: number } {
    return { from: record.rolledUpFrom?.[id] ?? -Infinity, to: record.rolledUpTo[id] ?? -Infinity }
  }

  /** Chunks of stored buckets in `[from, to)`. */
  async *read(
    record: SeriesRecord,
    { id }: RollupDefinition,
    from: number | undefined,
    to: number | undefined,
  ): AsyncGenerator<{ readonly timestamp: number; readonly fields: BucketSummary }[]> {
    const range = timeSeriesKeys.rollups(this.#object.id, record.id, id, from, to)
    for await (const chunk of this.#context.storage.scan(range)) {
      yield chunk.map(({ key, value }) => ({ timestamp: timestampOf(key), fields: decode(value) }))
    }
  }

  /** Deletes up to `limit` buckets of a rollup that begin before a moment, or all of them; returns how many went. */
  async delete(
    record: SeriesRecord,
    rollupId: number,
    before: number | undefined,
    limit: number,
  ): Promise<number> {
    const range = timeSeriesKeys.rollups(this.#object.id, record.id, rollupId, undefined, before)
    let removed = 0
    for await (const chunk of this.#context.storage.scan(range, { keysOnly: true, limit })) {
      for (const { key } of chunk) this.#context.storage.delete(key)
      removed += chunk.length
    }
    return removed
  }

  /** Writes the buckets from `from` on, whole ones until the budget is spent; returns where the written ones end. */
  async #write(
    record: SeriesRecord,
    { id, granularityMs }: RollupDefinition,
    from: number | undefined,
    to: number,
    budget: StepBudget = new StepBudget(),
  ): Promise<number> {
    const buckets: { start: number; fields: Map<number, Accumulator> }[] = []
    const reached = await this.#eachPoint(record, from, to, budget, granularityMs, (start, point) => {
      let bucket = buckets.at(-1)
      if (bucket?.start !== start) buckets.push((bucket = { start, fields: new Map() }))
      this.#add(bucket.fields, point)
    })
    await this.#replace(record, id, from, reached, buckets)
    return reached
  }

  /** Ends where a bucket begins once the budget is spent; returns where. */
  async #eachPoint(
    record: SeriesRecord,
    from: number | undefined,
    to: number,
    budget: StepBudget,
    granularityMs: number,
    work: (bucketStart: number, point: Point) => void,
  ): Promise<number> {
    let current: number | undefined
    for await (const chunk of this.#reader.one(record, { from, to, reverse: false })) {
      for (const point of chunk) {
        const start = bucketOf(point.timestamp, granularityMs)
        if (start !== current && current !== undefined && budget.isSpent) return start
        current = start
        budget.spend(1)
        work(start, point)
      }
    }
    return to
  }

  async #replace(
    { id: seriesId }: SeriesRecord,
    rollupId: number,
    from: number | undefined,
    to: number,
    buckets: readonly { readonly start: number; readonly fields: ReadonlyMap<number, Accumulator> }[],
  ): Promise<void> {
    const { storage } = this.#context
    const before = timeSeriesKeys.rollups(this.#object.id, seriesId, rollupId, from, to)
    for await (const chunk of storage.scan(before, { keysOnly: true })) {
      for (const { key } of chunk) storage.delete(key)
    }
    for (const { start, fields } of buckets) {
      if (fields.size === 0) continue
      storage.put(timeSeriesKeys.rollup(this.#object.id, seriesId, rollupId, start), encode(fields))
    }
  }

  #add(bucket: Map<number, Accumulator>, { fields, timestamp }: Point): void {
    for (const { id, name } of this.#numeric) {
      const value = numberOf(fields[name])
      if (value === undefined) continue
      const accumulator = bucket.get(id) ?? new Accumulator()
      accumulator.add(value, timestamp)
      bucket.set(id, accumulator)
    }
  }
}

function timestampOf(key: Uint8Array): number {
  const parsed = parseKey(key)
  return 'bucket' in parsed ? Number(parsed.bucket) : Number.NaN
}

/** A version byte, then per field its id (uint32) and eight doubles, little-endian. */
function encode(fields: ReadonlyMap<number, Accumulator>): Uint8Array {
  const bytes = Buffer.allocUnsafe(1 + fields.size * ENTRY_BYTES)
  let at = bytes.writeUInt8(VERSION, 0)
  for (const [id, accumulator] of fields) {
    const { count, sum, min, max, first, firstAt, last, lastAt } = accumulator.summary()
    at = bytes.writeUInt32LE(id, at)
    for (const number of [count, sum, min, max, first, firstAt, last, lastAt])
      at = bytes.writeDoubleLE(number, at)
  }
  return bytes
}

function decode(value: Uint8Array): BucketSummary {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (bytes[0] !== VERSION) {
    throw new OrbitError(
      'RECORD_VERSION_UNSUPPORTED',
      `a rollup has format version ${bytes[0] ?? 'none'}; this release knows ${VERSION}`,
    )
  }
  if ((bytes.length - 1) % ENTRY_BYTES !== 0) throw new OrbitError('STORAGE_CORRUPT', 'a rollup is cut off')
  const fields = new Map<number, Summary>()
  for (let at = 1; at < bytes.length; at += ENTRY_BYTES) {
    const number = (index: number): number => bytes.readDoubleLE(at + 4 + index * 8)
    fields.set(bytes.readUInt32LE(at), {
      count: number(0),
      sum: number(1),
      min: number(2),
      max: number(3),
      first: number(4),
      firstAt: number(5),
      last: number(6),
      lastAt: number(7),
    })
  }
  return fields
}
