import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestSql } from '../../session/test-session.test.data.js'

test('names of tables are looked for along the search path', async () => {
  await using sql = await TestSql.open()
  await sql.run(`CREATE SCHEMA apart; CREATE TABLE apart.t (id serial)`)
  await assert.rejects(sql.run(`SELECT has_table_privilege('t', 'SELECT')`), {
    details: { sqlState: '42P01' },
  })
  await assert.rejects(sql.run(`SELECT pg_get_serial_sequence('t', 'id')`), {
    details: { sqlState: '42P01' },
  })
  await sql.run(`SET search_path = apart`)
  assert.deepEqual(await sql.run(`SELECT has_table_privilege('t', 'SELECT')`), ['t'])
  assert.deepEqual(await sql.run(`SELECT has_column_privilege('t', 'id', 'SELECT')`), ['t'])
  assert.deepEqual(await sql.run(`SELECT has_sequence_privilege('t_id_seq', 'USAGE')`), ['t'])
  assert.deepEqual(await sql.run(`SELECT pg_get_serial_sequence('t', 'id')`), ['apart.t_id_seq'])
})
