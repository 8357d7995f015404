import { equalBytes } from '@orbit-ts/base'
import type { FlushRequest, KeyError, LockInfo } from '../../gen/kvrpcpb.js'
import { forEachBatch, type Again, type RegionBatch } from '../../region/by-region.js'
import type { Backoffer } from '../../retry/backoffer.js'
import { tikvMethods } from '../../rpc/methods.js'
import { COMMIT_BATCH_BYTES, MANAGED_LOCK_TTL_MS } from '../commit/lock-ttl.js'
import { bytesOf, keyOf, type PreparedMutation } from '../commit/mutations.js'
import { ASSERTION_LEVELS, conflictWithLock } from '../commit/prewrite-phase.js'
import type { TransactionCalls } from '../commit/transaction-calls.js'
import { errorOfKeyError, locksOf } from '../key-errors.js'

export interface FlushOptions {
  readonly calls: TransactionCalls
  readonly items: readonly PreparedMutation[]
  readonly primary: Uint8Array
  readonly generation: bigint
  readonly concurrency: number
  readonly onPrimaryLocked: () => void
}

/** Locks the keys of one generation with their new values. A key that was flushed before gets the newer value. */
export async function flushMutations(options: FlushOptions, backoffer: Backoffer): Promise<void> {
  await forEachBatch<PreparedMutation>({
    regions: options.calls.core.regions,
    backoffer,
    items: options.items,
    keyOf,
    sizeOf: bytesOf,
    batchBytesMax: COMMIT_BATCH_BYTES,
    concurrency: options.concurrency,
    work: (batch, own) => flushBatch(options, batch, own),
  })
}

async function flushBatch(
  options: FlushOptions,
  batch: RegionBatch<PreparedMutation>,
  backoffer: Backoffer,
): Promise<Again<PreparedMutation> | undefined> {
  const { calls, primary, onPrimaryLocked } = options
  const request = flushRequest(options, batch)
  let again = batch.attempt > 0
  for (;;) {
    const outcome = await calls.send(backoffer, batch.region, tikvMethods.kvFlush, request, again)
    if (outcome.regionError !== undefined) return { items: batch.items, regionError: outcome.regionError }
    again ||= outcome.transportFailed
    if (outcome.response.errors.length === 0) {
      if (batch.items.some((item) => equalBytes(keyOf(item), primary))) onPrimaryLocked()
      return undefined
    }
    await calls.settleLocks(backoffer, locksToSettle(calls, outcome.response.errors))
  }
}

function flushRequest(options: FlushOptions, { items }: RegionBatch<PreparedMutation>): FlushRequest {
  const { calls, primary, generation } = options
  return {
    context: calls.context,
    mutations: items.map(({ mutation }) => mutation),
    primaryKey: primary,
    startTs: calls.startTs,
    minCommitTs: calls.startTs + 1n,
    generation,
    lockTtl: BigInt(calls.elapsedMs + MANAGED_LOCK_TTL_MS),
    assertionLevel: ASSERTION_LEVELS[calls.options.assertions ?? 'off'],
  }
}

function locksToSettle(calls: TransactionCalls, errors: readonly KeyError[]): readonly LockInfo[] {
  return errors.flatMap((error) => {
    const locks = locksOf(error)
    if (locks.length === 0) throw errorOfKeyError(error, calls.core.telemetry.formatKey)
    const newer = locks.find((lock) => lock.lockVersion > calls.startTs)
    if (newer !== undefined) throw conflictWithLock(calls, newer)
    return locks
  })
}
