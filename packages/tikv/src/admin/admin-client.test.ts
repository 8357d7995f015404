import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { hasCode, silentLogger, type ErrorCode } from '@orbit-ts/base'
import type { OpenCore } from '../core/open-core.js'
import { KeyError, type Context, type ScanLockRequest } from '../gen/kvrpcpb.js'
import { bytes, ClientBench, collect, range, text } from '../raw/client-bench.fake.js'
import { DirectWriter } from '../snapshot/direct-writer.fake.js'
import { Snapshot } from '../snapshot/snapshot.js'
import { RpcRefusal } from '../rpc/service.js'
import type { TestClusterOptions } from '../testing/test-cluster.js'
import { composeTimestamp, type Timestamp } from '../timestamp.js'
import { LockResolver } from '../txn/lock/lock-resolver.js'
import { TxnSafePoint } from '../txn/lock/safe-point.js'
import { AdminClient } from './admin-client.js'

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz')

interface Opened {
  readonly bench: ClientBench
  readonly core: OpenCore
  readonly admin: AdminClient
  readonly safePoint: TxnSafePoint
  readonly writer: DirectWriter
  readonly run: <T>(work: Promise<T>) => Promise<T>
  /** A moment after all that was written, and before all that will be. */
  readonly tso: () => Promise<Timestamp>
  /** The letters that a reader sees now. */
  readonly visible: () => Promise<string>
}

let bench: ClientBench | undefined

afterEach(async () => {
  await bench?.close()
  bench = undefined
})

async function open(cluster: TestClusterOptions = {}): Promise<Opened> {
  const opened = await ClientBench.open(cluster)
  bench = opened
  const core = await opened.core('transaction')
  const resolver = new LockResolver(core)
  const { gc } = core.pd
  const safePoint = new TxnSafePoint({
    env: opened.env,
    logger: silentLogger,
    gc,
    intervalMs: 10_000,
    signal: core.closing,
  })
  const run = <T>(work: Promise<T>): Promise<T> => opened.finish(work)
  const tso = async (): Promise<Timestamp> => {
    await opened.env.advance(10)
    const now = await run(core.pd.getTimestamp())
    await opened.env.advance(10)
    return now
  }
  return {
    bench: opened,
    core,
    admin: new AdminClient({ core, resolver, safePoint }),
    safePoint,
    writer: new DirectWriter(opened.cluster.mvcc, () => opened.env.clock.nowMs()),
    run,
    tso,
    visible: async () => {
      const snapshot = new Snapshot({ core, resolver, safePoint }, await tso(), {})
      const found = await run(snapshot.batchGet(LETTERS.map(bytes)))
      return LETTERS.filter((_, index) => found[index] !== undefined).join('')
    },
  }
}

const threeRegions = (): Promise<Opened> => open({ splitKeys: [bytes('g'), bytes('p')] })
const writes = (keys: string): Record<string, string> =>
  Object.fromEntries(Array.from(keys, (key) => [key, key]))

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => hasCode(error, code))
}

describe('regions', () => {
  it('are cut before the keys, each key once, and stay where one begins already', async () => {
    const { admin, run, bench: opened } = await threeRegions()
    const keys = ['c', 'g', 'x', 'c', 'k'].map(bytes)
    const { regionIds, scattering } = await run(admin.splitRegions(keys))
    assert.deepEqual([regionIds.length, scattering], [3, []])
    const starts = ['', 'c', 'g', 'k', 'p', 'x'].map(
      (key) => opened.cluster.regionOf(bytes(key === '' ? 'a' : key)).region.id,
    )
    assert.equal(new Set(starts).size, 6)
    assert.equal(opened.cluster.state.regions().length, 6)
    for (const id of regionIds) assert.ok(starts.includes(id))
    assert.deepEqual(await run(admin.splitRegions(keys)), { regionIds: [], scattering: [] })
  })

  it('are cut by at most 2048 keys in one request', async () => {
    const { admin, run, bench: opened } = await open()
    const keys = Array.from({ length: 3000 }, (_, index) => bytes(`k${String(index).padStart(4, '0')}`))
    const { regionIds } = await run(admin.splitRegions(keys))
    assert.equal(regionIds.length, 3000)
    assert.equal(opened.cluster.state.regions().length, 3001)
    const sizes = opened.cluster.faults
      .callsOf('SplitRegion')
      .map(({ request }) => (request as { splitKeys: Uint8Array[] }).splitKeys.length)
    assert.ok(sizes.every((size) => size <= 2048) && sizes.length >= 2, sizes.join())
  })

  it('are counted although the answer of the split was lost', async () => {
    const { admin, run, bench: opened } = await open()
    opened.cluster.faults.add({ method: 'SplitRegion' }, { kind: 'lose-answer' }, { times: 1 })
    const { regionIds } = await run(admin.splitRegions([bytes('c')]))
    assert.deepEqual(regionIds, [opened.cluster.regionOf(bytes('c')).region.id])
  })

  it('are scattered, and waited for', async () => {
    const { admin, run, bench: opened } = await open()
    const refusals = { left: 1 }
    opened.cluster.pd.addHook(({ method }) => {
      if (method === 'ScatterRegion' && refusals.left-- > 0)
        throw new RpcRefusal(2, 'region is not known yet')
    })
    const { regionIds, scattering } = await run(
      admin.splitRegions([bytes('c'), bytes('x')], { scatter: true, waitMs: 5000 }),
    )
    assert.equal(regionIds.length, 2)
    assert.deepEqual(scattering, [])
    for (const id of regionIds) assert.ok(opened.cluster.pd.scattered.has(id))
  })

  it('cannot be cut before an empty key', async () => {
    const { admin } = await open()
    await fails(admin.splitRegions([bytes('')]), 'INVALID_ARGUMENT')
  })
})

describe('ranges', () => {
  it('lose every version of their keys, whichever region they are in', async () => {
    const { admin, run, writer, visible, bench: opened } = await threeRegions()
    await writer.write(writes(LETTERS.join('')))
    await run(admin.deleteRange(range('x', 'b')))
    await run(admin.deleteRange(range('d', 'y'), { notifyOnly: true }))
    assert.equal(await visible(), LETTERS.join(''))
    await run(admin.deleteRange(range('d', 'y')))
    assert.equal(await visible(), 'abcyz')
    opened.cluster.splitAt(bytes('b'))
    await run(admin.deleteRange(range('', '')))
    assert.equal(await visible(), '')
  })

  it('[S71] are destroyed on every store, and no other key is touched', async () => {
    const { admin, run, writer, visible, bench: opened } = await threeRegions()
    await writer.write(writes(LETTERS.join('')))
    await run(admin.unsafeDestroyRange(range('e', 's')))
    assert.equal(await visible(), 'abcdstuvwxyz')
    const stores = opened.cluster.faults.callsOf('UnsafeDestroyRange').map(({ storeId }) => storeId)
    assert.deepEqual(stores.sort(), [...opened.cluster.storeIds].sort())
  })

  it('[S71] are destroyed on the other stores when one fails, which is told', async () => {
    const { admin, run, bench: opened } = await threeRegions()
    const [broken = assert.fail()] = opened.cluster.storeIds
    opened.cluster.faults.add({ method: 'UnsafeDestroyRange', storeId: broken }, { kind: 'drop' })
    const work = run(admin.unsafeDestroyRange(range('e', 's')))
    await assert.rejects(
      work,
      new RegExp(`STORE_REFUSED: .* failed on 1 of 3 stores, the first of them store ${broken}`),
    )
    assert.equal(opened.cluster.faults.callsOf('UnsafeDestroyRange').length, 3)
  })

  it('need both bounds to be destroyed', async () => {
    const { admin, bench: opened } = await open()
    await fails(admin.unsafeDestroyRange(range('', 's')), 'INVALID_ARGUMENT')
    await fails(admin.unsafeDestroyRange(range('e', '')), 'INVALID_ARGUMENT')
    assert.deepEqual(opened.cluster.faults.callsOf('UnsafeDestroyRange'), [])
  })

  it('are flashed back to what they were', async () => {
    const { admin, run, writer, tso, visible } = await threeRegions()
    await writer.write(writes('abkz'))
    const version = await tso()
    await writer.write(writes('clq'))
    const startTs = await tso()
    await run(admin.prepareFlashback(range('', ''), { version, startTs }))
    const commitTs = await tso()
    await run(admin.flashback(range('', ''), { version, startTs, commitTs }))
    assert.equal(await visible(), 'abkz')
  })
})

describe('locks', () => {
  it('[S71] are scanned page by page over regions, the youngest left out', async () => {
    const { admin, run, writer, tso, bench: opened } = await threeRegions()
    for (const key of LETTERS) await writer.prewrite(writer.tso(), { [key]: key })
    const maxTs = await tso()
    await writer.prewrite(writer.tso(), { zz: 'young' })
    const keysOf = async (limit?: number, within = range('', '')): Promise<(string | undefined)[]> =>
      (await run(collect(admin.scanLocks(maxTs, within, limit, { pageSize: 4 })))).map(({ key }) => text(key))
    assert.deepEqual(await keysOf(), LETTERS)
    assert.deepEqual(await keysOf(undefined, range('e', 'r')), Array.from('efghijklmnopq'))
    assert.deepEqual(await keysOf(5, range('e', 'r')), Array.from('efghi'))
    opened.cluster.faults.clearLog()
    assert.deepEqual(await keysOf(2), ['a', 'b'])
    const asked = opened.cluster.faults
      .callsOf('KvScanLock')
      .map(({ request }) => (request as ScanLockRequest).limit)
    assert.deepEqual(asked, [4])
    await fails(collect(admin.scanLocks(maxTs, undefined, -1)), 'INVALID_ARGUMENT')
  })

  it('are resolved up to a timestamp, in every region', async () => {
    const { admin, run, writer, tso } = await open({ splitKeys: LETTERS.slice(1).map(bytes) })
    const committed = writer.tso()
    await writer.prewrite(committed, { a: '1', n: '1' }, { primary: 'a' })
    await writer.commit(committed, ['a'])
    for (const key of ['c', 'f', 'z']) await writer.prewrite(writer.tso(), { [key]: key })
    const maxTs = await tso()
    await writer.prewrite(writer.tso(), { y: 'young' })
    assert.equal(await run(admin.resolveLocks(maxTs, range('b', 'g'))), 2)
    assert.equal(await run(admin.resolveLocks(maxTs)), 2)
    const left = await run(collect(admin.scanLocks(await tso())))
    assert.deepEqual(
      left.map(({ key }) => text(key)),
      ['y'],
    )
    assert.equal(text((await run(admin.mvccByKey(bytes('n'))))?.writes[0]?.shortValue), '1')
  })

  it('tell which transactions wait for which', async () => {
    const { admin, run, bench: opened } = await open()
    const entries = [
      { txn: 7n, waitForTxn: 5n, keyHash: 1n, key: bytes('k'), resourceGroupTag: bytes(''), waitTime: 20n },
    ]
    const [first = assert.fail()] = opened.cluster.storeIds
    opened.cluster.faults.add(
      { method: 'GetLockWaitInfo', storeId: first },
      { kind: 'answer', response: () => ({ regionError: undefined, error: '', entries }) },
    )
    assert.deepEqual(await run(admin.lockWaits()), [
      { storeId: first, startTs: 7n, waitsForStartTs: 5n, key: bytes('k'), waitMs: 20 },
    ])
  })
})

describe('with API V2', () => {
  it('[S70] locks, ranges and garbage are those of the keyspace', async () => {
    const opened = await ClientBench.open({ apiVersion: 'v2', keyspaces: ['one', 'two'] })
    bench = opened
    const run = <T>(work: Promise<T>): Promise<T> => opened.finish(work)
    const clients = []
    for (const keyspace of ['one', 'two']) {
      const core = await opened.core('transaction', { apiVersion: 'v2', keyspace })
      const safePoint = { advanceTo: () => undefined }
      const admin = new AdminClient({ core, resolver: new LockResolver(core), safePoint })
      const prefix = String.fromCharCode(0x78, 0, 0, core.codec.keyspaceId ?? assert.fail())
      clients.push({ core, admin, prefix })
    }
    const [one = assert.fail(), two = assert.fail()] = clients
    const writer = new DirectWriter(opened.cluster.mvcc, () => opened.env.clock.nowMs())
    for (const { prefix } of clients) {
      await writer.prewrite(
        writer.tso(),
        { [`${prefix}a`]: '1', [`${prefix}c`]: '1' },
        { primary: `${prefix}a` },
      )
      await writer.write({ [`${prefix}d`]: '1' })
    }
    await opened.env.advance(10)
    const now = await run(one.core.pd.getTimestamp())
    const locksOf = async ({ admin }: typeof one): Promise<(string | undefined)[]> =>
      (await run(collect(admin.scanLocks(now)))).flatMap(({ key, primaryLock }) => [
        text(key),
        text(primaryLock),
      ])
    assert.deepEqual(await locksOf(one), ['a', 'a', 'c', 'a'])
    assert.equal(await run(one.admin.resolveLocks(now)), 2)
    assert.deepEqual([(await locksOf(one)).length, (await locksOf(two)).length], [0, 4])
    const { regionIds } = await run(one.admin.splitRegions([bytes('b'), bytes('d')]))
    assert.equal(regionIds.length, 2)
    await run(one.admin.unsafeDestroyRange(range('', '')))
    assert.equal((await run(one.admin.mvccByKey(bytes('d'))))?.writes.length, 0)
    assert.equal((await run(two.admin.mvccByKey(bytes('d'))))?.writes.length, 1)
    const [lock] = [(await run(two.admin.mvccByKey(bytes('c'))))?.lock]
    assert.equal(text(lock?.primary), 'a')
  })
})

describe('garbage collection', () => {
  it('[S71] leaves no lock that is older than the safe point, and moves both safe points', async () => {
    const { admin, run, writer, tso, safePoint } = await threeRegions()
    for (const key of 'ahz') await writer.prewrite(writer.tso(), { [key]: key })
    const target = await tso()
    await writer.prewrite(writer.tso(), { q: 'young' })
    const result = await run(admin.gc(target))
    assert.deepEqual(result, { txnSafePoint: target, gcSafePoint: target, blocker: '', resolvedLocks: 3 })
    const left = await run(collect(admin.scanLocks(await tso())))
    assert.deepEqual(
      left.map(({ key }) => text(key)),
      ['q'],
    )
    const { txnSafePoint, gcSafePoint } = await run(admin.gcState())
    assert.deepEqual([txnSafePoint, gcSafePoint, safePoint.value], [target, target, target])
  })

  it('stops at a barrier, and goes on when it is gone', async () => {
    const { admin, run, writer, tso } = await threeRegions()
    await writer.prewrite(writer.tso(), { a: 'a' })
    const held = await tso()
    await writer.prewrite(writer.tso(), { b: 'b' })
    assert.deepEqual(await run(admin.setBarrier('backup', held, 60_000)), {
      id: 'backup',
      timestamp: held,
      ttlMs: 60_000,
    })
    const target = await tso()
    const first = await run(admin.gc(target))
    assert.deepEqual([first.txnSafePoint, first.gcSafePoint, first.resolvedLocks], [held, held, 1])
    assert.match(first.blocker, /backup/)
    assert.deepEqual((await run(admin.gcState())).barriers, [
      { id: 'backup', timestamp: held, ttlMs: 60_000 },
    ])
    assert.equal((await run(admin.deleteBarrier('backup')))?.id, 'backup')
    assert.equal(await run(admin.deleteBarrier('backup')), undefined)
    const second = await run(admin.gc(target))
    assert.deepEqual(second, { txnSafePoint: target, gcSafePoint: target, blocker: '', resolvedLocks: 1 })
  })

  it('is refused beyond the present, and behind the safe point', async () => {
    const { admin, run, tso } = await open()
    const early = await tso()
    const target = await tso()
    await fails(run(admin.gc(target + composeTimestamp(60_000, 0))), 'INVALID_ARGUMENT')
    await fails(run(admin.gc(0n)), 'INVALID_ARGUMENT')
    await fails(run(admin.gc(target, { concurrency: 0 })), 'INVALID_ARGUMENT')
    assert.equal((await run(admin.gcState())).txnSafePoint, 0n)
    await run(admin.gc(target))
    await fails(run(admin.gc(early)), 'PD_REFUSED')
    await fails(run(admin.setBarrier('late', early, 1000)), 'PD_REFUSED')
    await fails(
      Promise.resolve().then(() => admin.setBarrier('', target, 1000)),
      'INVALID_ARGUMENT',
    )
    await fails(
      Promise.resolve().then(() => admin.setBarrier('x', target, 0)),
      'INVALID_ARGUMENT',
    )
  })

  it('does not move the GC safe point when locks cannot be resolved', async () => {
    const { admin, run, writer, tso, bench: opened } = await open()
    await writer.prewrite(writer.tso(), { a: 'a' })
    const target = await tso()
    opened.cluster.faults.keyError({ method: 'KvResolveLock' }, KeyError.create({ abort: 'broken' }))
    await assert.rejects(run(admin.gc(target)))
    assert.equal((await run(admin.gcState())).gcSafePoint, 0n)
  })
})

describe('what stores tell', () => {
  it('is the smallest safe timestamp of all stores, asked once in two seconds', async () => {
    const { admin, run, bench: opened } = await threeRegions()
    const [a = 0n, b = 0n, c = 0n] = opened.cluster.storeIds
    for (const [id, ts] of [
      [a, 300n],
      [b, 100n],
      [c, 200n],
    ] as const)
      opened.cluster.settings(id).safeTs = ts
    const both = await run(Promise.all([admin.minSafeTs(), admin.minSafeTs()]))
    assert.deepEqual(both, [100n, 100n])
    assert.equal(opened.cluster.faults.callsOf('GetStoreSafeTS').length, 3)
    opened.cluster.settings(b).safeTs = 250n
    opened.cluster.settings(a).safeTs = 50n
    assert.equal(await run(admin.minSafeTs()), 100n)
    await opened.env.advance(2000)
    assert.equal(await run(admin.minSafeTs()), 200n)
    // What is known does not go back.
    assert.deepEqual(
      await run(admin.storeSafeTs()),
      new Map([
        [a, 300n],
        [b, 250n],
        [c, 200n],
      ]),
    )
  })

  it('tells which stores serve', async () => {
    const { admin, run, bench: opened } = await threeRegions()
    const { cluster } = opened
    const expected = cluster.state.stores().map(({ id, address }) => ({ id, address, isReachable: true }))
    assert.deepEqual(await run(admin.storeStates()), expected)
    const [first = assert.fail(), ...others] = expected
    await run(cluster.stopStore(first.id))
    assert.deepEqual(await run(admin.storeStates()), [{ ...first, isReachable: false }, ...others])
    await run(cluster.startStore(first.id))
    assert.deepEqual(await run(admin.storeStates()), expected)
  })

  it('is no safe timestamp while a store has never told its own', async () => {
    const { admin, run, bench: opened } = await threeRegions()
    const [first = assert.fail()] = opened.cluster.storeIds
    opened.cluster.faults.add({ method: 'GetStoreSafeTS', storeId: first }, { kind: 'drop' }, { times: 1 })
    assert.equal(await run(admin.minSafeTs()), 0n)
    await opened.env.advance(2000)
    assert.ok((await run(admin.minSafeTs())) > 0n)
  })

  it('is the versions of a key and the key of a transaction', async () => {
    const { admin, run, writer } = await threeRegions()
    const writtenAt = writer.tso()
    await writer.prewrite(writtenAt, { q: 'one' })
    const commitTs = await writer.commit(writtenAt, ['q'])
    const startTs = writer.tso()
    await writer.prewrite(startTs, { q: 'two' })
    const info = await run(admin.mvccByKey(bytes('q')))
    assert.equal(info?.writes[0]?.commitTs, commitTs)
    assert.equal(info.lock?.startTs, startTs)
    const found = await run(admin.mvccByStartTs(writtenAt))
    assert.equal(text(found?.key), 'q')
    assert.equal(await run(admin.mvccByStartTs(1n)), undefined)
  })

  it('is asked with the version of the API and the cluster', async () => {
    const { admin, run, bench: opened, core } = await open()
    await run(admin.lockWaits())
    const [call = assert.fail()] = opened.cluster.faults.callsOf('GetLockWaitInfo')
    const { context } = call.request as { context: Context }
    assert.deepEqual([context.apiVersion, context.clusterId], [0, core.pd.clusterId])
  })
})
