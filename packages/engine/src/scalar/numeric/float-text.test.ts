import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shortestFloat4, shortestFloat8 } from '../types/float-types.js'
import { exponentialText, fixedText } from './float-text.js'

test('of two texts that are equally near the even one is taken', () => {
  assert.deepEqual(
    [0.5, 1.5, 2.5, 3.5, 0.125].map((value) => fixedText(value, 0)),
    ['0', '2', '2', '4', '0'],
  )
  assert.equal(fixedText(0.125, 2), '0.12')
  assert.equal(fixedText(0.375, 2), '0.38')
  assert.equal(exponentialText(7620789328608445, 14), '7.62078932860844e+15')
  assert.equal(exponentialText(25, 0), '2e+1')
  assert.equal(exponentialText(2.6, 0), '3e+0')
})

test('the shortest digits are nearer to the number than to any other one', () => {
  assert.equal(shortestFloat8(9007199254740992 * Math.fround(3.14159)), '2.8296928173228032e+16')
  assert.equal(shortestFloat8(1e23), '9.999999999999999e+22')
  assert.equal(shortestFloat8(123456789012345680), '1.2345678901234568e+17')
  assert.equal(shortestFloat4(Math.fround(16777216)), '1.6777216e+07')
  assert.equal(shortestFloat4(504001.625), '504001.62')
})
