import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configFromCode, delay, fromUtf8, Metrics, silentLogger, TestEnv, toHex, utf8 } from '@orbit-ts/base'
import { ApiV1Codec } from '../codec/api-v1.js'
import { CodecPdClient } from '../codec/codec-pd-client.js'
import { tikvConfig } from '../config/tikv-config.js'
import { RawGetRequest, RawPutRequest } from '../gen/kvrpcpb.js'
import { RpcPdClient } from '../pd/rpc-pd-client.js'
import { BackoffBudgets } from '../retry/backoff-kind.js'
import { Backoffer } from '../retry/backoffer.js'
import { tikvMethods } from '../rpc/methods.js'
import { PooledStoreRpc } from '../rpc/store-rpc-pool.js'
import { createTelemetry } from '../telemetry/telemetry.js'
import { TestCluster, type RegionState } from '../testing/index.js'
import { callByKey } from './by-region.js'
import { RegionCache } from './region-cache.js'
import { RequestSender } from './request-sender.js'

/** The region layer over PD and stores that speak the protocol, in virtual time. */
const start = async (seed: number, splitKeys: readonly string[] = []) => {
  const env = new TestEnv({ seed })
  const cluster = await TestCluster.start({ env, keyMode: 'raw', splitKeys: splitKeys.map(utf8) })
  const { transport } = cluster
  assert.ok(transport !== undefined)
  const telemetry = createTelemetry(new Metrics(), toHex)
  const rpc = new PooledStoreRpc({
    env,
    transport,
    telemetry,
    config: {
      grpcConnectionCount: 1,
      batchSizeMax: 128,
      batchWait: 0,
      batchOverloadThreshold: 200,
      storeConcurrencyMax: 65_536,
      idleTimeout: 180_000,
    },
  })
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    const state = { settled: false }
    const done = (): void => void (state.settled = true)
    promise.then(done, done)
    for (let rounds = 0; !state.settled && rounds < 20_000; rounds++) await env.advance(10)
    return promise
  }
  const pd = await settle(
    RpcPdClient.connect({
      env,
      logger: silentLogger,
      telemetry,
      transport,
      config: configFromCode(tikvConfig, { pdEndpoints: [...cluster.pdEndpoints], connectTimeout: '3s' }),
    }),
  )
  const codec = new ApiV1Codec('raw')
  const cache = new RegionCache({
    env,
    logger: silentLogger,
    telemetry,
    pd: new CodecPdClient(pd, codec),
    rpc,
    config: {
      regionCacheTtl: 600_000,
      regionCacheMax: 1000,
      storeLivenessTimeout: 1000,
      storesRefreshInterval: 60_000,
    },
  })
  cache.start()
  const { clusterId } = pd
  const config = { forwarding: false }
  const sender = new RequestSender({
    env,
    logger: silentLogger,
    telemetry,
    codec,
    cache,
    rpc,
    clusterId,
    config,
  })
  const keyed = (key: string) => ({
    regions: cache,
    sender,
    backoffer: new Backoffer({ env, budgetMs: BackoffBudgets.raw }),
    key: utf8(key),
    options: { timeoutMs: 2000 },
  })
  const put = async (key: string, value: string): Promise<void> => {
    const request = RawPutRequest.create({ key: utf8(key), value: utf8(value) })
    const { response } = await callByKey({ ...keyed(key), method: tikvMethods.rawPut, request })
    assert.equal(response.error, '')
  }
  const get = async (key: string): Promise<string> => {
    const request = RawGetRequest.create({ key: utf8(key) })
    const { response } = await callByKey({ ...keyed(key), method: tikvMethods.rawGet, request })
    assert.equal(response.error, '')
    return fromUtf8(response.value)
  }
  const close = async (): Promise<void> => {
    sender.close()
    await settle(Promise.all([cache.close(), rpc.close(), pd.close()]))
    await settle(cluster.close())
    assert.equal(env.pendingTimers, 0)
  }
  return { env, cluster, cache, put, get, settle, close }
}

const leaderStore = ({ leader }: RegionState): bigint => {
  assert.ok(leader !== undefined)
  return leader.storeId
}

describe('routing in a test cluster', () => {
  for (const seed of [1, 2, 3]) {
    it(`[S18] two splits, a merge and leader moves cost no request of 100 clients (seed ${seed})`, async () => {
      const { env, cluster, put, get, settle, close } = await start(seed, ['k30', 'k60'])
      const client = async (id: number): Promise<void> => {
        const key = `k${String(id).padStart(2, '0')}`
        for (let round = 0; round < 5; round++) {
          await put(key, `${id}.${round}`)
          await delay(env, 1 + Math.floor(env.random.float() * 8))
          assert.equal(await get(key), `${id}.${round}`)
        }
      }
      const world = async (): Promise<void> => {
        const pause = (): Promise<void> => delay(env, 7)
        await pause()
        cluster.splitAt(utf8('k15'))
        await pause()
        cluster.splitAt(utf8('k80'))
        const moved = cluster.regionOf(utf8('k40'))
        const other = moved.region.peers.find(({ storeId }) => storeId !== leaderStore(moved))
        assert.ok(other !== undefined)
        await pause()
        cluster.state.transferLeader(moved.region.id, other.storeId)
        await pause()
        cluster.state.mergeRegions(cluster.regionOf(utf8('k20')).region.id, moved.region.id)
      }
      await settle(Promise.all([world(), ...Array.from({ length: 100 }, (_, id) => client(id))]))
      await close()
    })
  }

  it('[S19] [S20] a store stops, and comes back at another address', async () => {
    const { env, cluster, cache, put, get, settle, close } = await start(7)
    await settle(put('a', '1'))
    const first = leaderStore(cluster.regionOf(utf8('a')))
    const before = cluster.state.store(first).address
    await settle(cluster.stopStore(first, { electionMs: 200 }))
    assert.equal(await settle(get('a')), '1')
    const second = leaderStore(cluster.regionOf(utf8('a')))
    assert.notEqual(second, first)
    assert.equal(cache.cached(utf8('a'))?.leader.store.id, second)
    assert.equal(cache.storeCache.get(first).liveness, 'unreachable')
    await settle(cluster.startStore(first, { newAddress: true }))
    await settle(delay(env, 65_000))
    assert.notEqual(cluster.state.store(first).address, before)
    assert.equal(cache.storeCache.get(first).address, cluster.state.store(first).address)
    assert.equal(cache.storeCache.get(first).liveness, 'reachable')
    cluster.state.transferLeader(cluster.regionOf(utf8('a')).region.id, first)
    await settle(put('a', '2'))
    assert.equal(await settle(get('a')), '2')
    assert.equal(cache.cached(utf8('a'))?.leader.store.id, first)
    await close()
  })
})
