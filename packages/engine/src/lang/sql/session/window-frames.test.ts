import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TestSql, failure } from './test-session.test.data.js'

/** What PostgreSQL 15 counts in the frames of -Infinity, 1, 2, Infinity, NaN and null. */
const FRAMES: readonly (readonly [frame: string, counts: readonly number[]])[] = [
  [`ORDER BY x RANGE BETWEEN 'Infinity' PRECEDING AND 1 FOLLOWING`, [1, 3, 3, 4, 1, 1]],
  [`ORDER BY x RANGE BETWEEN 'Infinity' FOLLOWING AND 'Infinity' FOLLOWING`, [4, 1, 1, 1, 1, 1]],
  [`ORDER BY x RANGE BETWEEN 'Infinity' PRECEDING AND 'Infinity' PRECEDING`, [1, 1, 1, 4, 1, 1]],
  [`ORDER BY x DESC RANGE BETWEEN 'Infinity' PRECEDING AND 'Infinity' PRECEDING`, [4, 1, 1, 1, 1, 1]],
  [`ORDER BY x RANGE BETWEEN 'Infinity' PRECEDING AND 'Infinity' FOLLOWING`, [4, 4, 4, 4, 1, 1]],
]

describe('frames that reach as far as infinity', () => {
  let sql: TestSql
  before(async () => (sql = await TestSql.open()))
  after(() => sql[Symbol.asyncDispose]())

  for (const type of ['float8', 'numeric'])
    for (const [frame, counts] of FRAMES)
      test(`${frame} of ${type}`, async () => {
        const rows = await sql.run(
          `SELECT count(*) OVER (${frame.replaceAll(`'Infinity'`, `'Infinity'::${type}`)})
            FROM (VALUES ('-Infinity'::${type}), (1), (2), ('Infinity'), ('NaN'), (NULL)) v (x) ORDER BY x`,
        )
        assert.deepEqual(rows.map(Number), counts)
      })

  test('frames that begin behind their end are refused', async () => {
    for (const frame of ['UNBOUNDED FOLLOWING AND CURRENT ROW', 'CURRENT ROW AND 1 PRECEDING'])
      assert.equal(await failure(sql.session, `SELECT count(*) OVER (ROWS BETWEEN ${frame})`), '42P20')
  })
})
