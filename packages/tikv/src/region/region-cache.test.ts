import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, hasCode, OrbitError, utf8 } from '@orbit-ts/base'
import { tikvMethods } from '../rpc/methods.js'
import { FakeCluster, rpcFailed, type RegionSpec } from './fake-cluster.fake.js'

const EMPTY = utf8('')

/** Regions 1 to 4: up to b, b–m, m–t, from t. */
const fourRegions = (options: { regionCacheMax?: number; spec?: RegionSpec } = {}): FakeCluster => {
  const cluster = new FakeCluster(options)
  cluster.regions = [
    cluster.region(1n, '', 'b', options.spec),
    cluster.region(2n, 'b', 'm', options.spec),
    cluster.region(3n, 'm', 't', options.spec),
    cluster.region(4n, 't', '', options.spec),
  ]
  return cluster
}

const locate = (cluster: FakeCluster, key: string) =>
  cluster.settle(cluster.cache.locate(cluster.backoffer(), utf8(key)))

const locateEnd = (cluster: FakeCluster, key: string) =>
  cluster.settle(cluster.cache.locateEnd(cluster.backoffer(), utf8(key)))

const pdUnavailable = (): OrbitError => new OrbitError('PD_UNAVAILABLE', 'no member answers')

describe('RegionCache look-ups', () => {
  it('[S17] splits a range although PD still tells of the region as it was before a split', async () => {
    const cluster = new FakeCluster()
    const whole = cluster.region(1n, '', '')
    const halves = [
      cluster.region(1n, '', 'm', { version: 2n }),
      cluster.region(2n, 'm', '', { version: 2n }),
    ]
    cluster.regions = halves
    await locate(cluster, 'a')
    // A guard against asking for ever.
    Object.defineProperty(cluster, 'regions', {
      get: () => (cluster.pdCalls.length > 300 ? halves : [whole]),
    })
    const rest = { start: utf8('p'), end: EMPTY }
    const parts = await cluster.settle(cluster.cache.splitRange(cluster.backoffer(), rest))
    assert.deepEqual(
      parts.map(({ region, range }) => [region.id, region.epoch.version, fromUtf8(range.start)]),
      [[1n, 1n, 'p']],
    )
    assert.ok(cluster.pdCalls.length < 20, `${cluster.pdCalls.length} questions`)
  })

  it('asks PD once for a region, whatever its keys, and takes boundaries as start and end say', async () => {
    const cluster = fourRegions()
    assert.equal((await locate(cluster, 'c')).id, 2n)
    assert.equal((await locate(cluster, 'b')).id, 2n)
    assert.equal((await locate(cluster, 'lzzz')).id, 2n)
    assert.equal(cluster.countPd('getRegion'), 1)
    assert.equal((await locate(cluster, 'm')).id, 3n)
    assert.equal((await locate(cluster, '')).id, 1n)
    assert.equal((await locate(cluster, 'zz')).id, 4n)
    assert.equal(cluster.countPd('getRegion'), 4)
    assert.equal(cluster.cache.cached(utf8('q'))?.id, 3n)
    assert.equal(cluster.cache.size, 4)
  })

  it('lets a PD follower answer first, its leader afterwards', async () => {
    const cluster = fourRegions()
    cluster.pdFailures.push(pdUnavailable())
    await locate(cluster, 'c')
    assert.deepEqual(
      cluster.pdCalls.filter((call) => call.startsWith('getRegion')),
      ['getRegion c follower', 'getRegion c'],
    )
    assert.deepEqual(
      cluster.sleeps.map(([kind]) => kind),
      ['pdRPC'],
    )
  })

  it('finds the region before an end key, and the last one for the end of everything', async () => {
    const cluster = fourRegions()
    assert.equal((await locateEnd(cluster, 'm')).id, 2n)
    assert.deepEqual(cluster.pdCalls.slice(0, 2), ['getRegion m follower', 'getPreviousRegion m'])
    assert.equal((await locateEnd(cluster, 'n')).id, 3n)
    assert.equal((await locateEnd(cluster, '')).id, 4n)
    const asked = cluster.pdCalls.length
    assert.equal((await locateEnd(cluster, 'm')).id, 2n)
    assert.equal((await locateEnd(cluster, 'c')).id, 2n)
    assert.equal((await locateEnd(cluster, 't')).id, 3n)
    assert.equal((await locateEnd(cluster, '')).id, 4n)
    assert.equal(cluster.pdCalls.length, asked)
    assert.equal((await locateEnd(cluster, 'b')).id, 1n)
  })

  it('[S21] walks backwards over all regions by their start keys', async () => {
    const cluster = fourRegions()
    const walked: bigint[] = []
    let end = ''
    do {
      const region = await locateEnd(cluster, end)
      walked.push(region.id)
      end = fromUtf8(region.startKey)
    } while (end !== '')
    assert.deepEqual(walked, [4n, 3n, 2n, 1n])
  })

  it('finds regions by id, and refuses an unknown one at once', async () => {
    const cluster = fourRegions()
    const byId = (id: bigint) => cluster.settle(cluster.cache.locateById(cluster.backoffer(), id))
    assert.equal(fromUtf8((await byId(3n)).startKey), 'm')
    assert.equal((await byId(3n)).id, 3n)
    assert.equal(cluster.countPd('getRegionById'), 1)
    await assert.rejects(byId(77n), (error) => hasCode(error, 'REGION_UNAVAILABLE'))
    assert.deepEqual(cluster.sleeps, [])
  })

  it('waits, then gives up, for a key that PD has no region for', async () => {
    const cluster = fourRegions()
    cluster.regions = cluster.regions.slice(0, 2)
    const missing = cluster.cache.locate(cluster.backoffer(2000), utf8('x'))
    await assert.rejects(cluster.settle(missing), (error) => hasCode(error, 'REGION_UNAVAILABLE'))
    assert.ok(cluster.sleeps.length >= 2)
    const late = cluster.cache.locate(cluster.backoffer(), utf8('x'))
    await cluster.env.advance(0)
    cluster.regions.push(cluster.region(9n, 'm', ''))
    assert.equal((await cluster.settle(late)).id, 9n)
  })

  it('does not wait for PD longer than its caller, and ends with CLIENT_CLOSED at close', async () => {
    const cluster = fourRegions()
    cluster.pdGate = new Promise(() => undefined)
    const controller = new AbortController()
    const waiting = cluster.cache.locate(cluster.backoffer(1000, controller.signal), utf8('c'))
    await cluster.env.advance(10)
    controller.abort()
    await assert.rejects(waiting, (error) => hasCode(error, 'ABORTED'))
    await cluster.close()
    await assert.rejects(cluster.cache.locate(cluster.backoffer(), utf8('q')), (error) =>
      hasCode(error, 'CLIENT_CLOSED'),
    )
    assert.equal(cluster.env.pendingTimers, 0)
  })

  it('does not repeat questions that fail for good', async () => {
    const cluster = fourRegions()
    cluster.pdFailures.push(new OrbitError('PD_CLUSTER_MISMATCH', 'another cluster'))
    await assert.rejects(locate(cluster, 'c'), (error) => hasCode(error, 'PD_CLUSTER_MISMATCH'))
    assert.deepEqual(cluster.sleeps, [])
  })

  it('asks once for what many miss at the same time', async () => {
    const cluster = fourRegions()
    const found = await Promise.all(
      Array.from({ length: 100 }, (_, index) => locate(cluster, `c${index % 10}`)),
    )
    assert.deepEqual([...new Set(found.map(({ id }) => id))], [2n])
    assert.deepEqual(
      cluster.pdCalls.filter((call) => !call.startsWith('getStore')),
      ['getRegion c0 follower'],
    )
  })

  it('asks in one call for the different regions that many miss while PD answers another', async () => {
    const cluster = fourRegions()
    const keys = ['a', 'c', 'n', 'z', 'd', 'o']
    const found = await Promise.all(keys.map((key) => locate(cluster, key)))
    assert.deepEqual(
      found.map(({ id }) => id),
      [1n, 2n, 3n, 4n, 2n, 3n],
    )
    assert.deepEqual(
      cluster.pdCalls.filter((call) => !call.startsWith('getStore')),
      ['getRegion a follower', 'batchScanRegions 5 128'],
    )
  })

  it('answers every waiter although there are more regions than one call gives', async () => {
    const cluster = new FakeCluster()
    const name = (index: number): string => String(index).padStart(4, '0')
    const count = 300
    cluster.regions = Array.from({ length: count }, (_, index) =>
      cluster.region(
        BigInt(index + 1),
        index === 0 ? '' : name(index),
        index === count - 1 ? '' : name(index + 1),
      ),
    )
    const found = await Promise.all(
      Array.from({ length: count }, (_, index) => locate(cluster, `${name(index)}x`)),
    )
    assert.deepEqual(
      found.map(({ id }) => Number(id)),
      Array.from({ length: count }, (_, index) => index + 1),
    )
    assert.equal(cluster.countPd('batchScanRegions'), 3)
    assert.equal(cluster.cache.size, count)
  })
})

describe('RegionCache freshness', () => {
  it('[S17] ignores a region from PD that is older than the cached one', async () => {
    const cluster = fourRegions({ spec: { version: 5n } })
    const region = await locate(cluster, 'c')
    cluster.cache.invalidate(region, 'other')
    cluster.regions = [cluster.region(2n, '', '', { version: 4n })]
    const old = await locate(cluster, 'c')
    assert.equal(old.epoch.version, 4n)
    assert.deepEqual(
      cluster.pdCalls.filter((call) => call.startsWith('getRegion')),
      ['getRegion c follower', 'getRegion c follower', 'getRegion c'],
    )
    assert.equal(cluster.cache.cached(utf8('c')), undefined)
    cluster.regions = [cluster.region(2n, '', '', { version: 6n })]
    assert.equal((await locate(cluster, 'c')).epoch.version, 6n)
    assert.equal(cluster.cache.cached(utf8('c'))?.epoch.version, 6n)
  })

  it('ignores an older region of another id over the same keys, and one with older peers', async () => {
    const cluster = fourRegions({ spec: { version: 5n, confVer: 3n } })
    await locate(cluster, 'c')
    await locate(cluster, 'n')
    cluster.regions = [cluster.region(7n, 'a', 'z', { version: 4n })]
    await cluster.settle(cluster.cache.locateById(cluster.backoffer(), 7n))
    assert.equal(cluster.cache.cached(utf8('c'))?.id, 2n)
    const known = cluster.cache.cached(utf8('c'))
    assert.ok(known !== undefined)
    cluster.cache.invalidate(known, 'other')
    cluster.regions = [cluster.region(2n, 'b', 'm', { version: 5n, confVer: 2n })]
    await locate(cluster, 'c')
    assert.equal(cluster.cache.cached(utf8('c')), undefined)
  })

  it('replaces what a merge or a split has changed, to the left of the new region too', async () => {
    const cluster = fourRegions()
    for (const key of ['a', 'c', 'n', 'u']) await locate(cluster, key)
    const split = cluster.cache.cached(utf8('c'))
    cluster.regions = [cluster.region(8n, 'f', 'p', { version: 3n })]
    await cluster.settle(cluster.cache.locateById(cluster.backoffer(), 8n))
    assert.equal(cluster.cache.size, 3)
    assert.equal(split?.invalidReason, 'replaced')
    assert.equal(cluster.cache.cached(utf8('c')), undefined)
    assert.equal(cluster.cache.cached(utf8('q')), undefined)
    assert.equal(cluster.cache.cached(utf8('f'))?.id, 8n)
    assert.equal(cluster.cache.cached(utf8('u'))?.id, 4n)
  })

  it('keeps one version of a region, wherever it went', async () => {
    const cluster = fourRegions()
    await locate(cluster, 'c')
    cluster.regions = [cluster.region(2n, 't', '', { version: 9n })]
    await locate(cluster, 'u')
    assert.equal(cluster.cache.size, 1)
    assert.equal(cluster.cache.cached(utf8('c')), undefined)
  })

  it('forgets a region that is not used for its time to live, and keeps one that is', async () => {
    const cluster = fourRegions()
    await locate(cluster, 'c')
    await locate(cluster, 'n')
    for (let minutes = 0; minutes < 20; minutes++) {
      await cluster.env.advance(60_000)
      assert.equal(cluster.cache.cached(utf8('c'))?.id, 2n)
    }
    assert.equal(cluster.cache.cached(utf8('n')), undefined)
    assert.equal(cluster.cache.size, 2)
    cluster.cache.collectGarbage()
    assert.equal(cluster.cache.size, 1)
  })

  it('lets times to live differ by up to a tenth', async () => {
    const cluster = new FakeCluster()
    cluster.regions = Array.from({ length: 26 }, (_, index) =>
      cluster.region(BigInt(index + 1), String.fromCharCode(97 + index), String.fromCharCode(98 + index)),
    )
    for (let index = 0; index < 26; index++) await locate(cluster, String.fromCharCode(97 + index))
    const cachedAfter = async (ms: number): Promise<number> => {
      await cluster.env.advance(ms)
      cluster.cache.collectGarbage()
      return cluster.cache.size
    }
    assert.equal(await cachedAfter(590_000), 26)
    const half = await cachedAfter(40_000)
    assert.ok(half > 0 && half < 26, String(half))
    assert.equal(await cachedAfter(40_000), 0)
  })

  it('asks again after the time to live for a region with peers that are down, however much it is used', async () => {
    const cluster = fourRegions({ spec: { down: [3n] } })
    const region = await locate(cluster, 'c')
    assert.deepEqual(
      region.replicas.map(({ store }) => store.id),
      [1n, 2n],
    )
    for (let minutes = 0; minutes < 12; minutes++) {
      await cluster.env.advance(60_000)
      cluster.cache.cached(utf8('c'))
    }
    assert.equal(cluster.cache.cached(utf8('c')), undefined)
  })

  it('does the same for a region with a replica on a store that cannot be reached', async () => {
    const cluster = fourRegions()
    const region = await locate(cluster, 'c')
    cluster.cache.storeCache.get(3n).liveness = 'unreachable'
    cluster.cache.collectGarbage()
    assert.equal(region.expireAfterTtl, true)
  })

  it('collects a bounded number of regions at a time, and comes round', async () => {
    const cluster = new FakeCluster()
    const name = (index: number): string => String(index).padStart(3, '0')
    cluster.regions = Array.from({ length: 120 }, (_, index) =>
      cluster.region(BigInt(index + 1), name(index), name(index + 1)),
    )
    await cluster.settle(
      cluster.cache.splitRange(cluster.backoffer(), { start: utf8('000'), end: utf8('120') }),
    )
    assert.equal(cluster.cache.size, 120)
    await cluster.env.advance(700_000)
    const sizes: number[] = []
    for (let round = 0; round < 4; round++) {
      cluster.cache.collectGarbage()
      sizes.push(cluster.cache.size)
    }
    assert.deepEqual(sizes, [70, 20, 0, 0])
  })

  it('collects in the background until closed', async () => {
    const cluster = fourRegions()
    cluster.cache.start()
    await locate(cluster, 'c')
    await cluster.env.advance(700_000)
    assert.equal(cluster.cache.size, 0)
    await cluster.close()
    assert.equal(cluster.env.pendingTimers, 0)
  })

  it('holds no more regions than it may; one unused for longest goes', async () => {
    const cluster = fourRegions({ regionCacheMax: 3 })
    for (const key of ['a', 'c', 'n']) {
      await locate(cluster, key)
      await cluster.env.advance(100_000)
    }
    cluster.cache.cached(utf8('a'))
    await locate(cluster, 'z')
    assert.equal(cluster.cache.size, 3)
    assert.equal(cluster.cache.cached(utf8('c')), undefined)
    assert.equal(cluster.cache.cached(utf8('a'))?.id, 1n)
  })

  it('loads a region again on access, and uses the old one until PD answers', async () => {
    const cluster = fourRegions()
    const region = await locate(cluster, 'c')
    region.delayedReload = 'pending'
    assert.equal((await locate(cluster, 'c')) === region, true)
    cluster.cache.collectGarbage()
    assert.equal(region.delayedReload, 'ready')
    cluster.pdFailures.push(pdUnavailable())
    assert.equal((await locate(cluster, 'c')) === region, true)
    cluster.cache.collectGarbage()
    const fresh = await locate(cluster, 'c')
    assert.equal(fresh === region, false)
    assert.equal(cluster.countPd('getRegion'), 3)
    fresh.reloadOnAccess = true
    assert.equal(cluster.cache.cached(utf8('c')), undefined)
    assert.equal((await locate(cluster, 'c')) === fresh, false)
  })

  it('takes PD at its word about the leader, or the first peer without one', async () => {
    const cluster = fourRegions({ spec: { leader: 2n } })
    assert.equal((await locate(cluster, 'c')).leader.store.id, 2n)
    const leaderless = fourRegions({ spec: { leader: 0n } })
    assert.equal((await locate(leaderless, 'c')).leader.store.id, 1n)
  })

  it('asks another peer first after nobody could name a leader, although PD still names the old one', async () => {
    const cluster = fourRegions()
    for (const address of ['s1', 's2', 's3'])
      cluster.behaviour.set(address, { regionError: { notLeader: {} } })
    const outcome = await cluster.settle(cluster.get('c'))
    assert.ok(outcome.regionError !== undefined)
    assert.equal((await locate(cluster, 'c')).leader.store.id, 2n)
  })
})

describe('RegionCache and stores', () => {
  it('leaves out peers on removed stores and TiFlash, and witnesses that do not lead', async () => {
    const cluster = fourRegions()
    cluster.addStore(2n, { state: 2 })
    cluster.addStore(3n, { labels: [{ key: 'engine', value: 'tiflash' }] })
    assert.deepEqual(
      (await locate(cluster, 'c')).replicas.map(({ store }) => store.id),
      [1n],
    )
    const witnesses = fourRegions()
    for (const { region } of witnesses.regions) for (const peer of region.peers) peer.isWitness = true
    assert.deepEqual(
      (await locate(witnesses, 'c')).replicas.map(({ store }) => store.id),
      [1n],
    )
  })

  it('waits for a region that has no peer to ask', async () => {
    const cluster = fourRegions({ spec: { down: [1n, 2n, 3n] } })
    const waiting = cluster.cache.locate(cluster.backoffer(1000), utf8('c'))
    await assert.rejects(cluster.settle(waiting), (error) => hasCode(error, 'REGION_UNAVAILABLE'))
    assert.ok(cluster.sleeps.length > 0)
  })

  it('asks for each store once, however many regions are on it', async () => {
    const cluster = fourRegions()
    await Promise.all(['a', 'c', 'n', 'z'].map((key) => locate(cluster, key)))
    assert.equal(cluster.countPd('getStore'), 3)
  })

  it('stops using all regions of a store at once when it cannot be reached', async () => {
    const cluster = fourRegions()
    for (const key of ['a', 'c', 'n', 'z']) await locate(cluster, key)
    cluster.behaviour.set('s1', { fail: rpcFailed() })
    cluster.liveness.set('s1', 'unreachable')
    await cluster.settle(cluster.get('c'))
    const before = cluster.calls.length
    await cluster.settle(cluster.get('n'))
    await cluster.settle(cluster.get('z'))
    assert.equal(cluster.addresses.slice(before).includes('s1'), false)
    await cluster.close()
  })

  it('probes a store once for many failures, and each second until it serves', async () => {
    const cluster = fourRegions()
    await locate(cluster, 'c')
    cluster.behaviour.set('s1', { fail: rpcFailed() })
    cluster.liveness.set('s1', 'unreachable')
    await cluster.settle(Promise.all([cluster.get('c'), cluster.get('d')]))
    const store = cluster.cache.storeCache.get(1n)
    assert.equal(store.liveness, 'unreachable')
    assert.equal(store.epoch, 1)
    cluster.probes.length = 0
    await cluster.env.advance(5000)
    assert.equal(cluster.probes.length, 5)
    cluster.liveness.delete('s1')
    await cluster.env.advance(1000)
    assert.equal(store.liveness, 'reachable')
    await cluster.env.advance(5000)
    assert.equal(cluster.probes.length, 6)
    await cluster.close()
    assert.equal(cluster.env.pendingTimers, 0)
  })

  it('asks for the address again while a store stays unreachable, and ends when it is removed', async () => {
    const cluster = fourRegions()
    await locate(cluster, 'c')
    const store = cluster.cache.storeCache.get(1n)
    cluster.liveness.set('s1', 'unreachable')
    await cluster.cache.storeCache.checkLiveness(store, undefined)
    await cluster.env.advance(29_000)
    assert.equal(cluster.countPd('getStore 1'), 1)
    cluster.addStore(1n, { state: 2 })
    await cluster.env.advance(3000)
    assert.equal(cluster.countPd('getStore 1'), 2)
    assert.equal(store.state, 'tombstone')
    assert.equal(store.epoch, 1)
    await cluster.env.advance(60_000)
    assert.equal(cluster.countPd('getStore 1'), 2)
    await cluster.close()
  })

  it('notices a changed address or labels within a quarter of the refresh interval', async () => {
    const cluster = fourRegions()
    cluster.cache.start()
    await locate(cluster, 'c')
    const store = cluster.cache.storeCache.get(2n)
    cluster.addStore(2n, { address: 'elsewhere', labels: [{ key: 'zone', value: 'x' }] })
    await cluster.env.advance(15_000)
    assert.equal(store.address, 'elsewhere')
    assert.deepEqual({ ...store.labels }, { zone: 'x' })
    assert.equal(store.hasLabels({ zone: 'x' }), true)
    assert.equal(store.hasLabels({ zone: 'y' }), false)
    assert.deepEqual(cluster.closed, ['s2'])
    assert.equal(store.epoch, 0)
    await cluster.close()
  })

  it('learns of new stores, and lists those that are not removed', async () => {
    const cluster = fourRegions()
    cluster.cache.start()
    cluster.addStore(9n, { address: 's9', labels: [{ key: 'engine', value: 'tiflash' }] })
    await cluster.env.advance(10_000)
    assert.equal(cluster.cache.storeCache.get(9n).state, 'resolved')
    cluster.addStore(3n, { state: 2 })
    const stores = await cluster.cache.stores()
    assert.deepEqual(
      stores.map(({ id, address, isTiFlash }) => [id, address, isTiFlash]),
      [
        [1n, 's1', false],
        [2n, 's2', false],
        [9n, 's9', true],
      ],
    )
    await cluster.close()
  })

  it('takes health reports, asks for stale ones and lets them lose weight', async () => {
    const cluster = fourRegions()
    cluster.cache.start()
    await locate(cluster, 'c')
    const { storeCache } = cluster.cache
    const { health } = storeCache.get(1n)
    const report = (slowScore: number): void =>
      storeCache.onHealthFeedback({ storeId: 1n, feedbackSeqNo: 1n, slowScore })
    report(100)
    assert.equal(health.isSlow, true)
    report(1)
    assert.equal(health.isSlow, true, 'reports closer than 100 ms are not taken')
    await cluster.env.advance(30_000)
    assert.deepEqual(
      cluster.calls.map(({ method, address }) => [method, address]),
      [['GetHealthFeedback', 's1']],
    )
    assert.equal(health.reportedScore, 90)
    await cluster.env.advance(200)
    report(1)
    assert.equal(health.isSlow, false)
    health.markSlow()
    assert.equal(health.isSlow, true)
    await cluster.env.advance(11 * 15_000)
    assert.equal(health.isSlow, false)
    await cluster.close()
  })

  it('describes itself', async () => {
    const cluster = fourRegions()
    await locate(cluster, 'c')
    const { regionCount, regions, stores } = cluster.cache.describe()
    assert.equal(regionCount, 1)
    assert.deepEqual(regions, [
      {
        id: '2',
        epoch: '1:1',
        startKey: '62',
        endKey: '6d',
        leaderStore: '1',
        stores: ['1', '2', '3'],
        valid: true,
      },
    ])
    assert.deepEqual(
      stores.map(({ id, state, liveness }) => [id, state, liveness]),
      [
        ['1', 'resolved', 'reachable'],
        ['2', 'resolved', 'reachable'],
        ['3', 'resolved', 'reachable'],
      ],
    )
  })
})

describe('RegionCache ranges and groups', () => {
  const range = (start: string, end: string) => ({ start: utf8(start), end: utf8(end) })
  const shown = (
    parts: readonly { region: { id: bigint }; range: { start: Uint8Array; end: Uint8Array } }[],
  ) => parts.map(({ region, range: { start, end } }) => `${region.id}:${fromUtf8(start)}-${fromUtf8(end)}`)

  it('splits a range by its regions with one question', async () => {
    const cluster = fourRegions()
    const parts = await cluster.cache.splitRange(cluster.backoffer(), range('a', 'p'))
    assert.deepEqual(shown(parts), ['1:a-b', '2:b-m', '3:m-p'])
    assert.equal(cluster.countPd('scanRegions'), 1)
    const again = await cluster.cache.splitRange(cluster.backoffer(), range('', ''))
    assert.deepEqual(shown(again), ['1:-b', '2:b-m', '3:m-t', '4:t-'])
    assert.equal(cluster.countPd('scanRegions'), 2)
    assert.deepEqual(shown(await cluster.cache.splitRange(cluster.backoffer(), range('', ''), 2)), [
      '1:-b',
      '2:b-m',
    ])
    assert.deepEqual(await cluster.cache.splitRange(cluster.backoffer(), range('x', 'a')), [])
    assert.deepEqual(shown(await cluster.cache.splitRange(cluster.backoffer(), range('c', 'm'))), ['2:c-m'])
  })

  it('does not take an answer with gaps for the whole', async () => {
    const cluster = fourRegions()
    const all = cluster.regions
    cluster.regions = all.filter(({ region }) => region.id !== 2n)
    const splitting = cluster.cache.splitRange(cluster.backoffer(), range('a', 'z'))
    await cluster.env.advance(100)
    cluster.regions = all
    assert.deepEqual(shown(await cluster.settle(splitting)), ['1:a-b', '2:b-m', '3:m-t', '4:t-z'])
    assert.equal(cluster.countPd('scanRegions'), 2)
    assert.deepEqual(
      cluster.sleeps.map(([kind]) => kind),
      ['pdRPC'],
    )
  })

  it('goes on past regions that one answer does not hold', async () => {
    const cluster = new FakeCluster()
    const name = (index: number): string => String(index).padStart(4, '0')
    cluster.regions = Array.from({ length: 300 }, (_, index) =>
      cluster.region(BigInt(index + 1), index === 0 ? '' : name(index), index === 299 ? '' : name(index + 1)),
    )
    const parts = await cluster.cache.splitRange(cluster.backoffer(), range('', ''))
    assert.equal(parts.length, 300)
    assert.equal(cluster.countPd('scanRegions'), 3)
    assert.equal(
      parts.every((part, index) => Number(part.region.id) === index + 1),
      true,
    )
  })

  it('groups keys by region in the order of the first key of each', async () => {
    const cluster = fourRegions()
    const keys = ['n', 'c', 'z', 'd', 'o', 'a', 'e'].map(utf8)
    const groups = await cluster.cache.groupKeys(cluster.backoffer(), keys)
    assert.deepEqual(
      groups.map(({ region, keys: own, indexes }) => [region.id, own.map(fromUtf8), indexes]),
      [
        [3n, ['n', 'o'], [0, 4]],
        [2n, ['c', 'd', 'e'], [1, 3, 6]],
        [4n, ['z'], [2]],
        [1n, ['a'], [5]],
      ],
    )
    assert.equal(cluster.countPd('batchScanRegions'), 1)
    assert.equal(cluster.countPd('getRegion'), 0)
    assert.deepEqual(await cluster.cache.groupKeys(cluster.backoffer(), []), [])
  })

  it('splits many ranges with one question for all that is not cached', async () => {
    const cluster = fourRegions()
    await locate(cluster, 'c')
    const split = await cluster.cache.splitRanges(cluster.backoffer(), [
      range('a', 'aa'),
      range('c', 'd'),
      range('l', 'n'),
      range('o', 'p'),
      range('y', ''),
    ])
    assert.deepEqual(
      split.map(({ region, ranges }) => [
        region.id,
        ranges.map(({ start, end }) => `${fromUtf8(start)}-${fromUtf8(end)}`),
      ]),
      [
        [1n, ['a-aa']],
        [2n, ['c-d', 'l-m']],
        [3n, ['m-n', 'o-p']],
        [4n, ['y-']],
      ],
    )
    assert.equal(cluster.countPd('batchScanRegions'), 1)
    assert.equal(cluster.countPd('scanRegions'), 0)
  })

  it('does not disturb requests under way with regions loaded ahead of need', async () => {
    const cluster = fourRegions()
    const old = await locate(cluster, 'n')
    await cluster.cache.splitRange(cluster.backoffer(), range('', ''))
    assert.equal(old.invalidReason, undefined)
    const request = { ...tikvMethods.kvGet.decodeRequest(EMPTY), key: utf8('n') }
    const outcome = await cluster.sender.send(cluster.backoffer(), old, tikvMethods.kvGet, request, {
      timeoutMs: 1,
    })
    assert.equal(outcome.regionError, undefined)
  })

  it('waits after a region error unless it brought the regions', async () => {
    const cluster = fourRegions()
    const { region } = cluster.region(1n, '', '')
    const { create } = await import('../gen/errorpb.js').then(({ Error }) => Error)
    const backoffer = cluster.backoffer()
    await cluster.cache.backoffForRegionError(
      backoffer,
      create({ epochNotMatch: { currentRegions: [region] } }),
    )
    assert.deepEqual(cluster.sleeps, [])
    await cluster.settle(cluster.cache.backoffForRegionError(backoffer, create({ epochNotMatch: {} })))
    await cluster.settle(cluster.cache.backoffForRegionError(backoffer, create({ regionNotFound: {} })))
    assert.deepEqual(cluster.sleeps, [
      ['regionMiss', 2],
      ['regionMiss', 4],
    ])
  })
})
