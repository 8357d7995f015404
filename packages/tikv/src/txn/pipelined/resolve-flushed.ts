import type { ResolveLockRequest } from '../../gen/kvrpcpb.js'
import type { KeyRange } from '../../key-range.js'
import { forEachPart } from '../../region/by-region.js'
import type { Backoffer } from '../../retry/backoffer.js'
import { tikvMethods } from '../../rpc/methods.js'
import type { Timestamp } from '../../timestamp.js'
import type { TransactionCalls } from '../commit/transaction-calls.js'
import { errorOfKeyError } from '../key-errors.js'

/** Commits, or at 0n rolls back, every lock of the transaction in the range, one region after the other. */
export async function resolveFlushed(
  calls: TransactionCalls,
  range: KeyRange,
  commitTs: Timestamp,
  concurrency: number,
  backoffer: Backoffer,
): Promise<void> {
  await forEachPart({
    regions: calls.core.regions,
    backoffer,
    range,
    concurrency,
    work: async ({ region }, own) => {
      const request: ResolveLockRequest = {
        context: calls.context,
        startVersion: calls.startTs,
        commitVersion: commitTs,
        txnInfos: [],
        keys: [],
        isAsync: false,
        isTxnFile: false,
      }
      const outcome = await calls.send(own, region, tikvMethods.kvResolveLock, request)
      if (outcome.regionError !== undefined) return outcome.regionError
      const { error } = outcome.response
      if (error !== undefined) throw errorOfKeyError(error, calls.core.telemetry.formatKey)
      return undefined
    },
  })
}
