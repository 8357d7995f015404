import { defined } from '@orbit-ts/base'
import type { Context } from '../../gen/kvrpcpb.js'
import type { Peer, Region } from '../../gen/metapb.js'
import type { ClusterState } from '../cluster-state.js'
import type { RegionState } from '../cluster-types.js'
import { regionErrors, RegionRefusal } from './region-refusal.js'

const REGIONS_IN_ERROR_MAX = 10

export interface RegionCheck {
  /** Followers may answer reads, when the request says so. */
  readonly isRead: boolean
  /** What a region that is being flashed back accepts. */
  readonly isFlashback?: boolean
  /** Of a read: what is older than the flashback can still be read. */
  readonly readTs?: bigint | undefined
}

export interface CheckedRegion {
  readonly state: RegionState
  readonly peer: Peer
}

/**
 * Whether a store may carry out a request for a region, in TiKV's order of checks.
 * @throws RegionRefusal
 */
export function checkRegion(
  cluster: ClusterState,
  storeId: bigint,
  context: Context,
  check: RegionCheck,
): CheckedRegion {
  const addressed = context.peer
  if (addressed !== undefined && addressed.storeId !== storeId) {
    throw new RegionRefusal(regionErrors.storeNotMatch(addressed.storeId, storeId))
  }
  const state = cluster.findRegion(context.regionId)
  const peer = state?.region.peers.find((candidate) => candidate.storeId === storeId)
  if (state === undefined || peer === undefined) {
    throw new RegionRefusal(regionErrors.regionNotFound(context.regionId))
  }
  if (addressed !== undefined && addressed.id !== peer.id) {
    throw new RegionRefusal(regionErrors.mismatchPeerId(addressed.id, peer.id))
  }
  checkLeadership(cluster, state, peer, context, check)
  const { region } = state
  if (peer.isWitness) throw new RegionRefusal(regionErrors.isWitness(region.id))
  if (context.term !== 0n && state.term > context.term + 1n) {
    throw new RegionRefusal(regionErrors.staleCommand())
  }
  checkEpoch(cluster, storeId, region, context)
  const readsThePast = (check.readTs ?? 0n) > 0n && (check.readTs ?? 0n) < region.flashbackStartTs
  if (region.isInFlashback && check.isFlashback !== true && !readsThePast) {
    throw new RegionRefusal(regionErrors.flashbackInProgress(region.id, region.flashbackStartTs))
  }
  return { state, peer }
}

function checkLeadership(
  cluster: ClusterState,
  { region, leader }: RegionState,
  peer: Peer,
  context: Context,
  check: RegionCheck,
): void {
  if (leader?.id === peer.id) return
  if (check.isRead && context.staleRead) return
  if (!check.isRead || !context.replicaRead) {
    throw new RegionRefusal(regionErrors.notLeader(region.id, leader))
  }
  // A follower asks the leader how far it has to be; without one it cannot read.
  const reachable = leader !== undefined && cluster.findStore(leader.storeId)?.running === true
  if (!reachable) throw new RegionRefusal(regionErrors.notLeader(region.id, undefined))
}

/** Keys move only with the version; who the peers are does not matter here. */
function checkEpoch(cluster: ClusterState, storeId: bigint, region: Region, context: Context): void {
  const current = defined(region.regionEpoch, 'the epoch of a region')
  const sentVersion = context.regionEpoch?.version ?? 0n
  if (sentVersion === current.version) return
  const siblings = splitSiblings(cluster, storeId, region, current.version, sentVersion)
  throw new RegionRefusal(regionErrors.epochNotMatch(region.id, [region, ...siblings]))
}

/** Regions before this one that were probably split off it since the version that the caller knows. */
function splitSiblings(
  cluster: ClusterState,
  storeId: bigint,
  region: Region,
  version: bigint,
  knownVersion: bigint,
): Region[] {
  const siblings: Region[] = []
  let maxVersion = version
  let left = version - knownVersion
  let start = region.startKey
  while (left > 0n && siblings.length < REGIONS_IN_ERROR_MAX && start.length > 0) {
    const before = cluster.regionBefore(start)?.region
    if (before === undefined) break
    start = before.startKey
    if (!before.peers.some((peer) => peer.storeId === storeId)) continue
    const siblingVersion = before.regionEpoch?.version ?? 0n
    left--
    // It was split again since: so many more belong to it.
    if (siblingVersion > maxVersion) {
      left += siblingVersion - maxVersion
      maxVersion = siblingVersion
    }
    siblings.push(before)
  }
  return siblings
}
