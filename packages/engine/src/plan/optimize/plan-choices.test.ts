import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PlanRunner } from '../../exec/testing/run-plan.test.data.js'
import { sorted } from '../../exec/testing/plans.test.data.js'
import { loadParser } from '../../lang/sql/parse/parser-instance.js'
import type { Row } from '../../scalar/value.js'
import { physicalInputs } from '../physical/plan-inputs.js'
import type { PhysicalPlan } from '../physical-plan.js'
import { SqlTables, table } from '../testing/sql.test.data.js'
import { COST } from './cost/costs.js'

function rows(count: number, make: (at: number) => Row): Row[] {
  return Array.from({ length: count }, (_, at) => make(at))
}

const tables = new SqlTables([
  table('big', 'id int4!, a int4, b int4, name text', {
    indexes: { big_pkey: 'id', big_a_b: 'a, b', big_name: 'name' },
    rows: rows(2000, (at) => [at, at % 100, at % 7, `n${at}`]),
    rowCount: 100_000,
  }),
  table('dim', 'id int4!, kind text, size int4', {
    indexes: { dim_pkey: 'id' },
    rows: rows(200, (at) => [at, `k${at % 5}`, at % 10]),
  }),
  table('plain', 'x int4, y int4', { rows: rows(500, (at) => [at, at % 50]), rowCount: 5000 }),
])

/** What is planned for a query, as EXPLAIN shows it. */
const PLANS: readonly (readonly [query: string, plan: string])[] = [
  ['SELECT * FROM big WHERE id = 5', 'Index Scan using big_pkey on big\n  Index Cond: (id = 5)'],
  [
    'SELECT * FROM big WHERE id IN (1, 5, 9)',
    "Index Scan using big_pkey on big\n  Index Cond: (id = ANY ('{1,5,9}'::integer[]))",
  ],
  [
    'SELECT name FROM big WHERE a = 3 AND b > 2',
    'Index Scan using big_a_b on big\n  Index Cond: ((a = 3) AND (b > 2))',
  ],
  ['SELECT a, b FROM big WHERE a = 3', 'Index Only Scan using big_a_b on big\n  Index Cond: (a = 3)'],
  [
    'SELECT id FROM big WHERE a = 1 OR a = 5',
    'Index Scan using big_a_b on big\n  Index Cond: ((a = 1) OR (a = 5))',
  ],
  [
    "SELECT * FROM big WHERE name LIKE 'n1%'",
    "Index Scan using big_name on big\n  Index Cond: ((name >= 'n1'::text) AND (name < 'n2'::text))\n  Filter: (name ~~ 'n1%'::text)",
  ],
  ['SELECT * FROM big ORDER BY id DESC LIMIT 3', 'Limit\n  ->  Index Scan Backward using big_pkey on big'],
  [
    'SELECT * FROM big JOIN dim ON dim.id = big.a WHERE big.id = 7',
    'Nested Loop\n  ->  Index Scan using big_pkey on big\n        Index Cond: (big.id = 7)\n  ->  Index Scan using dim_pkey on dim\n        Index Cond: (dim.id = big.a)',
  ],
  [
    'SELECT * FROM dim WHERE EXISTS (SELECT FROM big WHERE big.a = dim.id AND b = 1)',
    'Nested Loop Semi Join\n  ->  Seq Scan on dim\n  ->  Index Only Scan using big_a_b on big\n        Index Cond: ((big.a = dim.id) AND (big.b = 1))',
  ],
  [
    'SELECT * FROM plain WHERE x NOT IN (SELECT size FROM dim)',
    'Hash Anti Join\n  Hash Cond: (plain.x = dim.size)\n  ->  Seq Scan on plain\n  ->  Hash\n        ->  Seq Scan on dim',
  ],
  [
    'SELECT * FROM dim LEFT JOIN plain ON y = dim.id WHERE plain.x > 3',
    'Hash Join\n  Hash Cond: (plain.y = dim.id)\n  ->  Seq Scan on plain\n        Filter: (plain.x > 3)\n  ->  Hash\n        ->  Seq Scan on dim',
  ],
  ['SELECT d.kind FROM dim d LEFT JOIN big ON big.id = d.size', 'Seq Scan on dim d'],
  [
    'SELECT * FROM (SELECT a, count(*) AS n FROM big GROUP BY a) s WHERE a = 5',
    'GroupAggregate\n  Group Key: a\n  ->  Index Only Scan using big_a_b on big\n        Index Cond: (a = 5)',
  ],
  [
    'SELECT * FROM (SELECT id FROM big UNION ALL SELECT x FROM plain) s WHERE id = 4',
    'Append\n  ->  Index Scan using big_pkey on big\n        Index Cond: (big.id = 4)\n  ->  Seq Scan on plain\n        Filter: (plain.x = 4)',
  ],
  [
    'WITH w AS (SELECT * FROM big) SELECT * FROM w WHERE id = 3',
    'Index Scan using big_pkey on big\n  Index Cond: (id = 3)',
  ],
  [
    "SELECT * FROM plain, dim WHERE (x = 1 AND kind = 'k1') OR (x = 2 AND kind = 'k2')",
    "Nested Loop\n  Join Filter: (((plain.x = 1) AND (dim.kind = 'k1'::text)) OR ((plain.x = 2) AND (dim.kind = 'k2'::text)))\n  ->  Seq Scan on plain\n        Filter: ((plain.x = 1) OR (plain.x = 2))\n  ->  Seq Scan on dim\n        Filter: ((dim.kind = 'k1'::text) OR (dim.kind = 'k2'::text))",
  ],
  [
    'SELECT (SELECT sum(size) FROM dim WHERE dim.id = plain.y) FROM plain',
    'Hash Left Join\n  Hash Cond: (plain.y = dim.id)\n  ->  Seq Scan on plain\n  ->  Hash\n        ->  GroupAggregate\n              Group Key: dim.id\n              ->  Index Scan using dim_pkey on dim',
  ],
  ['SELECT * FROM big WHERE 1 = 2', 'Result\n  One-Time Filter: false'],
  ['SELECT DISTINCT id, a FROM big WHERE b = 2', 'Seq Scan on big\n  Filter: (b = 2)'],
]

/** Tables in a row, each joined with the one before it by their keys; written in an order of no use. */
function chain(length: number): { readonly tables: SqlTables; readonly query: string } {
  const names = Array.from({ length }, (_, at) => `t${at}`)
  const list = names.map((name, at) =>
    table(name, 'id int4!, next int4', {
      indexes: { [`${name}_pkey`]: 'id' },
      rows: rows(10, (row) => [row, (row * (at + 3)) % 10]),
    }),
  )
  const shuffled = names.map((_, at) => names[(at * 7) % length])
  const conditions = names.slice(1).map((name, at) => `${name}.id = t${at}.next`)
  return {
    tables: new SqlTables(list),
    query: `SELECT t0.id, t${length - 1}.next FROM ${shuffled.join()} WHERE ${conditions.join(' AND ')}`,
  }
}

/** Joins that put each row of one side together with each of the other. */
function countProducts(plan: PhysicalPlan): number {
  const below = physicalInputs(plan).reduce((count, input) => count + countProducts(input), 0)
  return below + (plan.kind === 'nested-loop' && plan.condition === undefined ? 1 : 0)
}

describe('choices of the optimizer', () => {
  let runner: PlanRunner
  before(async () => {
    await loadParser()
    runner = await PlanRunner.open()
  })
  after(() => runner[Symbol.asyncDispose]())

  for (const [query, plan] of PLANS) {
    it(`are shown for ${query}`, async () => {
      assert.equal(tables.explain(query), plan)
      assert.deepEqual(
        sorted(await tables.rows(runner, query)),
        sorted(await tables.directRows(runner, query)),
      )
    })
  }

  it('count the parts of the store in which rows lie, each of which is asked', () => {
    const scanOf = (query: string, parts: number): readonly [number | undefined, number] => {
      const { root } = tables.plan(query, { partsOf: ({ name }) => (name === 'big' ? parts : 0) })
      return [root.kind === 'table-scan' ? root.parts : undefined, root.estimate.totalCost]
    }
    const added = (query: string): readonly [number | undefined, number] => {
      const [parts, cost] = scanOf(query, 10)
      const [known, without] = scanOf(query, 0)
      assert.equal(known, undefined)
      return [parts, Math.round(cost - without)]
    }
    assert.deepEqual(added('SELECT * FROM big'), [10, 9 * COST.open])
    assert.deepEqual(added('SELECT * FROM big WHERE id < 600'), [3, 2 * COST.open])
    assert.deepEqual(added('SELECT * FROM big WHERE id < 20'), [undefined, 0])
    assert.deepEqual(added('SELECT * FROM big WHERE id = 5'), [undefined, 0])
    assert.deepEqual(added('SELECT * FROM dim'), [undefined, 0])
    // Reading all of it in order costs less than looking rows up, until it is in too many parts.
    const half = 'SELECT * FROM big WHERE a < 40'
    const indexed = (parts: number): boolean =>
      /Index Scan using big_a_b/.test(tables.explain(half, { partsOf: () => parts }))
    assert.deepEqual([indexed(1), indexed(20_000)], [false, true])
  })

  it('join sixty-four tables by what connects them', async () => {
    const { tables: many, query } = chain(64)
    const found = await many.rows(runner, query)
    const next = (id: number, at: number): number => (id * (at + 3)) % 10
    const expected = rows(10, (id) => {
      let last = id
      for (let at = 0; at < 63; at++) last = next(last, at)
      return [id, next(last, 63)]
    })
    assert.deepEqual(sorted(found), sorted(expected))
    assert.equal(countProducts(many.plan(query).root), 0)
  })
})
