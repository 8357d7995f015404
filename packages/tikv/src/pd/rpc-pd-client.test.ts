import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { configFromCode, hasCode, Metrics, OrbitError, silentLogger, TestEnv } from '@orbit-ts/base'
import { tikvConfig, type TiKVConfigInput } from '../config/tikv-config.js'
import { KeyspaceState } from '../gen/keyspacepb.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import { InProcessNetwork } from '../rpc/in-process/in-process-network.js'
import { RpcRefusal } from '../rpc/service.js'
import { createTelemetry } from '../telemetry/telemetry.js'
import { ClusterState } from '../testing/cluster-state.js'
import { TestPd } from '../testing/pd/test-pd.js'
import { composeTimestamp, logicalPart } from '../timestamp.js'
import { RpcPdClient } from './rpc-pd-client.js'

interface Setup {
  readonly env: TestEnv
  readonly network: InProcessNetwork
  readonly cluster: ClusterState
  readonly pd: TestPd
  connect(options?: Partial<TiKVConfigInput>): Promise<RpcPdClient>
  /** Lets virtual time pass until the promise is settled. */
  settle<T>(work: Promise<T>, limitMs?: number): Promise<T>
}

const ADDRESSES = ['pd-1:2379', 'pd-2:2379', 'pd-3:2379']
const opened: RpcPdClient[] = []

function setup(members = 1): Setup {
  const env = new TestEnv({ seed: 7 })
  const network = new InProcessNetwork({ env })
  const cluster = new ClusterState({ env, clusterId: 77n })
  cluster.bootstrap({ stores: 3 })
  const addresses = ADDRESSES.slice(0, members)
  const pd = new TestPd({ env, cluster, addresses, keyspaces: ['app'] })
  for (const [index, address] of addresses.entries()) network.register(address, pd.service(index))
  const settle = async <T>(work: Promise<T>, limitMs = 60_000): Promise<T> => {
    const state = { done: false }
    const onDone = (): void => void (state.done = true)
    work.then(onDone, onDone)
    for (let passedMs = 0; !state.done && passedMs < limitMs; passedMs += 10) await env.advance(10)
    assert.ok(state.done, `still pending after ${limitMs} ms`)
    return work
  }
  const connect = async (options: Partial<TiKVConfigInput> = {}): Promise<RpcPdClient> => {
    const client = await settle(
      RpcPdClient.connect({
        env,
        logger: silentLogger,
        telemetry: createTelemetry(new Metrics(), () => ''),
        transport: network.transport(),
        config: configFromCode(tikvConfig, { pdEndpoints: addresses, ...options }),
      }),
    )
    opened.push(client)
    return client
  }
  return { env, network, cluster, pd, connect, settle }
}

afterEach(async () => {
  for (const client of opened.splice(0)) await client.close()
})

const calls = (pd: TestPd, method: string): number => pd.calls.get(method) ?? 0

describe('timestamps of PD', () => {
  it('[S01] gives 10 000 concurrent callers distinct, growing timestamps in few requests', async () => {
    const { pd, connect, settle } = setup()
    const client = await connect()
    const given = await settle(Promise.all(Array.from({ length: 10_000 }, () => client.getTimestamp())))
    for (let i = 1; i < given.length; i++) assert.ok((given[i] ?? 0n) > (given[i - 1] ?? 0n))
    assert.equal(calls(pd, 'Tso'), 1)
  })

  it('[S02] counts the timestamps of an answer back from its logical part', async () => {
    const { pd, connect, settle } = setup()
    const client = await connect()
    pd.timestamps.take(95)
    const given = await settle(Promise.all(Array.from({ length: 5 }, () => client.getTimestamp())))
    assert.deepEqual(given.map(logicalPart), [96, 97, 98, 99, 100])
  })

  it('[S03] goes on within a second when the leader moves, and no caller sees it', async () => {
    const { env, pd, connect, settle } = setup(3)
    const client = await connect()
    await settle(client.getTimestamp())
    pd.setLeader(1)
    const startMs = env.clock.nowMs()
    const given = await settle(Promise.all([client.getTimestamp(), client.getTimestamp()]))
    assert.ok((given[1] ?? 0n) > (given[0] ?? 0n))
    assert.ok(env.clock.nowMs() - startMs < 1000)
    assert.equal(client.describe().leader, 'http://pd-2:2379')
  })

  it('[S04] rejects every waiter when timestamps go back', async () => {
    const { network, pd, connect, settle } = setup()
    const client = await connect()
    await settle(client.getTimestamp())
    network.unregister('pd-1:2379')
    const behind = new TestPd({
      env: new TestEnv({ startMs: 1000 }),
      cluster: pd.cluster,
      addresses: ['pd-1:2379'],
    })
    network.register('pd-1:2379', behind.service(0))
    const waiting = Array.from({ length: 3 }, () => client.getTimestamp())
    for (const result of await settle(Promise.allSettled(waiting))) {
      assert.ok(result.status === 'rejected' && hasCode(result.reason, 'TSO_FALLBACK'))
    }
  })

  it('[S06] rejects at the deadline when PD hangs, for timestamps and for regions', async () => {
    const { env, pd, connect, settle } = setup()
    const client = await connect()
    pd.freeze()
    const asked: (() => Promise<unknown>)[] = [
      () => client.getTimestamp(),
      () => client.getRegion(Buffer.from('a')),
    ]
    for (const call of asked) {
      const startMs = env.clock.nowMs()
      await assert.rejects(settle(call()), (error) => hasCode(error, 'PD_UNAVAILABLE'))
      assert.ok(env.clock.nowMs() - startMs <= 3010, `${env.clock.nowMs() - startMs} ms`)
    }
    pd.thaw()
    assert.ok((await settle(client.getTimestamp())) > 0n)
  })

  it('[S09] loses no waiter when the stream breaks again and again', async () => {
    const { network, pd, connect, settle } = setup(2)
    const client = await connect()
    await settle(client.getTimestamp())
    const waiting: Promise<bigint>[] = []
    for (let round = 0; round < 10; round++) {
      waiting.push(client.getTimestamp(), client.getTimestamp())
      network.cut({ to: ADDRESSES[round % 2] ?? '' })
      pd.setLeader(round % 2)
    }
    const given = await settle(Promise.all(waiting))
    assert.equal(new Set(given).size, 20)
  })

  it('ends a wait when its signal is aborted, and the others get theirs', async () => {
    const { connect, settle } = setup()
    const client = await connect()
    const abort = new AbortController()
    const aborted = client.getTimestamp({ signal: abort.signal })
    const other = client.getTimestamp()
    abort.abort(new Error('enough'))
    await assert.rejects(aborted, (error) => hasCode(error, 'ABORTED'))
    assert.ok((await settle(other)) > 0n)
    assert.equal(client.describe().pendingTimestamps, 0)
  })

  it('refuses more callers than may wait', async () => {
    const { pd, connect, settle } = setup()
    const client = await connect({ tsoPendingMax: 2 })
    pd.freeze()
    const waiting = [client.getTimestamp(), client.getTimestamp()]
    await assert.rejects(client.getTimestamp(), (error) => hasCode(error, 'SERVER_BUSY'))
    pd.thaw()
    assert.equal((await settle(Promise.all(waiting))).length, 2)
  })

  it('shares the low-resolution timestamp until it is too old', async () => {
    const { env, pd, connect, settle } = setup()
    const client = await connect()
    const first = await settle(client.lowResolutionTimestamp())
    assert.equal(await client.lowResolutionTimestamp(), first)
    assert.equal(calls(pd, 'Tso'), 1)
    await env.advance(2000)
    assert.ok((await settle(client.lowResolutionTimestamp())) > first)
    assert.equal(calls(pd, 'Tso'), 2)
  })

  it('tells how long ago a stale timestamp was', async () => {
    const { env, connect, settle } = setup()
    const client = await connect()
    await settle(client.getTimestamp())
    const nowMs = env.clock.nowMs()
    await env.advance(500)
    const stale = await client.staleTimestamp(5000)
    assert.ok(stale <= composeTimestamp(nowMs + 500 - 5000, 0))
    assert.ok(stale >= composeTimestamp(nowMs + 480 - 5000, 0))
  })

  it('refuses a read timestamp from the future', async () => {
    const { connect, settle } = setup()
    const client = await connect()
    const now = await settle(client.getTimestamp())
    await client.validateReadTimestamp(now)
    await assert.rejects(settle(client.validateReadTimestamp(now + (1n << 30n))), (error) =>
      hasCode(error, 'INVALID_ARGUMENT'),
    )
  })
})

describe('connecting to PD', () => {
  it('[S05] refuses addresses of different clusters, without trying again', async () => {
    const { env, network, pd, connect } = setup()
    const other = new ClusterState({ env, clusterId: 78n })
    const foreign = new TestPd({ env, cluster: other, addresses: ['other:2379'] })
    network.register('other:2379', foreign.service(0))
    await assert.rejects(connect({ pdEndpoints: ['pd-1:2379', 'other:2379'] }), (error) => {
      assert.ok(hasCode(error, 'PD_CLUSTER_MISMATCH'))
      assert.match(error.message, /77.*78|78.*77/)
      return true
    })
    assert.equal(calls(pd, 'GetMembers'), 1)
    assert.equal(foreign.calls.get('GetMembers'), 1)
  })

  it('[S07] connects through a follower when only that is named', async () => {
    const { connect, settle } = setup(3)
    const client = await connect({ pdEndpoints: ['pd-3:2379'] })
    assert.equal(client.describe().leader, 'http://pd-1:2379')
    assert.ok((await settle(client.getTimestamp())) > 0n)
  })

  it('[S08] waits for PD to be there', async () => {
    const { env, network, pd, connect } = setup()
    network.unregister('pd-1:2379')
    env.timers.set(() => network.register('pd-1:2379', pd.service(0)), 3000)
    const client = await connect()
    assert.equal(client.clusterId, 77n)
  })

  it('says what each address answered when none is ready in time', async () => {
    const { network, connect } = setup()
    network.unregister('pd-1:2379')
    await assert.rejects(connect({ connectTimeout: 2000 }), (error) => {
      assert.ok(hasCode(error, 'PD_UNAVAILABLE'))
      assert.match(error.message, /within 2000 ms.*pd-1:2379/)
      return true
    })
  })

  it('refuses addresses that are none, and none at all', async () => {
    const { connect } = setup()
    for (const endpoints of [[], ['pd 1'], ['redis://pd:1'], ['pd:1/path'], ['https://pd:1']]) {
      await assert.rejects(connect({ pdEndpoints: endpoints }), (error) => hasCode(error, 'INVALID_ARGUMENT'))
    }
  })

  it('leaves no timer and no call behind', async () => {
    const { env, network, connect, settle } = setup(2)
    const client = await connect()
    await settle(client.getTimestamp())
    const waiting = client.getTimestamp()
    await client.close()
    await assert.rejects(waiting, (error) => hasCode(error, 'CLIENT_CLOSED'))
    await env.advance(0)
    assert.equal(env.pendingTimers, 0)
    assert.equal(network.callCount, 0)
    await assert.rejects(client.getTimestamp(), (error) => hasCode(error, 'CLIENT_CLOSED'))
    await assert.rejects(client.getRegion(Buffer.from('a')), (error) => hasCode(error, 'CLIENT_CLOSED'))
  })
})

describe('what PD knows', () => {
  it('finds regions by key, before a key, by id and in ranges', async () => {
    const { cluster, connect, settle } = setup()
    cluster.splitAt(Buffer.from('g'))
    cluster.splitAt(Buffer.from('p'))
    const client = await connect()
    const [first, second, third] = cluster.regions().map(({ region }) => region.id)
    const id = async (work: ReturnType<RpcPdClient['getRegion']>): Promise<bigint | undefined> =>
      (await settle(work))?.region.id
    assert.equal(await id(client.getRegion(Buffer.from('g'))), second)
    assert.equal(await id(client.getPreviousRegion(Buffer.from('g'))), first)
    assert.equal(await id(client.getPreviousRegion(Buffer.from('a'))), undefined)
    assert.equal(await id(client.getRegionById(third ?? 0n)), third)
    assert.equal(await id(client.getRegionById(999n)), undefined)
    const range = { start: Buffer.from('b'), end: Buffer.from('h') }
    const ids = (list: readonly { region: { id: bigint } }[]): bigint[] => list.map(({ region }) => region.id)
    assert.deepEqual(ids(await settle(client.scanRegions(range, 10))), [first, second])
    const ranges = [range, { start: Buffer.from('q'), end: Buffer.alloc(0) }]
    assert.deepEqual(ids(await settle(client.batchScanRegions(ranges, 10))), [first, second, third])
  })

  it('scans one range after another where PD has no batched scan', async () => {
    const { cluster, pd, connect, settle } = setup()
    cluster.splitAt(Buffer.from('g'))
    pd.addHook(({ method }) => {
      if (method === 'BatchScanRegions') throw new RpcRefusal(GrpcStatus.UNIMPLEMENTED, 'unknown method')
    })
    const client = await connect()
    const ranges = [
      { start: Buffer.from('a'), end: Buffer.from('b') },
      { start: Buffer.from('c'), end: Buffer.from('h') },
    ]
    const found = await settle(client.batchScanRegions(ranges, 10))
    assert.deepEqual(
      found.map(({ region }) => region.id),
      cluster.regions().map(({ region }) => region.id),
    )
  })

  it('asks no follower unless that is configured', async () => {
    const { pd, connect, settle } = setup(3)
    const asked: string[] = []
    pd.addHook(({ method, member }) => void (method === 'GetRegion' && asked.push(member)))
    const client = await connect()
    for (let i = 0; i < 3; i++) await settle(client.getRegion(Buffer.from('a'), { allowFollower: true }))
    assert.deepEqual(asked, ['pd-1', 'pd-1', 'pd-1'])
  })

  it('asks the leader in time when a follower hangs', async () => {
    const { network, connect, settle } = setup(2)
    const client = await connect({ pdFollowerReads: true })
    network.addHook({ onCall: ({ to }) => (to === 'pd-2:2379' ? 'hang' : undefined) })
    assert.ok(await settle(client.getRegion(Buffer.from('a'), { allowFollower: true })))
  })

  it('ends a call with its signal while it looks for the leader', async () => {
    const { env, network, connect } = setup(2)
    const client = await connect()
    network.cut({ to: 'pd-1:2379' })
    const leave = network.addHook({
      onCall: ({ to, path }) => (to === 'pd-1:2379' && !path.endsWith('GetMembers') ? 'refuse' : 'hang'),
    })
    const abort = new AbortController()
    const call = client.getRegion(Buffer.from('a'), { signal: abort.signal })
    await env.advance(100)
    abort.abort(new Error('enough'))
    await assert.rejects(call, (error) => hasCode(error, 'ABORTED'))
    leave()
  })

  it('lets one who waits for a low-resolution timestamp go without the others', async () => {
    const { env, pd, connect, settle } = setup()
    const client = await connect()
    pd.freeze()
    const abort = new AbortController()
    const gone = client.lowResolutionTimestamp({ signal: abort.signal })
    const other = client.lowResolutionTimestamp()
    await env.advance(10)
    abort.abort(new Error('enough'))
    await assert.rejects(gone, (error) => hasCode(error, 'ABORTED'))
    pd.thaw()
    assert.ok((await settle(other)) > 0n)
  })

  it('asks a follower when allowed, and the leader when the follower fails', async () => {
    const { pd, connect, settle } = setup(3)
    const asked: string[] = []
    let failing = false
    pd.addHook(({ method, member }) => {
      if (method !== 'GetRegion') return
      asked.push(member)
      if (failing && member !== 'pd-1') throw new RpcRefusal(GrpcStatus.UNAVAILABLE, 'gone')
    })
    const client = await connect({ pdFollowerReads: true })
    const look = async (): Promise<void> => {
      assert.ok(await settle(client.getRegion(Buffer.from('a'), { allowFollower: true })))
    }
    await look()
    assert.notEqual(asked.at(-1), 'pd-1')
    failing = true
    await look()
    await look()
    const before = asked.length
    await look()
    assert.deepEqual(asked.slice(before), ['pd-1'], 'both followers are left alone for 10 s')
  })

  it('goes through a follower at once when the leader is known not to be well', async () => {
    const { env, network, connect, settle } = setup(3)
    const client = await connect({ pdForwarding: true })
    network.addHook({
      onCall: ({ to, metadata }) =>
        to === 'pd-1:2379' && metadata['pd-forwarded-host'] === undefined ? 'hang' : undefined,
    })
    await env.advance(2500)
    const startMs = env.clock.nowMs()
    assert.ok(await settle(client.getRegion(Buffer.from('a'))))
    assert.ok((await settle(client.getTimestamp())) > 0n)
    assert.ok(env.clock.nowMs() - startMs < 100)
  })

  it('reaches the leader through a follower when it cannot be reached', async () => {
    const { network, connect, settle } = setup(2)
    const client = await connect({ pdForwarding: true })
    network.addHook({
      onCall: ({ to, metadata }) =>
        to === 'pd-1:2379' && metadata['pd-forwarded-host'] === undefined ? 'refuse' : undefined,
    })
    network.cut({ to: 'pd-1:2379' })
    assert.ok(await settle(client.getRegion(Buffer.from('a'))))
    assert.ok((await settle(client.getTimestamp())) > 0n)
  })

  it('knows stores, and not those that are none', async () => {
    const { cluster, connect, settle } = setup()
    const client = await connect()
    const [first] = cluster.stores()
    assert.equal((await settle(client.getStore(first?.id ?? 0n)))?.address, first?.address)
    assert.equal(await settle(client.getStore(999n)), undefined)
    assert.equal((await settle(client.getAllStores())).length, 3)
  })

  it('loads keyspaces that exist and are enabled', async () => {
    const { pd, connect, settle } = setup()
    const client = await connect()
    assert.equal((await settle(client.loadKeyspace('DEFAULT'))).id, 0)
    assert.equal((await settle(client.loadKeyspace('app'))).id, 1)
    pd.keyspaces.create('old', KeyspaceState.ARCHIVED)
    for (const name of ['old', 'none']) {
      await assert.rejects(settle(client.loadKeyspace(name)), (error) =>
        hasCode(error, 'KEYSPACE_UNAVAILABLE'),
      )
    }
    assert.equal((await settle(client.getAllKeyspaces(0, 10))).length, 3)
  })

  it('keeps the safe point behind barriers', async () => {
    const { connect, settle } = setup()
    const { gc } = await connect()
    await settle(gc.setBarrier('backup', 500n, 10_000))
    assert.deepEqual(await settle(gc.advanceTxnSafePoint(1000n)), {
      old: 0n,
      new: 500n,
      blocker: 'BarrierID: backup',
    })
    assert.deepEqual(await settle(gc.deleteBarrier('backup')), {
      id: 'backup',
      timestamp: 500n,
      ttlMs: 10_000,
    })
    assert.equal((await settle(gc.advanceTxnSafePoint(1000n))).new, 1000n)
    assert.deepEqual(await settle(gc.advanceGcSafePoint(900n)), { old: 0n, new: 900n })
    assert.deepEqual(await settle(gc.getState()), { txnSafePoint: 1000n, gcSafePoint: 900n, barriers: [] })
    await assert.rejects(settle(gc.advanceGcSafePoint(2000n)), (error) => hasCode(error, 'PD_REFUSED'))
  })

  it('keeps a barrier for ever, and refuses a time to live that is none', async () => {
    const { connect, settle } = setup()
    const { gc } = await connect()
    assert.equal((await settle(gc.setBarrier('backup', 500n, Infinity))).ttlMs, Infinity)
    assert.equal((await settle(gc.getState())).barriers[0]?.ttlMs, Infinity)
    for (const ttlMs of [Number.NaN, -1, -Infinity]) {
      await assert.rejects(gc.setBarrier('backup', 500n, ttlMs), (error) =>
        hasCode(error, 'INVALID_ARGUMENT'),
      )
    }
    await assert.rejects(gc.updateServiceSafePoint('backup', Number.NaN, 5n), (error) =>
      hasCode(error, 'INVALID_ARGUMENT'),
    )
    assert.equal((await settle(gc.updateServiceSafePoint('backup', 1.5, 5n))).minimum, 0n)
  })

  it('uses service safe points where PD knows nothing newer', async () => {
    const { pd, connect, settle } = setup()
    const newer = [
      'GetGCState',
      'AdvanceTxnSafePoint',
      'AdvanceGCSafePoint',
      'SetGCBarrier',
      'DeleteGCBarrier',
    ]
    pd.addHook(({ method }) => {
      if (newer.includes(method)) throw new RpcRefusal(GrpcStatus.UNIMPLEMENTED, 'unknown method')
    })
    const { gc } = await connect()
    await settle(gc.setBarrier('backup', 500n, 10_000))
    assert.equal((await settle(gc.advanceTxnSafePoint(1000n))).new, 500n)
    await settle(gc.deleteBarrier('backup'))
    assert.equal((await settle(gc.advanceTxnSafePoint(1000n))).new, 1000n)
    assert.deepEqual(await settle(gc.advanceGcSafePoint(900n)), { old: 0n, new: 900n })
    assert.equal((await settle(gc.getState())).gcSafePoint, 900n)
  })

  it('splits and scatters', async () => {
    const { cluster, connect, settle } = setup()
    const client = await connect()
    const split = await settle(client.splitRegions([Buffer.from('k')]))
    assert.equal(split.finishedPercentage, 100)
    assert.equal(cluster.regions().length, 2)
    await settle(client.scatterRegions(split.regionIds))
    assert.equal((await settle(client.getOperator(split.regionIds[0] ?? 0n)))?.status, 'success')
    assert.equal(await settle(client.getOperator(999n)), undefined)
  })

  it('pauses region look-ups while too many fail', async () => {
    const { env, pd, connect, settle } = setup()
    const client = await connect({ circuitBreakerErrorRate: 50, pdServerTimeout: 100 })
    pd.freeze()
    for (let second = 0; second < 31; second++) {
      const round = Array.from({ length: 12 }, () => client.getRegion(Buffer.from('a')))
      await settle(Promise.allSettled(round))
      await env.advance(1000)
    }
    pd.thaw()
    const before = calls(pd, 'GetRegion')
    await assert.rejects(settle(client.getRegion(Buffer.from('a'))), (error) => {
      assert.ok(error instanceof OrbitError)
      return error.details['circuit'] === 'open'
    })
    assert.equal(calls(pd, 'GetRegion'), before)
    await env.advance(10_000)
    for (let trial = 0; trial < 11; trial++) assert.ok(await settle(client.getRegion(Buffer.from('a'))))
  })
})
