import { compareBytes } from '@orbit-ts/base'
import type { Timestamp } from '../../timestamp.js'
import { OrderedMap } from '../ordered-map.js'
import type { Lock } from './records.js'

/**
 * What keeps async commit and one-phase commit linearizable: the largest timestamp anybody read at, and the locks that
 * have a commit timestamp already but are not written yet.
 *
 * Invariants:
 * 1. `maxTs` never falls. Who calculates a commit timestamp puts it above `maxTs`, with its lock in memory first.
 * 2. Who reads raises `maxTs` first and then looks at the locks in memory.
 */
export class ConcurrencyManager {
  #maxTs: Timestamp = 0n
  readonly #memoryLocks = new OrderedMap<Lock>()

  get maxTs(): Timestamp {
    return this.#maxTs
  }

  /** The largest timestamp (the "latest" of point reads) is no time that anybody read at: it is not noted. */
  updateMaxTs(ts: Timestamp): void {
    if (ts !== 0xffff_ffff_ffff_ffffn && ts > this.#maxTs) this.#maxTs = ts
  }

  putMemoryLock(key: Uint8Array, lock: Lock): void {
    this.#memoryLocks.set(key, lock)
  }

  removeMemoryLock(key: Uint8Array, startTs: Timestamp): void {
    if (this.#memoryLocks.get(key)?.startTs === startTs) this.#memoryLocks.delete(key)
  }

  memoryLock(key: Uint8Array): Lock | undefined {
    return this.#memoryLocks.get(key)
  }

  *memoryLocks(start: Uint8Array, end: Uint8Array | undefined): Generator<readonly [Uint8Array, Lock]> {
    for (const entry of this.#memoryLocks.ascending(start)) {
      if (end !== undefined && end.length > 0 && compareBytes(entry[0], end) >= 0) return
      yield entry
    }
  }

  /** The smallest start timestamp of a lock in memory, which bounds the safe timestamp of stale reads. */
  minMemoryLockTs(): Timestamp | undefined {
    let min: Timestamp | undefined
    for (const [, lock] of this.#memoryLocks.ascending(new Uint8Array(0))) {
      if (min === undefined || lock.startTs < min) min = lock.startTs
    }
    return min
  }
}
