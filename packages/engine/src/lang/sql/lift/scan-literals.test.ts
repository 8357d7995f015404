import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { scanLiterals } from './scan-literals.js'

/** The shape, readable: `<integer>` in place of an integer. */
function shown(text: string): string | undefined {
  const names = ['integer', 'long', 'number', 'text']
  return scanLiterals(text)?.shape.replaceAll(
    /[\u0001-\u0004]/g,
    (sign) => `<${names[sign.charCodeAt(0) - 1]}>`,
  )
}

describe('the shape of a statement', () => {
  for (const [text, shape] of [
    ['SELECT 1', 'SELECT <integer>'],
    ['select * from t1 where a2=-3', 'select * from t1 where a2=-<integer>'],
    ['SELECT 2147483647, 2147483649, 1.5, 2e3', 'SELECT <integer>, <long>, <number>, <number>'],
    [`SELECT 'it''s', ''`, 'SELECT <text>, <text>'],
    [`SELECT "1 it's", a FROM "x""y" WHERE b = 'c'`, `SELECT "1 it's", a FROM "x""y" WHERE b = <text>`],
    ['  DELETE FROM t WHERE é1 = 1 ; ', '  DELETE FROM t WHERE é1 = <integer> ; '],
    ['UPDATE t SET a = b[1] || 2', 'UPDATE t SET a = b[<integer>] || <integer>'],
  ] as const)
    test(text, () => assert.equal(shown(text), shape))

  test('gives the literals with their places', () => {
    assert.deepEqual(scanLiterals(`INSERT INTO t VALUES (7, 'a''b', 0.5)`)?.literals, [
      { kind: 'integer', index: 22, value: '7' },
      { kind: 'text', index: 25, value: "a'b" },
      { kind: 'number', index: 33, value: '0.5' },
    ])
  })
})

describe('what only the parser can tell', () => {
  for (const text of [
    'SELECT a FROM t',
    'CREATE TABLE t (a varchar(3))',
    'SELECT 1; SELECT 2',
    'SELECT 1 -- one',
    'SELECT /* one */ 1',
    'SELECT $1, 2',
    'SELECT $$a$$, 2',
    `SELECT E'\\n', 2`,
    `SELECT U&'\\0041', 2`,
    `SELECT U&"a" + 2`,
    `SELECT b'1', 2`,
    `SELECT 'open`,
    'SELECT "open, 1',
    'SELECT .5',
    'SELECT 1.',
    'SELECT 1..2',
    'SELECT 1_000',
    'SELECT 0x1f',
    'SELECT 1a',
    'SELECT 2147483648',
    'SELECT 9999999999999999999',
    'SELECT \u0001, 1',
    `SELECT '\ud800'`,
    `SELECT '\0'`,
    `SELECT ${'1,'.repeat(65)}1`,
    `SELECT 1 ${' '.repeat(4096)}`,
  ])
    test(JSON.stringify(text).slice(0, 60), () => assert.equal(scanLiterals(text), undefined))
})
