import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, hasCode, TestEnv, utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import { PeerRole, StoreState } from '../gen/metapb.js'
import { ClusterState } from './cluster-state.js'
import type { ClusterEvent } from './cluster-types.js'

function started(stores = 3, splitKeys: string[] = []): ClusterState {
  const state = new ClusterState({ env: new TestEnv() })
  state.bootstrap({ stores, splitKeys: splitKeys.map(utf8) })
  return state
}

const ranges = (state: ClusterState): string[] =>
  state.regions().map(({ region }) => `${fromUtf8(region.startKey)}-${fromUtf8(region.endKey)}`)

const refused = (work: () => unknown): void => {
  assert.throws(work, (error) => hasCode(error, 'INVALID_ARGUMENT'))
}

describe('ClusterState', () => {
  it('begins with regions that cover all keys, led by the stores in turn', () => {
    const state = started(3, ['m', 'c'])
    assert.deepEqual(ranges(state), ['-c', 'c-m', 'm-'])
    const leaders = state.regions().map(({ leader }) => leader?.storeId)
    assert.deepEqual(leaders, [1n, 2n, 3n])
    assert.deepEqual(state.regions()[0]?.region.regionEpoch, { confVer: 3n, version: 1n })
    refused(() => state.bootstrap())
    refused(() => new ClusterState({ env: new TestEnv() }).bootstrap({ stores: 0 }))
    refused(() => new ClusterState({ env: new TestEnv() }).bootstrap({ splitKeys: [utf8('a'), utf8('a')] }))
  })

  it('finds regions by key, by end and by range', () => {
    const state = started(1, ['c', 'm'])
    const start = (found: { region: { startKey: Uint8Array } } | undefined): string | undefined =>
      found && fromUtf8(found.region.startKey)
    assert.equal(start(state.regionOf(utf8('c'))), 'c')
    assert.equal(start(state.regionOf(utf8('b'))), '')
    assert.equal(start(state.regionBefore(utf8('c'))), '')
    assert.equal(start(state.regionBefore(utf8('d'))), 'c')
    assert.equal(start(state.regionBefore(utf8(''))), 'm')
    assert.equal(state.regionsIn(utf8('c'), utf8('m')).length, 1)
    assert.equal(state.regionsIn(utf8('b'), utf8('')).length, 3)
  })

  it('splits: the old id keeps the last part, and all parts the new epoch and the leader', () => {
    const state = started()
    const old = state.regionOf(utf8('a'))
    const parts = state.splitRegion(old.region.id, [utf8('m'), utf8('c'), utf8('c'), utf8('')])
    assert.deepEqual(ranges(state), ['-c', 'c-m', 'm-'])
    assert.equal(parts[2]?.region.id, old.region.id)
    for (const { region, leader } of parts) {
      assert.deepEqual(region.regionEpoch, { confVer: 3n, version: 3n })
      assert.equal(leader?.storeId, old.leader?.storeId)
    }
    assert.equal(new Set(parts.flatMap(({ region }) => region.peers.map(({ id }) => id))).size, 9)
    assert.deepEqual(state.splitRegion(old.region.id, [utf8('a')]).length, 1)
  })

  it('merges neighbours into the target, above both versions', () => {
    const state = started(3, ['c', 'm'])
    const [first, second, third] = state.regions().map(({ region }) => region.id)
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    refused(() => state.mergeRegions(first, third))
    const merged = state.mergeRegions(first, second)
    assert.deepEqual(ranges(state), ['-m', 'm-'])
    assert.equal(merged.region.id, second)
    assert.equal(merged.region.regionEpoch?.version, 3n)
    assert.equal(state.findRegion(first), undefined)
    state.mergeRegions(third, second)
    assert.deepEqual(ranges(state), ['-'])
  })

  it('moves leaders without changing the epoch, and peers with', () => {
    const state = started(4)
    const { region } = state.regionOf(utf8('a'))
    const moved = state.transferLeader(region.id, 2n)
    assert.equal(moved.leader?.storeId, 2n)
    assert.deepEqual(moved.region.regionEpoch, region.regionEpoch)
    assert.equal(moved.term, 7n)
    refused(() => state.transferLeader(region.id, 4n))
    const learner = state.addPeer(region.id, 4n, PeerRole.Learner)
    assert.equal(state.region(region.id).region.regionEpoch?.confVer, 4n)
    refused(() => state.transferLeader(region.id, 4n))
    refused(() => state.addPeer(region.id, 4n))
    state.removePeer(region.id, 2n)
    assert.equal(state.region(region.id).leader?.storeId, 1n)
    assert.ok(state.region(region.id).region.peers.some(({ id }) => id === learner.id))
  })

  it('elects others when a store stops, and nobody without a majority', () => {
    const state = started()
    const { region } = state.regionOf(utf8('a'))
    state.stopStore(1n)
    assert.equal(state.region(region.id).leader?.storeId, 2n)
    assert.deepEqual(
      state.downPeers(region.id).map(({ storeId }) => storeId),
      [1n],
    )
    state.stopStore(2n)
    assert.equal(state.region(region.id).leader, undefined)
    const restarted = state.startStore(1n, { address: 'elsewhere:1' })
    assert.equal(restarted.address, 'elsewhere:1')
    assert.equal(state.region(region.id).leader?.storeId, 1n)
  })

  it('leaves the old leader named until the election', async () => {
    const env = new TestEnv()
    const state = new ClusterState({ env })
    state.bootstrap()
    const { region } = state.regionOf(utf8('a'))
    state.stopStore(1n, { electionMs: 10_000 })
    assert.equal(state.region(region.id).leader?.storeId, 1n)
    await env.advance(10_000)
    assert.equal(state.region(region.id).leader?.storeId, 2n)
  })

  it('tells every change, after it', () => {
    const state = started()
    const events: ClusterEvent[] = []
    const stop = state.onChange((event) => events.push(event))
    state.splitAt(utf8('m'))
    state.setStoreState(1n, StoreState.Offline)
    stop()
    state.splitAt(utf8('q'))
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['region', 'region', 'store'],
    )
    refused(() => state.setStoreState(1n, StoreState.Tombstone))
  })

  it('always covers every key once', () => {
    const byte = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), byte), { maxLength: 40 }), (changes) => {
        const state = started(2)
        for (const [split, at] of changes) {
          const key = new Uint8Array([at])
          if (split) state.splitAt(key)
          else {
            const target = state.regionOf(key).region
            const source = state.regionBefore(target.startKey.length === 0 ? key : target.startKey)?.region
            if (source !== undefined && source.id !== target.id) state.mergeRegions(source.id, target.id)
          }
        }
        let end = new Uint8Array(0)
        for (const { region } of state.regions()) {
          assert.deepEqual(region.startKey, end)
          end = Uint8Array.from(region.endKey)
        }
        assert.equal(end.length, 0)
      }),
      { numRuns: 100 },
    )
  })
})
