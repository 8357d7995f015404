import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, hasCode, OrbitError, TestEnv, utf8, type ErrorCode } from '@orbit-ts/base'
import * as cop from '../gen/coprocessor.js'
import { type Error as RegionError } from '../gen/errorpb.js'
import { HealthCheckRequest } from '../gen/health.js'
import * as kv from '../gen/kvrpcpb.js'
import { PeerRole } from '../gen/metapb.js'
import { encodeMemcomparable } from '../codec/memcomparable.js'
import type { BatchResponse } from '../rpc/batch-message.js'
import { batchCommands } from '../rpc/batch-commands.js'
import { Http2Transport } from '../rpc/http2/http2-transport.js'
import type { KvMethod } from '../rpc/method.js'
import { healthMethods, pdMethods, tikvMethods } from '../rpc/methods.js'
import type { Channel } from '../rpc/transport.js'
import { MAX_TIMESTAMP } from '../timestamp.js'
import type { RegionState } from './cluster-types.js'
import { regionErrors } from './store/region-refusal.js'
import { decodeRows, rowsOfRanges } from './store/coprocessor.js'
import { TestCluster, type TestClusterOptions } from './test-cluster.js'

/** A cluster under virtual time, and calls to its stores by hand. */
class Harness {
  readonly env: TestEnv
  readonly cluster: TestCluster

  private constructor(env: TestEnv, cluster: TestCluster) {
    this.env = env
    this.cluster = cluster
  }

  static async with(options: TestClusterOptions, work: (harness: Harness) => Promise<void>): Promise<void> {
    const env = new TestEnv()
    const cluster = await TestCluster.start({ ...options, env })
    try {
      await work(new Harness(env, cluster))
    } finally {
      await cluster.close()
    }
    assert.equal(env.pendingTimers, 0)
  }

  channel(storeId: bigint): Channel {
    const { transport } = this.cluster
    assert.ok(transport)
    return transport.open(this.cluster.state.store(storeId).address)
  }

  /** The context of a request to the leader, or to the peer on a store. */
  context(key: string, changes: Partial<kv.Context> = {}, storeId?: bigint): kv.Context {
    const { region, leader } = this.cluster.regionOf(utf8(key))
    const peer =
      storeId === undefined ? leader : region.peers.find((candidate) => candidate.storeId === storeId)
    return kv.Context.create({
      regionId: region.id,
      regionEpoch: { ...region.regionEpoch },
      ...(peer && { peer }),
      ...changes,
    })
  }

  async call<Request, Response>(
    method: KvMethod<Request, Response>,
    request: Request,
    options: {
      readonly storeId?: bigint
      readonly timeoutMs?: number
      readonly metadata?: Record<string, string>
    } = {},
  ): Promise<Response> {
    const { storeId = 1n, timeoutMs = 10_000, metadata = {} } = options
    const call = this.channel(storeId).unary(method, request, { timeoutMs, metadata })
    call.catch(() => undefined)
    for (let turn = 0; turn < 6; turn++) await this.env.advance(0)
    return call
  }

  async get(key: string, context = this.context(key), storeId = 1n, version = 100n): Promise<kv.GetResponse> {
    return this.call(tikvMethods.kvGet, kv.GetRequest.create({ context, key: utf8(key), version }), {
      storeId,
    })
  }

  async regionError(key: string, context: kv.Context, storeId = 1n): Promise<RegionError | undefined> {
    return (await this.get(key, context, storeId)).regionError
  }

  async put(key: string, value: string, startTs = 1n): Promise<void> {
    const context = this.context(key)
    const storeId = context.peer?.storeId ?? 0n
    const mutations = [{ op: kv.Op.Put, key: utf8(key), value: utf8(value) }]
    const prewrite = kv.PrewriteRequest.create({
      context,
      mutations,
      primaryLock: utf8(key),
      startVersion: startTs,
      lockTtl: 3000n,
    })
    assert.deepEqual((await this.call(tikvMethods.kvPrewrite, prewrite, { storeId })).errors, [])
    const commit = kv.CommitRequest.create({
      context,
      keys: [utf8(key)],
      startVersion: startTs,
      commitVersion: startTs + 1n,
    })
    assert.equal((await this.call(tikvMethods.kvCommit, commit, { storeId })).error, undefined)
  }
}

const failsWith = (call: Promise<unknown>, code: ErrorCode): Promise<void> =>
  assert.rejects(call, (error) => hasCode(error, code))

describe('TestCluster: a store checks a request', () => {
  it('answers the leader, with execution details', () =>
    Harness.with({}, async (harness) => {
      await harness.put('k', 'v')
      const response = await harness.get('k')
      assert.equal(fromUtf8(response.value), 'v')
      assert.equal(response.execDetailsV2?.scanDetailV2?.processedVersions, 1n)
    }))

  it('for its store, its region and its peer, in this order', () =>
    Harness.with({ stores: 4 }, async (harness) => {
      const context = harness.context('k')
      const other = { ...context, peer: { id: 9n, storeId: 2n, role: PeerRole.Voter, isWitness: false } }
      assert.deepEqual((await harness.regionError('k', other))?.storeNotMatch, {
        requestStoreId: 2n,
        actualStoreId: 1n,
      })
      const unknown = await harness.regionError('k', { ...context, regionId: 999n })
      assert.equal(unknown?.regionNotFound?.regionId, 999n)
      const elsewhere = { ...context, peer: { id: 9n, storeId: 4n, role: PeerRole.Voter, isWitness: false } }
      assert.notEqual((await harness.regionError('k', elsewhere, 4n))?.regionNotFound, undefined)
      const peer = { id: 77n, storeId: 1n, role: PeerRole.Voter, isWitness: false }
      assert.equal((await harness.regionError('k', { ...context, peer }))?.mismatchPeerId?.requestPeerId, 77n)
    }))

  it('for leadership, naming the leader if there is one', () =>
    Harness.with({}, async (harness) => {
      const context = harness.context('k', {}, 2n)
      const notLeader = (await harness.regionError('k', context, 2n))?.notLeader
      assert.equal(notLeader?.leader?.storeId, 1n)
      harness.cluster.state.dropLeader(context.regionId)
      assert.equal((await harness.regionError('k', context, 2n))?.notLeader?.leader, undefined)
    }))

  it('for its epoch, and sends the regions that it has now, those split off included', () =>
    Harness.with({}, async (harness) => {
      const context = harness.context('k')
      harness.cluster.splitAt(utf8('b'))
      harness.cluster.splitAt(utf8('f'))
      const error = (await harness.regionError('k', context))?.epochNotMatch
      const starts = error?.currentRegions.map(({ startKey }) => fromUtf8(startKey.slice(0, 1)))
      assert.deepEqual(starts, ['f', 'b', ''])
      const ahead = harness.context('k', { regionEpoch: { confVer: 3n, version: 99n } })
      assert.equal((await harness.regionError('k', ahead))?.epochNotMatch?.currentRegions.length, 1)
    }))

  it('for its epoch after its leadership, and not for its peers', () =>
    Harness.with({ stores: 4 }, async (harness) => {
      const context = harness.context('k', {}, 2n)
      harness.cluster.splitAt(utf8('b'))
      assert.notEqual((await harness.regionError('k', context, 2n))?.notLeader, undefined)
      const before = harness.context('k')
      harness.cluster.state.addPeer(before.regionId, 4n, PeerRole.Learner)
      assert.equal(await harness.regionError('k', before), undefined)
    }))

  it('for its keys', () =>
    Harness.with({ splitKeys: [utf8('m')] }, async (harness) => {
      const error = (await harness.regionError('z', harness.context('a')))?.keyNotInRegion
      assert.deepEqual(error?.key, encodeMemcomparable(utf8('z')))
      assert.deepEqual(error.endKey, encodeMemcomparable(utf8('m')))
      const context = harness.context('a')
      const scan = kv.ScanRequest.create({
        context,
        startKey: utf8('a'),
        endKey: utf8('z'),
        limit: 1,
        version: 9n,
      })
      assert.match((await harness.call(tikvMethods.kvScan, scan)).error?.abort ?? '', /InvalidReqRange/)
      assert.equal((await harness.call(tikvMethods.kvScan, { ...scan, endKey: utf8('') })).error, undefined)
    }))

  it('for its cluster', () =>
    Harness.with({}, async (harness) => {
      await failsWith(harness.get('k', harness.context('k', { clusterId: 1n })), 'RPC_FAILED')
    }))

  it('for the term of a command that waited too long', () =>
    Harness.with({}, async (harness) => {
      assert.equal(await harness.regionError('k', harness.context('k', { term: 5n })), undefined)
      assert.notEqual(
        (await harness.regionError('k', harness.context('k', { term: 4n })))?.staleCommand,
        undefined,
      )
    }))

  it('for the room it needs', () =>
    Harness.with({}, async (harness) => {
      const prewrite = (size: number, diskFullOpt: kv.DiskFullOpt = 0) =>
        harness.call(
          tikvMethods.kvPrewrite,
          kv.PrewriteRequest.create({
            context: harness.context('k', { diskFullOpt }),
            mutations: [{ op: kv.Op.Put, key: utf8('k'), value: new Uint8Array(size) }],
            primaryLock: utf8('k'),
            startVersion: 5n,
          }),
        )
      const large = (await prewrite(8 * 1024 * 1024)).regionError?.raftEntryTooLarge
      assert.equal(large?.entrySize, 8_388_609n)
      harness.cluster.settings(1n).diskUsage = 'almost-full'
      assert.deepEqual((await prewrite(1)).regionError?.diskFull?.storeId, [1n])
      assert.equal((await prewrite(1, kv.DiskFullOpt.AllowedOnAlmostFull)).regionError, undefined)
      const rollback = kv.BatchRollbackRequest.create({
        context: harness.context('k'),
        keys: [utf8('k')],
        startVersion: 5n,
      })
      assert.equal((await harness.call(tikvMethods.kvBatchRollback, rollback)).regionError, undefined)
      harness.cluster.settings(1n).diskUsage = 'already-full'
      assert.notEqual(
        (await harness.call(tikvMethods.kvBatchRollback, rollback)).regionError?.diskFull,
        undefined,
      )
    }))

  it('for the length of its keys', () =>
    Harness.with({}, async (harness) => {
      const key = new Uint8Array(8200)
      const request = kv.PrewriteRequest.create({
        context: harness.context(''),
        mutations: [{ key }],
        primaryLock: key,
        startVersion: 5n,
      })
      const { errors } = await harness.call(tikvMethods.kvPrewrite, request)
      assert.match(errors[0]?.abort ?? '', /KeyTooLarge/)
    }))

  it('for how long it would wait', () =>
    Harness.with({}, async (harness) => {
      harness.cluster.settings(1n).estimatedWaitMs = 50
      assert.equal(await harness.regionError('k', harness.context('k', { busyThresholdMs: 50 })), undefined)
      const busy = await harness.regionError('k', harness.context('k', { busyThresholdMs: 49 }))
      assert.equal(busy?.serverIsBusy?.estimatedWaitMs, 50)
    }))

  it('and refuses while the region is flashed back', () =>
    Harness.with({}, async (harness) => {
      await harness.put('k', 'old', 1n)
      await harness.put('k', 'new', 5n)
      const context = harness.context('k')
      const range = { context, startKey: utf8('a'), endKey: utf8('z') }
      const flashback = kv.FlashbackToVersionRequest.create({
        ...range,
        version: 3n,
        startTs: 10n,
        commitTs: 11n,
      })
      assert.notEqual(
        (await harness.call(tikvMethods.kvFlashbackToVersion, flashback)).regionError?.flashbackNotPrepared,
        undefined,
      )
      const prepare = kv.PrepareFlashbackToVersionRequest.create({ ...range, version: 3n, startTs: 10n })
      assert.equal(
        (await harness.call(tikvMethods.kvPrepareFlashbackToVersion, prepare)).regionError,
        undefined,
      )
      assert.equal((await harness.regionError('k', context))?.flashbackInProgress?.flashbackStartTs, 10n)
      assert.equal(fromUtf8((await harness.get('k', context, 1n, 9n)).value), 'new')
      assert.equal((await harness.call(tikvMethods.kvFlashbackToVersion, flashback)).regionError, undefined)
      assert.equal(fromUtf8((await harness.get('k')).value), 'old')
    }))
})

describe('TestCluster: reads of other replicas', () => {
  it('follow the leader', () =>
    Harness.with({}, async (harness) => {
      await harness.put('k', 'v')
      const context = harness.context('k', { replicaRead: true }, 2n)
      assert.equal(fromUtf8((await harness.get('k', context, 2n)).value), 'v')
      harness.cluster.state.dropLeader(context.regionId)
      assert.notEqual((await harness.regionError('k', context, 2n))?.notLeader, undefined)
    }))

  it('may be stale, up to the safe timestamp', () =>
    Harness.with({}, async (harness) => {
      await harness.put('k', 'v')
      const context = harness.context('k', { staleRead: true }, 2n)
      const now = harness.cluster.now()
      assert.equal(fromUtf8((await harness.get('k', context, 2n, now - (1000n << 18n))).value), 'v')
      const early = (await harness.get('k', context, 2n, now)).regionError?.dataIsNotReady
      assert.equal(early?.safeTs, now - (1000n << 18n))
      assert.notEqual((await harness.get('k', context, 2n, MAX_TIMESTAMP)).regionError, undefined)
      harness.cluster.settings(2n).safeTs = 50n
      assert.equal((await harness.get('k', context, 2n, 51n)).regionError?.dataIsNotReady?.safeTs, 50n)
    }))

  it('are held back by the oldest lock', () =>
    Harness.with({}, async (harness) => {
      const startVersion = harness.cluster.now() - (5000n << 18n)
      const mutations = [{ op: kv.Op.Put, key: utf8('k'), value: utf8('v') }]
      await harness.cluster.mvcc.prewrite(
        kv.PrewriteRequest.create({ mutations, primaryLock: utf8('k'), startVersion }),
      )
      const context = harness.context('k', { staleRead: true }, 2n)
      const response = await harness.get('k', context, 2n, startVersion)
      assert.equal(response.regionError?.dataIsNotReady?.safeTs, startVersion - 1n)
      const { safeTs } = await harness.call(
        tikvMethods.getStoreSafeTS,
        kv.StoreSafeTSRequest.create({ keyRange: {} }),
        { storeId: 2n },
      )
      assert.equal(safeTs, startVersion - 1n)
    }))

  it('are refused by witnesses', () =>
    Harness.with({ stores: 4 }, async (harness) => {
      const { regionId } = harness.context('k')
      harness.cluster.state.addPeer(regionId, 4n, PeerRole.Voter, true)
      const context = harness.context('k', { replicaRead: true }, 4n)
      assert.equal((await harness.regionError('k', context, 4n))?.isWitness?.regionId, regionId)
    }))
})

describe('TestCluster: commands', () => {
  it('split a region', () =>
    Harness.with({}, async (harness) => {
      const context = harness.context('k')
      const request = kv.SplitRegionRequest.create({ context, splitKeys: [utf8('m'), utf8('c')] })
      const { regions } = await harness.call(tikvMethods.splitRegion, request)
      assert.equal(regions.length, 3)
      assert.deepEqual(regions[1]?.startKey, encodeMemcomparable(utf8('c')))
      const stale = await harness.call(tikvMethods.splitRegion, request)
      assert.notEqual(stale.regionError?.epochNotMatch, undefined)
    }))

  it('of the raw kind see plain boundaries with API V1', () =>
    Harness.with({ keyMode: 'raw', splitKeys: [utf8('m')] }, async (harness) => {
      const put = (key: string, context: kv.Context) =>
        harness.call(
          tikvMethods.rawPut,
          kv.RawPutRequest.create({ context, key: utf8(key), value: utf8('v') }),
          {
            storeId: context.peer?.storeId ?? 0n,
          },
        )
      const context = harness.context('z')
      assert.equal((await put('z', context)).regionError, undefined)
      const outside = (await put('a', context)).regionError?.keyNotInRegion
      assert.deepEqual(
        [outside?.key, outside?.startKey].map((key) => fromUtf8(key ?? utf8(''))),
        ['a', 'm'],
      )
      const scan = kv.RawScanRequest.create({ context, startKey: utf8('z'), limit: 3, reverse: true })
      assert.deepEqual((await harness.call(tikvMethods.rawScan, scan, { storeId: 2n })).kvs, [])
    }))

  it('check the API version and the mode of their keys', () =>
    Harness.with({ apiVersion: 'v2' }, async (harness) => {
      const get = (apiVersion: kv.APIVersion, key: string) =>
        harness.call(
          tikvMethods.kvGet,
          kv.GetRequest.create({ context: harness.context('', { apiVersion }), key: utf8(key), version: 9n }),
        )
      assert.equal((await get(kv.APIVersion.V2, 'x\0\0\0k')).error, undefined)
      assert.match((await get(kv.APIVersion.V2, 'r\0\0\0k')).error?.abort ?? '', /Key mode mismatched/)
      assert.match((await get(kv.APIVersion.V1, 'k')).error?.abort ?? '', /Key mode mismatched/)
      assert.equal((await get(kv.APIVersion.V1, 't_k')).error, undefined)
      const raw = kv.RawGetRequest.create({ context: harness.context(''), key: utf8('k') })
      assert.match(
        (await harness.call(tikvMethods.rawGet, raw)).error,
        /Api version in request does not match/,
      )
    }))

  it('destroy ranges on every store, whatever the region', () =>
    Harness.with({ splitKeys: [utf8('m')] }, async (harness) => {
      for (const key of ['a', 'l', 'n', 'z']) await harness.put(key, 'v')
      const request = kv.UnsafeDestroyRangeRequest.create({ startKey: utf8('b'), endKey: utf8('y') })
      await harness.call(tikvMethods.unsafeDestroyRange, request)
      assert.equal(harness.cluster.mvcc.mvccByKey(utf8('l')).writes.length, 0)
      assert.equal(harness.cluster.mvcc.mvccByKey(utf8('z')).writes.length, 1)
    }))

  it('leave garbage to the store', () =>
    Harness.with({}, async (harness) => {
      await failsWith(harness.call(tikvMethods.kvGC, kv.GCRequest.create()), 'RPC_FAILED')
    }))

  it('run a coprocessor over ranges, in pages and from the cache', () =>
    Harness.with({ coprocessor: rowsOfRanges }, async (harness) => {
      for (const key of ['a', 'b', 'c']) await harness.put(key, key.toUpperCase())
      const ranges = [{ start: utf8('a'), end: utf8('z') }]
      const request = cop.Request.create({
        context: harness.context('a'),
        ranges,
        startTs: 9n,
        isCacheEnabled: true,
      })
      const full = await harness.call(tikvMethods.coprocessor, request)
      assert.deepEqual(
        decodeRows(full.data).map(({ value }) => fromUtf8(value)),
        ['A', 'B', 'C'],
      )
      assert.equal(full.canBeCached, true)
      const again = { ...request, cacheIfMatchVersion: full.cacheLastVersion }
      assert.equal((await harness.call(tikvMethods.coprocessor, again)).isCacheHit, true)
      const page = await harness.call(tikvMethods.coprocessor, { ...request, pagingSize: 2n })
      assert.equal(decodeRows(page.data).length, 2)
      assert.equal(fromUtf8(page.range?.end ?? utf8('')), 'b\0')
      await harness.put('d', 'D', 3n)
      assert.equal((await harness.call(tikvMethods.coprocessor, again)).isCacheHit, false)
    }))

  it('wait for locks under virtual time, and list the waits', () =>
    Harness.with({}, async (harness) => {
      const lock = (startVersion: bigint) => {
        const mutations = [{ op: kv.Op.PessimisticLock, key: utf8('k') }]
        const request = kv.PessimisticLockRequest.create({
          context: harness.context('k'),
          mutations,
          primaryLock: utf8('k'),
          startVersion,
          forUpdateTs: startVersion,
          lockTtl: 3000n,
        })
        return harness.channel(1n).unary(tikvMethods.kvPessimisticLock, request, { timeoutMs: 60_000 })
      }
      const first = lock(5n)
      await harness.env.advance(1)
      assert.deepEqual((await first).errors, [])
      const second = lock(6n)
      await harness.env.advance(1)
      const { entries } = await harness.call(tikvMethods.getLockWaitInfo, kv.GetLockWaitInfoRequest.create())
      assert.deepEqual(
        entries.map(({ txn, waitForTxn }) => [txn, waitForTxn]),
        [[6n, 5n]],
      )
      await harness.env.advance(1000)
      assert.equal((await second).errors[0]?.locked?.lockVersion, 5n)
    }))

  it('are passed on to another store', () =>
    Harness.with({}, async (harness) => {
      await harness.put('k', 'v')
      const request = kv.GetRequest.create({ context: harness.context('k'), key: utf8('k'), version: 9n })
      const metadata = { 'tikv-forwarded-host': harness.cluster.state.store(1n).address }
      const response = await harness.call(tikvMethods.kvGet, request, { storeId: 3n, metadata })
      assert.equal(fromUtf8(response.value), 'v')
      const seen = harness.cluster.faults
        .callsOf('KvGet')
        .map(({ storeId, forwardedTo }) => [storeId, forwardedTo])
      assert.deepEqual(seen, [
        [3n, metadata['tikv-forwarded-host']],
        [1n, undefined],
      ])
    }))

  it('tell health', () =>
    Harness.with({}, async (harness) => {
      const check = async (): Promise<number> => {
        const call = harness
          .channel(2n)
          .unary(healthMethods.check, HealthCheckRequest.create(), { timeoutMs: 1000 })
        await harness.env.advance(0)
        return (await call).status
      }
      assert.equal(await check(), 1)
      harness.cluster.settings(2n).healthy = false
      assert.equal(await check(), 2)
    }))
})

describe('TestCluster: many commands on one stream', () => {
  const collect = (harness: Harness) => {
    const messages: BatchResponse[] = []
    const ends: (Error | undefined)[] = []
    const stream = harness.channel(1n).duplex(
      batchCommands,
      {
        onMessage: (message) => messages.push(message),
        onEnd: (error) => ends.push(error),
      },
      {},
    )
    return { stream, messages, ends }
  }
  const item = (harness: Harness, id: number, key: string) => ({
    id,
    batchCase: 'get' as const,
    payload: tikvMethods.kvGet.encodeRequest(
      kv.GetRequest.create({ context: harness.context(key), key: utf8(key), version: 9n }),
    ),
  })

  it('are answered by their ids, those of one turn together', () =>
    Harness.with({}, async (harness) => {
      await harness.put('b', 'v')
      harness.cluster.faults.add(
        { method: 'KvGet', where: ({ request }) => fromUtf8((request as kv.GetRequest).key) === 'a' },
        { kind: 'delay', ms: 10 },
      )
      const { stream, messages } = collect(harness)
      stream.send({
        items: ['a', 'b', 'c'].map((key, index) => item(harness, index + 1, key)),
        clientSendTimeNs: 0n,
      })
      await harness.env.advance(5)
      assert.deepEqual(
        messages.map(({ items }) => items.map(({ id }) => Number(id))),
        [[2, 3]],
      )
      assert.equal(messages[0]?.healthFeedback?.storeId, 1n)
      const value = tikvMethods.kvGet.decodeResponse(messages[0].items[0]?.payload ?? new Uint8Array(0)).value
      assert.equal(fromUtf8(value), 'v')
      await harness.env.advance(10)
      assert.deepEqual(
        messages[1]?.items.map(({ id }) => Number(id)),
        [1],
      )
      stream.end()
      await harness.env.advance(1)
    }))

  it('break off after so many answers when that is scripted', () =>
    Harness.with({}, async (harness) => {
      const { stream, messages, ends } = collect(harness)
      const cut = harness.cluster.faults.cutStream(2, 1n)
      stream.send({ items: [1, 2, 3, 4].map((id) => item(harness, id, 'k')), clientSendTimeNs: 0n })
      for (let turn = 0; turn < 5; turn++) await harness.env.advance(1)
      assert.deepEqual(
        messages.flatMap(({ items }) => items.map(({ id }) => Number(id))),
        [1, 2],
      )
      assert.ok(ends[0] instanceof OrbitError && hasCode(ends[0], 'RPC_FAILED'))
      assert.equal(cut.hits, 1)
      assert.equal(harness.cluster.faults.callsOf('KvGet').length, 4)
    }))
})

describe('TestCluster: scripted faults', () => {
  it('answer with errors, as often as they are told, and count', () =>
    Harness.with({}, async (harness) => {
      const { faults } = harness.cluster
      const fault = faults.regionError({ method: 'KvGet', storeId: 1n }, regionErrors.serverIsBusy('busy'), {
        skip: 1,
        times: 2,
      })
      const answers: boolean[] = []
      for (let n = 0; n < 4; n++)
        answers.push((await harness.get('k')).regionError?.serverIsBusy !== undefined)
      assert.deepEqual(answers, [false, true, true, false])
      assert.equal(fault.hits, 2)
      faults.keyError({ method: 'KvGet' }, kv.KeyError.create({ abort: 'scripted' }))
      assert.equal((await harness.get('k')).error?.abort, 'scripted')
      faults.clear()
      assert.equal((await harness.get('k')).notFound, true)
    }))

  it('lose requests, or answers after the effect', () =>
    Harness.with({}, async (harness) => {
      const { faults, mvcc } = harness.cluster
      const prewrite = (key: string) =>
        harness.call(
          tikvMethods.kvPrewrite,
          kv.PrewriteRequest.create({
            context: harness.context(key),
            mutations: [{ key: utf8(key) }],
            primaryLock: utf8(key),
            startVersion: 5n,
          }),
        )
      faults.add({ method: 'KvPrewrite' }, { kind: 'drop' }, { times: 1 })
      await failsWith(prewrite('a'), 'RPC_FAILED')
      assert.equal(mvcc.locks().length, 0)
      faults.add({ method: 'KvPrewrite' }, { kind: 'lose-answer' }, { times: 1 })
      await failsWith(prewrite('a'), 'RPC_FAILED')
      assert.equal(mvcc.locks().length, 1)
      faults.add({ method: 'KvPrewrite' }, { kind: 'duplicate' })
      assert.deepEqual((await prewrite('b')).errors, [])
    }))

  it('delay and hang', () =>
    Harness.with({}, async (harness) => {
      const slow = harness.cluster.faults.slowStore(1n, 500)
      const call = harness.get('k')
      await harness.env.advance(499)
      assert.equal(slow.hits, 1)
      await harness.env.advance(1)
      assert.equal((await call).notFound, true)
      slow.remove()
      harness.cluster.faults.add({ method: 'KvGet' }, { kind: 'hang' })
      const hanging = harness.get('k')
      hanging.catch(() => undefined)
      await harness.env.advance(10_000)
      await failsWith(hanging, 'RPC_TIMEOUT')
    }))
})

describe('TestCluster: stores', () => {
  it('stop and start, at another address when asked to', () =>
    Harness.with({}, async (harness) => {
      const { cluster } = harness
      const before = cluster.state.store(1n).address
      const stale = harness.context('k')
      await cluster.stopStore(1n)
      await failsWith(harness.get('k', stale), 'RPC_FAILED')
      assert.equal(cluster.regionOf(utf8('k')).leader?.storeId, 2n)
      assert.equal((await harness.get('k', harness.context('k'), 2n)).notFound, true)
      const { address } = await cluster.startStore(1n, { newAddress: true })
      assert.notEqual(address, before)
      assert.notEqual((await harness.regionError('k', stale, 1n))?.notLeader, undefined)
      assert.equal(cluster.state.store(1n).address, address)
    }))

  it('leave no timer behind when the cluster is closed', () =>
    Harness.with({}, async (harness) => {
      await harness.cluster.stopStore(1n, { electionMs: 10_000 })
      const request = kv.PrewriteRequest.create({
        mutations: [{ key: utf8('k') }],
        primaryLock: utf8('k'),
        startVersion: 5n,
      })
      void harness.cluster.mvcc.prewrite(request, { applyDelayMs: 60_000 })
      await harness.env.advance(1)
      assert.equal(harness.env.pendingTimers, 2)
    }))

  it('are found through PD', () =>
    Harness.with({ pdMembers: 3, splitKeys: [utf8('m')] }, async (harness) => {
      const { cluster } = harness
      assert.equal(cluster.pdEndpoints.length, 3)
      const channel = cluster.transport?.open(cluster.pdEndpoints[0] ?? '')
      const header = { clusterId: cluster.state.clusterId, senderId: 0n, callerId: '', callerComponent: '' }
      const call = channel?.unary(
        pdMethods.getRegion,
        {
          ...pdMethods.getRegion.decodeRequest(new Uint8Array(0)),
          header,
          regionKey: encodeMemcomparable(utf8('z')),
        },
        { timeoutMs: 1000 },
      )
      await harness.env.advance(1)
      const region: RegionState['region'] | undefined = (await call)?.region
      assert.deepEqual(region?.startKey, encodeMemcomparable(utf8('m')))
    }))
})

describe('TestCluster on sockets', () => {
  it('serves the same over HTTP/2, and keeps its port over a restart', async () => {
    const cluster = await TestCluster.start({ transport: 'sockets', stores: 1 })
    const megabytes128 = 128 * 1024 * 1024
    const transport = new Http2Transport({
      config: {
        dialTimeout: 5000,
        grpcKeepaliveTime: 10_000,
        grpcKeepaliveTimeout: 3000,
        grpcInitialWindowSize: megabytes128,
        grpcCompression: 'none',
      },
    })
    try {
      const { address } = cluster.state.store(1n)
      const get = async (): Promise<kv.GetResponse> => {
        const { region, leader } = cluster.regionOf(utf8('k'))
        const context = {
          regionId: region.id,
          regionEpoch: { ...region.regionEpoch },
          ...(leader && { peer: leader }),
        }
        const request = kv.GetRequest.create({ context, key: utf8('k'), version: 9n })
        return transport.open(address).unary(tikvMethods.kvGet, request, { timeoutMs: 5000 })
      }
      assert.equal((await get()).notFound, true)
      await cluster.stopStore(1n)
      await failsWith(get(), 'RPC_FAILED')
      assert.equal((await cluster.startStore(1n)).address, address)
      assert.equal((await get()).notFound, true)
    } finally {
      await transport.close()
      await cluster.close()
    }
  })
})
