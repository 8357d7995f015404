import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { hasCode, OrbitError, TestEnv } from '@orbit-ts/base'
import { BackoffKinds, type BackoffKind } from './backoff-kind.js'
import { Backoffer } from './backoffer.js'

const setup = (budgetMs: number, signal?: AbortSignal) => {
  const env = new TestEnv({ startMs: 0 })
  const sleeps: [string, number][] = []
  const backoffer = new Backoffer({
    env,
    budgetMs,
    signal,
    onSleep: (kind, ms) => void sleeps.push([kind, ms]),
  })
  const wait = async (kind: BackoffKind, maxMs?: number): Promise<void> => {
    const waiting = backoffer.backoff(kind, 'cause', maxMs)
    waiting.catch(() => undefined)
    await env.advance(20_000)
    await waiting
  }
  return { env, sleeps, backoffer, wait }
}

describe('Backoffer', () => {
  it('doubles the sleep of a kind without jitter up to its cap', async () => {
    const { sleeps, wait, backoffer } = setup(10_000)
    for (let count = 0; count < 10; count++) await wait(BackoffKinds.regionMiss)
    assert.deepEqual(
      sleeps.map(([, ms]) => ms),
      [2, 4, 8, 16, 32, 64, 128, 256, 500, 500],
    )
    assert.equal(backoffer.sleptMs, 1510)
    assert.deepEqual([...backoffer.sleeps], [['regionMiss', { attempts: 10, sleptMs: 1510 }]])
  })

  it('sleeps exactly as long as it says', async () => {
    const { env, backoffer } = setup(10_000)
    let done = false
    const waiting = backoffer.backoff(BackoffKinds.isWitness, 'cause').then(() => (done = true))
    await env.timers.nextTurn()
    const { sleptMs } = backoffer
    await env.advance(sleptMs - 1)
    assert.equal(done, false)
    await env.advance(1)
    await waiting
    assert.equal(env.clock.nowMs(), sleptMs)
  })

  it('keeps full jitter below the whole, and decorrelated jitter between the base and three times the last', async () => {
    const { sleeps, wait } = setup(1_000_000)
    const full = { ...BackoffKinds.tikvRpc, name: 'full', jitter: 'full' } as const
    const decorrelated = { ...BackoffKinds.tikvRpc, name: 'decorrelated', jitter: 'decorrelated' } as const
    for (let count = 0; count < 8; count++) {
      await wait(full)
      await wait(decorrelated)
    }
    const of = (name: string): number[] => sleeps.filter(([kind]) => kind === name).map(([, ms]) => ms)
    const most = [100, 200, 400, 800, 1600, 2000, 2000, 2000]
    for (const [index, ms] of of('full').entries()) assert.ok(ms >= 0 && ms < (most[index] ?? 0))
    let last = 100
    for (const ms of of('decorrelated')) {
      assert.ok(ms >= 100 && ms <= Math.min(2000, last * 3), `${ms} after ${last}`)
      last = ms
    }
    assert.ok(new Set(of('full')).size > 4 && new Set(of('decorrelated')).size > 2)
  })

  it('keeps equal jitter between half and the whole', async () => {
    const { sleeps, wait } = setup(1_000_000)
    for (let count = 0; count < 8; count++) await wait(BackoffKinds.tikvRpc)
    const full = [100, 200, 400, 800, 1600, 2000, 2000, 2000]
    for (const [index, [, ms]] of sleeps.entries()) {
      const most = full[index] ?? 0
      assert.ok(ms >= most / 2 && ms < most, `${ms} of ${most}`)
    }
    assert.equal(new Set(sleeps.map(([, ms]) => ms)).size > 4, true)
  })

  it('grows each kind on its own', async () => {
    const { sleeps, wait } = setup(10_000)
    await wait(BackoffKinds.regionMiss)
    await wait(BackoffKinds.maxTsNotSynced)
    await wait(BackoffKinds.regionMiss)
    assert.deepEqual(sleeps, [
      ['regionMiss', 2],
      ['maxTsNotSynced', 2],
      ['regionMiss', 4],
    ])
  })

  it('cuts a sleep at the given most, and grows all the same', async () => {
    const { sleeps, wait } = setup(10_000)
    await wait(BackoffKinds.isWitness, 5)
    await wait(BackoffKinds.regionMiss, 0)
    await wait(BackoffKinds.regionMiss)
    assert.deepEqual(sleeps, [
      ['isWitness', 5],
      ['regionMiss', 0],
      ['regionMiss', 4],
    ])
  })

  it('ends with the error of the kind that slept longest and the last three causes', async () => {
    const { wait, backoffer } = setup(1000)
    await wait(BackoffKinds.regionMiss)
    await wait(BackoffKinds.diskFull)
    await wait(BackoffKinds.diskFull)
    assert.equal(backoffer.sleptMs, 1502)
    await assert.rejects(backoffer.backoff(BackoffKinds.regionMiss, new Error('last')), (error) => {
      assert.ok(hasCode(error, 'STORAGE_FULL'))
      assert.deepEqual(error.details, {
        kind: 'tikvDiskFull',
        sleptMs: 1502,
        errors: ['tikvDiskFull: cause', 'tikvDiskFull: cause', 'regionMiss: last'],
      })
      assert.equal(error.cause instanceof Error && error.cause.message, 'last')
      return true
    })
  })

  it('does not count the sleeps for busy servers, nor name them', async () => {
    const { wait, backoffer } = setup(3000)
    for (let count = 0; count < 20; count++) await wait(BackoffKinds.serverBusy)
    assert.equal(backoffer.sleptMs, 0)
    assert.ok(backoffer.totalMs > 60_000)
    for (let count = 0; count < 3; count++) await wait(BackoffKinds.diskFull)
    await assert.rejects(backoffer.backoff(BackoffKinds.serverBusy, 'busy'), (error) =>
      hasCode(error, 'STORAGE_FULL'),
    )
  })

  it('ends when a server stays busy for ten minutes; other kinds go on', async () => {
    const { wait, backoffer } = setup(3000)
    while (backoffer.totalMs < 600_000) await wait(BackoffKinds.serverBusy)
    await assert.rejects(backoffer.backoff(BackoffKinds.serverBusy, 'busy'), (error) =>
      hasCode(error, 'SERVER_BUSY'),
    )
    await wait(BackoffKinds.regionMiss)
    assert.equal(backoffer.sleptMs, 2)
  })

  it('lets a larger budget bear more busy sleeps than ten minutes', async () => {
    const { wait, backoffer } = setup(700_000)
    while (backoffer.totalMs < 700_000) await wait(BackoffKinds.serverBusy)
    await assert.rejects(backoffer.backoff(BackoffKinds.serverBusy, 'busy'), (error) =>
      hasCode(error, 'SERVER_BUSY'),
    )
  })

  it('forks with what was slept, and takes over the fork that slept longest', async () => {
    const { env, backoffer, wait } = setup(100)
    await wait(BackoffKinds.regionMiss)
    const short = backoffer.fork()
    const long = backoffer.fork()
    const sleep = async (one: Backoffer, times: number): Promise<void> => {
      for (let count = 0; count < times; count++) {
        const waiting = one.backoff(BackoffKinds.regionMiss, 'x')
        await env.advance(1000)
        await waiting
      }
    }
    await sleep(long, 3)
    await sleep(short, 1)
    assert.deepEqual([backoffer.sleptMs, short.sleptMs, long.sleptMs], [2, 6, 30])
    backoffer.merge(long)
    backoffer.merge(short)
    assert.equal(backoffer.sleptMs, 30)
    await sleep(long, 1)
    assert.equal(backoffer.sleptMs, 30)
  })

  it('rejects with ABORTED at once, without a sleep, when its signal is aborted', async () => {
    const controller = new AbortController()
    const { env, sleeps, backoffer } = setup(0, controller.signal)
    controller.abort(new Error('enough'))
    await assert.rejects(backoffer.backoff(BackoffKinds.isWitness, 'x'), (error) => hasCode(error, 'ABORTED'))
    assert.deepEqual(sleeps, [])
    assert.equal(env.pendingTimers, 0)
  })

  it('ends a sleep when its signal is aborted, or that of the fork', async () => {
    const controller = new AbortController()
    const { env, backoffer } = setup(1000)
    const waiting = backoffer.fork(controller.signal).backoff(BackoffKinds.isWitness, 'x')
    controller.abort()
    await assert.rejects(waiting, (error) => error instanceof OrbitError && error.code === 'ABORTED')
    assert.equal(env.pendingTimers, 0)
  })

  it('ends a sleep when the client closes, and leaves no trace on the signals after one', async () => {
    const env = new TestEnv()
    const closing = new AbortController()
    const own = new AbortController()
    const backoffer = new Backoffer({ env, budgetMs: 1000, signal: own.signal, closing: closing.signal })
    const listeners = (): number[] =>
      [own.signal, closing.signal].map((signal) => getEventListeners(signal, 'abort').length)
    const first = backoffer.backoff(BackoffKinds.regionMiss, 'x')
    assert.deepEqual(listeners(), [1, 1])
    await env.advance(2)
    await first
    assert.deepEqual(listeners(), [0, 0])
    const second = backoffer.backoff(BackoffKinds.regionMiss, 'x')
    closing.abort(new OrbitError('CLIENT_CLOSED', 'closed'))
    await assert.rejects(second, (error) => hasCode(error, 'CLIENT_CLOSED'))
    assert.deepEqual(listeners(), [0, 0])
    assert.equal(env.pendingTimers, 0)
  })
})
