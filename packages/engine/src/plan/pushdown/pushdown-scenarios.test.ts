/** What is handed down to the store, and that it is right beside writes, locks and changes of definitions. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemEnv } from '@orbit-ts/base'
import { DistributedTransactionCoordinator, openProvider, relationalKeys } from '@orbit-ts/storage'
import { dagCoprocessor, TestCluster, type CoprocessorExecutor } from '@orbit-ts/tikv/testing'
import { openDatabase, type Database } from '../../database.js'
import { failure, run } from '../../lang/sql/session/test-session.test.data.js'
import { SqlEngine } from '../../lang/sql/session/sql-engine.js'
import type { SqlSession } from '../../lang/sql/session-contract.js'

const ROWS = 300

interface Opened extends AsyncDisposable {
  readonly cluster: TestCluster
  readonly database: Database
  readonly engine: SqlEngine
}

async function open(coprocessor?: CoprocessorExecutor, namespace?: string): Promise<Opened> {
  const cluster = await TestCluster.start({
    transport: 'sockets',
    stores: 3,
    ...(coprocessor && { coprocessor }),
  })
  const database = await openDatabase({
    storage: {
      kind: 'tikv',
      pdEndpoints: [...cluster.pdEndpoints],
      ...(namespace !== undefined && { namespace }),
    },
  })
  const engine = await SqlEngine.open(database)
  return {
    cluster,
    database,
    engine,
    [Symbol.asyncDispose]: async () => {
      await database.close()
      await cluster.close()
    },
  }
}

/** A table of three regions. */
async function makeTable({ cluster, database }: Opened, session: SqlSession, name: string): Promise<void> {
  await run(session, `create table ${name} (id int primary key, a int, b text, f float8, n numeric(9,2))`)
  await run(
    session,
    `insert into ${name} select i, i % 7, 'b' || i % 5, i, i * 0.25 from generate_series(1, ${ROWS}) i; analyze ${name}`,
  )
  const { id } = await database.describe('table', name)
  for (const at of [100, 200]) cluster.splitAt(relationalKeys.row(id, at))
}

/** What EXPLAIN says of the store. */
async function said(session: SqlSession, sql: string, options = 'costs off'): Promise<string[]> {
  const lines = await run(session, `explain (${options}) ${sql}`)
  return lines.map((line) => line.trim()).filter((line) => /^(Pushed Down|Not Pushed|Run Here)/.test(line))
}

const ANALYZED = 'analyze, costs off, timing off, summary off'
const CHANGED = 'Run Here: this transaction has changed rows that are read'

describe('work that is handed down', () => {
  let opened: Opened
  let session: SqlSession
  before(async () => {
    opened = await open()
    session = await opened.engine.openSession()
    await makeTable(opened, session, 't')
  })
  after(async () => {
    await session.close()
    await opened[Symbol.asyncDispose]()
  })

  const explained: readonly (readonly [sql: string, ...said: string[]])[] = [
    ['select id from t where a = 3', 'Pushed Down: filter, projection'],
    ['select * from t where a = 3', 'Pushed Down: filter'],
    ['select * from t where a in (1, 2) or b like $$x%$$ or f < 2 or not n is null', 'Pushed Down: filter'],
    ['select id from t where a = 3 limit 2', 'Pushed Down: filter, projection, limit'],
    ['select id from t where a = 3 order by n desc limit 2', 'Pushed Down: filter, projection, top-n'],
    ['select id from t order by f limit 2', 'Pushed Down: projection'],
    ['select id from t where id between 50 and 250 and a = 1 order by id', 'Pushed Down: filter, projection'],
    ['select count(*), sum(a), avg(n), min(b), max(id) from t', 'Pushed Down: partial aggregate'],
    ['select b, count(*) from t where a > 2 group by b', 'Pushed Down: filter, partial aggregate'],
    ['select distinct b from t where a > 2', 'Pushed Down: filter, distinct'],
    [
      'select count(distinct a) from t where a > 2',
      'Not Pushed: count(DISTINCT) is made here',
      'Pushed Down: filter, projection',
    ],
    [
      'select sum(f) from t where a > 2',
      'Not Pushed: sum() of floats depends on the order of rows',
      'Pushed Down: filter, projection',
    ],
    [
      'select sum(a) from t where lower(b) = $$b1$$ and a > 2',
      'Not Pushed: lower() is computed here',
      'Pushed Down: filter, projection',
      'Not Pushed: lower() is computed here',
    ],
    [
      'select id from t where a + 1 > 5 and b <> $$b1$$',
      'Pushed Down: filter, projection',
      'Not Pushed: + is computed here',
    ],
    [
      'select id from t where random() < 2 and b <> $$b1$$',
      'Pushed Down: filter, projection',
      'Not Pushed: a volatile function is called',
    ],
    ['select * from t limit 2', 'Not Pushed: the first rows are read at once'],
    ['select * from t where id = 3', 'Not Pushed: keys are looked up in batches'],
    ['select * from t where id in (1, 2, 3)', 'Not Pushed: keys are looked up in batches'],
    ['select * from t where a = 1 for update', 'Not Pushed: rows are read to be changed or locked'],
    ['delete from t where a = 1', 'Not Pushed: rows are read to be changed or locked'],
    ['select relname from pg_class where relname = $$t$$'],
  ]
  for (const [sql, ...expected] of explained) {
    test(`EXPLAIN says what is handed down of ${sql}`, async () => {
      assert.deepEqual(await said(session, sql), expected)
    })
  }

  test('EXPLAIN in JSON says it, too', async () => {
    const [text = ''] = await run(
      session,
      'explain (format json) select id, f from t where a = 3 and lower(b) = $$x$$',
    )
    const [{ Plan: plan }] = JSON.parse(text) as [{ Plan: Record<string, unknown> }]
    assert.deepEqual(plan['Pushed Down'], ['filter', 'projection'])
    assert.equal(plan['Not Pushed'], 'lower() is computed here')
  })

  test('EXPLAIN tells in how many regions rows lie, as far as is known, where it tells costs', async () => {
    await makeTable(opened, session, 'spread')
    const regionsOf = async (sql: string, options = 'costs on'): Promise<string[]> =>
      (await run(session, `explain (${options}) ${sql}`))
        .map((line) => line.trim())
        .filter((line) => line.startsWith('Regions'))
    const costOf = async (): Promise<number> => {
      const [line = ''] = await run(session, 'explain select a, count(*) from spread group by a')
      return Number(/\.\.([\d.]+) rows=7 /.exec(line)?.[1])
    }
    assert.deepEqual(await regionsOf('select a from spread where a = 3'), [])
    const before = await costOf()
    // Reading all of it finds the regions; what has been planned is kept until it is planned anew.
    await run(session, 'select count(*) from spread; analyze spread')
    assert.deepEqual(await regionsOf('select a from spread where a = 3'), ['Regions: 3'])
    assert.deepEqual(await regionsOf('select a from spread where id < 210 and a = 3'), ['Regions: 2'])
    assert.deepEqual(await regionsOf('select a from spread where id < 100 and a = 3'), [])
    assert.deepEqual(await regionsOf('select a from spread where a = 3', 'costs off'), [])
    // Two regions more are opened, and 14 rows more are sent and put together.
    assert.equal(((await costOf()) - before).toFixed(2), '13.60')
    const [text = ''] = await run(session, 'explain (format json) select a from spread where a = 3')
    const [{ Plan: plan }] = JSON.parse(text) as [{ Plan: Record<string, unknown> }]
    assert.equal(plan['Regions'], 3)
  })

  test('it can be turned off', async () => {
    const off = await opened.engine.openSession({ settings: { 'orbit.pushdown': 'off' } })
    assert.deepEqual(await said(off, 'select id from t where a = 3'), [])
    await off.close()
    await run(session, 'begin; set local orbit.pushdown = off')
    assert.deepEqual(await said(session, 'select id from t where a = 3'), [])
    await run(session, 'rollback')
    assert.deepEqual(await said(session, 'select id from t where a = 3'), ['Pushed Down: filter, projection'])
    assert.equal(await failure(session, 'set orbit.pushdown = perhaps'), '22023')
  })

  test('regions answer with what they keep, and with one row for each group', async () => {
    const answers = async (sql: string): Promise<{ requests: number; rows: string[] }> => {
      const { faults } = opened.cluster
      const before = faults.calls.length
      const rows = await run(session, sql)
      const calls = faults.calls.slice(before)
      assert.equal(
        calls.filter(({ method }) => method === 'KvScan').length,
        0,
        'rows are scanned by the store',
      )
      return { requests: calls.filter(({ method }) => method === 'Coprocessor').length, rows }
    }
    const counted = await answers('select count(*), sum(a) from t where a > 4')
    assert.deepEqual(counted, { requests: 3, rows: ['86|473'] })
    const ranged = await answers('select count(*) from t where id between 120 and 180 and a = 1')
    assert.deepEqual(ranged, { requests: 1, rows: ['9'] })
  })

  test('whole keys are read with one request for each region', async () => {
    const requestsOf = async (sql: string): Promise<number> => {
      const before = opened.cluster.faults.calls.length
      assert.equal((await run(session, sql)).length, 6)
      const calls = opened.cluster.faults.calls.slice(before)
      assert.equal(calls.filter(({ method }) => method === 'KvScan').length, 0)
      return calls.filter(({ method }) => method === 'KvBatchGet').length
    }
    assert.equal(await requestsOf('select * from t where id in (1, 2, 101, 102, 201, 202)'), 3)
    // An index join reads the keys of many rows of its left side together.
    await run(session, 'create table l (x int)')
    await run(session, 'insert into l values (1), (2), (101), (102), (201), (202); analyze l')
    await run(session, 'set orbit.pushdown = on; set enable_hashjoin = off; set enable_mergejoin = off')
    const before = opened.cluster.faults.calls.length
    assert.equal((await run(session, 'select t.b from l join t on t.id = l.x')).length, 6)
    const calls = opened.cluster.faults.calls.slice(before)
    assert.equal(calls.filter(({ method }) => method === 'KvBatchGet').length, 3)
    await run(session, 'reset enable_hashjoin; reset enable_mergejoin')
  })

  test('values that keys have in a form of their own are read of the rows', async () => {
    await run(session, 'create table keyed (f float8, n numeric, t char(3), i int, primary key (f, n, t, i))')
    await run(
      session,
      `insert into keyed values (1.5, 2.50, 'a', 1), ('-0', 1, 'b', 2), ('NaN', 3.0, 'c', 3)`,
    )
    const sql = `select f, n, t, i from keyed where i < 9 order by i`
    assert.deepEqual(await run(session, sql), ['1.5|2.50|a  |1', '-0|1|b  |2', 'NaN|3.0|c  |3'])
    assert.deepEqual(await said(session, sql, ANALYZED), ['Pushed Down: filter'])
  })

  test('own writes show: what they are in is read here, and by the store again once they are undone', async () => {
    const sql = 'select count(*) from t where a = 3'
    const other = 'select count(*) from t where id > 150 and a = 3'
    const [before = ''] = await run(session, sql)
    await run(session, 'begin; savepoint s')
    assert.deepEqual(await said(session, sql, ANALYZED), ['Pushed Down: filter, partial aggregate'])
    await run(
      session,
      'update t set a = 3 where id = 4; insert into t values (-1, 3); delete from t where id = 3',
    )
    assert.deepEqual(await said(session, sql, ANALYZED), ['Pushed Down: filter, partial aggregate', CHANGED])
    assert.deepEqual(await run(session, sql), [String(Number(before) + 1)])
    assert.deepEqual(await said(session, other, ANALYZED), ['Pushed Down: filter, partial aggregate'])
    await run(session, 'rollback to s')
    assert.deepEqual(await said(session, sql, ANALYZED), ['Pushed Down: filter, partial aggregate'])
    assert.deepEqual(await run(session, sql), [before])
    await run(session, 'rollback')
  })

  test('each isolation level sees what it sees without', async () => {
    await makeTable(opened, session, 'levels')
    const writer = await opened.engine.openSession()
    const sql = 'select count(*) from levels where a = 100'
    await run(session, 'begin isolation level repeatable read')
    assert.deepEqual(await run(session, sql), ['0'])
    await run(writer, 'update levels set a = 100 where id = 1')
    assert.deepEqual(await run(session, sql), ['0'])
    await run(session, 'commit; begin isolation level read committed')
    assert.deepEqual(await run(session, sql), ['1'])
    await run(writer, 'update levels set a = 100 where id = 2')
    assert.deepEqual(await run(session, sql), ['2'])
    await run(session, 'commit; begin isolation level serializable')
    assert.deepEqual((await said(session, sql, ANALYZED)).at(-1), `Run Here: ${SERIALIZABLE}`)
    await run(session, 'rollback')
    await writer.close()
  })

  test('a serializable transaction does not commit past a change of what it counted', async () => {
    await makeTable(opened, session, 'skew')
    const other = await opened.engine.openSession()
    for (const each of [session, other]) {
      await run(each, 'begin isolation level serializable')
      assert.deepEqual(await run(each, 'select count(*) from skew where a = 100'), ['0'])
    }
    await run(session, 'insert into skew values (1001, 100)')
    await run(other, 'insert into skew values (1002, 100)')
    const outcomes = [await failure(session, 'commit'), await failure(other, 'commit')]
    assert.deepEqual(outcomes, ['it succeeded', 'TRANSACTION_CONFLICT'])
    await run(other, 'rollback')
    assert.deepEqual(await run(session, 'select count(*) from skew where a = 100'), ['1'])
    await other.close()
  })

  test('a change of the definition is followed, by what was prepared before it, too', async () => {
    await makeTable(opened, session, 'changing')
    const other = await opened.engine.openSession()
    await run(session, 'prepare counted as select count(*) from changing where a = 3')
    await run(session, 'prepare kept as select id from changing where b = $$b1$$ and id < 10')
    assert.deepEqual(await run(session, 'execute counted'), ['43'])
    await run(other, 'alter table changing add column late int default 5')
    assert.deepEqual(await run(session, 'select count(*), sum(late) from changing where late = 5'), [
      '300|1500',
    ])
    await run(
      other,
      'alter table changing alter column late set default 7; update changing set late = 6 where id = 1',
    )
    assert.deepEqual(await run(session, 'select late, count(*) from changing group by late order by late'), [
      '5|299',
      '6|1',
    ])
    assert.deepEqual(await run(session, 'execute counted'), ['43'])
    await run(other, 'alter table changing alter column a type text using a::text')
    assert.equal(await failure(session, 'select count(*) from changing where a = 3'), '42883')
    assert.deepEqual(await run(session, 'select count(*) from changing where a = $$3$$'), ['43'])
    await run(other, 'alter table changing drop column b')
    assert.equal(await failure(session, 'execute kept'), '42703')
    await run(other, 'truncate changing')
    assert.deepEqual(await run(session, 'select count(*), max(id) from changing where a <> $$3$$'), ['0|∅'])
    await other.close()
  })

  test(
    'rows that a commit under way has locked are read as they were, or as they will be',
    { timeout: 60_000 },
    async () => {
      await makeTable(opened, session, 'bank')
      const total = 'select sum(a), count(*) from bank where id in (50, 150, 250) or a > 1000'
      const [before] = await run(session, total)
      const other = await opened.engine.openSession()
      await run(
        other,
        'begin; update bank set a = a + 1 where id = 50; update bank set a = a - 1 where id = 250',
      )
      const { faults } = opened.cluster
      let release = (): void => undefined
      const held = new Promise<void>((resolve) => (release = resolve))
      const fault = faults.add({ method: 'KvCommit' }, { kind: 'hold', until: held })
      const seen = (from: number, ...methods: string[]): boolean =>
        faults.calls.slice(from).some(({ method }) => methods.includes(method))
      const begun = faults.calls.length
      const committing = run(other, 'commit')
      // All rows are locked when the first of them is to be committed.
      while (!seen(begun, 'KvCommit')) await systemEnv.timers.nextTurn()
      const locked = faults.calls.length
      const reading = run(session, total)
      while (!seen(locked, 'KvCheckTxnStatus', 'KvCheckSecondaryLocks')) await systemEnv.timers.nextTurn()
      release()
      await committing
      fault.remove()
      assert.deepEqual(await reading, [before])
      assert.deepEqual(await run(session, total), [before])
      await other.close()
    },
  )
})

const SERIALIZABLE = 'a serializable transaction has to remember each row that it reads'

test('what a server does not know is computed here', async () => {
  let isKnown = true
  await using opened = await open((request, scope) => ({
    ...dagCoprocessor(request, scope),
    ...(isKnown ? {} : { otherError: 'unknown function' }),
  }))
  const session = await opened.engine.openSession()
  await makeTable(opened, session, 't')
  const sql = 'select a, count(*) from t where b = $$b1$$ group by a order by a'
  const rows = await run(session, sql)
  assert.equal(rows.length, 7)
  isKnown = false
  assert.deepEqual(await run(session, sql), rows)
  const [pushed, here] = await said(session, sql, ANALYZED)
  assert.equal(pushed, 'Pushed Down: filter, partial aggregate')
  assert.match(here ?? '', /^Run Here: .*unknown function/)
  await session.close()
})

test('a store that transactions across stores share hands down as any other', async () => {
  await using cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
  const open = (namespace?: string) =>
    openProvider({
      kind: 'tikv',
      pdEndpoints: [...cluster.pdEndpoints],
      ...(namespace !== undefined && { namespace }),
    })
  await using main = await open()
  await using other = await open('other')
  await using coordinator = await DistributedTransactionCoordinator.open({
    stores: { main, other },
    log: 'main',
  })
  const database = await openDatabase({ storage: coordinator.store('main') })
  const session = await (await SqlEngine.open(database)).openSession()
  await run(
    session,
    'create table t (id int primary key, a int); insert into t select i, i % 7 from generate_series(1, 300) i; analyze t',
  )
  const sql = 'select count(*), sum(id) from t where a = 3'
  assert.deepEqual(await said(session, sql, ANALYZED), ['Pushed Down: filter, partial aggregate'])
  assert.deepEqual(await run(session, sql), ['43|6450'])
  await run(session, 'begin; update t set a = 3 where id = 4')
  assert.deepEqual(await said(session, sql, ANALYZED), ['Pushed Down: filter, partial aggregate', CHANGED])
  assert.deepEqual(await run(session, sql), ['44|6454'])
  await run(session, 'rollback')
  await session.close()
  await database.close()
})

test('behind a namespace, whose keys the servers do not know, nothing is handed down', async () => {
  await using opened = await open(undefined, 'apart')
  const session = await opened.engine.openSession()
  await run(session, 'create table t (id int primary key, a int); insert into t values (1, 2), (2, 3)')
  assert.deepEqual(await said(session, 'select id from t where a = 3'), [])
  assert.deepEqual(await run(session, 'select id from t where a = 3'), ['2'])
  await session.close()
})
