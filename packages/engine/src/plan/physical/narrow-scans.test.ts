import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PlanRunner } from '../../exec/testing/run-plan.test.data.js'
import { sorted } from '../../exec/testing/plans.test.data.js'
import { loadParser } from '../../lang/sql/parse/parser-instance.js'
import type { ExecutablePlan, PhysicalPlan } from '../physical-plan.js'
import { SqlTables, table } from '../testing/sql.test.data.js'
import { physicalInputs } from './plan-inputs.js'

const tables = new SqlTables([
  table('big', 'id int4!, a int4, b int4, name text', {
    indexes: { big_pkey: 'id' },
    rows: Array.from({ length: 300 }, (_, at) => [at, at % 10, at % 7, `n${at % 3}`]),
    rowCount: 100_000,
  }),
  table('dim', 'id int4!, kind text, size int4', {
    indexes: { dim_pkey: 'id' },
    rows: Array.from({ length: 20 }, (_, at) => [at, `k${at % 5}`, at % 4]),
  }),
])

/** Which columns each scan of a table reads, in the order of the plan. */
const READS: readonly (readonly [query: string, reads: readonly string[]])[] = [
  ['SELECT sum(a) FROM big WHERE id BETWEEN 5 AND 104', ['big: a']],
  ['SELECT count(*) FROM big WHERE id BETWEEN 5 AND 104', ['big:']],
  ['SELECT name FROM big WHERE id < 20', ['big: name']],
  ['SELECT name FROM big WHERE id < 20 ORDER BY a LIMIT 3', ['big: a name']],
  // The modulus is checked for each row.
  ['SELECT sum(a) FROM big WHERE id < 200 AND id % 2 = 0', ['big: id a']],
  ['SELECT id FROM big WHERE id < 20', ['big: id']],
  ['SELECT big.* FROM big WHERE id < 5', ['big: id a b name']],
  ['SELECT a FROM big WHERE id < 20 UNION ALL SELECT size FROM dim WHERE id < 3', ['big: a', 'dim: size']],
  ['SELECT DISTINCT b FROM big WHERE id < 50', ['big: b']],
  [
    'SELECT count(*) FROM big JOIN dim ON dim.size = big.a WHERE big.id < 50 AND dim.id < 4',
    ['big: a', 'dim: size'],
  ],
  ['SELECT (SELECT sum(b) FROM big WHERE id < dim.size) FROM dim WHERE dim.id < 9', ['dim: size', 'big: b']],
  [
    'SELECT kind, s FROM dim, LATERAL (SELECT sum(a + dim.id) AS s FROM big WHERE big.id < dim.id) x WHERE dim.id < 7',
    ['dim: id kind', 'big: a'],
  ],
  ['SELECT a, row_number() OVER (ORDER BY b, name, a) FROM big WHERE id < 30', ['big: a b name']],
  [
    'SELECT a FROM big WHERE id < 20 AND EXISTS (SELECT FROM dim WHERE dim.id < big.b)',
    ['big: a b', 'dim: id'],
  ],
  ['WITH c AS MATERIALIZED (SELECT a, b FROM big WHERE id < 9) SELECT c.a, d.b FROM c, c AS d', ['big: a b']],
]

describe('scans without columns that nothing reads', () => {
  let runner: PlanRunner
  before(async () => {
    await loadParser()
    runner = await PlanRunner.open()
  })
  after(() => runner[Symbol.asyncDispose]())

  for (const [query, reads] of READS) {
    it(`are planned for ${query}`, async () => {
      assert.deepEqual(readsOf(tables.plan(query)), reads)
      assert.deepEqual(
        sorted(await tables.rows(runner, query)),
        sorted(await tables.directRows(runner, query)),
      )
    })
  }

  it('name the columns of their conditions as before', () => {
    assert.equal(
      tables.explain(
        'SELECT sum(dim.size) FROM big JOIN dim ON dim.size = big.a WHERE big.id < 5 AND dim.id < 4',
      ),
      [
        'Aggregate',
        '  ->  Hash Join',
        '        Hash Cond: (big.a = dim.size)',
        '        ->  Index Scan using big_pkey on big',
        '              Index Cond: (big.id < 5)',
        '        ->  Hash',
        '              ->  Index Scan using dim_pkey on dim',
        '                    Index Cond: (dim.id < 4)',
      ].join('\n'),
    )
  })
})

function readsOf({ root, subqueries }: ExecutablePlan): string[] {
  const found: string[] = []
  const visit = (plan: PhysicalPlan): void => {
    if (plan.kind === 'table-scan') {
      const names = plan.ordinals.map((ordinal) => plan.relation.columns[ordinal]?.name ?? '?')
      assert.deepEqual(
        plan.columns.map(({ name }) => name),
        names,
      )
      found.push([`${plan.alias}:`, ...names].join(' '))
    }
    physicalInputs(plan).forEach(visit)
  }
  visit(root)
  for (const { plan } of subqueries.values()) visit(plan)
  return found
}
