import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { furtherFacts } from './further-types.test.data.js'
import { TestSql } from './test-session.test.data.js'

const TYPES = ['bit varying', 'inet', 'cidr', 'macaddr', 'macaddr8', 'money', 'int4range', 'int4multirange']
const VALUES: readonly (readonly [type: string, smaller: string, larger: string])[] = [
  ['bit varying', '01', '10'],
  ['inet', '9.0.0.1/8', '10.0.0.1'],
  ['cidr', '9.0.0.0/8', '10.0.0.0/8'],
  ['macaddr', '00:00:00:00:00:01', '00:00:00:00:01:00'],
  ['macaddr8', '00:00:00:00:00:00:00:01', '00:00:00:00:00:00:01:00'],
  ['money', '-$1.50', '$1,000.00'],
]

describe('bit strings, addresses, money and ranges', () => {
  let sql: TestSql
  before(async () => (sql = await TestSql.open()))
  after(() => sql[Symbol.asyncDispose]())

  async function answer(expression: string): Promise<string> {
    try {
      const [row = ''] = await sql.run(`SELECT (${expression}) IS NULL, ${expression}`)
      return row.startsWith('t|') ? '∅' : row.slice(2)
    } catch (error) {
      if (!(error instanceof OrbitError)) throw error
      return `!${String(error.details['sqlState'])} ${error.reason}`
    }
  }

  it('are what PostgreSQL makes of them', async () => {
    for (const [expression, expected] of furtherFacts) {
      assert.equal(await answer(expression), expected, expression)
    }
  })

  for (const type of TYPES) {
    it(`are stored in columns, alone and in arrays: ${type}`, async () => {
      await sql.run(`CREATE TABLE stored (v ${type}, vs ${type}[])`)
      const value =
        VALUES.find(([each]) => each === type)?.[2] ?? (type === 'int4range' ? '[1,5)' : '{[1,5)}')
      await sql.run(
        `INSERT INTO stored VALUES ('${value}', ARRAY['${value}', NULL]::${type}[]), (NULL, NULL)`,
      )
      assert.deepEqual(
        await sql.run('SELECT v::text, vs[1] = v, vs[2] IS NULL FROM stored WHERE v IS NOT NULL'),
        [`${(await sql.run(`SELECT '${value}'::${type}::text`)).join()}|t|t`],
      )
      assert.deepEqual(await sql.run('SELECT count(*) FROM stored WHERE v IS NULL'), ['1'])
      await sql.run('DROP TABLE stored')
    })
  }

  for (const [type, smaller, larger] of VALUES) {
    it(`are keys: ${type}`, async () => {
      await sql.run(`CREATE TABLE keyed (k ${type} PRIMARY KEY)`)
      await sql.run(`INSERT INTO keyed VALUES ('${larger}'), ('${smaller}')`)
      assert.deepEqual(await sql.run('SELECT k FROM keyed ORDER BY k'), [smaller, larger])
      assert.deepEqual(await sql.run(`SELECT k FROM keyed WHERE k = '${larger}'`), [larger])
      assert.deepEqual(await sql.run(`SELECT k FROM keyed WHERE k > '${smaller}'`), [larger])
      await assert.rejects(sql.run(`INSERT INTO keyed VALUES ('${smaller}')`), /duplicate key/)
      await sql.run('DROP TABLE keyed')
    })
  }

  it('refuses a key of ranges, which PostgreSQL has', async () => {
    await assert.rejects(sql.run('CREATE TABLE ranged (r int4range PRIMARY KEY)'), /not supported/)
  })
})
