import { compareBytes, concatBytes } from '@orbit-ts/base'
import { isPrefixNext } from '../../coprocessor/dag/scan-ranges.js'
import type { Request } from '../../gen/coprocessor.js'
import { Context, type LockInfo } from '../../gen/kvrpcpb.js'
import { isRefusal } from '../mvcc/mvcc-error.js'
import type { Timestamp } from '../../timestamp.js'
import type { Bounds, MvccState } from '../mvcc/mvcc-state.js'
import { SnapshotRead } from '../mvcc/snapshot-read.js'
import type { CoprocessorScope } from '../store/coprocessor.js'
import { LockedError } from './dag-failure.js'

const ZERO = new Uint8Array(1)

export interface ScannedPair {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/**
 * Reads the ranges of a request at its timestamp, a few pairs at a time.
 *
 * Invariants:
 * 1. Pairs come in the order of their keys, or against it.
 * 2. Locks in memory are checked in all ranges before anything is read, as TiKV does.
 */
export class ScanCursor {
  readonly #state: MvccState
  readonly #startTs: Timestamp
  readonly #read: SnapshotRead
  readonly #ranges: Bounds[]
  readonly #whole: readonly Bounds[]
  readonly #descending: boolean
  /** Pairs scanned, by range, in the order of the request. */
  readonly counts: number[]
  #at = 0
  #last: Uint8Array | undefined

  /** @param acceptsPoints a range of a key and its successor is that key alone, whatever lies behind it, as in TiKV */
  constructor(
    request: Request,
    { mvcc, bounds }: CoprocessorScope,
    { descending, acceptsPoints }: { readonly descending: boolean; readonly acceptsPoints: boolean },
  ) {
    this.#state = mvcc.state
    this.#startTs = request.startTs
    this.#read = new SnapshotRead(mvcc.state, request.context ?? Context.create(), request.startTs)
    this.#descending = descending
    const ranges = request.ranges
      .map((range) => (acceptsPoints && isPrefixNext(range.start, range.end) ? pointOf(range.start) : range))
      .map((range) => within(range, bounds))
    for (const range of ranges) unlocked(() => this.#read.checkMemoryLocksIn(range))
    this.#ranges = descending ? ranges.toReversed() : [...ranges]
    this.#whole = [...this.#ranges]
    this.counts = ranges.map(() => 0)
  }

  get isDrained(): boolean {
    return this.#at >= this.#ranges.length
  }

  /** At most `size` pairs; fewer only when there are no more. */
  next(size: number): ScannedPair[] {
    const pairs: ScannedPair[] = []
    for (;;) {
      const range = this.#ranges[this.#at]
      if (range === undefined || pairs.length >= size) return pairs
      const limit = size - pairs.length
      const rows = this.#read.scan(range, { limit, keyOnly: false, reverse: this.#descending, sampleStep: 0 })
      for (const row of rows) {
        if (row.kind === 'locked') throw new LockedError(lockOf(row.error))
        pairs.push(row)
        this.#last = row.key
      }
      this.counts[this.#at] = (this.counts[this.#at] ?? 0) + rows.length
      if (rows.length < limit) this.#at++
      else if (this.#last !== undefined) this.#ranges[this.#at] = beyond(range, this.#last, this.#descending)
    }
  }

  /** Whether later readers of the same data would read the same: nothing is newer than this reader, or about to be. */
  isCurrent(): boolean {
    return this.#whole.every(({ start, end }) => {
      for (const [, { lock, writes }] of this.#state.data.ascending(
        start,
        end.length === 0 ? undefined : end,
      )) {
        const newest = writes[0]
        if (lock !== undefined || (newest !== undefined && newest.commitTs > this.#startTs)) return false
      }
      return true
    })
  }

  /** From where the first range begins to the last key that was read; against the order the other way round. */
  covered(): Bounds {
    const { start, end } = this.#whole[0] ?? { start: ZERO.subarray(1), end: ZERO.subarray(1) }
    if (this.#last === undefined) return { start, end: start }
    return this.#descending ? { start: this.#last, end } : { start, end: concatBytes(this.#last, ZERO) }
  }
}

const pointOf = (key: Uint8Array): Bounds => ({ start: key, end: concatBytes(key, ZERO) })

function beyond({ start, end }: Bounds, key: Uint8Array, descending: boolean): Bounds {
  return descending ? { start, end: key } : { start: concatBytes(key, ZERO), end }
}

function within(range: Bounds, bounds: Bounds): Bounds {
  const start = compareBytes(range.start, bounds.start) < 0 ? bounds.start : range.start
  const tighter = range.end.length === 0 || (bounds.end.length > 0 && compareBytes(bounds.end, range.end) < 0)
  return { start, end: tighter ? bounds.end : range.end }
}

function unlocked(check: () => void): void {
  try {
    check()
  } catch (error) {
    throw isRefusal(error, 'KeyIsLocked') ? new LockedError(error.refusal.lock) : error
  }
}

function lockOf(error: unknown): LockInfo {
  if (isRefusal(error, 'KeyIsLocked')) return error.refusal.lock
  throw error
}
