/** What the store computes gives the answers that are computed here, on a cluster whose regions split and merge. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { keepSplitting, TestCluster } from '@orbit-ts/tikv/testing'
import fc from 'fast-check'
import { openDatabase, type Database } from '../../database.js'
import { run } from '../../lang/sql/session/test-session.test.data.js'
import { SqlEngine } from '../../lang/sql/session/sql-engine.js'
import type { SqlSession } from '../../lang/sql/session-contract.js'
import { randomQuery, randomTable } from './random-tables.test.data.js'

const TABLES = 12
const QUERIES = 25

describe('work that is handed down to the store', () => {
  let cluster: TestCluster
  let splitting: { cancel(): void }
  let database: Database
  let engine: SqlEngine
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
    splitting = keepSplitting(cluster)
    database = await openDatabase({ storage: { kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] } })
    engine = await SqlEngine.open(database)
  })
  after(async () => {
    splitting.cancel()
    await database.close()
    await cluster.close()
  })

  test('gives the rows of random queries over random tables that are computed without it', async () => {
    await using with_ = await engine.openSession()
    await using without = await engine.openSession({ settings: { 'orbit.pushdown': 'off' } })
    await run(with_, `create type mood as enum ('sad', 'ok', 'happy')`)
    let pushed = 0
    const cases = randomTable.chain((table) =>
      fc.record({
        table: fc.constant(table),
        queries: fc.array(randomQuery(table), { minLength: QUERIES, maxLength: QUERIES }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(cases, async ({ table, queries }) => {
        await run(with_, 'drop table if exists t')
        for (const statement of table.statements) await run(with_, statement)
        for (const { sql, isOrdered } of queries) {
          const inOrder = (rows: string[]): string[] => (isOrdered ? rows : rows.sort())
          const there = inOrder(await outcome(with_, sql))
          assert.deepEqual(there, inOrder(await outcome(without, sql)), sql)
          const plan = await outcome(with_, `explain ${sql}`)
          if (plan.some((line) => line.includes('Pushed Down'))) pushed++
        }
      }),
      { numRuns: TABLES, includeErrorInReport: true },
    )
    assert.ok(pushed > (TABLES * QUERIES) / 4, `only ${pushed} queries were handed down`)
  })
})

/** The rows, or what is wrong with the query. */
async function outcome(session: SqlSession, sql: string): Promise<string[]> {
  try {
    return await run(session, sql)
  } catch (error) {
    return [`it failed: ${String(error)}`]
  }
}
