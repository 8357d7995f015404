import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { hasCode, OrbitError } from '@orbit-ts/base'
import { bytes, ClientBench, range, text } from '../raw/client-bench.fake.js'
import { runRangeTask } from './range-task.js'

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz')
let bench: ClientBench | undefined

afterEach(async () => {
  await bench?.close()
  bench = undefined
})

async function run(
  within: { start: Uint8Array; end: Uint8Array },
  options: { concurrency?: number; failAt?: string } = {},
): Promise<{ parts: string[]; most: number }> {
  const opened = await ClientBench.open({ splitKeys: LETTERS.slice(1).map(bytes) })
  bench = opened
  const core = await opened.core('transaction')
  const parts: string[] = []
  let active = 0
  let most = 0
  const work = runRangeTask({
    core,
    range: within,
    concurrency: options.concurrency ?? 3,
    regionsPerTask: 4,
    run: async (part) => {
      active += 1
      most = Math.max(most, active)
      await new Promise<void>((resolve) => void opened.env.timers.set(resolve, 10))
      active -= 1
      if (text(part.start) === options.failAt) throw new OrbitError('STORE_UNAVAILABLE', 'stop')
      parts.push(`${text(part.start)}-${text(part.end)}`)
    },
  })
  await opened.finish(work)
  return { parts: parts.sort(), most }
}

describe('a task over a range', () => {
  it('covers the whole range in parts of so many regions, so many at once', async () => {
    const { parts, most } = await run(range('', ''))
    assert.deepEqual(parts, ['-e', 'e-i', 'i-m', 'm-q', 'q-u', 'u-y', 'y-'])
    assert.equal(most, 3)
  })

  it('begins and ends where the range does', async () => {
    assert.deepEqual((await run(range('c5', 'i'))).parts, ['c5-g', 'g-i'])
    await bench?.close()
    assert.deepEqual((await run(range('c5', 'c7'))).parts, ['c5-c7'])
    await bench?.close()
    assert.deepEqual((await run(range('x', 'c'))).parts, [])
  })

  it('ends with the first error', async () => {
    const work = run(range('', ''), { concurrency: 1, failAt: 'e' })
    await assert.rejects(work, (error) => hasCode(error, 'STORE_UNAVAILABLE'))
  })
})
