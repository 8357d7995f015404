import { toHex } from '@orbit-ts/base'
import { Error as RegionError } from '../../gen/errorpb.js'
import type { Peer, Region } from '../../gen/metapb.js'

/** Ends a call with a region error in its answer. */
export class RegionRefusal extends Error {
  readonly regionError: RegionError

  constructor(regionError: RegionError) {
    super(regionError.message)
    this.name = 'RegionRefusal'
    this.regionError = regionError
  }
}

/** The region errors of TiKV, with their messages. */
export const regionErrors = {
  storeNotMatch: (requestStoreId: bigint, actualStoreId: bigint) =>
    RegionError.create({
      message: `to store id ${requestStoreId}, mine ${actualStoreId}`,
      storeNotMatch: { requestStoreId, actualStoreId },
    }),
  regionNotFound: (regionId: bigint) =>
    RegionError.create({ message: `region ${regionId} not found`, regionNotFound: { regionId } }),
  mismatchPeerId: (requestPeerId: bigint, storePeerId: bigint) =>
    RegionError.create({
      message: `mismatch peer id ${requestPeerId} != ${storePeerId}`,
      mismatchPeerId: { requestPeerId, storePeerId },
    }),
  notLeader: (regionId: bigint, leader: Peer | undefined) =>
    RegionError.create({
      message: `peer is not leader for region ${regionId}, leader may ${leader === undefined ? 'None' : `Some(id: ${leader.id} store_id: ${leader.storeId})`}`,
      notLeader: leader === undefined ? { regionId } : { regionId, leader },
    }),
  isWitness: (regionId: bigint) =>
    RegionError.create({ message: `peer is a witness of region ${regionId}`, isWitness: { regionId } }),
  staleCommand: () => RegionError.create({ message: 'stale command', staleCommand: {} }),
  epochNotMatch: (regionId: bigint, currentRegions: readonly Region[]) =>
    RegionError.create({
      message: `EpochNotMatch current epoch of region ${regionId} is newer than the one sent`,
      epochNotMatch: { currentRegions: [...currentRegions] },
    }),
  keyNotInRegion: (key: Uint8Array, region: Region) =>
    RegionError.create({
      message: `key ${toHex(key).toUpperCase()} is not in region key range [${toHex(region.startKey).toUpperCase()}, ${toHex(region.endKey).toUpperCase()}) for region ${region.id}`,
      keyNotInRegion: { key, regionId: region.id, startKey: region.startKey, endKey: region.endKey },
    }),
  flashbackInProgress: (regionId: bigint, flashbackStartTs: bigint) =>
    RegionError.create({
      message: `region ${regionId} is in the flashback progress with start_ts ${flashbackStartTs}`,
      flashbackInProgress: { regionId, flashbackStartTs },
    }),
  flashbackNotPrepared: (regionId: bigint) =>
    RegionError.create({
      message: `region ${regionId} not prepared the flashback`,
      flashbackNotPrepared: { regionId },
    }),
  dataIsNotReady: (regionId: bigint, peerId: bigint, safeTs: bigint) =>
    RegionError.create({
      message: `peer ${peerId} is not ready, safe_ts ${safeTs}, region ${regionId}`,
      dataIsNotReady: { regionId, peerId, safeTs },
    }),
  raftEntryTooLarge: (regionId: bigint, entrySize: bigint) =>
    RegionError.create({
      message: `raft entry is too large, region ${regionId}, entry size ${entrySize}`,
      raftEntryTooLarge: { regionId, entrySize },
    }),
  serverIsBusy: (reason: string, details: { backoffMs?: bigint; estimatedWaitMs?: number } = {}) =>
    RegionError.create({ message: reason, serverIsBusy: { reason, ...details } }),
  maxTimestampNotSynced: () => RegionError.create({ maxTimestampNotSynced: {} }),
  readIndexNotReady: (regionId: bigint, reason: string) =>
    RegionError.create({
      message: `read index not ready, reason ${reason}, region ${regionId}`,
      readIndexNotReady: { regionId, reason },
    }),
  proposalInMergingMode: (regionId: bigint) =>
    RegionError.create({
      message: `${regionId} peer in merging mode, can't do proposal`,
      proposalInMergingMode: { regionId },
    }),
  regionNotInitialized: (regionId: bigint) =>
    RegionError.create({
      message: `region ${regionId} not initialized yet`,
      regionNotInitialized: { regionId },
    }),
  diskFull: (storeId: bigint, reason: string) =>
    RegionError.create({
      message: `store ids [${storeId}], errmsg ${reason}`,
      diskFull: { storeId: [storeId], reason },
    }),
  recoveryInProgress: (regionId: bigint) =>
    RegionError.create({
      message: `region ${regionId} is in the recovery progress`,
      recoveryInProgress: { regionId },
    }),
  bucketVersionNotMatch: (version: bigint, keys: readonly Uint8Array[]) =>
    RegionError.create({
      message: `bucket version not match, current version ${version}`,
      bucketVersionNotMatch: { version, keys: [...keys] },
    }),
  undeterminedResult: (message: string) => RegionError.create({ message, undeterminedResult: { message } }),
}
