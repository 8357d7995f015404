import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { LIKE_PATTERN_LENGTH_MAX, checkLike, compileLike, likeShape } from './like-pattern.js'

const like = (text: string, pattern: string): boolean => compileLike(pattern, false)(text)
const ilike = (text: string, pattern: string): boolean => compileLike(pattern, true)(text)

const MATCHES: readonly [string, string][] = [
  ['', ''],
  ['', '%'],
  ['abc', 'abc'],
  ['abc', 'a%'],
  ['abc', '%c'],
  ['abc', '%b%'],
  ['abc', 'a%c'],
  ['abc', '_b_'],
  ['abc', '___'],
  ['abc', '%%%'],
  ['abc', '%_'],
  ['aXbXc', 'a%b%c'],
  ['100%', '100\\%'],
  ['a_b', 'a\\_b'],
  ['a\\b', 'a\\\\b'],
  ['line\nbreak', 'line%break'],
  ['😀', '_'],
  ['a😀b', 'a_b'],
  ['😀😀', '%__'],
  ['aab', '%ab'],
  ['aaab', '%a_b'],
]

const MISMATCHES: readonly [string, string][] = [
  ['abc', ''],
  ['', '_'],
  ['abc', 'ab'],
  ['abc', '____'],
  ['abc', 'A%'],
  ['😀', '__'],
  ['😀', '%__'],
  ['100x', '100\\%'],
  ['aXb', 'a\\_b'],
  ['abab', '%aba'],
  ['a', '\\%a'],
]

test('LIKE', () => {
  for (const [text, pattern] of MATCHES) assert.ok(like(text, pattern), `${text} like ${pattern}`)
  for (const [text, pattern] of MISMATCHES) assert.ok(!like(text, pattern), `${text} not like ${pattern}`)
})

test('ILIKE compares letters without case, one for one', () => {
  assert.ok(ilike('San Francisco', 'san%'))
  assert.ok(ilike('ÅRHUS', 'år___'))
  assert.ok(ilike('ΟΔΟΣ', 'οδος'))
  assert.ok(ilike('ΟΔΟΣΑ', 'ΟΔΟΣ%'))
  assert.ok(ilike('İ', '_'))
  assert.ok(!ilike('abc', 'ABD'))
})

/** LIKE by trying everything, for short texts. */
function naive(text: readonly string[], pattern: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return text.length === 0
  if (first === '%') return naive(text, rest) || (text.length > 0 && naive(text.slice(1), pattern))
  if (text.length === 0) return false
  if (first === '\\') return text[0] === rest[0] && naive(text.slice(1), rest.slice(1))
  return (first === '_' || first === text[0]) && naive(text.slice(1), rest)
}

const pieces = (...units: string[]): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...units), maxLength: 8 })

test('LIKE equals trying everything', () => {
  fc.assert(
    fc.property(pieces('a', 'b', '😀', '%'), pieces('a', 'b', '😀', '%', '_', '\\%'), (text, pattern) => {
      assert.equal(like(text, pattern), naive(Array.from(text), Array.from(pattern)))
    }),
    { numRuns: 3000 },
  )
})

test('the shape of a pattern', () => {
  assert.deepEqual(likeShape('abc'), { prefix: 'abc', kind: 'equal' })
  assert.deepEqual(likeShape('a\\%b%'), { prefix: 'a%b', kind: 'prefix' })
  assert.deepEqual(likeShape('ab%c'), { prefix: 'ab', kind: 'other' })
  assert.deepEqual(likeShape('_b'), { prefix: '', kind: 'other' })
  assert.deepEqual(likeShape('%'), { prefix: '', kind: 'prefix' })
})

test('patterns that backtrack for ever in regular expressions end soon', () => {
  const text = 'a'.repeat(20_000)
  assert.ok(!like(text, '%a'.repeat(30) + '%b'))
  assert.ok(!like(text, '%_a'.repeat(30) + 'b'))
})

test('malformed patterns are refused', () => {
  const refused = (error: unknown): boolean => hasCode(error, 'INVALID_ARGUMENT')
  assert.throws(() => checkLike('abc\\', 'where.name.like'), refused)
  assert.throws(() => checkLike('\\', 'where.name.like'), refused)
  assert.throws(() => checkLike('a'.repeat(LIKE_PATTERN_LENGTH_MAX + 1), 'where.name.like'), refused)
  checkLike('abc\\\\', 'where.name.like')
  checkLike('a'.repeat(LIKE_PATTERN_LENGTH_MAX), 'where.name.like')
})
