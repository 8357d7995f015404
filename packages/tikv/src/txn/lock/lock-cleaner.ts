import type { LockInfo, ResolveLockRequest } from '../../gen/kvrpcpb.js'
import type { RegionVersion } from '../../region/region-request.js'
import { tikvMethods } from '../../rpc/methods.js'
import { MAX_TIMESTAMP } from '../../timestamp.js'
import { errorOfKeyError } from '../key-errors.js'
import { callByRegion, callRegion, writeContext, type Caller } from './region-calls.js'
import type { FinalStatus } from './transaction-status.js'

/** Regions in which all locks of one transaction were cleaned. */
export type CleanedRegions = Set<string>

export function regionName({ id, epoch }: RegionVersion): string {
  return `${id}/${epoch.confVer}/${epoch.version}`
}

/** Commits or rolls back the locks of these keys, one request for each region. */
export async function cleanKeys(
  caller: Caller,
  lock: LockInfo,
  status: FinalStatus,
  keys: readonly Uint8Array[],
): Promise<void> {
  const { lockActions, formatKey } = caller.core.telemetry
  lockActions.add(1, { action: 'resolve_lite' })
  await callByRegion(
    caller,
    keys,
    tikvMethods.kvResolveLock,
    (part) => resolveRequest(caller, lock, status, part),
    ({ error }) => {
      if (error !== undefined) throw errorOfKeyError(error, formatKey)
    },
  )
}

/** Commits or rolls back all locks of the transaction in the region of the lock, unless that is done. */
export async function cleanRegion(
  caller: Caller,
  lock: LockInfo,
  status: FinalStatus,
  cleaned: CleanedRegions,
): Promise<void> {
  const { lockActions, formatKey } = caller.core.telemetry
  for (;;) {
    const region = await caller.core.regions.locate(caller.backoffer, lock.key)
    if (cleaned.has(regionName(region))) return
    lockActions.add(1, { action: 'resolve_region' })
    const request = resolveRequest(caller, lock, status, [])
    const response = await callRegion(caller, region, tikvMethods.kvResolveLock, request)
    if (response === undefined) continue
    if (response.error !== undefined) throw errorOfKeyError(response.error, formatKey)
    cleaned.add(regionName(region))
    return
  }
}

/**
 * Takes the pessimistic lock of an expired transaction away; with `cleaned`, all of the transaction in the region,
 * unless that is done.
 */
export async function rollBackPessimistic(
  caller: Caller,
  lock: LockInfo,
  cleaned: CleanedRegions | undefined,
): Promise<void> {
  const { lockActions, formatKey } = caller.core.telemetry
  for (;;) {
    const region = await caller.core.regions.locate(caller.backoffer, lock.key)
    if (cleaned?.has(regionName(region)) === true) return
    lockActions.add(1, { action: 'pessimistic_rollback' })
    const response = await callRegion(caller, region, tikvMethods.kvPessimisticRollback, {
      context: writeContext(caller.core),
      startVersion: lock.lockVersion,
      forUpdateTs: lock.lockForUpdateTs === 0n ? MAX_TIMESTAMP : lock.lockForUpdateTs,
      keys: cleaned === undefined ? [lock.key] : [],
    })
    if (response === undefined) continue
    const [error] = response.errors
    if (error !== undefined) throw errorOfKeyError(error, formatKey)
    cleaned?.add(regionName(region))
    return
  }
}

function resolveRequest(
  caller: Caller,
  lock: LockInfo,
  status: FinalStatus,
  keys: readonly Uint8Array[],
): ResolveLockRequest {
  return {
    context: writeContext(caller.core),
    startVersion: lock.lockVersion,
    commitVersion: status.kind === 'committed' ? status.commitTs : 0n,
    txnInfos: [],
    keys: [...keys],
    isAsync: false,
    isTxnFile: lock.isTxnFile,
  }
}
