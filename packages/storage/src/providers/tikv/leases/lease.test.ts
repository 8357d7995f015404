import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lease } from './lease.js'

test('a lease covers its span, remembers values and absences, and forgets them all', () => {
  const lease = new Lease(10n, 20n)
  assert.deepEqual(
    [9n, 10n, 19n, 20n].map((timestamp) => lease.covers(timestamp)),
    [false, true, true, false],
  )
  const value = Uint8Array.of(1)
  lease.remember('a', value)
  lease.remember('b', undefined)
  lease.remember('a', undefined)
  assert.deepEqual(
    [lease.has('a'), lease.value('a'), lease.has('b'), lease.value('b')],
    [true, value, true, undefined],
  )
  lease.forgetValues()
  assert.deepEqual([lease.has('a'), lease.has('b')], [false, false])
})

test('a lease remembers 32 MiB at most', () => {
  const lease = new Lease(0n, 1n)
  const mebibyte = 1024 * 1024
  lease.remember('too large', new Uint8Array(32 * mebibyte))
  assert.equal(lease.has('too large'), false)
  lease.remember('first', new Uint8Array(20 * mebibyte))
  assert.equal(lease.has('first'), true)
  lease.remember('second', new Uint8Array(20 * mebibyte))
  assert.deepEqual([lease.has('first'), lease.has('second')], [false, true])
})
