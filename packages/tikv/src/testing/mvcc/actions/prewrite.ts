import {
  Assertion,
  AssertionLevel,
  Op,
  PrewriteRequest_PessimisticAction,
  WriteConflict_Reason,
} from '../../../gen/kvrpcpb.js'
import type { Timestamp } from '../../../timestamp.js'
import { MvccError } from '../mvcc-error.js'
import type { MvccReader } from '../mvcc-reader.js'
import type { MvccTxn } from '../mvcc-txn.js'
import { lockInfo, SHORT_VALUE_MAX, type Lock, type LockType, type Write } from '../records.js'
import { checkDataConstraint } from './check-data-constraint.js'

const { SKIP_PESSIMISTIC_CHECK, DO_PESSIMISTIC_CHECK, DO_CONSTRAINT_CHECK } =
  PrewriteRequest_PessimisticAction

/** What all keys of a prewrite have in common. */
export interface TransactionProperties {
  readonly startTs: Timestamp
  /** Undefined for an optimistic transaction. */
  readonly forUpdateTs: Timestamp | undefined
  /** Optimistic only: the keys are known to have no newer version. */
  readonly skipConstraintCheck: boolean
  readonly commitKind: 'two-phase' | 'one-phase' | 'async'
  /** Of one-phase and async commit; 0n: no limit. */
  readonly maxCommitTs: Timestamp
  readonly primary: Uint8Array
  readonly txnSize: bigint
  readonly lockTtl: bigint
  readonly minCommitTs: Timestamp
  readonly isRetryRequest: boolean
  readonly assertionLevel: AssertionLevel
}

export interface PrewriteMutation {
  readonly op: Op
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly assertion: Assertion
  readonly pessimisticAction: PrewriteRequest_PessimisticAction
  /** Of fair locking: what the pessimistic lock must have. */
  readonly expectedForUpdateTs: Timestamp | undefined
  /** Undefined: no async commit. Of the primary all other keys, of a secondary none. */
  readonly secondaries: readonly Uint8Array[] | undefined
  /** Of a pipelined transaction's flush; otherwise 0n. */
  readonly generation: bigint
}

type LockStatus =
  | { readonly kind: 'none' }
  | { readonly kind: 'locked'; readonly minCommitTs: Timestamp }
  | { readonly kind: 'pessimistic'; readonly lock: Lock }

const lockTypes = new Map<Op, LockType>([
  [Op.Put, 'put'],
  [Op.Insert, 'put'],
  [Op.Del, 'delete'],
  [Op.Lock, 'lock'],
])

/** Prewrites one key. Gives its min commit timestamp; 0n when the key is not (or no longer) committed in one round. */
export function prewrite(
  txn: MvccTxn,
  reader: MvccReader,
  props: TransactionProperties,
  mutation: PrewriteMutation,
): Timestamp {
  return new KeyPrewrite(txn, reader, props, mutation).run()
}

class KeyPrewrite {
  readonly #txn: MvccTxn
  readonly #reader: MvccReader
  readonly #props: TransactionProperties
  readonly #mutation: PrewriteMutation
  readonly #shouldNotExist: boolean
  readonly #shouldNotWrite: boolean

  constructor(txn: MvccTxn, reader: MvccReader, props: TransactionProperties, mutation: PrewriteMutation) {
    this.#txn = txn
    this.#reader = reader
    this.#props = props
    this.#mutation = mutation
    this.#shouldNotWrite = mutation.op === Op.CheckNotExists
    this.#shouldNotExist = mutation.op === Op.Insert || this.#shouldNotWrite
    if (props.forUpdateTs !== undefined && this.#shouldNotWrite) {
      throw new MvccError({ kind: 'Other', message: 'cannot handle checkNotExists in pessimistic prewrite' })
    }
  }

  run(): Timestamp {
    const { key, pessimisticAction, generation } = this.#mutation
    if (this.#shouldNotExist) this.#txn.concurrency.updateMaxTs(this.#props.startTs)
    const lock = this.#reader.lock(key)
    let status: LockStatus = { kind: 'none' }
    let amended = false
    if (lock !== undefined) status = this.#checkLock(lock)
    else if (pessimisticAction === DO_PESSIMISTIC_CHECK) {
      this.#amendPessimisticLock()
      amended = true
    }
    if (generation === 0n && status.kind === 'locked') return status.minCommitTs

    const constraintChecked = !this.#skipsConstraintCheck()
    const previous = constraintChecked ? this.#checkForNewerVersion() : undefined
    const flushedAgain = generation > 0n && status.kind === 'locked'
    if (!amended && !flushedAgain) this.#checkAssertion(previous, constraintChecked)
    if (this.#shouldNotWrite) return this.#checkedOnly()
    const isNewLock = pessimisticAction !== DO_PESSIMISTIC_CHECK || amended
    return this.#writeLock(status, isNewLock)
  }

  /** The key needs no lock, but the transaction must not commit below what was checked. */
  #checkedOnly(): Timestamp {
    this.#txn.concurrency.updateMaxTs(this.#props.startTs)
    if (this.#props.commitKind === 'two-phase') return 0n
    return max(this.#props.minCommitTs, this.#props.startTs + 1n)
  }

  #checkLock(lock: Lock): LockStatus {
    const { startTs, forUpdateTs } = this.#props
    const { key, generation } = this.#mutation
    if (lock.startTs !== startTs) throw this.#lockedByAnother(lock)
    if (lock.type === 'pessimistic') {
      if (forUpdateTs === undefined) {
        throw new MvccError({ kind: 'LockTypeNotMatch', startTs, key, pessimistic: true })
      }
      const expected = this.#mutation.expectedForUpdateTs
      if (expected !== undefined && lock.forUpdateTs !== expected) {
        throw this.#pessimisticLockNotFound('LockForUpdateTsMismatch')
      }
      return { kind: 'pessimistic', lock }
    }
    if (generation > 0n && lock.generation >= generation) {
      throw new MvccError({ kind: 'GenerationOutOfOrder', key, generation })
    }
    if (lock.generation > 0n && this.#shouldNotExist && lock.type === 'put') {
      throw new MvccError({ kind: 'AlreadyExist', key, existingStartTs: lock.startTs })
    }
    return { kind: 'locked', minCommitTs: lock.useAsyncCommit ? lock.minCommitTs : 0n }
  }

  #lockedByAnother(lock: Lock): MvccError {
    if (this.#mutation.pessimisticAction === DO_PESSIMISTIC_CHECK) {
      return this.#pessimisticLockNotFound('LockTsMismatch')
    }
    const info = lockInfo(this.#mutation.key, lock)
    // A pessimistic transaction resolves the lock at once, so that it does not wait at its very end.
    if (this.#props.forUpdateTs !== undefined) info.lockTtl = 0n
    return new MvccError({ kind: 'KeyIsLocked', lock: info })
  }

  /** The pessimistic lock may have been lost with a leader; it is made up for when nothing happened since. */
  #amendPessimisticLock(): void {
    const { key } = this.#mutation
    const write = this.#reader.seekWrite(key)
    if (write !== undefined && write.commitTs >= this.#reader.startTs) {
      throw this.#pessimisticLockNotFound('LockMissingAmendFail')
    }
    this.#checkAssertion(write, true)
  }

  #skipsConstraintCheck(): boolean {
    if (this.#props.forUpdateTs === undefined) return this.#props.skipConstraintCheck
    switch (this.#mutation.pessimisticAction) {
      case DO_PESSIMISTIC_CHECK:
        return true
      case SKIP_PESSIMISTIC_CHECK:
        return !this.#props.isRetryRequest
      case DO_CONSTRAINT_CHECK:
        return false
    }
  }

  /** Refuses when a newer version conflicts; gives the newest record that counts. */
  #checkForNewerVersion(): Write | undefined {
    const { key, pessimisticAction } = this.#mutation
    const { startTs, forUpdateTs } = this.#props
    for (const write of this.#reader.data.writes(key)) {
      const { commitTs } = write
      if (commitTs === startTs && (write.type === 'rollback' || write.overlappedRollback)) {
        throw this.#writeConflict(write, WriteConflict_Reason.SelfRolledBack)
      }
      if (forUpdateTs === undefined) {
        if (commitTs > startTs) throw this.#writeConflict(write, WriteConflict_Reason.Optimistic)
      } else {
        if (pessimisticAction === DO_CONSTRAINT_CHECK && commitTs > startTs) {
          throw this.#writeConflict(write, WriteConflict_Reason.LazyUniquenessCheck)
        }
        if (commitTs > forUpdateTs) {
          if (write.type === 'rollback') continue
          throw this.#pessimisticLockNotFound('NonLockKeyConflict')
        }
      }
      checkDataConstraint(this.#reader, this.#shouldNotExist, write, key)
      return write
    }
    return undefined
  }

  #checkAssertion(write: Write | undefined, loaded: boolean): void {
    const { assertion, key } = this.#mutation
    const { assertionLevel, startTs } = this.#props
    if (assertion === Assertion.None || assertionLevel === AssertionLevel.Off) return
    if (assertionLevel !== AssertionLevel.Strict && !loaded) return
    const fenced = write?.gcFence !== undefined && write.gcFence !== 0n
    let existing = fenced ? undefined : write
    if (!loaded) existing = this.#reader.visiblePut(key, 0xffff_ffff_ffff_ffffn)
    else if (existing !== undefined && existing.type !== 'put' && existing.type !== 'delete') {
      existing = this.#reader.visiblePut(key, existing.commitTs)
    }
    const exists = existing?.type === 'put'
    if (assertion === (exists ? Assertion.Exist : Assertion.NotExist)) return
    // A conflict that was not looked for yet explains the failure better.
    if (this.#skipsConstraintCheck()) this.#checkForNewerVersion()
    throw new MvccError({
      kind: 'AssertionFailed',
      startTs,
      key,
      assertion,
      existingStartTs: existing?.startTs ?? 0n,
      existingCommitTs: existing?.commitTs ?? 0n,
    })
  }

  #writeLock(status: LockStatus, isNewLock: boolean): Timestamp {
    const { key, value, secondaries } = this.#mutation
    const lock = this.#newLock(status)
    if (lock.type === 'put' && value.length > SHORT_VALUE_MAX) this.#txn.putValue(key, value)
    const oneRound = secondaries !== undefined || this.#props.commitKind === 'one-phase'
    if (!oneRound) {
      this.#txn.putLock(key, lock, isNewLock)
      return 0n
    }
    const minCommitTs = max(
      lock.minCommitTs,
      max(max(this.#txn.concurrency.maxTs, this.#props.startTs), this.#props.forUpdateTs ?? 0n) + 1n,
    )
    if (this.#props.maxCommitTs !== 0n && minCommitTs > this.#props.maxCommitTs) {
      this.#txn.putLock(key, { ...lock, useAsyncCommit: false, useOnePc: false, secondaries: [] }, isNewLock)
      throw new MvccError({ kind: 'CommitTsTooLarge', startTs: this.#props.startTs, minCommitTs })
    }
    const final: Lock = { ...lock, minCommitTs }
    this.#txn.guard(key, final)
    if (this.#props.commitKind === 'one-phase') {
      this.#txn.putOnePcLock({ key, lock: final, removesPessimisticLock: status.kind === 'pessimistic' })
    } else this.#txn.putLock(key, final, isNewLock)
    return minCommitTs
  }

  #newLock(status: LockStatus): Lock {
    const { op, key, value, secondaries, generation } = this.#mutation
    const type = lockTypes.get(op)
    if (type === undefined) {
      throw new MvccError({
        kind: 'Other',
        message: `cannot prewrite a mutation of kind ${op} on ${key.length} bytes`,
      })
    }
    const held = status.kind === 'pessimistic' ? status.lock : undefined
    return {
      type,
      primary: this.#props.primary,
      startTs: this.#props.startTs,
      ttl: max(this.#props.lockTtl, held?.ttl ?? 0n),
      shortValue: type === 'put' && value.length <= SHORT_VALUE_MAX ? value : undefined,
      forUpdateTs: max(this.#props.forUpdateTs ?? 0n, held?.forUpdateTs ?? 0n),
      txnSize: this.#props.txnSize,
      minCommitTs: max(this.#props.minCommitTs, held?.minCommitTs ?? 0n),
      useAsyncCommit: secondaries !== undefined,
      useOnePc: secondaries === undefined && this.#props.commitKind === 'one-phase',
      secondaries: secondaries ?? [],
      rollbackTs: [],
      lockedWithConflict: false,
      generation,
    }
  }

  #writeConflict(write: Write, reason: WriteConflict_Reason): MvccError {
    return new MvccError({
      kind: 'WriteConflict',
      startTs: this.#props.startTs,
      conflictStartTs: write.startTs,
      conflictCommitTs: write.commitTs,
      key: this.#mutation.key,
      primary: this.#props.primary,
      reason,
    })
  }

  #pessimisticLockNotFound(reason: string): MvccError {
    const { startTs } = this.#props
    return new MvccError({ kind: 'PessimisticLockNotFound', startTs, key: this.#mutation.key, reason })
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
