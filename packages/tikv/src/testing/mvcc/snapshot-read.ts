import { EMPTY_BYTES, equalBytes } from '@orbit-ts/base'
import { IsolationLevel, WriteConflict_Reason, type Context } from '../../gen/kvrpcpb.js'
import { MAX_TIMESTAMP, type Timestamp } from '../../timestamp.js'
import { isRefusal, MvccError } from './mvcc-error.js'
import type { Bounds, MvccState } from './mvcc-state.js'
import { isVisibleDespiteFence, lockInfo, type KeyRecords, type Lock, type Write } from './records.js'

/** A version that a reader sees. */
export interface Version {
  readonly value: Uint8Array
  readonly commitTs: Timestamp
}

export interface ScanOptions {
  readonly limit: number
  readonly keyOnly: boolean
  readonly reverse: boolean
  /** Every n-th row; 0: every row. */
  readonly sampleStep: number
}

export type ScanRow =
  | {
      readonly kind: 'row'
      readonly key: Uint8Array
      readonly value: Uint8Array
      readonly commitTs: Timestamp
    }
  | { readonly kind: 'locked'; readonly error: MvccError }

/**
 * Reads at one timestamp.
 *
 * Invariants:
 * 1. Before anything is read, `maxTs` reaches the timestamp (but not for a stale read) and the locks in memory are
 *    checked: a transaction that commits without asking PD again commits above the reader, or the reader sees its lock.
 * 2. At snapshot isolation a lock that might commit at or below the timestamp blocks the reader, unless the request
 *    names its transaction as resolved (passed over) or committed (its value is read from the lock).
 */
export class SnapshotRead {
  readonly #state: MvccState
  readonly #ts: Timestamp
  readonly #isolation: IsolationLevel
  readonly #replicaRead: boolean
  readonly #resolved: ReadonlySet<Timestamp>
  readonly #committed: ReadonlySet<Timestamp>

  constructor(state: MvccState, context: Context, ts: Timestamp) {
    this.#state = state
    this.#ts = ts
    this.#isolation = context.isolationLevel
    this.#replicaRead = context.replicaRead
    this.#resolved = new Set(context.resolvedLocks)
    this.#committed = new Set(context.committedLocks)
    if (!context.staleRead) state.concurrency.updateMaxTs(ts)
  }

  /** @throws MvccError for a lock in memory on one of the keys. */
  checkMemoryLocks(keys: readonly Uint8Array[]): void {
    for (const key of keys) {
      const lock = this.#state.concurrency.memoryLock(key)
      if (lock !== undefined) this.#checkConflict(key, lock, this.#replicaRead)
    }
  }

  checkMemoryLocksIn(range: Bounds): void {
    for (const [key, lock] of this.#state.concurrency.memoryLocks(range.start, range.end)) {
      this.#checkConflict(key, lock, this.#replicaRead)
    }
  }

  /** @param needCommitTs A lock's value has no commit timestamp yet, so that committed locks block then, too. */
  get(key: Uint8Array, needCommitTs: boolean): Version | undefined {
    const lock = this.#state.data.lock(key)
    const writes = this.#state.data.writes(key)
    return this.#read(key, lock, writes, { keyOnly: false, mayReadLock: !needCommitTs })
  }

  scan(range: Bounds, options: ScanOptions): ScanRow[] {
    const end = range.end.length === 0 ? undefined : range.end
    const { data } = this.#state
    const keys = options.reverse ? data.descending(range.start, end) : data.ascending(range.start, end)
    const rows: ScanRow[] = []
    let seen = 0
    for (const [key, records] of keys) {
      if (rows.length >= options.limit) break
      const row = this.#scanKey(key, records, options.keyOnly)
      if (row === undefined) continue
      if (row.kind === 'row' && options.sampleStep > 0 && seen++ % options.sampleStep !== 0) continue
      rows.push(row)
    }
    return rows
  }

  #scanKey(key: Uint8Array, records: Readonly<KeyRecords>, keyOnly: boolean): ScanRow | undefined {
    try {
      const version = this.#read(key, records.lock, records.writes, { keyOnly, mayReadLock: true })
      return version && { kind: 'row', key, ...version }
    } catch (error) {
      if (isRefusal(error, 'KeyIsLocked')) return { kind: 'locked', error }
      throw error
    }
  }

  #read(
    key: Uint8Array,
    lock: Lock | undefined,
    writes: readonly Write[],
    { keyOnly, mayReadLock }: { readonly keyOnly: boolean; readonly mayReadLock: boolean },
  ): Version | undefined {
    if (lock !== undefined) {
      try {
        this.#checkConflict(key, lock, false)
      } catch (error) {
        const readable = mayReadLock && this.#committed.has(lock.startTs) && isRefusal(error, 'KeyIsLocked')
        if (!readable) throw error
        return this.#readLock(key, lock, keyOnly)
      }
    }
    return this.#readWrites(key, writes, keyOnly)
  }

  #readLock(key: Uint8Array, lock: Lock, keyOnly: boolean): Version | undefined {
    if (lock.type === 'delete') return undefined
    const value = lock.shortValue ?? this.#state.data.value(key, lock.startTs) ?? EMPTY_BYTES
    return { value: keyOnly ? EMPTY_BYTES : value, commitTs: 0n }
  }

  #readWrites(key: Uint8Array, writes: readonly Write[], keyOnly: boolean): Version | undefined {
    const newest = writes[0]
    if (this.#isolation === IsolationLevel.RCCheckTS && newest !== undefined && newest.commitTs > this.#ts) {
      throw this.#readConflict(key, 0n, newest.commitTs, EMPTY_BYTES)
    }
    for (const write of writes) {
      if (write.commitTs > this.#ts) continue
      if (!isVisibleDespiteFence(write, this.#ts) || write.type === 'delete') return undefined
      if (write.type !== 'put') continue
      const value = write.shortValue ?? this.#state.data.value(key, write.startTs) ?? EMPTY_BYTES
      return { value: keyOnly ? EMPTY_BYTES : value, commitTs: write.commitTs }
    }
    return undefined
  }

  #checkConflict(key: Uint8Array, lock: Lock, replicaRead: boolean): void {
    if (this.#isolation === IsolationLevel.RC) return
    if (lock.type === 'lock' || lock.type === 'pessimistic' || this.#resolved.has(lock.startTs)) return
    if (this.#isolation === IsolationLevel.RCCheckTS) {
      throw this.#readConflict(key, lock.startTs, 0n, lock.primary)
    }
    if (lock.startTs > this.#ts || lock.minCommitTs > this.#ts) return
    const readsLatest = this.#ts === MAX_TIMESTAMP
    const undecided = equalBytes(key, lock.primary) && !lock.useAsyncCommit && !lock.useOnePc
    // A primary that is not committed yet decides: its transaction is not committed before it.
    if (readsLatest && !replicaRead && undecided) return
    throw new MvccError({ kind: 'KeyIsLocked', lock: lockInfo(key, lock) })
  }

  #readConflict(
    key: Uint8Array,
    conflictStartTs: Timestamp,
    conflictCommitTs: Timestamp,
    primary: Uint8Array,
  ): MvccError {
    return new MvccError({
      kind: 'WriteConflict',
      startTs: this.#ts,
      conflictStartTs,
      conflictCommitTs,
      key,
      primary,
      reason: WriteConflict_Reason.RcCheckTs,
    })
  }
}
