import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countTokens, isTooLarge, TOKENS_MAX } from './statement-size.js'

test('quoted texts and comments are one token each', () => {
  const counts: readonly (readonly [string, number])[] = [
    ['', 0],
    ['  \n\t ', 0],
    ['select 1', 2],
    ['select \'a b c\', "d e"', 4],
    ['select $$ a b c $$', 2],
    ['select $x$ a $$ b $x$ , 1', 4],
    ['select $1', 3],
    ['a -- b c d\nb', 3],
    ['a /* b c */ b', 3],
    ["'open", 1],
    ['1,1,1', 5],
  ]
  for (const [text, count] of counts) assert.equal(countTokens(text), count, text)
})

test('a text is too large by its tokens, not by a long literal', () => {
  assert.equal(isTooLarge(`'${'x '.repeat(TOKENS_MAX)}'`), false)
  assert.equal(isTooLarge('x '.repeat(TOKENS_MAX + 1)), true)
  assert.equal(isTooLarge('x '.repeat(TOKENS_MAX)), false)
})
