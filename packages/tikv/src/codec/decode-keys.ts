import type { Error as RegionError } from '../gen/errorpb.js'
import type { WaitForEntry } from '../gen/deadlock.js'
import type { KeyError, KvPair, LockInfo, MvccInfo, SplitRegionResponse } from '../gen/kvrpcpb.js'
import { Region } from '../gen/metapb.js'

type DecodeKey = (key: Uint8Array) => Uint8Array

interface RegionDecoder {
  decodeRegion(region: Region): Region | undefined
}

/** The regions that a region error names, in place; those outside the keyspace are left out. */
export function decodeRegionErrorKeys(response: unknown, regions: RegionDecoder, decode: DecodeKey): void {
  const error = regionErrorOf(response)
  if (error === undefined) return
  if (error.epochNotMatch !== undefined) {
    error.epochNotMatch.currentRegions = error.epochNotMatch.currentRegions.flatMap(
      (region) => regions.decodeRegion(region) ?? [],
    )
  }
  const { keyNotInRegion } = error
  if (keyNotInRegion === undefined) return
  keyNotInRegion.key = decode(keyNotInRegion.key)
  const { startKey, endKey } = keyNotInRegion
  const region = regions.decodeRegion(Region.create({ startKey, endKey }))
  if (region === undefined) return
  keyNotInRegion.startKey = region.startKey
  keyNotInRegion.endKey = region.endKey
}

function regionErrorOf(response: unknown): RegionError | undefined {
  if (typeof response !== 'object' || response === null || !('regionError' in response)) return undefined
  // Every response that has the field has it of this type: it is generated so.
  return response.regionError as RegionError | undefined
}

/** The regions that came of a split, in place. */
export function decodeSplitRegions(response: SplitRegionResponse, regions: RegionDecoder): void {
  response.regions = response.regions.flatMap((region) => regions.decodeRegion(region) ?? [])
  const { left, right } = response
  response.left = left === undefined ? undefined : regions.decodeRegion(left)
  response.right = right === undefined ? undefined : regions.decodeRegion(right)
}

export function decodePair(pair: KvPair, decode: DecodeKey): void {
  pair.key = present(pair.key, decode)
  if (pair.error !== undefined) decodeKeyError(pair.error, decode)
}

export function decodeLock(lock: LockInfo, decode: DecodeKey): void {
  lock.key = present(lock.key, decode)
  lock.primaryLock = present(lock.primaryLock, decode)
  lock.secondaries = lock.secondaries.map((key) => present(key, decode))
  for (const inner of lock.sharedLockInfos) decodeLock(inner, decode)
}

export function decodeMvccInfo(info: MvccInfo | undefined, decode: DecodeKey): void {
  const lock = info?.lock
  if (lock === undefined) return
  lock.primary = present(lock.primary, decode)
  lock.secondaries = lock.secondaries.map((key) => present(key, decode))
}

export function decodeWaits(entries: readonly WaitForEntry[], decode: DecodeKey): void {
  for (const entry of entries) entry.key = present(entry.key, decode)
}

/** Every key in the error, in place. */
export function decodeKeyError(error: KeyError, decode: DecodeKey): void {
  if (error.locked !== undefined) decodeLock(error.locked, decode)
  if (error.conflict !== undefined) {
    error.conflict.key = present(error.conflict.key, decode)
    error.conflict.primary = present(error.conflict.primary, decode)
  }
  if (error.alreadyExist !== undefined) error.alreadyExist.key = present(error.alreadyExist.key, decode)
  if (error.deadlock !== undefined) {
    error.deadlock.lockKey = present(error.deadlock.lockKey, decode)
    error.deadlock.deadlockKey = present(error.deadlock.deadlockKey, decode)
    decodeWaits(error.deadlock.waitChain, decode)
  }
  if (error.commitTsExpired !== undefined)
    error.commitTsExpired.key = present(error.commitTsExpired.key, decode)
  if (error.txnNotFound !== undefined)
    error.txnNotFound.primaryKey = present(error.txnNotFound.primaryKey, decode)
  if (error.assertionFailed !== undefined)
    error.assertionFailed.key = present(error.assertionFailed.key, decode)
  if (error.primaryMismatch?.lockInfo !== undefined) decodeLock(error.primaryMismatch.lockInfo, decode)
  if (error.txnLockNotFound !== undefined)
    error.txnLockNotFound.key = present(error.txnLockNotFound.key, decode)
  if (error.lockUpgradeConflict !== undefined)
    error.lockUpgradeConflict.key = present(error.lockUpgradeConflict.key, decode)
  if (error.sharedLockLost !== undefined) error.sharedLockLost.key = present(error.sharedLockLost.key, decode)
  for (const info of error.debugInfo?.mvccInfo ?? []) {
    info.key = present(info.key, decode)
    decodeMvccInfo(info.mvcc, decode)
  }
}

/** Servers leave keys out of errors whose key is not known. */
const present = (key: Uint8Array, decode: DecodeKey): Uint8Array => (key.length === 0 ? key : decode(key))
