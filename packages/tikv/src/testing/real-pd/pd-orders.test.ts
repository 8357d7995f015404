import { defined, silentLogger, TestEnv, utf8 } from '@orbit-ts/base'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfChangeType } from '../../gen/eraftpb.js'
import { PeerRole, type Peer } from '../../gen/metapb.js'
import { CheckPolicy, RegionHeartbeatResponse } from '../../gen/pdpb.js'
import { ClusterState } from '../cluster-state.js'
import type { RegionState } from '../cluster-types.js'
import { carryOutOrder } from './pd-orders.js'

function startCluster(): { cluster: ClusterState; region: () => RegionState; splits: Uint8Array[] } {
  const cluster = new ClusterState({ env: new TestEnv({ seed: 1 }), firstId: 100n })
  cluster.bootstrap({ stores: 4, replicas: 3 })
  const { id } = defined(cluster.regions()[0], 'a region').region
  return { cluster, region: () => cluster.region(id), splits: [] }
}

type Order = Parameters<typeof RegionHeartbeatResponse.fromPartial>[0]

function obey(test: ReturnType<typeof startCluster>, order: Order): void {
  const { region } = test.region()
  const { id: regionId, regionEpoch } = region
  carryOutOrder(
    RegionHeartbeatResponse.fromPartial({ regionId, ...(regionEpoch && { regionEpoch }), ...order }),
    {
      cluster: test.cluster,
      logger: silentLogger,
      split: (_, keys) => test.splits.push(...keys),
    },
  )
}

const roles = ({ region }: RegionState): [bigint, PeerRole][] =>
  region.peers.map((peer: Peer) => [peer.storeId, peer.role])

const { Voter, Learner, IncomingVoter, DemotingVoter } = PeerRole

test('numbers begin where they are told to', () => {
  const { cluster } = startCluster()
  assert.deepEqual(
    cluster.stores().map(({ id }) => id),
    [100n, 101n, 102n, 103n],
  )
})

test('a leader is moved, and an order for another epoch is dropped', () => {
  const state = startCluster()
  const peer = defined(state.region().region.peers[1], 'a peer')
  obey(state, { transferLeader: { peer }, regionEpoch: { confVer: 3n, version: 9n } })
  assert.equal(state.region().leader?.storeId, 100n)
  obey(state, { transferLeader: { peer } })
  assert.equal(state.region().leader?.storeId, 101n)
  assert.deepEqual(state.region().region.regionEpoch, { confVer: 3n, version: 1n })
})

test('an order that cannot be done is dropped', () => {
  const state = startCluster()
  obey(state, { transferLeader: { peer: { id: 1n, storeId: 103n } } })
  assert.equal(state.region().leader?.storeId, 100n)
})

test('one change of a peer is done at once', () => {
  const state = startCluster()
  const peer = { id: 7n, storeId: 103n }
  obey(state, { changePeer: { peer, changeType: ConfChangeType.AddLearnerNode } })
  assert.deepEqual(roles(state.region()).at(-1), [103n, Learner])
  assert.equal(state.region().region.peers.at(-1)?.id, 7n)
  obey(state, { changePeer: { peer, changeType: ConfChangeType.AddNode } })
  assert.deepEqual(roles(state.region()).at(-1), [103n, Voter])
  const first = defined(state.region().region.peers[0], 'a peer')
  obey(state, { changePeerV2: { changes: [{ peer: first, changeType: ConfChangeType.RemoveNode }] } })
  assert.deepEqual(roles(state.region()), [
    [101n, Voter],
    [102n, Voter],
    [103n, Voter],
  ])
  assert.notEqual(state.region().leader?.storeId, 100n)
  assert.equal(state.region().region.regionEpoch?.confVer, 6n)
})

test('several changes go through the joint state', () => {
  const state = startCluster()
  const added = { id: 7n, storeId: 103n }
  const third = defined(state.region().region.peers[2], 'a peer')
  obey(state, { changePeer: { peer: added, changeType: ConfChangeType.AddLearnerNode } })
  const changes = [
    { peer: added, changeType: ConfChangeType.AddNode },
    { peer: third, changeType: ConfChangeType.AddLearnerNode },
  ]
  obey(state, { changePeerV2: { changes } })
  assert.deepEqual(roles(state.region()).slice(2), [
    [102n, DemotingVoter],
    [103n, IncomingVoter],
  ])
  assert.equal(state.region().region.regionEpoch?.confVer, 6n)
  obey(state, { changePeerV2: { changes: [] } })
  assert.deepEqual(roles(state.region()).slice(2), [
    [102n, Learner],
    [103n, Voter],
  ])
  assert.equal(state.region().region.regionEpoch?.confVer, 8n)
  obey(state, { changePeerV2: { changes: [] } })
  assert.equal(state.region().region.regionEpoch?.confVer, 8n)
})

test('regions are split at given keys and merged', () => {
  const state = startCluster()
  obey(state, { splitRegion: { policy: CheckPolicy.SCAN, keys: [] } })
  obey(state, { splitRegion: { policy: CheckPolicy.USEKEY, keys: [utf8('m')] } })
  assert.deepEqual(state.splits, [utf8('m')])
  const ids = [{ regionId: 7n, peerIds: [8n, 9n, 10n] }]
  const parts = state.cluster.splitRegion(state.region().region.id, [utf8('m')], ids)
  const [left, right] = parts
  assert.equal(left?.region.id, 7n)
  assert.deepEqual(
    left.region.peers.map(({ id }) => id),
    [8n, 9n, 10n],
  )
  obey(state, { merge: { target: left.region } })
  assert.deepEqual(
    state.cluster.regions().map(({ region }) => region.id),
    [7n],
  )
  assert.equal(right?.region.id, 107n)
})
