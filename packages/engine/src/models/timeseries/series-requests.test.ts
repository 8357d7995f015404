/** What appends and reads of series ask of the store. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv, systemEnv } from '@orbit-ts/base'
import {
  LocalTransactions,
  openMemoryEngine,
  parseKey,
  type LockOptions,
  type StorageProvider,
  type Transaction,
} from '@orbit-ts/storage'
import { openDatabase, type Database } from '../../database.js'
import { series } from './series.js'

const HOUR = 3_600_000
const plain = series('plain', { tags: ['k'], fields: { v: 'float' }, retention: '10h' })
const rolled = series('rolled', { tags: ['k'], fields: { v: 'float' }, rollups: [{ granularity: '1h' }] })
const point = (
  timestamp: number,
  k = 'a',
): { timestamp: number; tags: { k: string }; fields: { v: number } } => ({
  timestamp,
  tags: { k },
  fields: { v: 1 },
})

/** Told of each call of a transaction that has keys of series, before it is made. */
type OnCall = (tx: Transaction, call: string, keys: readonly Uint8Array[]) => void | Promise<void>

function isOfSeries(key: Uint8Array): boolean {
  return parseKey(key).model === 'timeseries'
}

/** The store, with each transaction's calls told. */
function told(store: StorageProvider, onCall: OnCall): StorageProvider {
  const toldOf = (tx: Transaction): Transaction => {
    const calls: Partial<Transaction> = {
      get: async (key) => {
        if (isOfSeries(key)) await onCall(tx, 'get', [key])
        return tx.get(key)
      },
      getMany: async (keys) => {
        if (keys.some(isOfSeries)) await onCall(tx, 'getMany', keys)
        return tx.getMany(keys)
      },
      lock: async (keys, options: LockOptions = {}) => {
        if (keys.some(isOfSeries)) await onCall(tx, `lock ${options.mode ?? 'exclusive'}`, keys)
        return tx.lock(keys, options)
      },
      scan: (range, options) => {
        if (range.start !== undefined && isOfSeriesRange(range.start)) void onCall(tx, 'scan', [])
        return tx.scan(range, options)
      },
    }
    return withMembers(tx, calls)
  }
  return withMembers(store, {
    begin: async (options) => toldOf(await store.begin(options)),
    transact: (work, options) => store.transact((tx) => work(toldOf(tx)), options),
  } satisfies Partial<StorageProvider>)
}

/** Ranges begin with what need not be a whole key. */
function isOfSeriesRange(start: Uint8Array): boolean {
  return start[0] === 0x73
}

function withMembers<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      const own: unknown = Reflect.get(members, name)
      if (own !== undefined) return own
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}

async function withDatabase(
  onCall: (db: Database) => OnCall,
  work: (db: Database, other: Database) => Promise<void>,
): Promise<void> {
  const env = new TestEnv({ startMs: 1000 * HOUR })
  await using store = await LocalTransactions.open(await openMemoryEngine({}, { env: systemEnv }))
  const other = await openDatabase({ storage: store, env, schema: [plain, rolled] })
  const tell = onCall(other)
  await work(await openDatabase({ storage: told(store, tell), env }), other)
}

/** The calls that `work` makes, in words. */
async function callsOf(work: (db: Database) => Promise<unknown>, before: (db: Database) => Promise<unknown>) {
  let calls: string[] = []
  await withDatabase(
    (db) => (_, call, keys) => {
      calls.push([call, ...keys.map((key) => db.formatKey(key))].join(' '))
    },
    async (db, other) => {
      for (const name of ['plain', 'rolled']) await other.series(name).append(point(999 * HOUR))
      await before(db)
      calls = []
      await work(db)
    },
  )
  return calls
}

const nothing = (): Promise<void> => Promise.resolve()

test('an append to a series that is known reads its record and its place at once, and shares nothing', async () => {
  const append = (db: Database): Promise<unknown> => db.series(plain).append(point(7 + 999 * HOUR))
  const known = (db: Database): Promise<unknown> => db.series(plain).append(point(8 + 999 * HOUR))
  assert.deepEqual(await callsOf(append, known), [
    `getMany ts:series:plain/1 ts:series:plain/1:time:${7 + 999 * HOUR}:seq:0`,
  ])
  assert.deepEqual(await callsOf(append, nothing), [
    String.raw`getMany ts:tags:plain:"[\"a\"]"`,
    `getMany ts:series:plain/1 ts:series:plain/1:time:${7 + 999 * HOUR}:seq:0`,
  ])
})

test('of several series all that are known are read together with the tags of the others', async () => {
  const time = 999 * HOUR
  const calls = await callsOf(
    (db) => db.series(plain).appendMany([point(time + 1), point(time + 1), point(time + 2, 'new')]),
    (db) => db.series(plain).count({ tags: { k: 'a' } }),
  )
  // The number of the new one is taken apart from the transaction.
  assert.deepEqual(calls.slice(1), ['lock exclusive ts:series:plain/0', 'get ts:series:plain/0'])
  assert.match(
    calls[0] ?? '',
    new RegExp(
      `^getMany ts:series:plain/1 \\S+time:${time + 1}:seq:0 \\S+time:${time + 1}:seq:1 ts:tags:plain:\\S+new\\S+$`,
    ),
  )
})

test('with rollups it shares one guard of its own, each transaction another one', async () => {
  const calls = await callsOf(
    async (db) => {
      for (let i = 1; i <= 17; i++) await db.series(rolled).append(point(i + 999 * HOUR))
    },
    (db) => db.series(rolled).count({ tags: { k: 'a' } }),
  )
  const guards = calls.filter((call) => call.startsWith('lock'))
  assert.equal(guards.length, 17)
  assert.ok(guards.every((call) => /^lock shared ts:series:rolled\/1:guard:\d+$/.test(call)))
  assert.equal(new Set(guards).size, 16)
  assert.equal(calls.length, 34)
})

test('points of a series that is known are read at once, what needs its marks after its record', async () => {
  const known = (db: Database): Promise<unknown> => db.series(plain).count({ tags: { k: 'a' } })
  const tags = { k: 'a' }
  for (const work of [
    (db: Database): Promise<unknown> => db.series(plain).range({ tags }),
    (db: Database): Promise<unknown> => db.series(plain).latest({ tags }),
    known,
  ])
    assert.deepEqual(await callsOf(work, known), ['scan'])
  assert.deepEqual(
    await callsOf(
      (db) => db.series(plain).downsample({ tags, bucket: '1h', aggregates: { v: ['sum'] } }),
      known,
    ),
    ['get ts:series:plain/1', 'scan'],
  )
})

test('a roll-up locks the guards of series that have something to complete, all of them and no others', async () => {
  const calls = await callsOf(
    (db) => db.series(rolled).rollUp(),
    async (db) => {
      await db.series(rolled).appendMany([point(998 * HOUR), point(998 * HOUR, 'b')])
      await db.series(rolled).rollUp({ tags: { k: 'a' } })
    },
  )
  const locks = calls.filter((call) => call.startsWith('lock'))
  assert.equal(locks.length, 1)
  const [, series = ''] = /^lock exclusive ts:series:(rolled\/\d+):guard:0 /.exec(locks[0] ?? '') ?? []
  assert.notEqual(series, 'rolled/1')
  const guards = Array.from({ length: 16 }, (_, at) => `ts:series:${series}:guard:${at}`)
  assert.equal(locks[0], `lock exclusive ${guards.join(' ')}`)
})

for (const upkeep of ['rollUp', 'applyRetention'] as const) {
  test(`${upkeep}: a step that met an append is done by the next attempt, however many more come`, async () => {
    const seen: Transaction[] = []
    const kept = series('kept', {
      tags: ['k'],
      fields: { v: 'float' },
      retention: '10h',
      rollups: [{ granularity: '1h', retention: '20h' }],
    })
    await withDatabase(
      (db) => async (tx, call) => {
        // Before each transaction's first such lock somebody appends.
        if (call !== 'lock exclusive' || seen.includes(tx)) return
        seen.push(tx)
        await db.series(kept).append(point(990 * HOUR + seen.length))
      },
      async (db, other) => {
        await other.create(kept)
        await other.series(kept).appendMany([point(991 * HOUR), point(992 * HOUR)])
        const count = await db.series(kept)[upkeep]()
        assert.equal(seen.length, 2)
        assert.equal(count, upkeep === 'rollUp' ? 1 : 0)
        const buckets = await db.series(kept).downsample({ bucket: '1h', aggregates: { v: ['count'] } })
        assert.deepEqual(
          buckets.map(({ timestamp, values }) => [timestamp / HOUR, values['v']?.count]),
          [
            [990, 2],
            [991, 1],
            [992, 1],
          ],
        )
      },
    )
  })
}
