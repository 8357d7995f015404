// @ts-check
/**
 * What SQL hands down to the store, on a coprocessor of which this project wrote nothing (PingCAP's unistore): random
 * queries over random tables give the rows that they give without it. `ORBIT_PUSHDOWN_SEED` runs a seed again.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemEnv } from '@orbit-ts/base'
import { openDatabase } from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'
import { openProvider } from '@orbit-ts/storage'
import { TiKVClient } from '@orbit-ts/tikv'
import fc from 'fast-check'
import { skipWithout } from './harness/test-programs.js'
import { UnistoreCluster } from './harness/unistore.js'

/** @type {typeof import('../../packages/engine/dist/plan/pushdown/random-tables.test.data.js')} */
const { randomQuery, randomTable } = await import(
  new URL('../../packages/engine/dist/plan/pushdown/random-tables.test.data.js', import.meta.url).href
)

const skip = skipWithout('pd', 'unistore')
const SEED = Number(process.env['ORBIT_PUSHDOWN_SEED'] ?? 1)
const TABLES = 12
const QUERIES = 30
/** Small, so that tables lie in several regions. */
const REGION_BYTES = 16 * 1024
/** A pattern that ends in a backslash is an error for each row. */
const NO_EQUAL = 'the store has no equal of a value'

test('unistore computes what is computed without it', { skip, timeout: 300_000 }, async () => {
  const cluster = await UnistoreCluster.start({ regionSize: REGION_BYTES })
  const client = await TiKVClient.connect({ pdEndpoints: cluster.pdEndpoints })
  let pushed = 0
  try {
    for (const [at, table] of fc.sample(randomTable, { seed: SEED, numRuns: TABLES }).entries()) {
      await replaceAll(client, await contentsOf(table.statements))
      const database = await openDatabase({ storage: { kind: 'tikv', pdEndpoints: cluster.pdEndpoints } })
      const engine = await SqlEngine.open(database)
      const with_ = await engine.openSession()
      const without = await engine.openSession({ settings: { 'orbit.pushdown': 'off' } })
      const queries = fc.sample(randomQuery(table), { seed: SEED + at, numRuns: QUERIES })
      for (const { sql, isOrdered } of queries) {
        const [there, here] = [await answerOf(with_, sql), await answerOf(without, sql)]
        const where = `seed ${SEED}: ${sql}; ${table.statements.join('; ')}`
        assert.deepEqual(isOrdered ? there : there.sort(), isOrdered ? here : here.sort(), where)
        const plan = await answerOf(with_, `explain (analyze, costs off, timing off) ${sql}`)
        const refusals = plan.filter((line) => line.includes('Run Here') && !line.includes(NO_EQUAL))
        assert.deepEqual(refusals, [], where)
        if (plan.some((line) => line.includes('Pushed Down'))) pushed++
      }
      await with_.close()
      await without.close()
      await database.close()
    }
  } finally {
    await client.close()
    await cluster.close()
  }
  assert.ok(pushed > (TABLES * QUERIES) / 2, `seed ${SEED}: only ${pushed} queries were handed down`)
})

/** What statements make of an empty database. @param {readonly string[]} statements */
async function contentsOf(statements) {
  const provider = await openProvider({ kind: 'memory' }, { env: systemEnv })
  const database = await openDatabase({ storage: provider })
  const session = await (await SqlEngine.open(database)).openSession()
  const sql = [`create type mood as enum ('sad', 'ok', 'happy')`, ...statements].join(';')
  for (const statement of await session.parse(sql)) await session.execute(statement, [])
  await session.close()
  const snapshot = await provider.snapshot()
  const entries = []
  for await (const chunk of snapshot.scan({})) entries.push(...chunk)
  await snapshot.close()
  await database.close()
  await provider.close()
  return entries
}

/**
 * Unistore does not take all the locks that SQL's own writes need.
 * @param {TiKVClient} client @param {{ key: Uint8Array, value: Uint8Array }[]} entries
 */
async function replaceAll(client, entries) {
  await client.txn.run(async (transaction) => {
    const all = { start: Buffer.of(), end: Buffer.of() }
    for await (const batch of transaction.scan(all)) for (const { key } of batch) transaction.delete(key)
  })
  await client.txn.run(async (transaction) => {
    // Keys that begin with 0 have 0, 1 before them on TiKV.
    for (const { key, value } of entries)
      transaction.put(key[0] === 0 ? Buffer.concat([Buffer.of(0, 1), key]) : key, value)
  })
}

/**
 * The rows as text, or what is wrong with the query.
 * @param {Awaited<ReturnType<SqlEngine['openSession']>>} session @param {string} sql
 */
async function answerOf(session, sql) {
  /** @type {string[]} */
  const rows = []
  try {
    for (const statement of await session.parse(sql)) {
      const result = await session.execute(statement, [])
      if (result.kind !== 'rows') continue
      const types = result.columns.map(({ type }) => type.scalar)
      for await (const batch of result.batches)
        for (const row of batch)
          rows.push(
            types
              .map((type, at) => {
                const value = row[at] ?? null
                return value === null ? '∅' : type.format(value, session.scalar)
              })
              .join('|'),
          )
      result.tag()
    }
  } catch (error) {
    return [`it failed: ${String(error)}`]
  }
  return rows
}
