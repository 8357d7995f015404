/** Transactions that append, delete, roll up and remove old points of one series at the same time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv, hasCode, utf8, type ErrorCode } from '@orbit-ts/base'
import { timeSeriesKeys, type IsolationLevel } from '@orbit-ts/storage'
import fc from 'fast-check'
import { openDatabase, type Database } from '../../database.js'
import { openStore, refuses } from '../store.test.data.js'
import { series } from './series.js'

const HOUR = 3_600_000
const NOW = 1000 * HOUR
const FIRST = NOW - 8 * HOUR
const LEVELS = ['snapshot', 'read-committed'] as const satisfies readonly IsolationLevel[]

const plain = series('plain', { tags: ['k'], fields: { v: 'float' }, retention: '4h' })
const rolled = series('rolled', { tags: ['k'], fields: { v: 'float' }, rollups: [{ granularity: '1h' }] })
const pruned = series('pruned', {
  tags: ['k'],
  fields: { v: 'float' },
  retention: '4h',
  rollups: [{ granularity: '1h' }],
})
type Name = 'plain' | 'rolled' | 'pruned'
const tags = { k: 'a' }

/** Two databases as in two processes, on one store. */
async function withDatabases(
  work: (one: Database, other: Database, env: TestEnv) => Promise<void>,
  startMs = NOW,
): Promise<void> {
  const env = new TestEnv({ startMs })
  const storage = await openStore()
  try {
    const one = await openDatabase({ storage, schema: [plain, rolled, pruned], env })
    await work(one, await openDatabase({ storage, env }), env)
  } finally {
    await storage.close()
  }
}

interface Appended {
  readonly timestamp: number
  readonly tags: { readonly k: string }
  readonly fields: { readonly v: number }
}

const at = (timestamp: number, v = 1, k = tags.k): Appended => ({ timestamp, tags: { k }, fields: { v } })

/** By tag and bucket of an hour, counted from the first one. */
type Sums = Readonly<Record<string, number>>

/** As `downsample` says, which reads rollups where it can. */
async function sampled(db: Database, name: Name): Promise<Sums> {
  const buckets = await db
    .series(name)
    .downsample({ bucket: '1h', aggregates: { v: ['sum'] }, groupBy: ['k'] })
  return Object.fromEntries(
    buckets.map((bucket) => [
      `${bucket.tags['k'] ?? ''}${(bucket.timestamp - FIRST) / HOUR}`,
      bucket.values['v']?.sum ?? 0,
    ]),
  )
}

function sumsOf(points: readonly Appended[]): Sums {
  const sums: Record<string, number> = {}
  for (const { timestamp, tags, fields } of points) {
    const bucket = `${tags.k}${Math.floor((timestamp - FIRST) / HOUR)}`
    sums[bucket] = (sums[bucket] ?? 0) + fields.v
  }
  return sums
}

async function stored(db: Database, name: Name): Promise<Appended[]> {
  return (await db.series(name).range()).map(({ timestamp, tags, fields }) =>
    at(timestamp, Number(fields['v']), tags['k']),
  )
}

test('without rollups nobody stands in the way of who appends', () =>
  withDatabases(async (one, other, env) => {
    await one.series(plain).appendMany([at(FIRST + 4 * HOUR), at(FIRST + 7 * HOUR)])
    const appending = await one.begin()
    await appending.series(plain).append(at(NOW - 1))
    await env.advance(2 * HOUR)
    assert.equal(await other.series(plain).applyRetention(), 1)
    assert.equal(
      await other.series(plain).deleteRange({ from: FIRST + 7 * HOUR, to: FIRST + 7 * HOUR + 1 }),
      1,
    )
    assert.equal(await other.series(plain).rollUp(), 0)
    await appending.commit()
    assert.deepEqual(await stored(other, 'plain'), [at(NOW - 1, 1)])
  }))

for (const isolation of LEVELS) {
  test(`${isolation}: who appends while the series is rolled up conflicts or is waited for, by name`, () =>
    withDatabases(async (one, other) => {
      await one.series(rolled).append(at(FIRST))
      const late = await one.begin({ isolation })
      await late.series(rolled).append(at(FIRST + 1, 10))
      const rolling = other.series(rolled).rollUp({ until: FIRST + HOUR })
      if (isolation === 'snapshot') {
        assert.equal(await rolling, 1)
        await refuses(late.commit(), 'TRANSACTION_CONFLICT', /ts:series:rolled\/1:guard:\d+: /)
        assert.deepEqual(await sampled(other, 'rolled'), { a0: 1 })
      } else {
        await late.commit()
        assert.equal(await rolling, 1)
        assert.deepEqual(await sampled(other, 'rolled'), { a0: 11 })
      }
    }))

  test(`${isolation}: who appends while a roll-up is about to commit computes its bucket again`, () =>
    withDatabases(async (one, other) => {
      await one.series(rolled).append(at(FIRST))
      const rolling = await other.begin({ isolation })
      assert.equal(await rolling.series(rolled).rollUp({ until: FIRST + HOUR }), 1)
      const late = one.transaction((tx) => tx.series(rolled).append(at(FIRST + 1, 10)), { isolation })
      await rolling.commit()
      await late
      assert.deepEqual(await sampled(one, 'rolled'), { a0: 11 })
      assert.deepEqual(await one.series(rolled).rollUp({ until: FIRST + HOUR }), 0)
    }))

  test(`${isolation}: points that are deleted while their bucket is completed are not in it`, () =>
    withDatabases(async (one, other) => {
      await one.series(rolled).appendMany([at(FIRST), at(FIRST + 1, 10)])
      const rolling = await other.begin({ isolation })
      assert.equal(await rolling.series(rolled).rollUp({ until: FIRST + HOUR }), 1)
      const deleting = one.transaction((tx) => tx.series(rolled).deleteRange({ from: FIRST + 1 }), {
        isolation,
      })
      await rolling.commit()
      assert.equal(await deleting, 1)
      assert.deepEqual(await sampled(one, 'rolled'), { a0: 1 })
    }))

  test(`${isolation}: no point comes in among those that the retention removes`, () =>
    withDatabases(async (one, other, env) => {
      await one.series(pruned).append(at(NOW - 3 * HOUR))
      const late = await one.begin({ isolation })
      await late.series(pruned).append(at(NOW - 3 * HOUR + 1, 10))
      await env.advance(3 * HOUR)
      const removing = other.series(pruned).applyRetention()
      if (isolation === 'snapshot') {
        assert.equal(await removing, 1)
        await refuses(late.commit(), 'TRANSACTION_CONFLICT', 'ts:series:pruned/1:guard:')
        assert.deepEqual(await sampled(one, 'pruned'), { a5: 1 })
      } else {
        await late.commit()
        assert.equal(await removing, 2)
        assert.deepEqual(await sampled(one, 'pruned'), { a5: 11 })
      }
      assert.equal(await one.series(pruned).count(), 0)
    }))

  test(`${isolation}: a rollup that is added meanwhile knows of the point`, () =>
    withDatabases(async (one, other) => {
      const before = { tags: ['k'], fields: { v: 'float' } } as const
      await one.create(series('s', before))
      await one.series('s').append(at(FIRST))
      const late = await one.begin({ isolation })
      await late.series('s').append(at(FIRST + 1, 10))
      const changing = other.change(series('s', { ...before, rollups: [{ granularity: '1h' }] }))
      const isCommitted = await late.commit().then(
        () => true,
        (error: unknown) => {
          assert.ok(hasCode(error, 'TRANSACTION_CONFLICT'), String(error))
          return false
        },
      )
      await changing
      assert.equal(await other.series('s').rollUp(), 1)
      const [bucket] = await other.series('s').downsample({ bucket: '1h', aggregates: { v: ['sum'] } })
      assert.equal(bucket?.values['v']?.sum, isCommitted ? 11 : 1)
    }))

  test(`${isolation}: of appends at one time by several none replaces another`, () =>
    withDatabases(async (one, other) => {
      await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          (i % 2 === 0 ? one : other).transaction(
            (tx) => tx.series(plain).appendMany(Array.from({ length: 1 + (i % 3) }, () => at(NOW, 2 ** i))),
            { isolation, attemptsMax: 50 },
          ),
        ),
      )
      const points = await one.series(plain).range()
      assert.deepEqual(
        points.map(({ sequence }) => sequence),
        Array.from({ length: 12 }, (_, i) => i),
      )
      assert.equal(
        points.reduce((sum, { fields }) => sum + Number(fields.v), 0),
        1 + 2 * 2 + 4 * 3 + 8 + 16 * 2 + 32 * 3,
      )
    }))

  test(`${isolation}: several that create a series create one`, () =>
    withDatabases(async (one, other) => {
      await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          (i % 2 === 0 ? one : other).transaction((tx) => tx.series(plain).append(at(NOW + i)), {
            isolation,
            attemptsMax: 50,
          }),
        ),
      )
      assert.deepEqual(await one.series(plain).list(), [{ tags, first: NOW, last: NOW + 5 }])
      assert.equal(await one.series(plain).count({ tags }), 6)
    }))

  test(`${isolation}: late points of several in one bucket are all in it`, () =>
    withDatabases(async (one, other) => {
      await one.series(rolled).append(at(FIRST))
      await one.series(rolled).rollUp()
      await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          (i % 2 === 0 ? one : other).transaction(
            (tx) => tx.series(rolled).append(at(FIRST + 1 + i, 2 ** (i + 1))),
            { isolation, attemptsMax: 50 },
          ),
        ),
      )
      assert.deepEqual(await sampled(one, 'rolled'), { a0: 2 ** 7 - 1 })
    }))
}

test('a point that follows others conflicts with their deletion', () =>
  withDatabases(async (one, other) => {
    await one.series(plain).append(at(NOW, 1))
    const second = await one.begin()
    await second.series(plain).append(at(NOW, 2))
    assert.equal(await other.series(plain).deleteRange(), 1)
    await refuses(second.commit(), 'TRANSACTION_CONFLICT', `ts:series:plain/1:time:${NOW}:seq:0`)
    assert.equal(await one.series(plain).count(), 0)
  }))

for (const isolation of LEVELS) {
  test(`${isolation}: points go where none are, also where the first ones of their time are gone`, () =>
    withDatabases(async (one) => {
      await one.series(plain).appendMany([at(NOW, 1), at(NOW, 2)])
      const { id } = await one.describe('series', 'plain')
      await one.storage.write([{ type: 'delete', key: timeSeriesKeys.point(id, 1, NOW) }])
      await one.transaction((tx) => tx.series(plain).appendMany([at(NOW, 4), at(NOW, 8)]), { isolation })
      await one.transaction((tx) => tx.series(plain).append(at(NOW, 16)), { isolation })
      assert.deepEqual(
        (await one.series(plain).range()).map(({ sequence, fields }) => [sequence, fields.v]),
        [
          [0, 16],
          [1, 2],
          [2, 4],
          [3, 8],
        ],
      )
    }))

  test(`${isolation}: a point that two delete goes once`, () =>
    withDatabases(async (one, other) => {
      await one.series(plain).append(at(NOW))
      const counts = await Promise.all(
        [one, other].map((db) =>
          db.transaction((tx) => tx.series(plain).deleteRange(), { isolation, attemptsMax: 50 }),
        ),
      )
      assert.deepEqual(counts.sort(), [0, 1])
    }))
}

test('what a transaction creates it finds, and nobody else does until it has committed', () =>
  withDatabases(async (one, other) => {
    const first = await one.begin()
    const second = await one.begin()
    // Both have their snapshot now.
    for (const tx of [first, second]) assert.deepEqual(await tx.series(plain).list(), [])
    await first.series(plain).append(at(NOW, 1))
    assert.equal(await first.series(plain).count({ tags }), 1)
    await first.series(plain).append(at(NOW, 2))
    await first.rollback()
    assert.deepEqual(await one.series(plain).range({ tags }), [])
    await other.series(plain).append(at(NOW, 4))
    assert.equal(await one.series(plain).count({ tags }), 1)
    // It is known now under which id the series is, but not to this snapshot.
    assert.deepEqual(await second.series(plain).list({ tags }), [])
    assert.equal(await second.series(plain).count({ tags }), 0)
    await second.series(plain).append(at(NOW, 8))
    assert.equal(await one.series(plain).count({ tags }), 1)
    assert.equal(await second.series(plain).count({ tags }), 1)
    await refuses(second.commit(), 'TRANSACTION_CONFLICT', 'ts:')
    await one.series(plain).append(at(NOW, 16))
    assert.deepEqual(
      (await one.series(plain).range({ tags })).map(({ fields }) => fields.v),
      [4, 16],
    )
    assert.equal((await other.series(plain).list()).length, 1)
  }))

test('a series that was created and undone in a transaction is created again', () =>
  withDatabases(async (one) => {
    await one.transaction(async (tx) => {
      const savepoint = tx.savepoint()
      await tx.series(plain).append(at(NOW, 1))
      assert.equal(await tx.series(plain).count({ tags }), 1)
      tx.rollbackTo(savepoint)
      assert.equal(await tx.series(plain).count({ tags }), 0)
      await tx.series(plain).append(at(NOW, 2))
    })
    assert.deepEqual(await stored(one, 'plain'), [at(NOW, 2)])
    assert.equal(await one.series(plain).count({ tags }), 1)
  }))

test('an id that is remembered is that of no other series', () =>
  withDatabases(async (one) => {
    await one.series(plain).append(at(NOW, 1))
    assert.equal(await one.series(plain).count({ tags }), 1)
    // As if the store had been brought back to what it was before, and gone on otherwise.
    const { id } = await one.describe('series', 'plain')
    await one.storage.transact(async (tx) => {
      for (const [seriesId, tag] of ['b', 'a'].entries()) {
        const record = { id: seriesId + 1, tagValues: [tag], rolledUpTo: {} }
        tx.put(timeSeriesKeys.series(id, record.id), utf8(JSON.stringify(record)))
        tx.put(timeSeriesKeys.exactTags(id, JSON.stringify([tag])), utf8(String(record.id)))
      }
      await Promise.resolve()
    })
    await one.series(plain).append(at(NOW, 2))
    assert.deepEqual(
      (await one.series(plain).range()).map((point) => [point.tags.k, point.fields.v]),
      [
        ['a', 2],
        ['b', 1],
      ],
    )
    assert.equal(await one.series(plain).count({ tags }), 1)
  }))

test('a collection that is dropped takes what is remembered of it along', () =>
  withDatabases(async (one, other) => {
    await one.series(plain).append(at(NOW, 1))
    assert.equal(await other.series(plain).count({ tags }), 1)
    await one.drop('series', 'plain')
    await one.create(plain)
    for (const db of [one, other]) assert.equal(await db.series(plain).count({ tags }), 0)
    await other.series(plain).append(at(NOW, 2))
    assert.deepEqual(await stored(one, 'plain'), [at(NOW, 2)])
  }))

/** What may become of an operation that met others. */
const GIVEN_UP: readonly ErrorCode[] = ['TRANSACTION_CONFLICT', 'TRANSACTION_DEADLOCK']

type Step =
  | { readonly kind: 'append'; readonly places: readonly (readonly [minute: number, k: string])[] }
  | { readonly kind: 'roll up'; readonly hour: number }
  | { readonly kind: 'delete'; readonly hour: number }
  | { readonly kind: 'retain' }
  | { readonly kind: 'advance' }

interface Work {
  readonly isolation: (typeof LEVELS)[number]
  readonly step: Step
}

const appends = fc.record({
  kind: fc.constant('append' as const),
  // Few enough that some are the same.
  places: fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 23 }).map((n) => n * 15),
      fc.constantFrom('a', 'b'),
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
})
const rollUps = fc.record({ kind: fc.constant('roll up' as const), hour: fc.integer({ min: 1, max: 6 }) })
const deletions = fc.record({ kind: fc.constant('delete' as const), hour: fc.integer({ min: 0, max: 5 }) })

/** What each of some callers does, one after the other. */
const histories = (...steps: fc.Arbitrary<Step>[]): fc.Arbitrary<Work[][]> =>
  fc.array(
    fc.array(fc.record({ isolation: fc.constantFrom(...LEVELS), step: fc.oneof(...steps) }), {
      minLength: 1,
      maxLength: 6,
    }),
    { minLength: 2, maxLength: 4 },
  )

/** Points that were appended, and how many were deleted. */
interface Done {
  readonly appended: Appended[]
  deleted: number
}

async function play(
  history: readonly (readonly Work[])[],
  name: Name,
  databases: readonly Database[],
  env: TestEnv,
): Promise<Done> {
  const done: Done = { appended: [], deleted: 0 }
  let v = 0
  const run = async (db: Database, { isolation, step }: Work): Promise<void> => {
    switch (step.kind) {
      case 'append': {
        const points = step.places.map(([minute, k]) => at(FIRST + minute * 60_000, ++v, k))
        await db.transaction((tx) => tx.series(name).appendMany(points), { isolation })
        done.appended.push(...points)
        return
      }
      case 'roll up': {
        const until = FIRST + step.hour * HOUR
        if (isolation === 'snapshot') await db.series(name).rollUp({ until })
        else await db.transaction((tx) => tx.series(name).rollUp({ until }), { isolation })
        return
      }
      case 'delete': {
        const from = FIRST + step.hour * HOUR
        const range = { from, to: from + HOUR / 2 }
        const count = await db.transaction((tx) => tx.series(name).deleteRange(range), { isolation })
        done.deleted += count
        return
      }
      case 'retain':
        if (isolation === 'snapshot') await db.series(name).applyRetention()
        else await db.transaction((tx) => tx.series(name).applyRetention(), { isolation })
        return
      case 'advance':
        await env.advance(HOUR)
    }
  }
  await Promise.all(
    history.map(async (works, caller) => {
      for (const work of works) {
        try {
          await run(databases[caller % databases.length] ?? assert.fail(), work)
        } catch (error) {
          const isTooOld =
            hasCode(error, 'INVALID_ARGUMENT') && error.message.includes('older than the retention')
          assert.ok(isTooOld || GIVEN_UP.some((code) => hasCode(error, code)), String(error))
        }
      }
    }),
  )
  return done
}

/** No two of a history are the same. */
const byValue = (a: Appended, b: Appended): number => a.fields.v - b.fields.v

test('whatever is appended, deleted and rolled up at the same time, rollups say what the points say', () =>
  fc.assert(
    fc.asyncProperty(histories(appends, appends, rollUps, deletions), (history) =>
      withDatabases(async (one, other, env) => {
        const { appended, deleted } = await play(history, 'rolled', [one, other], env)
        const points = await stored(one, 'rolled')
        assert.equal(points.length, appended.length - deleted)
        const left = new Set(points.map(({ fields }) => fields.v))
        assert.deepEqual(
          points.sort(byValue),
          appended.filter(({ fields }) => left.has(fields.v)).sort(byValue),
        )
        assert.deepEqual(await sampled(one, 'rolled'), sumsOf(points))
        await other.series(rolled).rollUp()
        assert.deepEqual(await sampled(one, 'rolled'), sumsOf(points))
      }),
    ),
    { numRuns: 40 },
  ))

test('whatever is appended, rolled up and removed by the retention at the same time, rollups know all points', () =>
  fc.assert(
    fc.asyncProperty(
      histories(
        appends,
        appends,
        rollUps,
        fc.constant({ kind: 'retain' as const }),
        fc.constant({ kind: 'advance' as const }),
      ),
      (history) =>
        withDatabases(
          async (one, other, env) => {
            const { appended } = await play(history, 'pruned', [one, other], env)
            assert.deepEqual(await sampled(one, 'pruned'), sumsOf(appended))
            await other.series(pruned).applyRetention()
            assert.deepEqual(await sampled(one, 'pruned'), sumsOf(appended))
            const left = (await stored(one, 'pruned')).sort(byValue)
            assert.deepEqual(
              left,
              appended.filter(({ timestamp }) => timestamp >= env.clock.nowMs() - 4 * HOUR).sort(byValue),
            )
          },
          FIRST + 4 * HOUR,
        ),
    ),
    { numRuns: 40 },
  ))
