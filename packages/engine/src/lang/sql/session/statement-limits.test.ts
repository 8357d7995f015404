import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TestSql, failure } from './test-session.test.data.js'

describe('one statement', () => {
  let sql: TestSql
  before(async () => (sql = await TestSql.open()))
  after(() => sql[Symbol.asyncDispose]())

  async function batchSizes(text: string): Promise<number[]> {
    const sizes: number[] = []
    for (const statement of await sql.session.parse(text)) {
      const result = await sql.session.execute(statement, [])
      assert.equal(result.kind, 'rows')
      if (result.kind === 'rows') for await (const batch of result.batches) sizes.push(batch.length)
    }
    return sizes
  }

  test('makes no value that is too large', async () => {
    const limits = [
      `SELECT cardinality(a || a) FROM (SELECT array_fill(1, ARRAY[16777216]) a OFFSET 0) s`,
      `SELECT length(a || a) FROM (SELECT repeat('x', 134217728) a OFFSET 0) s`,
      `SELECT length(concat(a, a)) FROM (SELECT repeat('x', 134217728) a OFFSET 0) s`,
      `SELECT length(array_to_string(array_fill(repeat('x', 100000), ARRAY[10000]), ','))`,
      `SELECT length(string_agg(repeat('x', 1000000), ',')) FROM generate_series(1, 200)`,
      `SELECT length(json_agg(repeat('x', 1000000))::text) FROM generate_series(1, 200)`,
      `SELECT to_jsonb(array_fill(1, ARRAY[1048577])) IS NULL`,
      `SELECT ('[' || repeat('1,', 1048576) || '1]')::json IS NULL`,
      `SELECT ('[' || repeat('1,', 1048576) || '1]')::jsonb IS NULL`,
      `SELECT lpad('x', 134217729)`,
    ]
    for (const text of limits) assert.equal(await failure(sql.session, text), '54000', text)
  })

  test('counts what is in a jsonb several times over', async () => {
    const doubling = `WITH RECURSIVE t(a) AS (
      SELECT '[1]'::jsonb UNION ALL SELECT jsonb_build_array(a, a) FROM t
    ) SELECT count(*) FROM t`
    assert.equal(await failure(sql.session, doubling), '54000')
  })

  test('hands on large values before it makes further ones', async () => {
    const sizes = await batchSizes(`SELECT repeat('x', 3000000 + i) FROM generate_series(1, 20) i`)
    assert.deepEqual(sizes, new Array<number>(10).fill(2))
    const running = await batchSizes(`SELECT array_agg(i) OVER (ORDER BY i) FROM generate_series(1, 3000) i`)
    assert.equal(
      running.reduce((sum, size) => sum + size, 0),
      3000,
    )
    assert.ok(running.length > 6, running.join())
  })

  test('joins many tables, the first ones in any order', async () => {
    await sql.run(
      'CREATE TABLE chain (id int PRIMARY KEY, next int); INSERT INTO chain VALUES (1, 2), (2, 1)',
    )
    const joins = Array.from(
      { length: 60 },
      (_none, at) => `JOIN chain c${at + 1} ON c${at}.next = c${at + 1}.id`,
    ).join(' ')
    assert.deepEqual(await sql.run(`SELECT c0.id, c60.id FROM chain c0 ${joins} ORDER BY 1`), ['1|1', '2|2'])
    const outer = joins.replaceAll('JOIN', 'LEFT JOIN')
    assert.deepEqual(await sql.run(`SELECT c0.id, c59.id FROM chain c0 ${outer} ORDER BY 1`), ['1|2', '2|1'])
  })

  test('computes once what would be copied too often', async () => {
    const named = Array.from(
      { length: 20 },
      (_none, at) => `, c${at + 1} AS NOT MATERIALIZED (SELECT x.a FROM c${at} x, c${at} y)`,
    ).join('')
    const text = `WITH c0 AS NOT MATERIALIZED (SELECT 1 a) ${named} SELECT count(*) FROM c20`
    assert.deepEqual(await sql.run(text), ['1'])
    const plan = await sql.run(`EXPLAIN ${text}`)
    assert.ok(plan.length < 2000, `${plan.length} lines`)
  })
})
