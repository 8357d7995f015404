import type { BatchRollbackRequest, PessimisticRollbackRequest } from '../../gen/kvrpcpb.js'
import { forEachBatch, type Again, type BatchWork, type RegionBatch } from '../../region/by-region.js'
import type { RegionRequest, RegionResponse } from '../../region/region-request.js'
import type { Backoffer } from '../../retry/backoffer.js'
import type { KvMethod } from '../../rpc/method.js'
import { tikvMethods } from '../../rpc/methods.js'
import type { Timestamp } from '../../timestamp.js'
import { errorOfKeyError } from '../key-errors.js'
import { COMMIT_BATCH_BYTES } from './lock-ttl.js'
import { primaryBatch } from './primary-first.js'
import type { TransactionCalls } from './transaction-calls.js'

/**
 * Rolls back every lock of the transaction on the keys, and prevents later ones. The first key must be the primary: as
 * long as its batch is not rolled back, others can still find the transaction alive.
 */
export async function rollBackKeys(
  calls: TransactionCalls,
  keys: readonly Uint8Array[],
  backoffer: Backoffer,
): Promise<void> {
  const work = keyWork(calls, keys, backoffer, async (batch, own) => {
    const request: BatchRollbackRequest = {
      context: calls.context,
      startVersion: calls.startTs,
      keys: [...batch.items],
      isTxnFile: false,
    }
    const answer = await sendBatch(calls, own, batch, tikvMethods.kvBatchRollback, request)
    if (answer.again !== undefined) return answer.again
    if (answer.response.error !== undefined)
      throw errorOfKeyError(answer.response.error, calls.core.telemetry.formatKey)
    return undefined
  })
  await forEachBatch({ ...work, items: await primaryBatch(work) })
}

/** Gives back pessimistic locks that were taken at `forUpdateTs` or before. The transaction goes on. */
export async function rollBackPessimisticLocks(
  calls: TransactionCalls,
  keys: readonly Uint8Array[],
  forUpdateTs: Timestamp,
  backoffer: Backoffer,
): Promise<void> {
  await forEachBatch(
    keyWork(calls, keys, backoffer, async (batch, own) => {
      const request: PessimisticRollbackRequest = {
        context: calls.context,
        startVersion: calls.startTs,
        forUpdateTs,
        keys: [...batch.items],
      }
      return (await sendBatch(calls, own, batch, tikvMethods.kvPessimisticRollback, request)).again
    }),
  )
}

type Sent<Response> =
  | { readonly again: Again<Uint8Array>; readonly response: undefined }
  | { readonly again: undefined; readonly response: Response }

async function sendBatch<Request extends RegionRequest, Response extends RegionResponse>(
  calls: TransactionCalls,
  backoffer: Backoffer,
  { region, items, attempt }: RegionBatch<Uint8Array>,
  method: KvMethod<Request, Response>,
  request: Request,
): Promise<Sent<Response>> {
  const outcome = await calls.send(backoffer, region, method, request, attempt > 0)
  return outcome.regionError === undefined
    ? { again: undefined, response: outcome.response }
    : { again: { items, regionError: outcome.regionError }, response: undefined }
}

function keyWork(
  calls: TransactionCalls,
  keys: readonly Uint8Array[],
  backoffer: Backoffer,
  work: BatchWork<Uint8Array>['work'],
): BatchWork<Uint8Array> {
  const { regions, config } = calls.core
  return {
    regions,
    backoffer,
    items: keys,
    keyOf: (key) => key,
    sizeOf: (key) => key.length,
    batchBytesMax: COMMIT_BATCH_BYTES,
    concurrency: config.committerConcurrency,
    work,
  }
}
