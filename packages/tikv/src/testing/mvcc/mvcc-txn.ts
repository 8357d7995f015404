import { assert } from '@orbit-ts/base'
import type { Timestamp } from '../../timestamp.js'
import type { ConcurrencyManager } from './concurrency-manager.js'
import type { Modification } from './mvcc-data.js'
import type { Lock, Write } from './records.js'

/** A lock that a command removed: who waits for it must hear of it. */
export interface ReleasedLock {
  readonly key: Uint8Array
  readonly startTs: Timestamp
  /** 0n when it was rolled back. */
  readonly commitTs: Timestamp
}

interface OnePcLock {
  readonly key: Uint8Array
  readonly lock: Lock
  readonly removesPessimisticLock: boolean
}

/** What one command is going to write. Nothing of it is visible before the command has succeeded. */
export class MvccTxn {
  /** Of the key at work: resolving locks goes through several transactions. */
  startTs: Timestamp
  readonly concurrency: ConcurrencyManager
  modifications: Modification[] = []
  released: ReleasedLock[] = []
  /** Locks that were not there before: who waits for these keys waits for them now. */
  acquired: { readonly key: Uint8Array; readonly lock: Lock }[] = []
  onePcLocks: OnePcLock[] = []
  /** Keys with a lock in memory, to be taken back when the write is done or given up. */
  #guards: { readonly key: Uint8Array; readonly startTs: Timestamp }[] = []

  constructor(startTs: Timestamp, concurrency: ConcurrencyManager) {
    this.startTs = startTs
    this.concurrency = concurrency
  }

  putLock(key: Uint8Array, lock: Lock, isNew: boolean): void {
    if (isNew) this.acquired.push({ key, lock })
    this.modifications.push({ kind: 'put-lock', key, lock })
  }

  putOnePcLock(lock: OnePcLock): void {
    this.onePcLocks.push(lock)
  }

  /** @param commitTs 0n when the lock is rolled back. */
  unlock(key: Uint8Array, commitTs: Timestamp): void {
    this.modifications.push({ kind: 'delete-lock', key })
    this.released.push({ key, startTs: this.startTs, commitTs })
  }

  putWrite(key: Uint8Array, write: Write): void {
    this.modifications.push({ kind: 'put-write', key, write })
  }

  deleteWrite(key: Uint8Array, commitTs: Timestamp): void {
    this.modifications.push({ kind: 'delete-write', key, commitTs })
  }

  putValue(key: Uint8Array, value: Uint8Array): void {
    this.modifications.push({ kind: 'put-value', key, startTs: this.startTs, value })
  }

  deleteValue(key: Uint8Array, startTs: Timestamp): void {
    this.modifications.push({ kind: 'delete-value', key, startTs })
  }

  guard(key: Uint8Array, lock: Lock): void {
    this.concurrency.putMemoryLock(key, lock)
    this.#guards.push({ key, startTs: this.startTs })
  }

  releaseGuards(): void {
    for (const { key, startTs } of this.#guards) this.concurrency.removeMemoryLock(key, startTs)
    this.#guards = []
  }

  /** Takes everything back. */
  clear(): void {
    this.modifications = []
    this.released = []
    this.acquired = []
    this.onePcLocks = []
    this.releaseGuards()
  }

  /**
   * A rollback record on a key that another transaction has locked could be overwritten when that one commits at the
   * same timestamp, which only a calculated commit timestamp can be. The lock therefore remembers the rollback.
   */
  markRollbackOnMismatchingLock(key: Uint8Array, lock: Lock, isProtected: boolean): void {
    if (!isProtected || this.startTs < lock.minCommitTs || !lock.useAsyncCommit) return
    this.putLock(key, { ...lock, rollbackTs: [...lock.rollbackTs, this.startTs] }, false)
  }

  /** Commits what was prewritten for one-phase commit. */
  commitOnePc(commitTs: Timestamp): void {
    for (const { key, lock, removesPessimisticLock } of this.onePcLocks) {
      this.putWrite(key, committed(lock, this.startTs, commitTs))
      if (removesPessimisticLock) this.unlock(key, commitTs)
    }
    this.onePcLocks = []
  }

  /** Makes ordinary locks of what was prewritten for one-phase commit. */
  fallBackFromOnePc(): void {
    for (const { key, lock, removesPessimisticLock } of this.onePcLocks) {
      this.putLock(key, { ...lock, useOnePc: false }, !removesPessimisticLock)
    }
    this.onePcLocks = []
  }
}

/** The write record that a lock becomes. */
export function committed(lock: Lock, startTs: Timestamp, commitTs: Timestamp): Write {
  assert(lock.type !== 'pessimistic', 'a pessimistic lock does not become a record')
  return {
    type: lock.type,
    startTs,
    commitTs,
    shortValue: lock.shortValue,
    overlappedRollback: lock.rollbackTs.includes(commitTs),
    gcFence: undefined,
    protected: false,
  }
}
