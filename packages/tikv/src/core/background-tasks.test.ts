import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode, Metrics, silentLogger } from '@orbit-ts/base'
import { BackgroundTasks } from './background-tasks.js'

function tasks(max: number): { background: BackgroundTasks; running: () => number } {
  const gauge = new Metrics().gauge({ name: 'orbit_test_tasks', help: 'Running.', labels: ['kind'] })
  const background = new BackgroundTasks({ max, logger: silentLogger, gauge })
  return { background, running: () => background.size }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

describe('BackgroundTasks', () => {
  it('takes no more than it may run at once', async () => {
    const { background, running } = tasks(1)
    let end = (): void => undefined
    assert.ok(background.start('one', () => new Promise((resolve) => (end = resolve))))
    assert.equal(
      background.start('two', () => assert.fail('started')),
      false,
    )
    end()
    await background.settle()
    assert.equal(running(), 0)
    assert.ok(background.start('three', () => Promise.resolve()))
    await background.settle()
  })

  it('outlives work that fails, at once or later', async () => {
    const { background, running } = tasks(10)
    background.start('throws', () => {
      throw new Error('at once')
    })
    background.start('rejects', () => Promise.reject(new Error('later')))
    await background.settle()
    assert.equal(running(), 0)
  })

  it('ends what runs when it is closed, waits for that, and starts nothing afterwards', async () => {
    const { background, running } = tasks(10)
    let reason: unknown
    background.start('waits', (signal) =>
      untilAborted(signal).catch((error: unknown) => void (reason = error)),
    )
    await background.close()
    assert.ok(hasCode(reason, 'CLIENT_CLOSED'))
    assert.equal(running(), 0)
    assert.equal(
      background.start('late', () => assert.fail('started')),
      false,
    )
  })
})
