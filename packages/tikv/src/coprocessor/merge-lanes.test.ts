import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode, OrbitError, TestEnv } from '@orbit-ts/base'
import { collect } from '../raw/client-bench.fake.js'
import { mergeLanes, type OpenLane } from './merge-lanes.js'

/** A lane that gives `count` items, one each `everyMs`, and counts what happens to it. */
class Source {
  readonly #env: TestEnv
  given = 0
  ended = false

  constructor(env: TestEnv) {
    this.#env = env
  }

  open(name: string, count: number, everyMs: number, failsAt = -1): OpenLane<string> {
    return (signal) => this.#items(name, count, everyMs, failsAt, signal)
  }

  async *#items(
    name: string,
    count: number,
    everyMs: number,
    failsAt: number,
    signal: AbortSignal,
  ): AsyncGenerator<string, void, void> {
    try {
      for (let index = 0; index < count; index++) {
        await this.#wait(everyMs, signal)
        if (index === failsAt) throw new OrbitError('STORE_UNAVAILABLE', name)
        this.given += 1
        yield `${name}${index}`
      }
    } finally {
      this.ended = true
    }
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#env.timers.set(resolve, ms)
      signal.addEventListener('abort', () => {
        timer.cancel()
        reject(new OrbitError('ABORTED', 'ended'))
      })
    })
  }
}

async function inTime<T>(env: TestEnv, work: Promise<T>): Promise<T> {
  const state = { done: false }
  const mark = (): void => void (state.done = true)
  work.then(mark, mark)
  while (!state.done) await env.advance(1)
  return work
}

const options = { concurrency: 2, ordered: false, signal: undefined }

describe('merged lanes', () => {
  it('give items as they arrive, so many lanes at once', async () => {
    const env = new TestEnv()
    const lanes = [10, 3, 1].map((everyMs, at) => new Source(env).open('abc'[at] ?? '', 2, everyMs))
    assert.deepEqual(await inTime(env, collect(mergeLanes(lanes, options))), [
      'b0',
      'b1',
      'c0',
      'c1',
      'a0',
      'a1',
    ])
  })

  it('give items in the order of the lanes, however fast these are', async () => {
    const env = new TestEnv()
    const lanes = [10, 3, 1].map((everyMs, at) => new Source(env).open('abc'[at] ?? '', 2, everyMs))
    const merged = mergeLanes(lanes, { ...options, ordered: true })
    assert.deepEqual(await inTime(env, collect(merged)), ['a0', 'a1', 'b0', 'b1', 'c0', 'c1'])
  })

  it('read two items ahead and no more', async () => {
    const env = new TestEnv()
    const sources = [new Source(env), new Source(env), new Source(env)]
    const merged = mergeLanes(
      sources.map((source) => source.open('x', 10, 1)),
      { ...options, ordered: true },
    )
    await inTime(env, merged.next())
    await env.advance(100)
    assert.deepEqual(
      sources.map(({ given }) => given),
      [3, 2, 0],
    )
    await merged.return()
    assert.deepEqual(
      sources.map(({ ended }) => ended),
      [true, true, false],
    )
    assert.equal(env.pendingTimers, 0)
  })

  it('end with the first error, and all with it', async () => {
    const env = new TestEnv()
    const sources = [new Source(env), new Source(env)]
    const [a = assert.fail(), b = assert.fail()] = sources
    const merged = mergeLanes([a.open('a', 5, 100), b.open('b', 5, 1, 1)], { ...options, ordered: true })
    await assert.rejects(inTime(env, collect(merged)), (error) => hasCode(error, 'STORE_UNAVAILABLE'))
    assert.deepEqual([a.ended, b.ended, env.pendingTimers], [true, true, 0])
  })

  it('end when their signal is aborted, while items wait too', async () => {
    const env = new TestEnv()
    const caller = new AbortController()
    const source = new Source(env)
    const merged = mergeLanes([source.open('a', 5, 1)], { ...options, signal: caller.signal })
    await inTime(env, merged.next())
    await env.advance(10)
    caller.abort()
    await assert.rejects(merged.next(), (error) => hasCode(error, 'ABORTED'))
    assert.equal(source.ended, true)
  })

  it('of none are empty', async () => {
    assert.deepEqual(await collect(mergeLanes([], options)), [])
  })
})
