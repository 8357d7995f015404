import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReusableAbort } from './reusable-abort.js'

test('a controller that was given back is used again', () => {
  const aborts = new ReusableAbort()
  const first = aborts.take()
  assert.notEqual(aborts.take(), first)
  aborts.giveBack(first)
  assert.equal(aborts.take(), first)
})

test('one that was aborted is not', () => {
  const aborts = new ReusableAbort()
  const first = aborts.take()
  first.abort()
  aborts.giveBack(first)
  assert.equal(aborts.take().signal.aborted, false)
})
