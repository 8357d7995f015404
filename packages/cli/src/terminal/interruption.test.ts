import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { interruptible, untilAborted } from './interruption.js'

test('the first signal aborts, its echo is ignored, a later one ends the process', async (t) => {
  const env = new TestEnv()
  const exit = t.mock.method(process, 'exit', () => undefined)
  const written = t.mock.method(process.stderr, 'write', () => true)
  const listeners = process.listenerCount('SIGINT')
  const result = await interruptible(
    'stopping',
    async (signal) => {
      process.emit('SIGINT', 'SIGINT')
      process.emit('SIGINT', 'SIGINT')
      await untilAborted(signal)
      await env.advance(499)
      process.emit('SIGTERM', 'SIGTERM')
      assert.equal(exit.mock.callCount(), 0)
      await env.advance(1)
      process.emit('SIGTERM', 'SIGTERM')
      return signal.reason as unknown
    },
    env,
  )
  const notes = written.mock.calls.map(({ arguments: [text] }) => text)
  written.mock.restore()
  assert.equal(result, 'SIGINT')
  assert.deepEqual(notes, ['\norbit: SIGINT: stopping; once more to stop at once\n'])
  assert.deepEqual(
    exit.mock.calls.map(({ arguments: given }) => given),
    [[1]],
  )
  assert.equal(process.listenerCount('SIGINT'), listeners)
})
