import { FlushResponse, PrewriteRequest_PessimisticAction, type FlushRequest } from '../../../gen/kvrpcpb.js'
import { prewrite, type TransactionProperties } from '../actions/prewrite.js'
import { isRefusal, MvccError, toKeyError, type Refusal } from '../mvcc-error.js'
import { MvccReader } from '../mvcc-reader.js'
import type { MvccState } from '../mvcc-state.js'
import type { MvccTxn } from '../mvcc-txn.js'

const TXN_SIZE_UNKNOWN = 0xffff_ffff_ffff_ffffn

/** Prewrites a part of a pipelined transaction. A later generation overwrites an earlier one, not the other way round. */
export function flushCommand(state: MvccState, txn: MvccTxn, request: FlushRequest): FlushResponse {
  if (request.generation === 0n) {
    throw new MvccError({ kind: 'Other', message: 'generation should be greater than 0 for Flush requests' })
  }
  const reader = new MvccReader(state.data, request.startTs)
  const props = propertiesOf(request)
  const locked: Refusal[] = []
  let assertionFailure: MvccError | undefined
  for (const { op, key, value, assertion } of request.mutations) {
    try {
      prewrite(txn, reader, props, {
        op,
        key,
        value,
        assertion,
        pessimisticAction: PrewriteRequest_PessimisticAction.SKIP_PESSIMISTIC_CHECK,
        expectedForUpdateTs: undefined,
        secondaries: undefined,
        generation: request.generation,
      })
    } catch (error) {
      if (isRefusal(error, 'GenerationOutOfOrder')) continue
      if (isRefusal(error, 'AssertionFailed')) {
        assertionFailure ??= error
        continue
      }
      const newer =
        isRefusal(error, 'WriteConflict') && error.refusal.conflictCommitTs > error.refusal.startTs
      if (newer || isRefusal(error, 'KeyIsLocked')) {
        const record = reader.commitRecord(key)
        if (record.kind === 'single' && record.write.type !== 'rollback') {
          txn.clear()
          return FlushResponse.create()
        }
      }
      if (!isRefusal(error, 'KeyIsLocked')) throw error
      locked.push(error.refusal)
    }
  }
  if (assertionFailure !== undefined) throw assertionFailure
  return FlushResponse.create({ errors: locked.map(toKeyError) })
}

function propertiesOf(request: FlushRequest): TransactionProperties {
  return {
    startTs: request.startTs,
    forUpdateTs: undefined,
    skipConstraintCheck: false,
    commitKind: 'two-phase',
    maxCommitTs: 0n,
    primary: request.primaryKey,
    // Nobody knows yet; the largest keeps others from resolving key by key.
    txnSize: TXN_SIZE_UNKNOWN,
    lockTtl: request.lockTtl,
    // Not 0n, so that readers may push it.
    minCommitTs: request.startTs + 1n,
    isRetryRequest: request.context?.isRetryRequest ?? false,
    assertionLevel: request.assertionLevel,
  }
}
