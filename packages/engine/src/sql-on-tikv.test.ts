/** SQL sessions of two databases, each with a client of its own as in processes of their own, on one TiKV cluster. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { keepSplitting, TestCluster } from '@orbit-ts/tikv/testing'
import { openDatabase } from './database.js'
import { SqlEngine } from './lang/sql/session/sql-engine.js'
import { failure, run } from './lang/sql/session/test-session.test.data.js'
import type { SqlSession } from './lang/sql/session-contract.js'

/** To be run again: what a session throws, for which the PostgreSQL protocol says 40001 and 40P01. */
const REFUSED: ReadonlySet<string> = new Set(['TRANSACTION_CONFLICT', 'TRANSACTION_DEADLOCK'])
const GIVEN_UP: ReadonlySet<string> = new Set([...REFUSED, 'LOCK_TIMEOUT', 'LOCK_NOT_AVAILABLE'])
const SUCCESS = 'it succeeded'
const UNIQUE_VIOLATION = '23505'
const FOREIGN_KEY_VIOLATION = '23503'

describe('SQL sessions of two processes on one TiKV cluster', () => {
  let cluster: TestCluster
  let splitting: { cancel(): void }
  let namespaces = 0
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
    splitting = keepSplitting(cluster)
  })
  after(async () => {
    splitting.cancel()
    await cluster.close()
  })

  async function withSessions(work: (one: SqlSession, other: SqlSession) => Promise<void>): Promise<void> {
    const namespace = `sql-${++namespaces}`
    const storage = { kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints], namespace } as const
    await using first = await openDatabase({ storage })
    await using second = await openDatabase({ storage })
    await using one = await (await SqlEngine.open(first)).openSession()
    await using other = await (await SqlEngine.open(second)).openSession()
    await work(one, other)
  }

  test('a definition that one changes, the other follows at once, in what it had prepared too', () =>
    withSessions(async (one, other) => {
      await run(one, 'create table t (id int primary key, a text)')
      await run(other, `insert into t values (1, 'x')`)
      await run(other, 'prepare all_of_it as select * from t')
      await run(other, 'prepare ids as select id from t order by id')
      assert.deepEqual(await run(other, 'execute all_of_it'), ['1|x'])
      await run(one, 'alter table t add column b int default 7')
      assert.deepEqual(await run(other, 'select * from t'), ['1|x|7'])
      assert.deepEqual(await run(other, 'execute ids'), ['1'])
      assert.equal(await failure(other, 'execute all_of_it'), '0A000')
      await run(one, 'create unique index on t (a)')
      assert.equal(await failure(other, `insert into t values (2, 'x')`), UNIQUE_VIOLATION)
      await run(one, 'drop table t')
      assert.equal(await failure(other, 'select * from t'), '42P01')
      assert.equal(await failure(other, 'execute ids'), '42P01')
    }))

  test('a transaction that has written is not committed past a change of the definition', () =>
    withSessions(async (one, other) => {
      await run(one, 'create table t (id int primary key, a text)')
      await run(other, `begin; insert into t values (1, 'x')`)
      await run(one, `set lock_timeout = '200ms'`)
      const changed = await failure(one, 'alter table t add column b int not null default 7')
      const committed = await failure(other, 'commit')
      await run(other, 'rollback')
      assert.ok(changed === SUCCESS || GIVEN_UP.has(changed), changed)
      assert.ok(committed === SUCCESS || REFUSED.has(committed), committed)
      assert.ok(changed !== SUCCESS || committed !== SUCCESS, 'both succeeded')
      if (changed !== SUCCESS) await run(one, 'alter table t add column b int not null default 7')
      const rows = committed === SUCCESS ? ['1|x|7'] : []
      assert.deepEqual(await run(one, 'select * from t'), rows)
      assert.deepEqual(await run(other, 'select * from t'), rows)
    }))

  test('a statement by itself is run again when a definition is changed under it, here or there', () =>
    withSessions(async (one, other) => {
      await run(one, 'create table t (id int primary key, a int)')
      const inserting = { at: 0, done: false }
      const insert = async (): Promise<void> => {
        while (!inserting.done) await run(other, `insert into t values (${++inserting.at}, 1)`)
      }
      const change = async (): Promise<void> => {
        for (let round = 0; round < 6; round++) {
          await run(one, 'create index by_a on t (a)')
          await run(one, 'drop index by_a')
        }
        inserting.done = true
      }
      await Promise.all([insert(), change()])
      assert.deepEqual(await run(one, 'select count(*) from t'), [String(inserting.at)])
    }))

  test('of many that insert one key, in both, one does, and numbers of a sequence are given once', () =>
    withSessions(async (one, other) => {
      await run(one, 'create table t (n serial primary key, a int unique)')
      const outcomes = await alternating([one, other], 24, (at) => `insert into t (a) values (${at % 6})`)
      assert.equal(outcomes.filter((outcome) => outcome === SUCCESS).length, 6)
      assert.deepEqual(new Set(outcomes), new Set([SUCCESS, UNIQUE_VIOLATION]))
      assert.deepEqual(await run(other, 'select a from t order by a'), ['0', '1', '2', '3', '4', '5'])
      assert.deepEqual(await run(one, 'select count(distinct n) from t'), ['6'])
    }))

  test('rows that refer to rows that the other deletes never dangle', () =>
    withSessions(async (one, other) => {
      await run(
        one,
        'create table p (id int primary key); create table c (id int primary key, p int references p)',
      )
      await run(one, 'insert into p select generate_series(0, 5)')
      const outcomes = await alternating([one, other], 24, (at) =>
        at % 4 < 2 ? `insert into c values (${at}, ${at % 6})` : `delete from p where id = ${at % 6}`,
      )
      const expected = new Set([SUCCESS, FOREIGN_KEY_VIOLATION])
      for (const outcome of outcomes) assert.ok(expected.has(outcome), outcome)
      assert.deepEqual(
        await run(
          other,
          'select c.id from c left join p on p.id = c.p where c.p is not null and p.id is null',
        ),
        [],
      )
      const inserted = outcomes.filter((outcome, at) => at % 4 < 2 && outcome === SUCCESS).length
      assert.deepEqual(await run(one, 'select count(*) from c'), [String(inserted)])
    }))
})

/** Runs statements in both sessions at once, each session one after the other; conflicts are tried again. */
async function alternating(
  sessions: readonly [SqlSession, SqlSession],
  count: number,
  statement: (at: number) => string,
): Promise<string[]> {
  const outcomes: string[] = []
  await Promise.all(
    sessions.map(async (session, index) => {
      for (let at = index; at < count; at += sessions.length) {
        do outcomes[at] = await failure(session, statement(at))
        while (REFUSED.has(outcomes[at] ?? ''))
      }
    }),
  )
  return outcomes
}
