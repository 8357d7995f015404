import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, hasCode, utf8 } from '@orbit-ts/base'
import { newExecDetails } from '../telemetry/exec-details.js'
import { MAX_TIMESTAMP } from '../timestamp.js'
import { resolveLockRange } from '../txn/lock/resolve-lock-range.js'
import { ClusterBench } from './cluster-bench.fake.js'
import { DirectWriter } from './direct-writer.fake.js'
import type { Snapshot } from './snapshot.js'
import type { ScanOptions } from './snapshot-options.js'

const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : fromUtf8(value)

/** Runs on a cluster whose regions start at these keys, and closes it. */
async function withCluster(
  splitKeys: readonly string[],
  test: (bench: ClusterBench, writer: DirectWriter) => Promise<void>,
): Promise<void> {
  const bench = await ClusterBench.open(splitKeys)
  try {
    await test(bench, new DirectWriter(bench.cluster.mvcc, () => bench.env.clock.nowMs()))
    // Timestamps of direct writes are in the present, as those of PD: the next ones are later.
    await bench.env.advance(1)
  } finally {
    await bench.close()
  }
  assert.equal(bench.env.pendingTimers, 0)
}

async function rows(snapshot: Snapshot, options: ScanOptions = {}): Promise<string[]> {
  const found: string[] = []
  for await (const chunk of snapshot.scan({ start: utf8(''), end: utf8('') }, options)) {
    found.push(...chunk.map(({ key, value }) => `${fromUtf8(key)}=${fromUtf8(value)}`))
  }
  return found
}

describe('reads of a test cluster', () => {
  it('[S37] [S64] see committed rows in every way of reading, and keep seeing the same', async () => {
    await withCluster(['b', 'n'], async (bench, writer) => {
      await writer.write({ a: '1', c: '2', x: '3' })
      await bench.env.advance(5)
      const snapshot = await bench.snapshot(undefined, { details: newExecDetails(), cacheBytesMax: 0 })
      const all = ['a=1', 'c=2', 'x=3']
      const check = async (): Promise<void> => {
        assert.equal(text(await bench.finish(snapshot.get(utf8('c')))), '2')
        const values = await bench.finish(snapshot.batchGet(['x', 'none', 'a'].map(utf8)))
        assert.deepEqual(values.map(text), ['3', undefined, '1'])
        assert.deepEqual(await bench.finish(rows(snapshot)), all)
        assert.deepEqual(
          await bench.finish(rows(snapshot, { reverse: true, batchSize: 1 })),
          [...all].reverse(),
        )
      }
      await check()
      await writer.write({ a: 'later', c: undefined })
      await check()
    })
  })

  it('[S21] go over regions that are split meanwhile, in both directions', async () => {
    await withCluster(['e'], async (bench, writer) => {
      const letters = Array.from('abcdefghij')
      await writer.write(Object.fromEntries(letters.map((letter) => [letter, letter])))
      await bench.env.advance(5)
      const expected = letters.map((letter) => `${letter}=${letter}`)
      for (const reverse of [false, true]) {
        const snapshot = await bench.snapshot()
        const found: string[] = []
        const read = async (): Promise<void> => {
          for await (const chunk of snapshot.scan(
            { start: utf8(''), end: utf8('') },
            { reverse, batchSize: 2 },
          )) {
            found.push(...chunk.map(({ key, value }) => `${fromUtf8(key)}=${fromUtf8(value)}`))
            if (found.length === 4) bench.cluster.splitAt(utf8(reverse ? 'c' : 'h'))
          }
        }
        await bench.finish(read())
        assert.deepEqual(found, reverse ? [...expected].reverse() : expected)
      }
    })
  })

  it('[S58] [S59] [S60] finish what dead clients left', async () => {
    await withCluster(['b', 'n'], async (bench, writer) => {
      await writer.write({ a: 'old', c: 'old', x: 'old' })
      const half = writer.tso()
      await writer.prewrite(half, { a: 'half', x: 'half' })
      await writer.commit(half, ['a'])
      await writer.prewrite(writer.tso(), { c: 'never', y: 'never' })
      await writer.prewrite(writer.tso(), { b: 'async', z: 'async' }, { asyncCommit: true })
      await writer.prewrite(writer.tso(), { d: 'part' }, { asyncCommit: true, allKeys: ['d', 'w'] })
      await bench.env.advance(6000)
      const snapshot = await bench.snapshot()
      const keys = ['a', 'x', 'c', 'y', 'b', 'z', 'd', 'w']
      const values = await bench.finish(snapshot.batchGet(keys.map(utf8)))
      assert.deepEqual(values.map(text), [
        'half',
        'half',
        'old',
        undefined,
        'async',
        'async',
        undefined,
        undefined,
      ])
      await bench.finish(bench.background.settle())
      assert.deepEqual(writer.locks(), [])
    })
  })

  it('[S58] [S63] are not stopped by a live transaction', async () => {
    await withCluster(['b'], async (bench, writer) => {
      await writer.write({ a: 'old', x: 'old' })
      await writer.prewrite(writer.tso(), { a: 'new', x: 'new' }, { ttlMs: 60_000, txnSize: 100_000 })
      await bench.env.advance(5)
      const startMs = bench.env.clock.nowMs()
      assert.equal(text(await bench.finish((await bench.snapshot()).get(utf8('x')))), 'old')
      assert.equal(text(await bench.finish((await bench.snapshot(MAX_TIMESTAMP)).get(utf8('x')))), 'old')
      assert.ok(bench.env.clock.nowMs() - startMs < 100)
      assert.deepEqual(writer.locks(), ['a', 'x'])
    })
  })

  it('[S65] are refused before the safe point, also right after connecting', async () => {
    await withCluster([], async (bench, writer) => {
      await writer.write({ a: '1' })
      const readTs = await bench.tso()
      await bench.env.advance(10)
      const moved = await bench.finish(bench.core.pd.gc.advanceTxnSafePoint(await bench.tso()))
      assert.ok(moved.new > readTs)
      const started = bench.safePoint.start()
      const snapshot = await bench.snapshot(readTs)
      await assert.rejects(bench.finish(snapshot.get(utf8('a'))), (error: unknown) =>
        hasCode(error, 'SNAPSHOT_TOO_OLD'),
      )
      await bench.finish(started)
      assert.equal(text(await bench.finish((await bench.snapshot()).get(utf8('a')))), '1')
    })
  })

  it('[S71] leave no lock older than the safe point', async () => {
    await withCluster(['b', 'n'], async (bench, writer) => {
      await writer.prewrite(writer.tso(), { a: '1', c: '1', x: '1' }, { ttlMs: 600_000 })
      await writer.prewrite(writer.tso(), { d: '2', z: '2' }, { asyncCommit: true })
      const safePoint = writer.tso()
      await writer.prewrite(writer.tso(), { e: 'later' }, { ttlMs: 600_000 })
      await bench.env.advance(5)
      const range = { start: utf8(''), end: utf8('') }
      const work = resolveLockRange(bench.core, bench.resolver, range, safePoint, { pageSize: 2 })
      assert.equal(await bench.finish(work), 5)
      assert.deepEqual(writer.locks(), ['e'])
      assert.equal(text(await bench.finish((await bench.snapshot()).get(utf8('z')))), '2')
    })
  })
})
