import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, hasCode, OrbitError, utf8 } from '@orbit-ts/base'
import { PrewriteRequest } from '../gen/kvrpcpb.js'
import { PeerRole } from '../gen/metapb.js'
import { tikvMethods } from '../rpc/methods.js'
import { newExecDetails } from '../telemetry/exec-details.js'
import { callByKey } from './by-region.js'
import {
  FakeCluster,
  rpcFailed,
  rpcTimeout,
  type FakeClusterOptions,
  type Step,
} from './fake-cluster.fake.js'
import { sendFailureIsUndetermined } from './undetermined.js'

const oneRegion = (options: FakeClusterOptions = {}): FakeCluster => {
  const cluster = new FakeCluster(options)
  cluster.regions = [cluster.region(1n, '', '')]
  return cluster
}

const notLeader = (cluster: FakeCluster, storeId?: bigint): Step => ({
  regionError: { notLeader: storeId === undefined ? {} : { leader: cluster.peer(1n, storeId) } },
})
const busy: Step = { regionError: { serverIsBusy: { reason: 'read pool' } } }

/** A get through locating, sending and repeating, as callers make it. */
const getByKey = (cluster: FakeCluster, key: string) =>
  cluster.settle(
    callByKey({
      regions: cluster.cache,
      sender: cluster.sender,
      backoffer: cluster.backoffer(),
      key: utf8(key),
      method: tikvMethods.kvGet,
      request: { ...tikvMethods.kvGet.decodeRequest(new Uint8Array(0)), key: utf8(key) },
      options: { timeoutMs: 30_000 },
    }),
  )

const answered = async (cluster: FakeCluster, ...args: Parameters<FakeCluster['get']>): Promise<string> => {
  const outcome = await cluster.settle(cluster.get(...args))
  assert.ok(outcome.regionError === undefined)
  return fromUtf8(outcome.response.value)
}

describe('RequestSender', () => {
  it('fills the context and keeps what the caller set', async () => {
    const cluster = oneRegion()
    const backoffer = cluster.backoffer()
    const region = await cluster.cache.locate(backoffer, utf8('k'))
    const request = tikvMethods.kvGet.decodeRequest(new Uint8Array(0))
    const context = { ...cluster.calls[0]?.context }
    assert.deepEqual(context, {})
    await cluster.sender.send(backoffer, region, tikvMethods.kvGet, request, { timeoutMs: 1234 })
    const first = cluster.calls[0]
    assert.ok(first !== undefined)
    assert.equal(first.address, 's1')
    assert.deepEqual(first.options, { timeoutMs: 1234, signal: undefined })
    assert.equal(first.context.regionId, 1n)
    assert.deepEqual(first.context.regionEpoch, { confVer: 1n, version: 1n })
    assert.deepEqual(first.context.peer, cluster.peer(1n, 1n))
    assert.equal(first.context.clusterId, 7n)
    assert.equal(first.context.maxExecutionDurationMs, 1234n)
    assert.equal(first.context.isRetryRequest, false)
    const base = { ...first.context, requestSource: 'mine', maxExecutionDurationMs: 5n }
    await cluster.sender.send(
      backoffer,
      region,
      tikvMethods.kvGet,
      { ...request, context: base },
      { timeoutMs: 1, retry: true },
    )
    const second = cluster.calls[1]
    assert.ok(second !== undefined)
    assert.equal(second.context.requestSource, 'mine')
    assert.equal(second.context.maxExecutionDurationMs, 5n)
    assert.equal(second.context.isRetryRequest, true)
    assert.equal(base.isRetryRequest, false)
  })

  it('[S10] splits by what EpochNotMatch says, without a sleep and without asking PD', async () => {
    const cluster = oneRegion()
    const before = await getByKey(cluster, 'x')
    assert.equal(before.storeId, 1n)
    cluster.pdCalls.length = 0
    const left = cluster.region(1n, '', 'm', { version: 2n }).region
    const right = cluster.region(2n, 'm', '', { version: 2n }).region
    cluster.script.push({ regionError: { epochNotMatch: { currentRegions: [left, right] } } })
    const answer = await getByKey(cluster, 'x')
    assert.equal(answer.region.id, 2n)
    assert.deepEqual(cluster.sleeps, [])
    assert.deepEqual(cluster.pdCalls, [])
    assert.equal(cluster.cache.cached(utf8('a'))?.epoch.version, 2n)
    assert.equal(cluster.calls.at(-1)?.context.isRetryRequest, true)
  })

  it('[S11] keeps the region when EpochNotMatch is older, and waits', async () => {
    const cluster = new FakeCluster()
    cluster.regions = [cluster.region(1n, '', '', { version: 5n })]
    const older = cluster.region(1n, '', '', { version: 4n }).region
    const stale: Step = { regionError: { epochNotMatch: { currentRegions: [older] } } }
    cluster.script.push(stale, stale)
    assert.equal(await answered(cluster, 'k'), 's1')
    assert.deepEqual(cluster.sleeps, [
      ['regionMiss', 2],
      ['regionMiss', 4],
    ])
    assert.equal(cluster.countPd('getRegion'), 1)
    assert.deepEqual(cluster.addresses, ['s1', 's1', 's1'])
  })

  it('waits a moment when the store has reached the same epoch by the time it answers', async () => {
    const cluster = oneRegion()
    const same = cluster.region(1n, '', '').region
    cluster.script.push({ regionError: { epochNotMatch: { currentRegions: [same] } } })
    assert.equal(await answered(cluster, 'k'), 's1')
    assert.deepEqual(cluster.sleeps, [['regionMiss', 2]])
    assert.equal(cluster.countPd('getRegion'), 1)
  })

  it('learns of a split once, however many requests meet it', async () => {
    const cluster = oneRegion()
    const left = cluster.region(1n, '', 'm', { version: 2n }).region
    const right = cluster.region(2n, 'm', '', { version: 2n }).region
    const split: Step = { regionError: { epochNotMatch: { currentRegions: [left, right] } } }
    const old = await cluster.settle(cluster.cache.locate(cluster.backoffer(), utf8('x')))
    cluster.script.push(split, split)
    await cluster.settle(Promise.all([cluster.get('x', {}, old), cluster.get('y', {}, old)]))
    const known = cluster.cache.cached(utf8('x'))
    assert.equal(known?.id, 2n)
    assert.equal(known?.invalidReason, undefined)
    assert.equal(old.invalidReason, 'replaced')
    assert.equal(cluster.cache.size, 2)
  })

  it('[S12] asks PD again after an EpochNotMatch without regions', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { epochNotMatch: {} } })
    await getByKey(cluster, 'k')
    assert.equal(cluster.countPd('getRegion'), 2)
    assert.deepEqual(cluster.sleeps, [['regionMiss', 2]])
  })

  it('[S13] follows the leader named by NotLeader without waiting', async () => {
    const cluster = oneRegion()
    cluster.script.push(notLeader(cluster, 2n))
    assert.equal(await answered(cluster, 'k'), 's2')
    assert.equal(await answered(cluster, 'k'), 's2')
    assert.deepEqual(cluster.addresses, ['s1', 's2', 's2'])
    assert.deepEqual(cluster.sleeps, [])
    assert.equal(cluster.countPd('getRegion'), 1)
    assert.deepEqual(
      cluster.calls.map(({ context }) => context.isRetryRequest),
      [false, true, false],
    )
  })

  it('[S14] tries the other peers after 2 and 4 ms when no leader is named', async () => {
    const cluster = oneRegion()
    cluster.script.push(notLeader(cluster), notLeader(cluster))
    await answered(cluster, 'k')
    assert.deepEqual(cluster.sleeps, [
      ['regionScheduling', 2],
      ['regionScheduling', 4],
    ])
    assert.equal(new Set(cluster.addresses).size, 3)
    assert.equal(cluster.countPd('getRegion'), 1)
  })

  it('[S15] asks PD again when the leader does not know the region', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { regionNotFound: { regionId: 1n } } })
    await getByKey(cluster, 'k')
    assert.equal(cluster.countPd('getRegion'), 2)
    assert.deepEqual(cluster.sleeps, [['regionMiss', 2]])
  })

  it('asks the leader once more when a follower does not know the region', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { regionNotFound: { regionId: 1n } } })
    assert.equal(await answered(cluster, 'k', { replicaRead: 'follower' }), 's1')
    assert.equal(cluster.calls.length, 2)
    assert.deepEqual(cluster.sleeps, [])
    assert.equal(cluster.calls[1]?.context.replicaRead, false)
    assert.equal(cluster.cache.cached(utf8('k')), undefined)
  })

  it('[S16] closes the connection and resolves the store anew after StoreNotMatch', async () => {
    const cluster = oneRegion()
    await answered(cluster, 'k')
    cluster.addStore(1n, { address: 'moved' })
    cluster.script.push({ regionError: { storeNotMatch: { requestStoreId: 1n, actualStoreId: 9n } } })
    const answer = await getByKey(cluster, 'k')
    assert.equal(fromUtf8(answer.response.value), 'moved')
    assert.deepEqual(cluster.closed, ['s1', 's1'])
    assert.equal(cluster.countPd('getStore 1'), 2)
    await cluster.close()
  })

  it('[S19] reaches a new leader through a follower and leaves the dead store alone', async () => {
    const cluster = oneRegion()
    cluster.behaviour.set('s1', { fail: rpcFailed() })
    cluster.liveness.set('s1', 'unreachable')
    cluster.behaviour.set('s3', notLeader(cluster, 2n))
    // Until a follower is asked nobody knows who leads: whichever is asked first, the dead one is not asked again.
    assert.equal(await answered(cluster, 'k'), 's2')
    assert.deepEqual(
      cluster.sleeps.map(([kind]) => kind),
      ['tikvRPC'],
    )
    assert.equal(cluster.addresses[0], 's1')
    const before = cluster.calls.length
    assert.equal(await answered(cluster, 'k'), 's2')
    assert.deepEqual(cluster.addresses.slice(before), ['s2'])
    assert.equal(cluster.countPd('getRegion'), 1)
    await cluster.close()
  })

  it('[S20] finds a store at its new address by itself', async () => {
    const cluster = oneRegion({ stores: 1 })
    cluster.regions = [cluster.region(1n, '', '', { stores: [1n] })]
    cluster.cache.start()
    await answered(cluster, 'k')
    cluster.behaviour.set('s1', { fail: rpcFailed() })
    cluster.liveness.set('s1', 'unreachable')
    cluster.addStore(1n, { address: 'moved' })
    const answer = await getByKey(cluster, 'k')
    assert.equal(fromUtf8(answer.response.value), 'moved')
    assert.deepEqual(cluster.closed, ['s1'])
    await cluster.close()
    assert.equal(cluster.env.pendingTimers, 0)
  })

  it('[S22] gives a region up whose range does not hold the key, and ends within the budget', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { keyNotInRegion: { regionId: 1n } } })
    await getByKey(cluster, 'k')
    assert.deepEqual(cluster.sleeps, [['regionMiss', 2]])
    assert.equal(cluster.countPd('getRegion'), 2)
    cluster.behaviour.set('s1', { regionError: { keyNotInRegion: { regionId: 1n } } })
    await assert.rejects(getByKey(cluster, 'k'), (error) => hasCode(error, 'REGION_UNAVAILABLE'))
    assert.ok(cluster.calls.length < 120)
  })

  it('[S30] asks a follower who leads after two refusals by a busy leader, and heals the cache', async () => {
    const cluster = oneRegion()
    cluster.behaviour.set('s1', busy)
    cluster.behaviour.set('s3', notLeader(cluster, 2n))
    assert.equal(await answered(cluster, 'k'), 's2')
    assert.deepEqual(cluster.addresses.slice(0, 2), ['s1', 's1'])
    assert.equal(cluster.addresses.filter((address) => address === 's1').length, 2)
    assert.equal(cluster.calls[2]?.context.replicaRead, false)
    assert.equal(cluster.cache.cached(utf8('k'))?.leader.store.id, 2n)
    assert.equal(cluster.countPd('getRegion'), 1)
  })

  it('[S30] goes back to a leader that the follower confirms', async () => {
    const cluster = oneRegion()
    cluster.script.push(busy, busy, notLeader(cluster, 1n), busy)
    assert.equal(await answered(cluster, 'k'), 's1')
    assert.deepEqual(cluster.addresses.filter((address) => address === 's1').length, 4)
    assert.equal(cluster.sleeps.filter(([kind]) => kind === 'tikvServerBusy').length, 3)
  })

  it('[S31] puts the wait for a busy replica off and asks another at once', async () => {
    const cluster = oneRegion()
    cluster.script.push(busy)
    await answered(cluster, 'k', { replicaRead: 'mixed' })
    assert.deepEqual(cluster.sleeps, [])
    assert.equal(cluster.calls.length, 2)
    assert.notEqual(cluster.addresses[0], cluster.addresses[1])
  })

  it('[S31] waits one to two seconds for a busy leader', async () => {
    const cluster = oneRegion()
    cluster.script.push(busy)
    assert.equal(await answered(cluster, 'k'), 's1')
    const [sleep] = cluster.sleeps
    assert.ok(sleep?.[0] === 'tikvServerBusy' && sleep[1] >= 1000 && sleep[1] < 2000)
    assert.deepEqual(cluster.addresses, ['s1', 's1'])
  })

  it('[S31] makes up for the wait when every replica is busy', async () => {
    const cluster = oneRegion()
    cluster.script.push(busy, busy, busy)
    const outcome = await cluster.settle(cluster.get('k', { replicaRead: 'mixed' }))
    assert.deepEqual(outcome.regionError?.epochNotMatch, { currentRegions: [] })
    assert.deepEqual(
      cluster.sleeps.map(([kind]) => kind),
      ['tikvServerBusy'],
    )
    assert.equal(new Set(cluster.addresses).size, 3)
  })

  it('[S32] repeats a stale read on the leader when the data is not ready', async () => {
    const cluster = oneRegion({ seed: 5 })
    cluster.cache.start()
    const labels = { zone: 'b' }
    cluster.addStore(2n, { labels: [{ key: 'zone', value: 'b' }] })
    cluster.script.push({ regionError: { dataIsNotReady: { regionId: 1n, peerId: 12n } } })
    assert.equal(await answered(cluster, 'k', { staleRead: true, replicaRead: 'mixed', labels }), 's1')
    assert.deepEqual(cluster.addresses, ['s2', 's1'])
    assert.deepEqual(
      cluster.calls.map(({ context }) => [context.staleRead, context.replicaRead]),
      [
        [true, false],
        [false, false],
      ],
    )
    assert.deepEqual(cluster.sleeps, [])
    await cluster.close()
  })

  it('[S33] waits for max_ts to be synced', async () => {
    const cluster = oneRegion()
    const step: Step = { regionError: { maxTimestampNotSynced: {} } }
    cluster.script.push(step, step, step)
    assert.equal(await answered(cluster, 'k'), 's1')
    assert.deepEqual(cluster.sleeps, [
      ['maxTsNotSynced', 2],
      ['maxTsNotSynced', 4],
      ['maxTsNotSynced', 8],
    ])
  })

  it('[S34] refuses an entry that is too large after one attempt', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { raftEntryTooLarge: { regionId: 1n, entrySize: 9_000_000n } } })
    await assert.rejects(cluster.settle(cluster.get('k')), (error) => {
      assert.ok(hasCode(error, 'RAFT_ENTRY_TOO_LARGE'))
      assert.equal(error.details['entrySize'], '9000000')
      return true
    })
    assert.equal(cluster.calls.length, 1)
  })

  it('[S35] ends at once during a flashback', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { flashbackInProgress: { regionId: 1n, flashbackStartTs: 5n } } })
    await assert.rejects(cluster.settle(cluster.get('k')), (error) => hasCode(error, 'FLASHBACK_IN_PROGRESS'))
    assert.equal(cluster.calls.length, 1)
    assert.deepEqual(cluster.sleeps, [])
  })

  it('[S35] asks the leader when a replica read meets a flashback', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { flashbackInProgress: { regionId: 1n } } })
    assert.equal(await answered(cluster, 'k', { replicaRead: 'follower' }), 's1')
    assert.deepEqual(
      cluster.calls.map(({ context }) => context.replicaRead),
      [true, false],
    )
  })

  it('[S35] waits for a full disk within the budget, then says so', async () => {
    const cluster = oneRegion()
    cluster.behaviour.set('s1', { regionError: { diskFull: { storeId: [1n], reason: 'no space' } } })
    const sending = cluster.get('k', {}, undefined, cluster.backoffer(2000))
    await assert.rejects(cluster.settle(sending), (error) => hasCode(error, 'STORAGE_FULL'))
    assert.deepEqual(cluster.sleeps, [
      ['tikvDiskFull', 500],
      ['tikvDiskFull', 1000],
      ['tikvDiskFull', 2000],
    ])
  })

  for (const [name, regionError, kind] of [
    ['read index', { readIndexNotReady: {} }, 'regionScheduling'],
    ['merging', { proposalInMergingMode: {} }, 'regionScheduling'],
    ['not initialized', { regionNotInitialized: {} }, 'regionNotInitialized'],
  ] as const) {
    it(`waits and repeats at the same region: ${name}`, async () => {
      const cluster = oneRegion()
      cluster.script.push({ regionError }, { regionError })
      assert.equal(await answered(cluster, 'k'), 's1')
      assert.deepEqual(cluster.sleeps, [
        [kind, 2],
        [kind, 4],
      ])
      assert.deepEqual(cluster.addresses, ['s1', 's1', 's1'])
    })
  }

  for (const [name, regionError, kind] of [
    ['recovery', { recoveryInProgress: { regionId: 1n } }, 'regionRecoveryInProgress'],
    ['witness', { isWitness: { regionId: 1n } }, 'isWitness'],
  ] as const) {
    it(`gives the region up, waits and has it located again: ${name}`, async () => {
      const cluster = oneRegion()
      cluster.script.push({ regionError })
      const outcome = await cluster.settle(cluster.get('k'))
      assert.ok(outcome.regionError !== undefined)
      assert.deepEqual(
        cluster.sleeps.map(([slept]) => slept),
        [kind],
      )
      assert.equal(cluster.cache.cached(utf8('k')), undefined)
    })
  }

  it('asks the next replica at once after stale_command and errors it does not know', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { staleCommand: {} } }, { regionError: { message: 'something new' } })
    assert.equal(await answered(cluster, 'k'), 's1')
    assert.deepEqual(cluster.sleeps, [])
    assert.equal(cluster.calls.length, 3)
  })

  it('gives the region up after mismatch_peer_id', async () => {
    const cluster = oneRegion()
    cluster.script.push({
      regionError: { message: 'x', mismatchPeerId: { requestPeerId: 1n, storePeerId: 2n } },
    })
    await getByKey(cluster, 'k')
    assert.equal(cluster.countPd('getRegion'), 2)
  })

  it('refuses a timestamp from the future', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { message: 'invalid max_ts update: 9' } })
    await assert.rejects(cluster.settle(cluster.get('k')), (error) => hasCode(error, 'INVALID_ARGUMENT'))
  })

  it('gives the region up when the named leader is not one of its peers', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { notLeader: { leader: { id: 99n, storeId: 9n } } } })
    const outcome = await cluster.settle(cluster.get('k'))
    assert.ok(outcome.regionError?.epochNotMatch !== undefined)
    assert.equal(cluster.cache.cached(utf8('k')), undefined)
  })

  it('asks a leader at most ten times, then each follower once', async () => {
    const cluster = oneRegion()
    const unknown: Step = { regionError: { message: '?' } }
    for (const address of ['s1', 's2', 's3']) cluster.behaviour.set(address, unknown)
    const outcome = await cluster.settle(cluster.get('k'))
    assert.deepEqual(outcome.regionError?.epochNotMatch, { currentRegions: [] })
    assert.equal(cluster.addresses.filter((address) => address === 's1').length, 10)
    assert.equal(cluster.calls.length, 12)
  })

  it('does not spend more than 50 s on a leader that does not answer', async () => {
    const cluster = oneRegion()
    cluster.behaviour.set('s1', async () => {
      await cluster.env.timers.nextTurn()
      await new Promise<void>((resolve) => void cluster.env.timers.set(resolve, 30_000))
      return { fail: rpcTimeout() }
    })
    const got = await answered(cluster, 'k')
    assert.notEqual(got, 's1')
    assert.equal(cluster.addresses.filter((address) => address === 's1').length, 2)
  })

  it('lets another replica answer a read that misses its own short timeout', async () => {
    const cluster = oneRegion()
    cluster.script.push({ fail: rpcTimeout() }, { regionError: { message: 'Deadline is exceeded' } })
    await answered(cluster, 'k', { timeoutMs: 200 })
    assert.deepEqual(cluster.sleeps, [])
    assert.deepEqual(cluster.probes, [])
    assert.equal(new Set(cluster.addresses).size, 3)
    assert.deepEqual(
      cluster.calls.map(({ context }) => context.replicaRead),
      [false, true, true],
    )
    assert.notEqual(cluster.cache.cached(utf8('k')), undefined)
  })

  it('prefers the leader, but not on a slow store', async () => {
    const cluster = oneRegion()
    assert.equal(await answered(cluster, 'k', { replicaRead: 'prefer-leader' }), 's1')
    cluster.cache.storeCache.get(1n).health.markSlow()
    assert.notEqual(await answered(cluster, 'k', { replicaRead: 'prefer-leader' }), 's1')
    assert.equal(cluster.calls[1]?.context.replicaRead, true)
  })

  it('prefers labels, stores and learners as asked', async () => {
    const cluster = oneRegion()
    cluster.regions = [cluster.region(1n, '', '', { roles: { 3: PeerRole.Learner } })]
    cluster.addStore(2n, { labels: [{ key: 'zone', value: 'x' }] })
    assert.equal(await answered(cluster, 'k', { replicaRead: 'learner' }), 's3')
    assert.equal(await answered(cluster, 'k', { replicaRead: 'mixed', labels: { zone: 'x' } }), 's2')
    assert.equal(await answered(cluster, 'k', { replicaRead: 'follower', storeIds: [3n] }), 's3')
    assert.equal(await answered(cluster, 'k', { replicaRead: 'mixed', storeIds: [1n] }), 's1')
    assert.deepEqual(
      cluster.calls.map(({ context }) => context.replicaRead),
      [true, true, true, false],
    )
  })

  it('spreads follower reads over the followers', async () => {
    const cluster = oneRegion()
    for (let count = 0; count < 20; count++) await answered(cluster, 'k', { replicaRead: 'follower' })
    assert.deepEqual([...new Set(cluster.addresses)].sort(), ['s2', 's3'])
  })

  it('falls back to the leader, then gives up, when followers fail', async () => {
    const cluster = oneRegion()
    cluster.behaviour.set('s2', { regionError: { message: '?' } })
    cluster.behaviour.set('s3', { regionError: { message: '?' } })
    assert.equal(await answered(cluster, 'k', { replicaRead: 'follower' }), 's1')
    assert.equal(cluster.calls.length, 3)
    cluster.behaviour.set('s1', { regionError: { message: '?' } })
    const outcome = await cluster.settle(cluster.get('k', { replicaRead: 'follower' }))
    assert.ok(outcome.regionError !== undefined)
  })

  it('never leaves the leader when told so', async () => {
    const cluster = oneRegion()
    cluster.behaviour.set('s1', { regionError: { message: '?' } })
    await cluster.settle(cluster.get('k', { leaderOnly: true }))
    assert.deepEqual([...new Set(cluster.addresses)], ['s1'])
  })

  it('hands a read to an idle replica when the leader expects to be busy', async () => {
    const cluster = oneRegion()
    cluster.script.push({ regionError: { serverIsBusy: { reason: 'x', estimatedWaitMs: 900 } } })
    const first = await answered(cluster, 'k', { busyThresholdMs: 100 })
    assert.notEqual(first, 's1')
    assert.deepEqual(cluster.sleeps, [])
    assert.equal(cluster.calls[0]?.context.busyThresholdMs, 100)
    assert.equal(cluster.calls[1]?.context.replicaRead, true)
    assert.notEqual(await answered(cluster, 'k', { busyThresholdMs: 100 }), 's1')
    await cluster.env.advance(1000)
    assert.equal(await answered(cluster, 'k', { busyThresholdMs: 100 }), 's1')
  })

  it('reaches a leader through a follower when forwarding is on', async () => {
    const cluster = oneRegion({ forwarding: true })
    cluster.liveness.set('s1', 'unreachable')
    cluster.behaviour.set('s1', { fail: rpcFailed() })
    await answered(cluster, 'k')
    assert.deepEqual(
      cluster.calls.map(({ options }) => options.forwardTo),
      [undefined, 's1'],
    )
    assert.notEqual(cluster.addresses[1], 's1')
    assert.deepEqual(cluster.calls[1]?.context.peer, cluster.peer(1n, 1n))
    await answered(cluster, 'k')
    assert.equal(cluster.addresses[2], cluster.addresses[1])
    cluster.liveness.delete('s1')
    cluster.behaviour.delete('s1')
    await cluster.env.advance(2000)
    assert.equal(await answered(cluster, 'k'), 's1')
    assert.equal(cluster.calls.at(-1)?.options.forwardTo, undefined)
    await cluster.close()
  })

  it('dials anew after a call that the server cancelled', async () => {
    const cluster = oneRegion()
    cluster.script.push({ fail: rpcFailed(1) })
    assert.equal(await answered(cluster, 'k'), 's1')
    assert.deepEqual(cluster.closed, ['s1'])
    assert.deepEqual(
      cluster.sleeps.map(([kind]) => kind),
      ['tikvRPC'],
    )
  })

  it('ends at once when its caller gives up', async () => {
    const cluster = oneRegion()
    const controller = new AbortController()
    cluster.script.push(() => {
      controller.abort()
      return { fail: rpcFailed() }
    })
    const sending = cluster.get('k', {}, undefined, cluster.backoffer(1000, controller.signal))
    await assert.rejects(cluster.settle(sending), (error) => {
      assert.ok(hasCode(error, 'ABORTED'))
      assert.equal(sendFailureIsUndetermined(error), true)
      return true
    })
    assert.equal(cluster.calls.length, 1)
    assert.deepEqual(cluster.sleeps, [])
  })

  it('sends nothing for a caller that has given up before, so that nothing is in doubt', async () => {
    const cluster = oneRegion()
    const reason = new Error('too late')
    const controller = new AbortController()
    controller.abort(reason)
    const backoffer = cluster.backoffer(1000, controller.signal)
    const region = await cluster.settle(cluster.cache.locate(cluster.backoffer(), utf8('k')))
    const request = tikvMethods.kvGet.decodeRequest(new Uint8Array(0))
    const sending = cluster.sender.send(backoffer, region, tikvMethods.kvGet, request, { timeoutMs: 1000 })
    await assert.rejects(cluster.settle(sending), (error) => {
      assert.ok(hasCode(error, 'ABORTED'))
      assert.equal(error.cause, reason)
      assert.equal(sendFailureIsUndetermined(error), false)
      return true
    })
    assert.equal(cluster.calls.length, 0)
  })

  it('does not repeat what the server refuses for good', async () => {
    const cluster = oneRegion()
    for (const status of [3, 7, 12, 16]) {
      cluster.script.push({ fail: rpcFailed(status) })
      await assert.rejects(cluster.settle(cluster.get('k')), (error) => hasCode(error, 'RPC_FAILED'))
    }
    assert.equal(cluster.calls.length, 4)
  })

  it('repeats a TLS refusal once', async () => {
    const cluster = oneRegion()
    const refused = (): OrbitError => new OrbitError('RPC_TLS', 'the certificate is not trusted')
    cluster.script.push({ fail: refused() })
    await answered(cluster, 'k')
    cluster.script.push({ fail: refused() }, { fail: refused() }, { fail: refused() })
    await assert.rejects(cluster.settle(cluster.get('k')), (error) => {
      assert.ok(hasCode(error, 'RPC_TLS'))
      assert.equal(sendFailureIsUndetermined(error), false)
      return true
    })
  })

  it('tells that an answer was lost: in the outcome, and for the error', async () => {
    const cluster = oneRegion()
    const region = await cluster.cache.locate(cluster.backoffer(), utf8('k'))
    const prewrite = (budgetMs: number) =>
      cluster.settle(
        cluster.sender.send(
          cluster.backoffer(budgetMs),
          region,
          tikvMethods.kvPrewrite,
          PrewriteRequest.create({}),
          { timeoutMs: 30_000 },
        ),
      )
    assert.equal((await prewrite(1000)).transportFailed, false)
    cluster.script.push({ fail: rpcFailed() })
    const late = await prewrite(1000)
    assert.equal(late.regionError, undefined)
    assert.equal(late.transportFailed, true)
    cluster.script.push({ regionError: { undeterminedResult: { message: '?' } } })
    const undetermined = await prewrite(1000)
    assert.ok(undetermined.regionError?.undeterminedResult !== undefined)
    assert.equal(undetermined.transportFailed, true)
    cluster.behaviour.set('s1', { fail: rpcFailed() })
    await assert.rejects(prewrite(1), (error) => {
      assert.ok(hasCode(error, 'STORE_UNAVAILABLE'))
      assert.equal(sendFailureIsUndetermined(error), true)
      return true
    })
    cluster.behaviour.set('s1', { regionError: { raftEntryTooLarge: {} } })
    await assert.rejects(prewrite(1), (error) => !sendFailureIsUndetermined(error))
  })

  it('counts into the details of the caller', async () => {
    const cluster = oneRegion()
    const details = newExecDetails()
    cluster.script.push(notLeader(cluster, 2n))
    await answered(cluster, 'k', { details })
    assert.equal(details.rpcs.get('KvGet')?.count, 2)
    assert.deepEqual([...details.regionErrors], [['notLeader', 1]])
  })

  it('runs interceptors from the outside in, and lets one answer', async () => {
    const cluster = oneRegion()
    const seen: string[] = []
    const note = (name: string) => async (_call: unknown, next: () => Promise<unknown>) => {
      seen.push(name)
      const answer = await next()
      seen.push(`${name} after`)
      return answer
    }
    assert.equal(await answered(cluster, 'k', { interceptors: [note('a'), note('b')] }), 's1')
    assert.deepEqual(seen, ['a', 'b', 'b after', 'a after'])
    const instead = tikvMethods.kvGet.decodeResponse(new Uint8Array(0))
    await answered(cluster, 'k', { interceptors: [async () => instead] })
    assert.equal(cluster.calls.length, 1)
  })

  it('streams responses, and repeats when nothing was given yet', async () => {
    const cluster = oneRegion()
    cluster.script.push(notLeader(cluster, 2n), { value: 'streamed' })
    const region = await cluster.cache.locate(cluster.backoffer(), utf8('k'))
    const request = tikvMethods.kvGet.decodeRequest(new Uint8Array(0))
    const values: string[] = []
    const options = { timeoutMs: 1000 }
    for await (const outcome of cluster.sender.stream(
      cluster.backoffer(),
      region,
      tikvMethods.kvGet,
      request,
      options,
    ))
      values.push(outcome.regionError === undefined ? fromUtf8(outcome.response.value) : 'error')
    assert.deepEqual(values, ['streamed'])
    assert.deepEqual(cluster.addresses, ['s1', 's2'])
  })

  it('counts which replicas were chosen', async () => {
    const cluster = oneRegion()
    await answered(cluster, 'k')
    await answered(cluster, 'k', { replicaRead: 'follower' })
    const text = await cluster.metrics.render()
    assert.match(text, /orbit_tikv_replica_choices_total\{kind="leader"\} 1/)
    assert.match(text, /orbit_tikv_replica_choices_total\{kind="replica-read"\} 1/)
    assert.match(text, /orbit_tikv_region_cache_operations_total\{operation="lookup",result="miss"\} 1/)
  })

  it('does not follow two stores for ever that name each other the leader', async () => {
    const cluster = oneRegion()
    const names = (storeId: bigint): Step => {
      return () => (cluster.calls.length > 200 ? { value: 'endless' } : notLeader(cluster, storeId))
    }
    cluster.behaviour.set('s1', names(2n))
    cluster.behaviour.set('s2', names(1n))
    const outcome = await cluster.settle(cluster.get('k'))
    assert.ok(outcome.regionError !== undefined || fromUtf8(outcome.response.value) === 's3')
    assert.ok(cluster.calls.length < 50, `${cluster.calls.length} calls`)
  })

  it('waits between region changes that never end', async () => {
    const cluster = oneRegion()
    let version = 1n
    cluster.behaviour.set('s1', () => {
      version += 1n
      const changed = cluster.region(1n, '', '', { version }).region
      return version > 2000n
        ? { value: 'endless' }
        : { regionError: { epochNotMatch: { currentRegions: [changed] } } }
    })
    await assert.rejects(getByKey(cluster, 'k'), (error) => hasCode(error, 'REGION_UNAVAILABLE'))
    assert.ok(cluster.calls.length < 200, `${cluster.calls.length} calls`)
  })
})
