import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv, hasCode, type ErrorCode } from '@orbit-ts/base'
import { openDatabase, type Database } from '../../database.js'
import { openStore } from '../store.test.data.js'
import type { Bucket } from './downsample.js'
import { series } from './series.js'

const HOUR = 3_600_000
const weather = series('weather', {
  tags: ['city', 'sensor'],
  fields: { temperature: 'float', count: 'int', big: 'int64', note: 'text', ok: 'bool', extra: 'json' },
})
const rolled = series('rolled', {
  tags: ['city'],
  fields: { temperature: 'float' },
  retention: '2d',
  rollups: [{ granularity: '1h' }, { granularity: '6h', retention: '10d' }],
})
const a1 = { city: 'a', sensor: '1' }
const a2 = { city: 'a', sensor: '2' }
const b1 = { city: 'b', sensor: '1' }

async function withDatabase(work: (db: Database, env: TestEnv) => Promise<void>): Promise<void> {
  const env = new TestEnv({ startMs: 1000 * HOUR })
  // The store itself lives by the real clock: its pauses between retries must pass by themselves.
  const storage = await openStore()
  try {
    await work(await openDatabase({ storage, schema: [weather, rolled], env }), env)
  } finally {
    await storage.close()
  }
}

function refuses(work: Promise<unknown>, code: ErrorCode, pattern: RegExp): Promise<void> {
  return assert.rejects(work, (error) => hasCode(error, code) && pattern.test(error.message))
}

test('values of every type come back, in the order of time whatever the order of arrival', () =>
  withDatabase(async (db) => {
    const points = [
      { timestamp: 5, tags: a1, fields: { temperature: -0.5, big: 2n ** 62n } },
      { timestamp: -3, tags: a1, fields: { count: Number.MIN_SAFE_INTEGER, note: 'é\u0000🚀' } },
      { timestamp: 1, tags: a1, fields: { ok: false, extra: { deep: [1, null, 'x'] } } },
    ]
    await db.series(weather).appendMany(points)
    const found = await db.series(weather).range()
    assert.deepEqual(
      found,
      [points[1], points[2], points[0]].map((point) => ({ ...point, sequence: 0 })),
    )
    assert.deepEqual(
      (await db.series(weather).range({ reverse: true, limit: 2 })).map(({ timestamp }) => timestamp),
      [5, 1],
    )
  }))

test('points of one series and timestamp are kept apart, within a call and over calls', () =>
  withDatabase(async (db) => {
    const session = db.series(weather)
    const point = (count: number): { timestamp: number; tags: typeof a1; fields: { count: number } } => ({
      timestamp: 7,
      tags: a1,
      fields: { count },
    })
    await session.appendMany([point(0), point(1)])
    const third = await session.append(point(2))
    assert.equal(third.sequence, 2)
    assert.deepEqual(
      (await session.range()).map(({ sequence, fields }) => [sequence, fields.count]),
      [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
    )
  }))

test('appends that are started at once in one transaction keep apart', () =>
  withDatabase(async (db) => {
    await db.transaction(async (tx) => {
      const session = tx.series(weather)
      const append = (count: number): Promise<unknown> =>
        session.append({ timestamp: 7, tags: a1, fields: { count } })
      await Promise.all([append(0), append(1), append(2)])
    })
    assert.deepEqual(
      (await db.series(weather).range()).map(({ fields }) => fields.count),
      [0, 1, 2],
    )
  }))

test('ranges take bounds, tags and filters, and merge series by time', () =>
  withDatabase(async (db) => {
    const all: { timestamp: number; tags: { city: string; sensor: string }; fields: { count: number } }[] = []
    for (let i = 0; i < 900; i++)
      all.push({ timestamp: i, tags: [a1, a2, b1][i % 3] ?? a1, fields: { count: i } })
    await db.series(weather).appendMany(all)
    const counts = async (
      query: Parameters<ReturnType<typeof db.series<object, { count?: number }>>['range']>[0],
    ): Promise<unknown[]> =>
      (await db.series('weather').range(query as object)).map(({ fields }) => fields['count'])
    const expected = (keep: (i: number) => boolean): number[] => all.map((_, i) => i).filter(keep)
    assert.deepEqual(
      await counts({}),
      expected(() => true),
    )
    assert.deepEqual(await counts({ reverse: true }), expected(() => true).reverse())
    assert.deepEqual(
      await counts({ from: 10, to: 20 }),
      expected((i) => i >= 10 && i < 20),
    )
    assert.deepEqual(
      await counts({ tags: { city: 'a' } }),
      expected((i) => i % 3 < 2),
    )
    assert.deepEqual(
      await counts({ tags: { city: 'a', sensor: '2' } }),
      expected((i) => i % 3 === 1),
    )
    assert.deepEqual(
      await counts({ tags: { sensor: ['1', '9'] } }),
      expected((i) => i % 3 !== 1),
    )
    assert.deepEqual(await counts({ tags: { city: 'nowhere' } }), [])
    assert.deepEqual(await counts({ where: { count: { gte: 890 } }, limit: 3 }), [890, 891, 892])
    assert.equal(await db.series(weather).count({ tags: { city: 'b' }, from: 300 }), 200)
    assert.deepEqual(
      (await db.series(weather).latest()).map(({ fields }) => fields.count),
      [897, 898, 899],
    )
    assert.deepEqual(await db.series(weather).list({ tags: { city: 'b' } }), [
      { tags: b1, first: 2, last: 899 },
    ])
  }))

test('downsampling agrees with a plain computation, with and without groups', () =>
  withDatabase(async (db) => {
    const values = Array.from({ length: 500 }, (_, i) => ({
      timestamp: i * 97 - 20_000,
      tags: i % 2 === 0 ? a1 : b1,
      value: (i * 37) % 101,
    }))
    await db
      .series(weather)
      .appendMany(
        values.map(({ timestamp, tags, value }) => ({ timestamp, tags, fields: { temperature: value } })),
      )
    const buckets = await db.series(weather).downsample({
      bucket: '5s',
      aggregates: { temperature: ['count', 'sum', 'min', 'max', 'avg', 'first', 'last'] },
      groupBy: ['city'],
    })
    const groups = new Map<string, number[]>()
    for (const { timestamp, tags, value } of values) {
      const id = JSON.stringify([Math.floor(timestamp / 5000) * 5000, tags.city])
      groups.set(id, [...(groups.get(id) ?? []), value])
    }
    const sum = (list: number[]): number => list.reduce((total, value) => total + value, 0)
    const expected = [...groups].map(([id, list]) => {
      const [timestamp, city] = JSON.parse(id) as [number, string]
      const temperature = {
        count: list.length,
        sum: sum(list),
        min: Math.min(...list),
        max: Math.max(...list),
        avg: sum(list) / list.length,
        first: list[0],
        last: list.at(-1),
      }
      return { timestamp, tags: { city }, values: { temperature } }
    })
    expected.sort((x, y) => x.timestamp - y.timestamp || (x.tags.city < y.tags.city ? -1 : 1))
    assert.deepEqual(buckets, expected)
  }))

test('rollups give what the points give, also after late points and deletions', () =>
  withDatabase(async (db, env) => {
    const start = env.clock.nowMs() - 40 * HOUR
    const session = db.series(rolled)
    const points = Array.from({ length: 300 }, (_, i) => ({
      timestamp: start + i * 400_000,
      tags: { city: i % 2 === 0 ? 'a' : 'b' },
      fields: { temperature: (i * 31) % 57 },
    }))
    await session.appendMany(points)
    const query = {
      bucket: '6h',
      aggregates: { temperature: ['count', 'sum', 'min', 'max', 'first', 'last'] },
      groupBy: ['city'],
    } as const
    const fromPoints = await session.downsample(query)
    assert.equal(await session.rollUp(), 2)
    assert.equal(await session.rollUp(), 0)
    assert.deepEqual(await session.downsample(query), fromPoints)

    await session.append({ timestamp: start + 5 * HOUR, tags: { city: 'a' }, fields: { temperature: 1000 } })
    const withLate = await session.downsample(query)
    // A bucket that no rollup divides is computed from the points.
    const total = (buckets: typeof withLate): number =>
      buckets.reduce((all, { values }) => all + (values['temperature']?.sum ?? 0), 0)
    assert.equal(total(withLate), total(await session.downsample({ ...query, bucket: '7h' })))
    assert.equal(total(withLate), total(fromPoints) + 1000)

    assert.ok(
      (await session.deleteRange({ tags: { city: 'b' }, from: start + 10 * HOUR, to: start + 20 * HOUR })) >
        0,
    )
    assert.deepEqual(
      total(await session.downsample(query)),
      total(await session.downsample({ ...query, bucket: '7h' })),
    )
  }))

test('retention removes old points, keeps their rollups, and refuses points that are older', () =>
  withDatabase(async (db, env) => {
    const session = db.series(rolled)
    const start = env.clock.nowMs() - 40 * HOUR
    await session.appendMany(
      Array.from({ length: 40 }, (_, i) => ({
        timestamp: start + i * HOUR,
        tags: { city: 'a' },
        fields: { temperature: i },
      })),
    )
    const query = { bucket: '6h', aggregates: { temperature: ['count', 'sum'] } } as const
    const before = await session.downsample(query)
    await env.advance(30 * HOUR)
    const removed = await db.transaction((tx) => tx.series(rolled).applyRetention())
    assert.ok(removed > 0)
    assert.equal(await db.transaction((tx) => tx.series(rolled).applyRetention()), 0)
    assert.equal(await session.count(), 40 - removed)
    assert.deepEqual(await session.downsample(query), before)
    await refuses(
      session.append({ timestamp: start, tags: { city: 'a' }, fields: { temperature: 1 } }),
      'INVALID_ARGUMENT',
      /older than the retention/,
    )
    await env.advance(300 * HOUR)
    await db.transaction((tx) => tx.series(rolled).applyRetention())
    // The 6h buckets are gone, the 1h ones are kept for ever.
    assert.deepEqual(await session.downsample(query), before)
  }))

const sums = { bucket: '1h', aggregates: { v: ['sum'] } } as const
const sumsOf = async (session: { downsample(query: typeof sums): Promise<Bucket[]> }): Promise<unknown[]> =>
  (await session.downsample(sums)).map(({ timestamp, values }) => [timestamp, values['v']?.sum])

test('buckets past their own retention are computed from the points, as long as those are kept', () =>
  withDatabase(async (db, env) => {
    const start = env.clock.nowMs() - 10 * HOUR
    await db.create(
      series('s', { fields: { v: 'float' }, rollups: [{ granularity: '1h', retention: '2h' }] }),
    )
    const session = db.series('s')
    await session.appendMany([1, 2, 3].map((v) => ({ timestamp: start + v * 3 * HOUR, fields: { v } })))
    await session.rollUp()
    const expected = await sumsOf(session)
    assert.equal(expected.length, 3)
    assert.equal(await session.applyRetention(), 2)
    assert.deepEqual(await sumsOf(session), expected)
    // A late point among removed buckets counts, and brings none of them back.
    await session.append({ timestamp: start + 3 * HOUR + 1, fields: { v: 10 } })
    assert.deepEqual(await sumsOf(session), [[start + 3 * HOUR, 11], ...expected.slice(1)])
    assert.equal(await session.applyRetention(), 0)
  }))

test('a rollup that is dropped and declared again knows of the points between', () =>
  withDatabase(async (db) => {
    const withRollup = series('s', { fields: { v: 'float' }, rollups: [{ granularity: '1h' }] })
    await db.create(withRollup)
    const session = db.series('s')
    await session.append({ timestamp: 5, fields: { v: 1 } })
    await session.rollUp()
    await db.change(series('s', { fields: { v: 'float' } }))
    await session.append({ timestamp: 6, fields: { v: 10 } })
    await db.change(withRollup)
    assert.deepEqual(await sumsOf(session), [[0, 11]])
    await session.rollUp()
    assert.deepEqual(await sumsOf(session), [[0, 11]])
    // The bucket of the dropped rollup.
    assert.equal(await session.applyRetention(), 1)
    assert.equal(await session.applyRetention(), 0)
    assert.deepEqual(await sumsOf(session), [[0, 11]])
  }))

test('a longer retention takes no points among removed ones, whose rollups would forget them', () =>
  withDatabase(async (db, env) => {
    const keeping = (retention: string): ReturnType<typeof series> =>
      series('s', { fields: { v: 'float' }, retention, rollups: [{ granularity: '1h' }] })
    const start = env.clock.nowMs() - 50 * HOUR
    await db.create(keeping('100h'))
    const session = db.series('s')
    await session.append({ timestamp: start, fields: { v: 1 } })
    await db.change(keeping('10h'))
    assert.equal(await session.applyRetention(), 1)
    await db.change(keeping('100h'))
    await refuses(
      session.append({ timestamp: start + 1, fields: { v: 10 } }),
      'INVALID_ARGUMENT',
      /point 0: timestamp: .* is older than the retention keeps/,
    )
    assert.deepEqual(await sumsOf(session), [[start, 1]])
  }))

test('first and last go by time over the series of a bucket, with and without rollups', () =>
  withDatabase(async (db) => {
    await db.create(series('s', { tags: ['k'], fields: { v: 'float' }, rollups: [{ granularity: '1h' }] }))
    const session = db.series('s')
    await session.appendMany([
      { timestamp: 5, tags: { k: 'a' }, fields: { v: 5 } },
      { timestamp: 1, tags: { k: 'b' }, fields: { v: 1 } },
    ])
    const edges = async (): Promise<unknown> =>
      (await session.downsample({ bucket: '1h', aggregates: { v: ['first', 'last'] } }))[0]?.values
    assert.deepEqual(await edges(), { v: { first: 1, last: 5 } })
    await session.rollUp()
    assert.deepEqual(await edges(), { v: { first: 1, last: 5 } })
  }))

test('a deletion in parts leaves no timestamp halfway: points that come later replace none', () =>
  withDatabase(async (db) => {
    await db.create(series('s', { fields: { v: 'int' } }))
    const session = db.series('s')
    const point = (timestamp: number): { timestamp: number; fields: { v: number } } => ({
      timestamp,
      fields: { v: timestamp },
    })
    await session.appendMany(Array.from({ length: 50_002 }, (_, i) => point(Math.min(i, 49_999))))
    await session.append(point(50_000))
    assert.equal(await session.deleteRange(), 50_002)
    await session.appendMany([point(49_999), point(49_999)])
    assert.equal(await session.count(), 3)
  }))

test('any number of transactions meet series that are new to them at once, without one starting again', () =>
  withDatabase(async (db) => {
    const transactions = await Promise.all(Array.from({ length: 20 }, () => db.begin()))
    for (const [index, tx] of transactions.entries()) {
      await tx.series(rolled).append({ tags: { city: `c${index}` }, fields: { temperature: 1 } })
    }
    for (const tx of transactions) await tx.commit()
    assert.equal((await db.series(rolled).list()).length, 20)
  }))

test('a point that arrives while its bucket is completed is not lost to the rollup', () =>
  withDatabase(async (db, env) => {
    const now = env.clock.nowMs()
    await db
      .series(rolled)
      .append({ timestamp: now - 7 * HOUR, tags: { city: 'a' }, fields: { temperature: 1 } })
    const late = await db.begin()
    await late
      .series(rolled)
      .append({ timestamp: now - 7 * HOUR + 1, tags: { city: 'a' }, fields: { temperature: 2 } })
    await db.series(rolled).rollUp()
    await refuses(late.commit(), 'TRANSACTION_CONFLICT', /series/)
    const total = await db.series(rolled).downsample({ bucket: '6h', aggregates: { temperature: ['sum'] } })
    assert.deepEqual(
      total.map(({ values }) => values['temperature']?.sum),
      [1],
    )
  }))

test('concurrent transactions that meet a new series create it once', () =>
  withDatabase(async (db) => {
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        db.series(weather).append({ timestamp: i, tags: a1, fields: { count: i } }),
      ),
    )
    assert.deepEqual(await db.series(weather).list(), [{ tags: a1, first: 0, last: 7 }])
  }))

test('bad points are refused by name and nothing of the call is stored', () =>
  withDatabase(async (db) => {
    const session = db.series('weather')
    const good = { timestamp: 1, tags: a1, fields: { count: 1 } }
    const bad: [object, ErrorCode, RegExp][] = [
      [{ ...good, fields: { count: 1.5 } }, 'TYPE_MISMATCH', /point 1: fields\.count: 1\.5/],
      [{ ...good, fields: { temperature: Number.NaN } }, 'TYPE_MISMATCH', /fields\.temperature/],
      [{ ...good, fields: { big: 2n ** 63n } }, 'TYPE_MISMATCH', /fields\.big/],
      [{ ...good, fields: { note: '\ud800' } }, 'TYPE_MISMATCH', /fields\.note/],
      [{ ...good, fields: { ok: 1 } }, 'TYPE_MISMATCH', /fields\.ok/],
      [{ ...good, fields: { extra: () => 1 } }, 'INVALID_ARGUMENT', /fields\.extra is function/],
      [{ ...good, fields: { extra: { a: [1n] } } }, 'INVALID_ARGUMENT', /fields\.extra: a\[0\] is a bigint/],
      [{ ...good, fields: { temprature: 1 } }, 'INVALID_ARGUMENT', /did you mean "temperature"/],
      [{ ...good, fields: {} }, 'INVALID_ARGUMENT', /at least one value/],
      [{ ...good, tags: { city: 'a' } }, 'INVALID_ARGUMENT', /tags\.sensor.*missing/],
      [{ ...good, tags: { ...a1, town: 'x' } }, 'INVALID_ARGUMENT', /tags\.town/],
      [{ ...good, timestamp: 1.5 }, 'INVALID_ARGUMENT', /timestamp: 1\.5/],
      [{ ...good, timestamp: new Date(Number.NaN) }, 'INVALID_ARGUMENT', /timestamp/],
    ]
    for (const [point, code, pattern] of bad)
      await refuses(session.appendMany([good, point as typeof good]), code, pattern)
    assert.equal(await session.count(), 0)
    await refuses(session.range({ tags: { town: 'x' } }), 'INVALID_ARGUMENT', /"town" is no tag/)
    await refuses(session.range({ limit: -1 }), 'INVALID_ARGUMENT', /limit/)
    await refuses(
      session.downsample({ bucket: 'soon', aggregates: { count: ['sum'] } }),
      'INVALID_ARGUMENT',
      /bucket/,
    )
    await refuses(
      session.downsample({ bucket: 1, aggregates: { note: ['sum'] } }),
      'INVALID_ARGUMENT',
      /needs a number/,
    )
    await refuses(db.series('wether').range(), 'OBJECT_NOT_FOUND', /did you mean "weather"/)
  }))

test('definitions are checked, and change only in ways that keep the data', () =>
  withDatabase(async (db) => {
    await refuses(db.create(series('x', { fields: {} })), 'SCHEMA_INVALID', /fields/)
    await refuses(
      db.create(series('x', { tags: ['a', 'a'], fields: { v: 'float' } })),
      'SCHEMA_INVALID',
      /twice/,
    )
    await refuses(
      db.create({ kind: 'series', name: 'x', input: { fields: { v: 'flaot' } } }),
      'SCHEMA_INVALID',
      /did you mean "float"/,
    )
    await refuses(
      db.create(series('x', { fields: { v: 'float' }, retention: 'long' })),
      'SCHEMA_INVALID',
      /retention/,
    )
    const uneven = {
      fields: { v: 'float' },
      rollups: [{ granularity: '7m' }, { granularity: '5m' }],
    } as const
    await refuses(
      db.create(series('x', { ...uneven, retention: '1h' })),
      'SCHEMA_INVALID',
      /rollups: with a retention, 420000 ms has to be a multiple of .* 300000 ms/,
    )
    await db.create(series('uneven', uneven))
    await db.series(weather).append({ timestamp: 1, tags: a1, fields: { count: 1, note: 'x' } })
    await refuses(
      db.change({ kind: 'series', name: 'weather', input: { ...weather.input, tags: ['city'] } }),
      'SCHEMA_MISMATCH',
      /tags/,
    )
    await refuses(
      db.change({
        kind: 'series',
        name: 'weather',
        input: { tags: weather.input.tags, fields: { count: 'text' } },
      }),
      'SCHEMA_MISMATCH',
      /fields\.count/,
    )
    await db.change({
      kind: 'series',
      name: 'weather',
      input: { tags: weather.input.tags, fields: { count: 'int', added: 'float' } },
    })
    await db.series('weather').append({ timestamp: 2, tags: a1, fields: { added: 2 } })
    assert.deepEqual(
      (await db.series('weather').range()).map(({ fields }) => fields),
      [{ count: 1 }, { added: 2 }],
    )
  }))
