import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { hasCode, type ErrorCode } from '@orbit-ts/base'
import fc from 'fast-check'
import type { TiKVConfigInput } from '../config/tikv-config.js'
import type { RawBatchPutRequest, RawPutRequest } from '../gen/kvrpcpb.js'
import type { TestClusterOptions } from '../testing/test-cluster.js'
import { regionErrors } from '../testing/store/region-refusal.js'
import { bytes, ClientBench, collect, range, text } from './client-bench.fake.js'
import { RawClient } from './raw-client.js'
import type { RawEntry } from './raw-options.js'

const EVERYTHING = range('', '')
let bench: ClientBench | undefined

afterEach(async () => {
  await bench?.close()
  bench = undefined
})

interface Opened {
  readonly bench: ClientBench
  readonly raw: RawClient
  /** Runs in virtual time. */
  readonly run: <T>(work: Promise<T>) => Promise<T>
}

async function open(
  cluster: TestClusterOptions = {},
  config: Partial<TiKVConfigInput> = {},
): Promise<Opened> {
  const opened = await ClientBench.open({ keyMode: 'raw', ...cluster })
  bench = opened
  const core = await opened.core('raw', { apiVersion: cluster.apiVersion ?? 'v1', ...config })
  return { bench: opened, raw: new RawClient(core), run: (work) => opened.finish(work) }
}

const threeRegions = (): Promise<Opened> => open({ splitKeys: [bytes('g'), bytes('p')] })

const entry = (key: string, value = `value of ${key}`): RawEntry => ({ key: bytes(key), value: bytes(value) })
const shown = (entries: readonly RawEntry[]): (string | undefined)[] => entries.map(({ key }) => text(key))
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz')

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => hasCode(error, code))
}

describe('raw keys', () => {
  it('[S67] are put, read, deleted and scanned both ways over three regions', async () => {
    const { raw, run } = await threeRegions()
    await run(raw.batchPut(LETTERS.map((key) => entry(key))))
    await run(raw.put(bytes('h'), bytes('other')))
    assert.equal(text(await run(raw.get(bytes('h')))), 'other')
    const found = await run(raw.batchGet([bytes('z'), bytes('missing'), bytes('a'), bytes('h'), bytes('z')]))
    assert.deepEqual(found.map(text), ['value of z', undefined, 'value of a', 'other', 'value of z'])
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100))), LETTERS)
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100, { reverse: true }))), LETTERS.toReversed())
    await run(raw.delete(bytes('c')))
    await run(raw.batchDelete([bytes('a'), bytes('k'), bytes('x'), bytes('missing')]))
    const left = LETTERS.filter((key) => !'ckax'.includes(key))
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100))), left)
  })

  it('[S67] scans 20 480 keys with a limit of 10 240 in order, and refuses a larger limit', async () => {
    const { raw, run } = await open({ splitKeys: [bytes('k05000'), bytes('k09999'), bytes('k15000')] })
    const keys = Array.from({ length: 20_480 }, (_, index) => `k${String(index).padStart(5, '0')}`)
    await run(raw.batchPut(keys.map((key) => entry(key, 'v'))))
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 10_240))), keys.slice(0, 10_240))
    const last = await run(raw.scan(EVERYTHING, 10_240, { reverse: true, keysOnly: true }))
    assert.deepEqual(shown(last), keys.slice(-10_240).reverse())
    assert.equal(
      last.every(({ value }) => value.length === 0),
      true,
    )
    for (const limit of [10_241, 0, -1, 1.5, Number.NaN])
      await fails(raw.scan(EVERYTHING, limit), 'INVALID_ARGUMENT')
  })

  it('[S69] tells an empty value from a missing key', async () => {
    const { raw, run } = await threeRegions()
    await run(raw.put(bytes('empty'), bytes('')))
    assert.deepEqual(await run(raw.get(bytes('empty'))), bytes(''))
    assert.equal(await run(raw.get(bytes('missing'))), undefined)
    const found = await run(raw.batchGet([bytes('empty'), bytes('missing')]))
    assert.deepEqual(found, [bytes(''), undefined])
    assert.deepEqual(await run(raw.scan(EVERYTHING, 5)), [{ key: bytes('empty'), value: bytes('') }])
  })

  it('[S69] deletes ranges, with open bounds everything', async () => {
    const { raw, run } = await threeRegions()
    const all = LETTERS.map((key) => entry(key))
    await run(raw.batchPut(all))
    await run(raw.deleteRange(range('e', 'r')))
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100))), Array.from('abcdrstuvwxyz'))
    await run(raw.deleteRange(range('', 'b')))
    await run(raw.deleteRange(range('y', '')))
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100))), Array.from('bcdrstuvwx'))
    await run(raw.deleteRange(range('x', 'b')))
    assert.equal((await run(raw.scan(EVERYTHING, 100))).length, 10)
    await run(raw.deleteRange(EVERYTHING))
    assert.deepEqual(await run(raw.scan(EVERYTHING, 100)), [])
  })

  it('[S69] has a checksum that is that of its halves', async () => {
    const { raw, run } = await threeRegions()
    await run(raw.batchPut(LETTERS.map((key) => entry(key))))
    const whole = await run(raw.checksum(EVERYTHING))
    const [left, right] = [await run(raw.checksum(range('', 'j'))), await run(raw.checksum(range('j', '')))]
    assert.equal(whole.crc64Xor, left.crc64Xor ^ right.crc64Xor)
    assert.notEqual(whole.crc64Xor, 0n)
    assert.deepEqual([whole.totalKvs, whole.totalBytes], [26n, 26n * 11n])
    assert.equal(left.totalKvs + right.totalKvs, 26n)
    assert.deepEqual(await run(raw.checksum(range('x', 'b'))), { crc64Xor: 0n, totalKvs: 0n, totalBytes: 0n })
  })

  it('scans like a sorted list, whatever the range, limit, direction and regions', async () => {
    const { raw, run, bench: opened } = await threeRegions()
    const keys = LETTERS.flatMap((letter) => [letter, `${letter}0`, `${letter}z`])
    await run(raw.batchPut(keys.map((key) => entry(key))))
    const bound = fc.oneof(fc.constant(''), fc.constantFrom(...keys), fc.constantFrom('a!', 'g!', 'zzz'))
    await fc.assert(
      fc.asyncProperty(
        bound,
        bound,
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (start, end, limit, reverse) => {
          const inside = keys.filter((key) => key >= start && (end === '' || key < end))
          const expected = (reverse ? inside.toReversed() : inside).slice(0, limit)
          assert.deepEqual(shown(await run(raw.scan(range(start, end), limit, { reverse }))), expected)
        },
      ),
      { numRuns: 60 },
    )
    assert.ok(opened.cluster.faults.callsOf('RawScan').length > 0)
  })

  it('gives every entry in pages, and stops when its reader does', async () => {
    const { raw, run, bench: opened } = await open({ splitKeys: [bytes('k1000')] })
    const keys = Array.from({ length: 2500 }, (_, index) => `k${String(index).padStart(4, '0')}`)
    await run(raw.batchPut(keys.map((key) => entry(key, ''))))
    for (const reverse of [false, true]) {
      const pages = await run(collect(raw.entries(EVERYTHING, { reverse })))
      assert.deepEqual(shown(pages.flat()), reverse ? keys.toReversed() : keys)
      assert.ok(pages.every(({ length }) => length <= 1024))
    }
    opened.cluster.faults.clearLog()
    const first = await run(raw.entries(EVERYTHING).next())
    assert.equal(first.done === true ? 0 : first.value.length, 1000)
    assert.equal(opened.cluster.faults.callsOf('RawScan').length, 1)
  })

  it('scans many ranges at once', async () => {
    const { raw, run } = await threeRegions()
    await run(raw.batchPut(LETTERS.map((key) => entry(key))))
    const ranges = [range('x', ''), range('b', 'e'), range('m', 'c'), range('f', 'r')]
    assert.deepEqual((await run(raw.batchScan(ranges, 4))).map(shown), [
      ['x', 'y', 'z'],
      ['b', 'c', 'd'],
      [],
      ['f', 'g', 'h', 'i'],
    ])
    assert.deepEqual(shown((await run(raw.batchScan(ranges, 2, { reverse: true })))[3] ?? []), ['q', 'p'])
  })

  it('[S18] finds its keys again after splits and merges', async () => {
    const { raw, run, bench: opened } = await open()
    await run(raw.batchPut(LETTERS.map((key) => entry(key))))
    for (const key of ['d', 'm', 't']) opened.cluster.splitAt(bytes(key))
    await run(raw.batchPut(LETTERS.map((key) => entry(key, 'second'))))
    opened.cluster.splitAt(bytes('p'))
    const found = await run(raw.batchGet(LETTERS.map(bytes)))
    assert.deepEqual(
      found.map(text),
      LETTERS.map(() => 'second'),
    )
    opened.cluster.splitAt(bytes('w'))
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100, { reverse: true }))), LETTERS.toReversed())
    opened.cluster.splitAt(bytes('c'))
    await run(raw.deleteRange(range('b', 'y')))
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100))), ['a', 'y', 'z'])
  })

  it('puts 16 KiB and gets or deletes 512 keys in one request', async () => {
    const { raw, run, bench: opened } = await open()
    const { faults } = opened.cluster
    const keys = Array.from({ length: 1300 }, (_, index) => bytes(`k${String(index).padStart(4, '0')}`))
    await run(raw.batchPut(keys.map((key) => ({ key, value: new Uint8Array(45) }))))
    const puts = faults
      .callsOf('RawBatchPut')
      .map(({ request }) => (request as RawBatchPutRequest).pairs.length)
    // 50 bytes an entry: the 328th reaches 16 384 bytes.
    assert.deepEqual(puts, [328, 328, 328, 316])
    await run(raw.batchGet(keys))
    assert.equal(faults.callsOf('RawBatchGet').length, 3)
    await run(raw.batchDelete(keys))
    assert.equal(faults.callsOf('RawBatchDelete').length, 3)
    assert.deepEqual(await run(raw.scan(EVERYTHING, 1)), [])
  })

  it('keeps column families apart, and refuses one that there is not', async () => {
    const { raw, run } = await open()
    const lock = raw.withColumnFamily('lock')
    await run(lock.put(bytes('k'), bytes('in lock')))
    assert.equal(await run(raw.get(bytes('k'))), undefined)
    assert.equal(text(await run(lock.get(bytes('k')))), 'in lock')
    assert.deepEqual(shown(await run(lock.scan(EVERYTHING, 5))), ['k'])
    assert.throws(
      () => raw.withColumnFamily('raft'),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
  })

  it('cuts its regions', async () => {
    const { raw, run, bench: opened } = await open()
    const { regionIds } = await run(raw.splitRegions([bytes('f'), bytes('c'), bytes('f')]))
    assert.equal(regionIds.length, 2)
    const starts = opened.cluster.state.regions().map(({ region }) => text(region.startKey))
    assert.deepEqual(starts, ['', 'c', 'f'])
  })

  it('refuses what cannot be, before anything is sent', async () => {
    const { raw, bench: opened } = await open({}, { entryBytesMax: 2048, keyBytesMax: 100 })
    const k = bytes('k')
    const long = new Uint8Array(101)
    await fails(raw.get(bytes('')), 'INVALID_ARGUMENT')
    await fails(raw.put(long, k), 'KEY_TOO_LARGE')
    await fails(raw.put(k, new Uint8Array(2048)), 'VALUE_TOO_LARGE')
    await fails(raw.batchPut([entry('k'), { key: bytes(''), value: k }]), 'INVALID_ARGUMENT')
    await fails(raw.batchGet([k, long]), 'KEY_TOO_LARGE')
    await fails(raw.put(k, k, { ttlSeconds: 1 }), 'API_VERSION_MISMATCH')
    await fails(raw.put(k, k, { ttlSeconds: 0 }), 'INVALID_ARGUMENT')
    assert.deepEqual(opened.cluster.faults.calls, [])
  })

  it('are not asked for after their signal was aborted', async () => {
    const { raw, run } = await open()
    const signal = AbortSignal.abort()
    await fails(run(raw.get(bytes('k'), { signal })), 'ABORTED')
    await fails(run(raw.scan(EVERYTHING, 5, { signal })), 'ABORTED')
    await fails(run(raw.batchPut([entry('k')], { signal })), 'ABORTED')
  })

  it('fails with what the server says', async () => {
    const { raw, run, bench: opened } = await open()
    const answer = {
      kind: 'answer',
      response: () => ({ regionError: undefined, error: 'no such thing' }),
    } as const
    opened.cluster.faults.add({ method: 'RawPut' }, answer)
    await fails(run(raw.put(bytes('k'), bytes('v'))), 'STORE_REFUSED')
    const pairs = [
      { key: bytes(''), value: bytes(''), error: { abort: 'no such thing', retryable: '' }, commitTs: 0n },
    ]
    opened.cluster.faults.add(
      { method: 'RawBatchGet' },
      { kind: 'answer', response: () => ({ regionError: undefined, pairs }) },
    )
    await fails(run(raw.batchGet([bytes('k')])), 'STORE_REFUSED')
  })
})

describe('raw keys with a time to live', () => {
  it('[S68] expire, and tell what is left', async () => {
    const { raw, run, bench: opened } = await open({ apiVersion: 'v1ttl' })
    const k = bytes('k')
    await run(raw.put(k, bytes('v'), { ttlSeconds: 2 }))
    await run(raw.batchPut([{ ...entry('long'), ttlSeconds: 100 }, entry('ever')]))
    assert.equal(await run(raw.getTtl(k)), 2)
    assert.equal(await run(raw.getTtl(bytes('ever'))), Number.POSITIVE_INFINITY)
    assert.equal(await run(raw.getTtl(bytes('missing'))), undefined)
    await opened.env.advance(1100)
    const left = await run(raw.getTtl(k))
    assert.ok(left === 1, `${left} s are left`)
    await opened.env.advance(1000)
    assert.equal(await run(raw.get(k)), undefined)
    assert.equal(await run(raw.getTtl(k)), undefined)
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 5))), ['ever', 'long'])
  })

  it('says which API version a time to live needs', async () => {
    const { raw, run } = await open()
    await run(raw.put(bytes('k'), bytes('v')))
    await fails(run(raw.getTtl(bytes('k'))), 'API_VERSION_MISMATCH')
  })
})

describe('compare and swap', () => {
  it('[S68] puts where the value is the expected one, and tells the present one otherwise', async () => {
    const { raw, run } = await threeRegions()
    const atomic = raw.atomic()
    const k = bytes('k')
    const swap = (expected: string | undefined, value: string) =>
      run(
        atomic.compareAndSwap(k, bytes(value), {
          expected: expected === undefined ? undefined : bytes(expected),
        }),
      )
    assert.deepEqual(await swap('a', 'b'), { swapped: false, previous: undefined })
    assert.deepEqual(await swap(undefined, 'a'), { swapped: true, previous: undefined })
    assert.deepEqual(await swap(undefined, 'b'), { swapped: false, previous: bytes('a') })
    assert.deepEqual(await swap('a', ''), { swapped: true, previous: bytes('a') })
    assert.deepEqual(await swap(undefined, 'c'), { swapped: false, previous: bytes('') })
    assert.deepEqual(await swap('', 'd'), { swapped: true, previous: bytes('') })
    assert.equal(text(await run(raw.get(k))), 'd')
    assert.deepEqual(await run(atomic.compareAndDelete(k, bytes('x'))), {
      swapped: false,
      previous: bytes('d'),
    })
    assert.deepEqual(await run(atomic.compareAndDelete(k, bytes('d'))), {
      swapped: true,
      previous: bytes('d'),
    })
    assert.equal(await run(raw.get(k)), undefined)
  })

  it('[S68] is a method of the atomic client only, whose writes say so to the server', async () => {
    const { raw, run, bench: opened } = await open()
    assert.equal('compareAndSwap' in raw, false)
    const atomic = raw.atomic()
    await run(raw.put(bytes('a'), bytes('')))
    await run(atomic.put(bytes('a'), bytes('')))
    await run(atomic.batchPut([entry('a')]))
    await run(atomic.delete(bytes('a')))
    await run(atomic.batchDelete([bytes('a')]))
    const calls = opened.cluster.faults.calls.map(({ request }) => (request as RawPutRequest).forCas)
    assert.deepEqual(calls, [false, true, true, true, true])
  })

  it('[S68] takes a time to live', async () => {
    const { raw, run, bench: opened } = await open({ apiVersion: 'v1ttl' })
    const k = bytes('k')
    await run(raw.atomic().compareAndSwap(k, bytes('v'), { expected: undefined, ttlSeconds: 5 }))
    assert.equal(await run(raw.getTtl(k)), 5)
    await opened.env.advance(5100)
    assert.equal(await run(raw.get(k)), undefined)
  })

  it('is undetermined when an answer was lost and the next one says that another value is there', async () => {
    const { raw, run, bench: opened } = await open()
    opened.cluster.faults.add({ method: 'RawCompareAndSwap' }, { kind: 'lose-answer' }, { times: 1 })
    const swap = raw.atomic().compareAndSwap(bytes('k'), bytes('v'), { expected: undefined })
    await fails(run(swap), 'COMMIT_UNDETERMINED')
    assert.equal(text(await run(raw.get(bytes('k')))), 'v')
  })

  it('is determined when an answer was lost before anything was done', async () => {
    const { raw, run, bench: opened } = await open()
    opened.cluster.faults.add({ method: 'RawCompareAndSwap' }, { kind: 'drop' }, { times: 1 })
    const swap = raw.atomic().compareAndSwap(bytes('k'), bytes('v'), { expected: undefined })
    assert.deepEqual(await run(swap), { swapped: true, previous: undefined })
  })

  it('is determined when it was refused with region errors only', async () => {
    const { raw, run, bench: opened } = await open()
    const stale = regionErrors.staleCommand()
    opened.cluster.faults.regionError({ method: 'RawCompareAndSwap' }, stale, { times: 2 })
    const swap = raw.atomic().compareAndSwap(bytes('k'), bytes('v'), { expected: bytes('x') })
    assert.deepEqual(await run(swap), { swapped: false, previous: undefined })
  })
})

describe('raw writes whose answers are lost', () => {
  it('are repeated, and done', async () => {
    const { raw, run, bench: opened } = await threeRegions()
    opened.cluster.faults.add({ method: 'RawBatchPut' }, { kind: 'lose-answer' }, { times: 2 })
    await run(raw.batchPut(LETTERS.map((key) => entry(key))))
    assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100))), LETTERS)
    const repeats = opened.cluster.faults
      .callsOf('RawBatchPut')
      .map(({ request }) => (request as RawPutRequest).context?.isRetryRequest)
    assert.deepEqual(repeats.filter((is) => is === true).length, 2)
  })

  it('are undetermined when no attempt has an answer', async () => {
    const { raw, run, bench: opened } = await open()
    opened.cluster.faults.add(
      { method: ['RawPut', 'RawBatchPut', 'RawDeleteRange'] },
      { kind: 'lose-answer' },
    )
    await fails(run(raw.put(bytes('k'), bytes('v'))), 'COMMIT_UNDETERMINED')
    await fails(run(raw.batchPut([entry('k')])), 'COMMIT_UNDETERMINED')
    await fails(run(raw.deleteRange(EVERYTHING)), 'COMMIT_UNDETERMINED')
  })

  it('[S34] of a raft entry that is too large fail at once', async () => {
    const { raw, run, bench: opened } = await open()
    for (const id of opened.cluster.storeIds) opened.cluster.settings(id).raftEntryBytesMax = 100
    await fails(run(raw.put(bytes('k'), new Uint8Array(200))), 'RAFT_ENTRY_TOO_LARGE')
    assert.equal(opened.cluster.faults.callsOf('RawPut').length, 1)
  })
})

describe('raw keys of API V2', () => {
  const v2 = async (keyspaces: readonly string[]): Promise<readonly [ClientBench, readonly RawClient[]]> => {
    const opened = await ClientBench.open({ apiVersion: 'v2', keyspaces })
    bench = opened
    const clients = []
    for (const keyspace of ['DEFAULT', ...keyspaces])
      clients.push(new RawClient(await opened.core('raw', { apiVersion: 'v2', keyspace })))
    return [opened, clients]
  }

  it('[S70] are those of one keyspace: no scan, range or checksum leaves it', async () => {
    const [opened, clients] = await v2(['one', 'two'])
    const run = <T>(work: Promise<T>): Promise<T> => opened.finish(work)
    for (const [index, raw] of clients.entries())
      await run(raw.batchPut(LETTERS.slice(index).map((key) => entry(key, `${index}`))))
    for (const [index, raw] of clients.entries()) {
      const own = LETTERS.slice(index)
      assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100))), own)
      assert.deepEqual(shown(await run(raw.scan(EVERYTHING, 100, { reverse: true }))), own.toReversed())
      assert.equal((await run(raw.checksum(EVERYTHING))).totalKvs, BigInt(own.length))
      assert.equal(text(await run(raw.get(bytes('z')))), `${index}`)
    }
    const [first, second, third] = clients
    await run((second ?? assert.fail()).deleteRange(EVERYTHING))
    assert.equal((await run((first ?? assert.fail()).scan(EVERYTHING, 100))).length, 26)
    assert.equal((await run((third ?? assert.fail()).scan(EVERYTHING, 100))).length, 24)
  })

  it('[S70] are found after regions were cut in and around the keyspace', async () => {
    const [opened, [, raw = assert.fail()]] = await v2(['one'])
    await opened.finish(raw.batchPut(LETTERS.map((key) => entry(key))))
    const prefix =
      opened.cluster.faults
        .callsOf('RawBatchPut')
        .map(({ request }) => (request as RawBatchPutRequest).pairs[0]?.key.subarray(0, 4))[0] ??
      assert.fail()
    for (const at of [
      prefix,
      Uint8Array.of(...prefix, ...bytes('k')),
      Uint8Array.of(...prefix, ...bytes('t')),
    ])
      opened.cluster.splitAt(at)
    assert.deepEqual(
      shown(await opened.finish(raw.scan(EVERYTHING, 100, { reverse: true }))),
      LETTERS.toReversed(),
    )
    const found = await opened.finish(raw.batchGet(LETTERS.map(bytes)))
    assert.equal(
      found.every((value) => value !== undefined),
      true,
    )
  })

  it('[S70] say so when the client was told another version of the API than the cluster has', async () => {
    const opened = await ClientBench.open({ apiVersion: 'v2' })
    bench = opened
    const core = await opened.core('raw', { apiVersion: 'v1' })
    const put = opened.finish(new RawClient(core).put(bytes('k'), bytes('v')))
    await assert.rejects(
      put,
      /API_VERSION_MISMATCH: RawPut: the cluster stores keys under another API version/,
    )
  })

  it('have no column families', async () => {
    const [, [raw = assert.fail()]] = await v2([])
    assert.throws(
      () => raw.withColumnFamily('lock'),
      (error) => hasCode(error, 'API_VERSION_MISMATCH'),
    )
  })
})
