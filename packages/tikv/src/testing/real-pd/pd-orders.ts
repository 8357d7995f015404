import { OrbitError, type Logger } from '@orbit-ts/base'
import { ConfChangeType } from '../../gen/eraftpb.js'
import { PeerRole, type Peer } from '../../gen/metapb.js'
import { CheckPolicy, type ChangePeer, type RegionHeartbeatResponse } from '../../gen/pdpb.js'
import type { ClusterState } from '../cluster-state.js'
import type { RegionState } from '../cluster-types.js'

export interface PdOrdersOptions {
  readonly cluster: ClusterState
  readonly logger: Logger
  /** Splits as a store does: with ids from PD. */
  readonly split: (state: RegionState, keys: readonly Uint8Array[]) => void
}

/**
 * Does in the cluster what PD answers to a region's heartbeat: moves leaders, changes peers, splits, merges. As on a
 * store, an order for another epoch than the region's, or one that cannot be done, is dropped: PD gives it again.
 */
export function carryOutOrder(order: RegionHeartbeatResponse, options: PdOrdersOptions): void {
  const { cluster, logger } = options
  const state = cluster.findRegion(order.regionId)
  if (state === undefined || !isCurrent(order, state)) return
  try {
    carryOut(order, state, options)
  } catch (error) {
    if (!(error instanceof OrbitError)) throw error
    logger.info({ region: order.regionId, err: error }, 'an order of PD cannot be carried out')
  }
}

function isCurrent({ regionEpoch }: RegionHeartbeatResponse, { region }: RegionState): boolean {
  return (
    regionEpoch?.confVer === region.regionEpoch?.confVer &&
    regionEpoch?.version === region.regionEpoch?.version
  )
}

function carryOut(
  order: RegionHeartbeatResponse,
  state: RegionState,
  { cluster, split }: PdOrdersOptions,
): void {
  const { id } = state.region
  const target = order.transferLeader?.peer
  if (target !== undefined) cluster.transferLeader(id, target.storeId)
  else if (order.changePeer !== undefined) changePeers(cluster, state, [order.changePeer])
  else if (order.changePeerV2 !== undefined) changePeers(cluster, state, order.changePeerV2.changes)
  else if (order.merge?.target !== undefined) cluster.mergeRegions(id, order.merge.target.id)
  else if (order.splitRegion?.policy === CheckPolicy.USEKEY) split(state, order.splitRegion.keys)
}

/** One change is done at once; several enter the joint state, and none leaves it. */
function changePeers(
  cluster: ClusterState,
  { region, leader }: RegionState,
  changes: readonly ChangePeer[],
): void {
  if (changes.length === 0) {
    const settled = region.peers.map((peer) => ({ ...peer, role: settledRole(peer.role) }))
    const count = settled.filter((peer, index) => peer.role !== region.peers[index]?.role).length
    if (count > 0) cluster.setPeers(region.id, settled, count)
    return
  }
  const joint = changes.length > 1
  const peers = changes.reduce((before, change) => afterChange(before, change, joint), region.peers)
  cluster.setPeers(region.id, peers, changes.length)
  if (leader !== undefined && !peers.some((peer) => peer.storeId === leader.storeId)) cluster.elect(region.id)
}

function settledRole(role: PeerRole): PeerRole {
  if (role === PeerRole.IncomingVoter) return PeerRole.Voter
  return role === PeerRole.DemotingVoter ? PeerRole.Learner : role
}

function afterChange(peers: Peer[], { peer, changeType }: ChangePeer, joint: boolean): Peer[] {
  if (peer === undefined) return peers
  const others = peers.filter(({ storeId }) => storeId !== peer.storeId)
  const old = peers.find(({ storeId }) => storeId === peer.storeId)
  if (changeType === ConfChangeType.RemoveNode) return others
  const role = roleAfter(changeType, old, joint)
  if (old === undefined) return [...peers, { ...peer, role }]
  return peers.map((each) => (each === old ? { ...old, role } : each))
}

function roleAfter(changeType: ConfChangeType, old: Peer | undefined, joint: boolean): PeerRole {
  if (changeType === ConfChangeType.AddNode) return joint ? PeerRole.IncomingVoter : PeerRole.Voter
  return joint && old?.role === PeerRole.Voter ? PeerRole.DemotingVoter : PeerRole.Learner
}
