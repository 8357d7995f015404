import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv, hasCode, systemEnv } from '@orbit-ts/base'
import { LocalTransactions, openMemoryEngine, timeSeriesKeys, type StorageProvider } from '@orbit-ts/storage'
import { openDatabase, type Database } from '../../database.js'
import type { Bucket } from './downsample.js'
import { series } from './series.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const START = 1000 * HOUR
const CITIES = ['a', 'b', 'c']
/** Three in a minute. */
const POINTS = 90

const weather = series('weather', {
  tags: ['city'],
  fields: { temperature: 'float' },
  retention: '1h',
  rollups: [{ granularity: '1m', retention: '3h' }, { granularity: '10m' }],
})

interface Bench {
  readonly db: Database
  readonly storage: StorageProvider
  readonly env: TestEnv
  /** Another process on the same store. */
  reopen(stepRecordsMax?: number): Promise<Database>
}

/** Thirty minutes of three series, in a store whose transactions take a part of them. */
async function withPoints(work: (bench: Bench) => Promise<void>): Promise<void> {
  const env = new TestEnv({ startMs: START })
  await using storage = await LocalTransactions.open(await openMemoryEngine({}, { env: systemEnv }), {
    transactionSizeMaxBytes: 3000,
  })
  const reopen = (stepRecordsMax = 10): Promise<Database> => openDatabase({ storage, env, stepRecordsMax })
  const db = await reopen()
  await db.create(weather)
  for (const city of CITIES) {
    for (let from = 0; from < POINTS; from += 15) {
      const points = Array.from({ length: 15 }, (_, i) => ({
        timestamp: START + (from + i) * 20_000,
        tags: { city },
        fields: { temperature: (from + i) % 7 },
      }))
      await db.series(weather).appendMany(points)
    }
  }
  await env.advance(40 * MINUTE)
  await work({ db, storage, env, reopen })
}

function sample(db: Database): Promise<Bucket[]> {
  return db.series(weather).downsample({
    bucket: '10m',
    aggregates: { temperature: ['count', 'sum', 'min', 'max', 'first', 'last'] },
    groupBy: ['city'],
  })
}

async function bucketsOf(db: Database, storage: StorageProvider): Promise<number> {
  const { id } = await db.describe('series', 'weather')
  let count = 0
  await using snapshot = await storage.snapshot()
  for (const seriesId of [1, 2, 3]) {
    for (const rollupId of [1, 2]) {
      const range = timeSeriesKeys.rollups(id, seriesId, rollupId)
      for await (const chunk of snapshot.scan(range, { keysOnly: true })) count += chunk.length
    }
  }
  return count
}

test('rolling up takes as many transactions as it needs', () =>
  withPoints(async ({ db, storage }) => {
    const expected = await sample(db)
    assert.equal(expected.length, 9)
    await assert.rejects(
      db.transaction((tx) => tx.series(weather).rollUp()),
      (error) => hasCode(error, 'TRANSACTION_TOO_LARGE'),
    )
    assert.equal(await db.series(weather).rollUp(), 3)
    // 30 buckets of a minute and 3 of ten, for each of three series.
    assert.equal(await bucketsOf(db, storage), 99)
    assert.deepEqual(await sample(db), expected)
    assert.equal(await db.series(weather).rollUp(), 0)
  }))

test('rolling up some series leaves the others', () =>
  withPoints(async ({ db, storage }) => {
    assert.equal(await db.series(weather).rollUp({ tags: { city: 'b' } }), 1)
    assert.equal(await bucketsOf(db, storage), 33)
    assert.equal(await db.series(weather).rollUp({ until: START + 10 * MINUTE }), 2)
    assert.equal(await bucketsOf(db, storage), 33 + 2 * 11)
    await assert.rejects(db.series(weather).rollUp({ tags: { town: 'b' } }), (error) =>
      hasCode(error, 'INVALID_ARGUMENT'),
    )
  }))

test('a bucket with more points than a step takes is computed as a whole', () =>
  withPoints(async ({ db, reopen }) => {
    const expected = await sample(db)
    const small = await reopen(1)
    assert.equal(await small.series(weather).rollUp(), 3)
    assert.deepEqual(await sample(small), expected)
  }))

test('rolling up that was stopped goes on where it was, in the next process', () =>
  withPoints(async ({ db, storage, reopen }) => {
    const expected = await sample(db)
    const stop = new AbortController()
    const rolling = db.series(weather).rollUp({ signal: stop.signal })
    while ((await bucketsOf(db, storage)) === 0) await Promise.resolve()
    stop.abort()
    await assert.rejects(rolling, (error) => hasCode(error, 'ABORTED'))
    const done = await bucketsOf(db, storage)
    assert.ok(done > 0 && done < 99, `${done} buckets`)
    assert.deepEqual(await sample(db), expected)
    const next = await reopen()
    assert.ok((await next.series(weather).rollUp()) > 0)
    assert.equal(await bucketsOf(next, storage), 99)
    assert.deepEqual(await sample(next), expected)
  }))

test('closing the database stops it between two steps', () =>
  withPoints(async ({ db, storage }) => {
    const rolling = db.series(weather).rollUp()
    await db.close()
    await assert.rejects(rolling, (error) => hasCode(error, 'ABORTED'))
    assert.equal(storage.metrics().transactionsActive, 0)
  }))

test('retention removes points and buckets in steps, and rollups keep what they know', () =>
  withPoints(async ({ db, storage, env }) => {
    const expected = await sample(db)
    await env.advance(2 * HOUR)
    await assert.rejects(
      db.transaction((tx) => tx.series(weather).applyRetention()),
      (error) => hasCode(error, 'TRANSACTION_TOO_LARGE'),
    )
    assert.equal(await db.series(weather).applyRetention(), 3 * POINTS)
    assert.equal(await db.series(weather).count(), 0)
    assert.deepEqual(await sample(db), expected)
    assert.equal(await db.series(weather).applyRetention(), 0)
    await env.advance(2 * HOUR)
    assert.equal(await db.series(weather).applyRetention(), 90)
    assert.equal(await bucketsOf(db, storage), 9)
    assert.deepEqual(await sample(db), expected)
  }))

test('retention that was stopped goes on with the series it was at', () =>
  withPoints(async ({ db, env, reopen, storage }) => {
    const expected = await sample(db)
    await env.advance(2 * HOUR)
    const stop = new AbortController()
    const points = db.series(weather)
    const removing = points.applyRetention({ signal: stop.signal })
    while ((await points.count({ tags: { city: 'a' } })) > 0) await Promise.resolve()
    stop.abort()
    await assert.rejects(removing, (error) => hasCode(error, 'ABORTED'))
    const left = await points.count()
    assert.ok(left > 0)
    const { id } = await db.describe('series', 'weather')
    await using snapshot = await storage.snapshot()
    assert.notEqual(await snapshot.get(timeSeriesKeys.rollup(id, 0, 0, 0)), undefined)
    const next = await reopen()
    assert.equal(await next.series(weather).applyRetention(), left)
    assert.equal(await next.series(weather).applyRetention(), 0)
    assert.deepEqual(await sample(next), expected)
  }))

test('points that come while series are rolled up are counted', () =>
  withPoints(async ({ db }) => {
    const rolling = db.series(weather).rollUp()
    for (const city of CITIES) {
      await db
        .series(weather)
        .append({ timestamp: START + 15 * MINUTE, tags: { city }, fields: { temperature: 100 } })
    }
    await rolling
    await db.series(weather).rollUp()
    const counted = await sample(db)
    assert.deepEqual(
      counted.map(({ values }) => values['temperature']?.count),
      [30, 30, 30, 31, 31, 31, 30, 30, 30],
    )
    assert.equal(counted[3]?.values['temperature']?.max, 100)
  }))
