import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import fc from 'fast-check'
import { loadParser, parseExpression, parseStatements } from './parse-statements.js'
import { nodeKind, rawLocation } from './tree.js'

before(loadParser)

function errorOf(text: string): { sqlState: unknown; reason: string; offset: unknown } {
  try {
    parseStatements(text)
  } catch (error) {
    assert.ok(error instanceof OrbitError, String(error))
    return { sqlState: error.details['sqlState'], reason: error.reason, offset: error.details['offset'] }
  }
  return assert.fail('no error')
}

test('a text is taken apart into its statements', () => {
  const statements = parseStatements("select 'é;';;  \n insert into t values (1) ; -- nothing more\n")
  assert.deepEqual(
    statements.map(({ node, text, offset }) => ({ kind: nodeKind(node), text, offset })),
    [
      { kind: 'SelectStmt', text: "select 'é;'", offset: 0 },
      { kind: 'InsertStmt', text: 'insert into t values (1)', offset: 17 },
    ],
  )
})

test('there may be no statement at all', () => {
  for (const text of ['', '  \n', ';', ' ; ;', '-- only words']) {
    assert.deepEqual(parseStatements(text), [], JSON.stringify(text))
  }
})

test('locations of the tree are bytes, those of errors are characters', () => {
  const text = "select '😀é', b from t"
  const [statement] = parseStatements(text)
  assert.ok(statement !== undefined && 'SelectStmt' in statement.node)
  const target = statement.node.SelectStmt.targetList?.[1]
  assert.ok(target !== undefined && 'ResTarget' in target)
  const { location } = target.ResTarget
  assert.equal(location, Buffer.byteLength(text.slice(0, text.indexOf('b'))))
  assert.equal(statement.offsetOf(location), Array.from(text).indexOf('b'))
  assert.equal(statement.indexOf(location), text.indexOf('b'))
  assert.equal(statement.offsetOf(undefined), 0)
  assert.equal(statement.offsetOf(-1), undefined)
})

test('syntax errors are worded and placed as PostgreSQL does', () => {
  assert.deepEqual(errorOf('select a from where x'), {
    sqlState: '42601',
    reason: 'syntax error at or near "where"',
    offset: 14,
  })
  assert.deepEqual(errorOf('select 1; selec 2'), {
    sqlState: '42601',
    reason: 'syntax error at or near "selec"',
    offset: 10,
  })
  assert.deepEqual(errorOf("select '😀', 'x"), {
    sqlState: '42601',
    reason: `unterminated quoted string at or near "'x"`,
    offset: 12,
  })
  assert.deepEqual(errorOf('select (1'), {
    sqlState: '42601',
    reason: 'syntax error at end of input',
    offset: 9,
  })
})

test('an error without a place has no offset', () => {
  assert.deepEqual(errorOf('select 1 fetch first 2 rows with ties'), {
    sqlState: '42601',
    reason: 'WITH TIES cannot be specified without ORDER BY clause',
    offset: undefined,
  })
})

test('what no statement can hold is refused', () => {
  assert.equal(errorOf('select 1\0; drop table t').sqlState, '22021')
  assert.equal(errorOf("select '\ud800'").sqlState, '22021')
})

test('texts that are nested too deeply are refused, and the parser goes on working', () => {
  const hostile: readonly (readonly [string, string])[] = [
    // The grammar's own stack ends first.
    [`select ${'('.repeat(100_000)}1${')'.repeat(100_000)}`, '42601'],
    [`select ${'not '.repeat(100_000)}true`, '42601'],
    [`select 1${'+1'.repeat(100_000)}`, '54001'],
    [`select 1${' union select 1'.repeat(50_000)}`, '54001'],
    [`select 1${'::int'.repeat(100_000)}`, '54001'],
  ]
  for (const [index, [text, sqlState]] of hostile.entries()) {
    assert.equal(errorOf(text).sqlState, sqlState, text.slice(0, 30))
    assert.equal(parseStatements(`select ${index}`).length, 1)
  }
})

test('a long list is parsed, one that is too long is refused', () => {
  const long = `select 1 in (${'1,'.repeat(50_000)}1)`
  assert.equal(parseStatements(long).length, 1)
  const tooLong = `select 1 in (${'1,'.repeat(5_000_000)}1)`
  assert.equal(errorOf(tooLong).sqlState, '54001')
  const literal = `select '${'x'.repeat(5_000_000)}'`
  assert.equal(parseStatements(literal).length, 1)
})

test('the same text gives the same trees', () => {
  const text = 'select 42 as answer'
  assert.equal(parseStatements(text), parseStatements(text))
})

test('any text gives statements or an error of the query', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      try {
        parseStatements(text)
      } catch (error) {
        assert.ok(error instanceof OrbitError, String(error))
        assert.notEqual(error.details['sqlState'], undefined)
      }
    }),
  )
})

test('an expression is parsed alone', () => {
  const { node } = parseExpression('a > 3 -- always')
  assert.equal(nodeKind(node), 'A_Expr')
  for (const text of ['', '1), (2', '1) from t where (true', 'a as b', '*) from t --']) {
    assert.throws(() => parseExpression(text), { name: 'OrbitError' }, text)
  }
})

test('the leftmost location of a tree is found', () => {
  const [statement] = parseStatements('select  a + b')
  assert.ok(statement !== undefined && 'SelectStmt' in statement.node)
  const target = statement.node.SelectStmt.targetList?.[0]
  assert.ok(target !== undefined && 'ResTarget' in target && target.ResTarget.val !== undefined)
  assert.equal(rawLocation(target.ResTarget.val), 8)
})
