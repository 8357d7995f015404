import { equalBytes } from '@orbit-ts/base'
import {
  PrewriteRequest_PessimisticAction,
  PrewriteResponse,
  type Mutation,
  type PrewriteRequest,
} from '../../../gen/kvrpcpb.js'
import type { Timestamp } from '../../../timestamp.js'
import { prewrite, type PrewriteMutation, type TransactionProperties } from '../actions/prewrite.js'
import { isRefusal, MvccError, toKeyError, type Refusal } from '../mvcc-error.js'
import { MvccReader } from '../mvcc-reader.js'
import type { MvccState } from '../mvcc-state.js'
import type { MvccTxn } from '../mvcc-txn.js'

interface Outcome {
  readonly locked: readonly Refusal[]
  readonly minCommitTs: Timestamp
}

/** The first phase of two-phase commit, async commit and one-phase commit. */
export function prewriteCommand(state: MvccState, txn: MvccTxn, request: PrewriteRequest): PrewriteResponse {
  const prewriter = new Prewriter(state, txn, request)
  const { locked, minCommitTs } = prewriter.run()
  if (locked.length > 0) {
    txn.clear()
    const asyncTs = prewriter.secondaries === undefined ? 0n : minCommitTs
    return PrewriteResponse.create({ errors: locked.map(toKeyError), minCommitTs: asyncTs })
  }
  if (prewriter.tryOnePc) {
    txn.commitOnePc(minCommitTs)
    state.statusCache.committed(request.startVersion, minCommitTs)
  }
  return PrewriteResponse.create({
    minCommitTs: prewriter.secondaries === undefined ? 0n : minCommitTs,
    onePcCommitTs: prewriter.tryOnePc ? minCommitTs : 0n,
  })
}

class Prewriter {
  readonly #txn: MvccTxn
  readonly #reader: MvccReader
  readonly #request: PrewriteRequest
  #props: TransactionProperties
  /** Undefined: no async commit, from the start or any longer. */
  secondaries: readonly Uint8Array[] | undefined
  tryOnePc: boolean
  #minCommitTs: Timestamp = 0n
  readonly #locked: Refusal[] = []

  constructor(state: MvccState, txn: MvccTxn, request: PrewriteRequest) {
    this.#txn = txn
    this.#reader = new MvccReader(state.data, request.startVersion)
    this.#request = request
    this.secondaries = request.useAsyncCommit ? request.secondaries : undefined
    this.tryOnePc = request.tryOnePc
    const pessimistic = request.forUpdateTs !== 0n
    const committed = (state.statusCache.status(request.startVersion)?.commitTs ?? 0n) > 0n
    this.#props = {
      startTs: request.startVersion,
      forUpdateTs: pessimistic ? request.forUpdateTs : undefined,
      skipConstraintCheck: request.skipConstraintCheck,
      commitKind: this.tryOnePc ? 'one-phase' : this.secondaries === undefined ? 'two-phase' : 'async',
      maxCommitTs: request.maxCommitTs,
      primary: request.primaryLock,
      txnSize: request.txnSize,
      lockTtl: request.lockTtl,
      minCommitTs: request.minCommitTs,
      isRetryRequest: (request.context?.isRetryRequest ?? false) || (pessimistic && committed),
      assertionLevel: request.assertionLevel,
    }
  }

  run(): Outcome {
    // What another key has to say comes before a failed assertion.
    let assertionFailure: MvccError | undefined
    for (const mutation of this.#mutations()) {
      const { key } = mutation
      try {
        this.#note(prewrite(this.#txn, this.#reader, this.#props, this.#withSecondaries(mutation)))
      } catch (error) {
        if (isRefusal(error, 'AssertionFailed')) {
          assertionFailure ??= error
          continue
        }
        const committed = mayBeRepeated(error) ? this.#commitTsOf(key) : undefined
        if (committed !== undefined) return { locked: [], minCommitTs: committed }
        if (isRefusal(error, 'CommitTsTooLarge')) this.#fallBack()
        else if (isRefusal(error, 'KeyIsLocked')) this.#locked.push(error.refusal)
        else throw error
      }
    }
    if (assertionFailure !== undefined) throw assertionFailure
    return { locked: this.#locked, minCommitTs: this.#minCommitTs }
  }

  #mutations(): PrewriteMutation[] {
    const { mutations, pessimisticActions, forUpdateTs, forUpdateTsConstraints } = this.#request
    const expected = new Map<number, Timestamp>()
    if (forUpdateTs !== 0n) {
      for (const { index, expectedForUpdateTs } of forUpdateTsConstraints) {
        if (index >= mutations.length) throw badConstraint(index, mutations)
        expected.set(index, expectedForUpdateTs)
      }
    }
    // As in TiKV, a mutation of a pessimistic transaction without its action is not looked at.
    const used = forUpdateTs === 0n ? mutations : mutations.slice(0, pessimisticActions.length)
    return used.map((mutation, index) => ({
      op: mutation.op,
      key: mutation.key,
      value: mutation.value,
      assertion: mutation.assertion,
      pessimisticAction:
        (forUpdateTs === 0n ? undefined : pessimisticActions[index]) ??
        PrewriteRequest_PessimisticAction.SKIP_PESSIMISTIC_CHECK,
      expectedForUpdateTs: expected.get(index),
      secondaries: undefined,
      generation: 0n,
    }))
  }

  /** Only the primary's lock lists the other keys. */
  #withSecondaries(mutation: PrewriteMutation): PrewriteMutation {
    if (this.secondaries === undefined) return mutation
    const isPrimary = equalBytes(mutation.key, this.#request.primaryLock)
    return { ...mutation, secondaries: isPrimary ? this.secondaries : [] }
  }

  #note(minCommitTs: Timestamp): void {
    if (this.secondaries === undefined && !this.tryOnePc) return
    if (minCommitTs === 0n) this.#fallBack()
    else if (minCommitTs > this.#minCommitTs) this.#minCommitTs = minCommitTs
  }

  /** One key cannot be committed in one round, so the transaction goes on in two phases. */
  #fallBack(): void {
    this.#props = { ...this.#props, commitKind: 'two-phase' }
    this.secondaries = undefined
    this.tryOnePc = false
    this.#txn.fallBackFromOnePc()
    this.#txn.releaseGuards()
    this.#minCommitTs = 0n
  }

  /** A repeated prewrite of a transaction that is committed by now succeeds. */
  #commitTsOf(key: Uint8Array): Timestamp | undefined {
    const record = this.#reader.commitRecord(key)
    if (record.kind !== 'single' || record.write.type === 'rollback') return undefined
    this.#txn.clear()
    return record.write.commitTs
  }
}

function mayBeRepeated(error: unknown): boolean {
  if (isRefusal(error, 'WriteConflict')) return error.refusal.conflictCommitTs > error.refusal.startTs
  return (
    isRefusal(error, 'PessimisticLockNotFound') ||
    isRefusal(error, 'CommitTsTooLarge') ||
    isRefusal(error, 'KeyIsLocked')
  )
}

function badConstraint(index: number, mutations: readonly Mutation[]): MvccError {
  return new MvccError({
    kind: 'Other',
    message: `prewrite request invalid: for_update_ts constraint set for index ${index} while ${mutations.length} mutations were given`,
  })
}

/** The answer when the command was refused as a whole. */
export function refusedPrewrite(error: MvccError): PrewriteResponse {
  return PrewriteResponse.create({ errors: [toKeyError(error.refusal)] })
}
