// @ts-check
/**
 * A database on a cluster of which this project wrote nothing: a real PD and PingCAP's unistore. Its answers are those of
 * a directory, and the store keeps the contract of stores, but for what unistore has not.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openProvider, runStorageConformance, StorePool } from '@orbit-ts/storage'
import { runApplication } from '../application/application.js'
import { skipWithout } from './harness/test-programs.js'
import { UnistoreCluster } from './harness/unistore.js'

/** @param {string} path below `packages` */
const built = (path) => new URL(`../../packages/${path}`, import.meta.url).href

/** @type {typeof import('../../packages/engine/dist/lang/sql/session/test-session.test.data.js')} */
const { run, TestSql } = await import(built('engine/dist/lang/sql/session/test-session.test.data.js'))
/** @type {typeof import('../../packages/storage/dist/providers/tikv/conformance-cluster.test.suite.js')} */
const { TIKV_CAPABILITIES } = await import(
  built('storage/dist/providers/tikv/conformance-cluster.test.suite.js')
)

const skip = skipWithout('pd', 'unistore')

/** Tests of the contract, by their names, which unistore cannot pass. */
const LEFT_OUT = [
  // A commit that has locked a key without writing it is no change there, and locks are listed without their kind.
  /of one that shares and one that (writes|deletes), the sharer (first|at once), one commits$/,
  /^sharing waits for the exclusive holder/,
  /^a commit that only locked a key counts as a change/,
  /^of one that shares and one that only locks exclusively/,
  /of one that protects a definition and one that changes it/,
  /rows follow a definition that changes all the time$/,
  // A deadlock does not say who waits for whom.
  /^a cycle of \d gives way at one place/,
  /^deadlocks are counted$/,
  // It does not answer whether it is well.
  /^an open store is healthy$/,
]

/** @type {UnistoreCluster} */
let cluster
const folder = mkdtempSync(join(tmpdir(), 'orbit-on-unistore-'))
before(async () => {
  if (skip === false) cluster = await UnistoreCluster.start()
})
after(async () => {
  await pool.close()
  await cluster?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('an application over all models gets the answers of a directory', { skip }, async () => {
  const embedded = await runApplication({ kind: 'rocksdb', dataDir: join(folder, 'data') })
  const onUnistore = await runApplication(storeOf('application'))
  for (const [at, answer] of embedded.entries()) assert.deepEqual(onUnistore[at], answer)
  assert.equal(onUnistore.length, embedded.length)
})

for (const level of ['read committed', 'repeatable read', 'serializable']) {
  test(`SQL at the level ${level}`, { skip }, async (context) => {
    const sql = await TestSql.open(storeOf(level.replace(' ', '-')))
    context.after(() => sql[Symbol.asyncDispose]())
    await sql.run('create table accounts (id int primary key, owner text unique, balance int)')
    await sql.run('create table notes (account int references accounts (id), note text)')
    await sql.run('create index notes_of on notes (account)')
    await sql.run(`insert into accounts select at, 'o' || at, 100 from generate_series(1, 20) at`)
    await sql.run(`
      begin isolation level ${level};
      select * from accounts where id = 1 for update;
      update accounts set balance = balance - 10 where id = 1;
      update accounts set balance = balance + 10 where id = 2;
      insert into notes values (1, 'moved'), (2, 'got');
      insert into accounts values (21, 'o21', 0);
      delete from accounts where id = 20;
      savepoint before;
      insert into accounts values (22, 'o22', 0);
      rollback to before;
      commit`)
    assert.deepEqual(
      await sql.run('select id, balance from accounts where id in (1, 2) or id > 18 order by id desc'),
      ['21|0', '19|100', '2|110', '1|90'],
    )
    assert.deepEqual(
      await sql.run('select owner, note from notes join accounts on id = account order by id'),
      ['o1|moved', 'o2|got'],
    )
    await assert.rejects(sql.run(`insert into accounts values (1, 'new', 0)`), /accounts_pkey/)
    await assert.rejects(sql.run(`insert into accounts values (30, 'o2', 0)`), /accounts_owner_key/)
    await assert.rejects(sql.run(`insert into notes values (99, 'nobody')`), /notes_account_fkey/)
    await sql.run(`insert into accounts values (1, 'new', 0) on conflict (id) do update set balance = 7`)
    const [first, second] = [sql.session, await sql.openSession()]
    for (const session of [first, second]) {
      await run(session, `begin isolation level ${level}`)
      await run(session, 'select sum(balance) from accounts')
    }
    await run(first, 'update accounts set balance = balance + 1 where id = 1; commit')
    const change = run(second, 'update accounts set balance = balance + 1 where id = 1; commit')
    if (level === 'read committed') await change
    else await assert.rejects(change, /TRANSACTION_CONFLICT/)
    await second.close()
    const expected = level === 'read committed' ? '9' : '8'
    assert.deepEqual(await sql.run('select balance from accounts where id = 1'), [expected])
  })
}

let stores = 0
const pool = new StorePool(async (env) => {
  // In one phase, and with asynchronous commit, it lets readers overlook what is being committed.
  const options = { ...storeOf(`store-${stores++}`), enableAsyncCommit: false, enableOnePc: false }
  const open = () => openProvider(options, { env })
  let current = await open()
  return {
    provider: current,
    reopen: async () => {
      await current.close()
      return (current = await open())
    },
    dispose: () => current.close(),
  }
})

runStorageConformance({
  name: 'unistore',
  runner: {
    describe,
    test: (name, body) =>
      test(name, { skip: skip !== false || LEFT_OUT.some((left) => left.test(name)) }, body),
  },
  factory: pool.factory,
  randomRuns: 3,
  expected: TIKV_CAPABILITIES,
})

/** A store of its own in the cluster. @param {string} namespace */
function storeOf(namespace) {
  return /** @type {const} */ ({ kind: 'tikv', pdEndpoints: cluster.pdEndpoints, namespace })
}
