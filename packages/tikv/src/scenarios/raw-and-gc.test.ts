import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { fromUtf8, utf8 } from '@orbit-ts/base'
import type { RawEntry } from '../raw/raw-options.js'
import { failsWith, put, scenario, text } from './scenario.fake.js'

const EMPTY = utf8('')
const EVERYTHING = { start: EMPTY, end: EMPTY }
const RAW = { keyMode: 'raw', splitKeys: [utf8('key-07000'), utf8('key-14000')] } as const
const keyOf = (row: number): string => `key-${String(row).padStart(5, '0')}`
const keysOf = (entries: readonly RawEntry[]): string[] => entries.map(({ key }) => fromUtf8(key))
const range = (start: string, end: string): { start: Uint8Array; end: Uint8Array } => ({
  start: utf8(start),
  end: utf8(end),
})

describe('raw keys', () => {
  scenario(
    '[S67] over three regions, one by one, in batches and in scans both ways',
    { cluster: RAW },
    async (bench) => {
      const { raw } = await bench.client()
      const rows = Array.from({ length: 20_480 }, (_, row) => keyOf(row))
      await raw.batchPut(rows.map((key) => ({ key: utf8(key), value: utf8(key) })))
      assert.equal(text(await raw.get(utf8(keyOf(15_000)))), keyOf(15_000))
      const some = [keyOf(20_000), 'absent', keyOf(3), keyOf(8000)]
      const values = await raw.batchGet(some.map(utf8))
      assert.deepEqual(values.map(text), [some[0], undefined, some[2], some[3]])
      assert.deepEqual(keysOf(await raw.scan(EVERYTHING, 10_240)), rows.slice(0, 10_240))
      const reversed = [...rows].reverse()
      assert.deepEqual(
        keysOf(await raw.scan(EVERYTHING, 10_240, { reverse: true })),
        reversed.slice(0, 10_240),
      )
      await failsWith(raw.scan(EVERYTHING, 10_241), 'INVALID_ARGUMENT', /10240; use entries/)
      const all: string[] = []
      for await (const page of raw.entries(EVERYTHING, { keysOnly: true })) all.push(...keysOf(page))
      assert.deepEqual(all, rows)
      await raw.batchDelete(rows.slice(0, 10_000).map(utf8))
      await raw.delete(utf8(keyOf(10_000)))
      assert.deepEqual(keysOf(await raw.scan(EVERYTHING, 1)), [keyOf(10_001)])
    },
  )

  scenario(
    '[S68] expire, and tell how long they have',
    { cluster: { apiVersion: 'v1ttl' }, config: { apiVersion: 'v1ttl' }, speed: 4 },
    async (bench) => {
      const { raw } = await bench.client()
      await raw.put(utf8('stays'), utf8('v'))
      const startMs = bench.nowMs()
      await raw.put(utf8('k'), utf8('v'), { ttlSeconds: 8 })
      const left = await raw.getTtl(utf8('k'))
      const value = await raw.get(utf8('k'))
      // Over sockets a busy machine may need longer than the key lives.
      if (bench.isVirtual || bench.nowMs() - startMs < 7000) {
        assert.ok(left !== undefined && left > 0 && left <= 8, String(left))
        assert.equal(text(value), 'v')
      }
      assert.equal(await raw.getTtl(utf8('stays')), Number.POSITIVE_INFINITY)
      await bench.sleep(9000)
      assert.equal(await raw.get(utf8('k')), undefined)
      assert.equal(await raw.getTtl(utf8('k')), undefined)
      assert.deepEqual(keysOf(await raw.scan(EVERYTHING, 10)), ['stays'])
    },
  )

  scenario('[S68] are swapped only for the value that is expected', { cluster: RAW }, async (bench) => {
    const atomic = (await bench.client()).raw.atomic()
    const swap = async (
      expected: string | undefined,
      value: string,
    ): Promise<[boolean, string | undefined]> => {
      const wanted = expected === undefined ? undefined : utf8(expected)
      const { swapped, previous } = await atomic.compareAndSwap(utf8('k'), utf8(value), { expected: wanted })
      return [swapped, text(previous)]
    }
    assert.deepEqual(await swap('x', '1'), [false, undefined])
    assert.deepEqual(await swap(undefined, '1'), [true, undefined])
    assert.deepEqual(await swap(undefined, '2'), [false, '1'])
    assert.deepEqual(await swap('0', '2'), [false, '1'])
    assert.deepEqual(await swap('1', '2'), [true, '1'])
    await atomic.put(utf8('k'), utf8('3'))
    assert.deepEqual(await swap('3', '4'), [true, '3'])
    const counters = Array.from({ length: 20 }, async () => {
      for (;;) {
        const now = Number(text(await atomic.get(utf8('n'))) ?? 0)
        const expected = now === 0 ? undefined : utf8(String(now))
        const { swapped } = await atomic.compareAndSwap(utf8('n'), utf8(String(now + 1)), { expected })
        if (swapped) return
      }
    })
    await Promise.all(counters)
    assert.equal(text(await atomic.get(utf8('n'))), '20')
  })

  scenario(
    '[S69] with an empty value are there; checksums add up; a range without bounds is everything',
    { cluster: RAW },
    async (bench) => {
      const { raw } = await bench.client()
      await raw.put(utf8('empty'), EMPTY)
      assert.deepEqual((await raw.get(utf8('empty')))?.length, 0)
      assert.equal(await raw.get(utf8('missing')), undefined)
      await raw.batchPut(
        Array.from({ length: 300 }, (_, row) => ({ key: utf8(keyOf(row * 70)), value: utf8('v') })),
      )
      const whole = await raw.checksum(EVERYTHING)
      const low = await raw.checksum(range('', keyOf(9999)))
      const high = await raw.checksum(range(keyOf(9999), ''))
      assert.equal(whole.totalKvs, 301n)
      assert.equal(low.totalKvs + high.totalKvs, whole.totalKvs)
      assert.equal(low.totalBytes + high.totalBytes, whole.totalBytes)
      assert.equal(low.crc64Xor ^ high.crc64Xor, whole.crc64Xor)
      await raw.deleteRange(range(keyOf(100), keyOf(20_000)))
      assert.equal((await raw.checksum(EVERYTHING)).totalKvs, 17n)
      await raw.deleteRange(EVERYTHING)
      assert.deepEqual(await raw.scan(EVERYTHING, 10), [])
    },
  )
})

describe('keyspaces', () => {
  scenario(
    '[S70] do not see each other, in raw keys and transactions, over splits',
    { cluster: { apiVersion: 'v2', keyspaces: ['one', 'two'] }, config: { apiVersion: 'v2' } },
    async (bench) => {
      const one = await bench.connect({ keyspace: 'one' })
      const two = await bench.connect({ keyspace: 'two' })
      const rows = ['a', 'b', 'c', 'd']
      for (const [client, value] of [
        [one, 'one'],
        [two, 'two'],
      ] as const) {
        await client.raw.batchPut(rows.map((key) => ({ key: utf8(key), value: utf8(value) })))
        await client.txn.run(async (transaction) => {
          for (const key of rows) transaction.put(utf8(key), utf8(`${value} txn`))
        })
      }
      await one.raw.splitRegions([utf8('b'), utf8('c')])
      await two.admin.splitRegions([utf8('b'), utf8('d')])
      for (const [client, value] of [
        [one, 'one'],
        [two, 'two'],
      ] as const) {
        for (const reverse of [false, true]) {
          const expected = reverse ? [...rows].reverse() : rows
          const entries = await client.raw.scan(EVERYTHING, 100, { reverse })
          assert.deepEqual(keysOf(entries), expected)
          assert.ok(entries.every((entry) => text(entry.value) === value))
          const seen: string[] = []
          for await (const chunk of (await client.txn.snapshot()).scan(EVERYTHING, { reverse })) {
            assert.ok(chunk.every((row) => text(row.value) === `${value} txn`))
            seen.push(...chunk.map(({ key }) => fromUtf8(key)))
          }
          assert.deepEqual(seen, expected)
        }
      }
      await one.raw.deleteRange(EVERYTHING)
      assert.deepEqual(await one.raw.scan(EVERYTHING, 10), [])
      assert.equal((await two.raw.scan(EVERYTHING, 10)).length, 4)
      assert.equal(text(await (await one.txn.snapshot()).get(utf8('a'))), 'one txn')
    },
  )
})

describe('garbage collection', () => {
  const THREE_REGIONS = { splitKeys: [utf8('g'), utf8('p')] }

  scenario(
    '[S71] leaves no lock older than the safe point; locks are listed page by page',
    { cluster: THREE_REGIONS },
    async (bench) => {
      await bench.write({ a: 'old', z: 'old' })
      const dying = await bench.connect()
      const hang = bench.faults.add({ method: 'KvCommit' }, { kind: 'hang' })
      const transaction = await dying.txn.begin({ asyncCommit: false, onePc: false })
      const keys = Array.from('abcdefghijklmnopqrstuvwxyz')
      put(transaction, Object.fromEntries(keys.map((key) => [key, 'lost'])))
      const committing = failsWith(transaction.commit(), 'COMMIT_UNDETERMINED')
      await bench.until(() => hang.hits === 1)
      await dying.close()
      await committing
      hang.remove()
      const client = await bench.client()
      const safePoint = await client.txn.currentTimestamp()
      const found: string[] = []
      for await (const lock of client.admin.scanLocks(safePoint, EVERYTHING, 20, { pageSize: 3 }))
        found.push(fromUtf8(lock.key))
      assert.deepEqual(found, keys.slice(0, 20))
      const { txnSafePoint, gcSafePoint, resolvedLocks } = await client.admin.gc(safePoint)
      assert.deepEqual([txnSafePoint, gcSafePoint, resolvedLocks], [safePoint, safePoint, 26])
      assert.deepEqual(bench.locks, [])
      assert.equal(await bench.read('a'), 'old')
      assert.equal(await bench.read('b'), undefined)
    },
  )

  scenario('[S71] a destroyed range is gone, and nothing else', { cluster: THREE_REGIONS }, async (bench) => {
    await bench.write({ a: '1', h: '2', i: '3', z: '4' })
    const { admin } = await bench.client()
    await admin.unsafeDestroyRange(range('h', 'i'))
    const values = await (
      await (await bench.client()).txn.snapshot()
    ).batchGet(['a', 'h', 'i', 'z'].map(utf8))
    assert.deepEqual(values.map(text), ['1', undefined, '3', '4'])
    assert.equal(bench.faults.callsOf('UnsafeDestroyRange').length, 3)
    await failsWith(admin.unsafeDestroyRange(range('h', '')), 'INVALID_ARGUMENT', /needs both/)
  })
})
