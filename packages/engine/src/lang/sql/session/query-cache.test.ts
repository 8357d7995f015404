/** Results that are kept, as sessions of one and of two servers on the same store see them. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { openProvider, type StorageProvider } from '@orbit-ts/storage'
import type { CacheSettingsInput } from '../../../cache/cache-settings.js'
import type { QueryResultCacheMetrics } from '../../../cache/query-result-cache.js'
import { openDatabase, type Database } from '../../../database.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import { RecordValue } from '../../../scalar/record-value.js'
import type { SqlSession } from '../session-contract.js'
import { SqlEngine } from './sql-engine.js'
import { run } from './test-session.test.data.js'

const KEEPING: CacheSettingsInput = { queryResults: true, queryResultTtlMs: 1000 }

/** A server on a store: its database and a way to open sessions. */
class Server implements AsyncDisposable {
  readonly database: Database
  readonly #engine: SqlEngine

  private constructor(database: Database, engine: SqlEngine) {
    this.database = database
    this.#engine = engine
  }

  static async start(storage: StorageProvider, env: TestEnv, cache = KEEPING): Promise<Server> {
    const database = await openDatabase({ storage, env, cache })
    return new Server(database, await SqlEngine.open(database))
  }

  session(user?: string): Promise<SqlSession> {
    return this.#engine.openSession(user === undefined ? {} : { user })
  }

  get figures(): QueryResultCacheMetrics | undefined {
    return this.database.caches.metrics().queryResult
  }

  /** How many hits `work` makes. */
  async hits(work: () => Promise<unknown>): Promise<number> {
    const before = this.figures?.hits ?? 0
    await work()
    return (this.figures?.hits ?? 0) - before
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.database.close()
  }
}

interface Two {
  readonly env: TestEnv
  readonly one: Server
  readonly other: Server
  readonly sql: SqlSession
}

/** Two servers on one store, with tables `t` and `u` of two rows each. */
async function withServers(work: (two: Two) => Promise<void>): Promise<void> {
  const env = new TestEnv()
  await using storage = await openProvider({ kind: 'memory' }, { env })
  await using one = await Server.start(storage, env)
  await using other = await Server.start(storage, env)
  await using sql = await one.session()
  for (const name of ['t', 'u']) {
    await run(sql, `create table ${name} (id int primary key, n int)`)
    await run(sql, `insert into ${name} values (1, 10), (2, 20)`)
  }
  await work({ env, one, other, sql })
}

/** One row of a statement of its own with a parameter. */
async function withParameter(session: SqlSession, statement: string, value: number): Promise<unknown[]> {
  const [parsed] = await session.parse(statement)
  assert.ok(parsed !== undefined)
  const prepared = await session.prepare(parsed, [])
  session.beginImplicit()
  const result = await session.execute(prepared, [value])
  assert.ok(result.kind === 'rows')
  const rows: unknown[] = []
  for await (const batch of result.batches) rows.push(...batch)
  await session.endImplicit()
  return rows
}

const SUM = 'select sum(n) from t'

describe('a result of a query', () => {
  test('is given again, to other sessions too, until one of its tables is written', () =>
    withServers(async ({ one, sql }) => {
      await using second = await one.session()
      assert.equal(await one.hits(() => run(sql, SUM)), 0)
      assert.equal(await one.hits(async () => assert.deepEqual(await run(second, SUM), ['30'])), 1)
      await run(sql, 'update u set n = 0')
      assert.equal(await one.hits(() => run(sql, SUM)), 1)
      await run(second, 'update t set n = n + 1 where id = 1')
      assert.equal(await one.hits(async () => assert.deepEqual(await run(sql, SUM), ['31'])), 0)
      await one.database.table('t').update(1, { n: 5 })
      assert.deepEqual(await run(sql, SUM), ['25'])
      await one.database.transaction((tx) => tx.table('t').delete(2))
      assert.deepEqual(await run(sql, SUM), ['5'])
      await run(sql, 'begin; insert into t values (3, 3); commit')
      assert.deepEqual(await run(sql, SUM), ['8'])
      await run(sql, 'begin; insert into t values (4, 4); rollback')
      assert.equal(await one.hits(() => run(sql, SUM)), 1)
    }))

  test('is of the moment when it was read, and no older than the time to live on another server', () =>
    withServers(async ({ env, one, other, sql }) => {
      await using far = await other.session()
      assert.deepEqual(await run(far, SUM), ['30'])
      await run(sql, 'update t set n = 0')
      assert.deepEqual(await run(sql, SUM), ['0'])
      await env.advance(999)
      assert.deepEqual(await run(far, SUM), ['30'])
      await env.advance(1)
      assert.deepEqual(await run(far, SUM), ['0'])
      assert.deepEqual([one.figures?.misses, other.figures?.hits], [1, 1])
    }))

  test('is another for other parameters, texts, settings and roles', () =>
    withServers(async ({ one, sql }) => {
      const query = 'select n from t where id = $1'
      assert.deepEqual(await withParameter(sql, query, 1), [[10]])
      assert.deepEqual(await withParameter(sql, query, 2), [[20]])
      assert.equal(
        await one.hits(async () => assert.deepEqual(await withParameter(sql, query, 1), [[10]])),
        1,
      )
      assert.deepEqual(await run(sql, 'select n from t where id = 1'), ['10'])
      assert.deepEqual(await run(sql, 'select n from t where id = 2'), ['20'])
      await run(sql, "set extra_float_digits = 0; set TimeZone = 'Europe/Paris'")
      assert.equal(await one.hits(() => withParameter(sql, query, 1)), 0)
      await run(sql, 'create role reader login; grant select on t to reader')
      await using reader = await one.session('reader')
      assert.equal(await one.hits(() => run(reader, SUM)), 0)
      await run(sql, 'revoke select on t from reader')
      await assert.rejects(run(reader, SUM), { code: 'PERMISSION_DENIED' })
    }))

  test('is not of a definition before', () =>
    withServers(async ({ other, sql }) => {
      await using far = await other.session()
      assert.deepEqual(await run(far, 'select * from t where id = 1'), ['1|10'])
      await run(sql, 'alter table t add column more text default $$x$$')
      assert.deepEqual(await run(far, 'select * from t where id = 1'), ['1|10|x'])
      await run(sql, 'drop table t; create table t (id int primary key, n int)')
      assert.deepEqual(await run(far, SUM), ['∅'])
    }))
})

describe('no result is kept, and none is given, of', () => {
  const never = (name: string, ...statements: string[]): void => {
    test(name, () =>
      withServers(async ({ one, sql }) => {
        const { entries } = one.figures ?? { entries: -1 }
        for (const statement of [...statements, ...statements]) await run(sql, statement)
        assert.deepEqual([one.figures?.hits, one.figures?.entries], [0, entries])
      }),
    )
  }

  never('transactions', 'begin', SUM, 'commit')
  never('levels that promise one snapshot', "set default_transaction_isolation = 'repeatable read'", SUM)
  never('sessions that say so', 'set orbit.use_query_cache = off', SUM)
  never('queries that lock', 'select n from t for update')
  never(
    'queries that call what is not immutable',
    'select n, random() from t',
    'select n from t where now() > $$2000-01-01$$',
  )
  never('subqueries that call it', 'select n from t where id in (select id from u where random() >= 0)')
  never('changes', 'with gone as (delete from u where false returning *) select * from gone')
  never('the catalog', 'select count(*) from pg_class, t')
  never(
    'sequences',
    'create sequence if not exists s',
    "select nextval('s') from t",
    'select last_value from s',
  )
  never('what no table is read for', 'select 1')
  never('EXPLAIN', 'explain analyze select n from t')
})

test('results are kept only where that is asked for', async () => {
  const env = new TestEnv()
  await using storage = await openProvider({ kind: 'memory' }, { env })
  await using server = await Server.start(storage, env, {})
  assert.equal(server.figures, undefined)
  await using sql = await server.session()
  await run(sql, 'create table t (id int primary key)')
  assert.deepEqual(await run(sql, 'select * from t'), [])
})

test('a result that is too large, or not read to its end, is not kept', async () => {
  const env = new TestEnv()
  await using storage = await openProvider({ kind: 'memory' }, { env })
  await using server = await Server.start(storage, env, { ...KEEPING, queryResultSizeMaxBytes: 10_000 })
  await using sql = await server.session()
  await run(sql, 'create table t (id int primary key); insert into t select generate_series(1, 5000)')
  const kept = server.figures?.entries
  await run(sql, 'select id from t')
  assert.deepEqual([server.figures?.entries, server.figures?.refusals], [kept, 1])
  const [statement] = await sql.parse('select id from t where id < 100')
  assert.ok(statement !== undefined)
  const result = await sql.execute(statement, [])
  assert.ok(result.kind === 'rows')
  for await (const batch of result.batches) if (batch.length > 0) break
  assert.equal(server.figures?.entries, kept)
})

test('a kept result does not keep the messages that it came with', async () => {
  const env = new TestEnv()
  await using storage = await openProvider({ kind: 'memory' }, { env })
  await using server = await Server.start(storage, env)
  await using sql = await server.session()
  await run(
    sql,
    "create table t (id int primary key, b bytea, c bytea[]); insert into t values (1, 'xy', '{a,b}')",
  )
  const [statement] = await sql.parse('select b, c, row(b) from t')
  assert.ok(statement !== undefined)
  for (const _ of ['read', 'kept']) {
    const result = await sql.execute(statement, [])
    assert.ok(result.kind === 'rows')
    const rows = []
    for await (const batch of result.batches) rows.push(...batch)
    assert.equal(rows.length, 1)
    const [[bytes, array, record] = []] = rows
    assert.ok(bytes instanceof Uint8Array && array instanceof SqlArray && record instanceof RecordValue)
    assert.deepEqual([...bytes], [0x78, 0x79])
    assert.deepEqual(array.elements.map(String), ['a', 'b'])
    if (server.figures?.hits !== 1) continue
    for (const each of [bytes, ...array.elements, ...record.values])
      assert.ok(each instanceof Uint8Array && each.buffer.byteLength === each.byteLength)
  }
  assert.equal(server.figures?.hits, 1)
})

test('definitions and statistics are parsed once, and again when they change', async () => {
  const env = new TestEnv()
  await using storage = await openProvider({ kind: 'memory' }, { env })
  await using server = await Server.start(storage, env, {})
  await using sql = await server.session()
  await run(sql, 'create table t (id int primary key); insert into t values (1); analyze t')
  await run(sql, 'select * from t')
  const before = server.database.caches.metrics()
  await run(sql, 'select * from t')
  const after = server.database.caches.metrics()
  assert.deepEqual(after.schema, { ...before.schema, hits: before.schema.hits + 1 })
  assert.deepEqual([after.statistics.entries, after.region], [1, undefined])
})
