import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Place } from '../orbit-process.test.data.js'

const RECORDS = 40_000

/** Numbered records, with lines of different lengths. */
const lines = Array.from(
  { length: RECORDS },
  (_, at) =>
    `{"timestamp":${at},"tags":{"half":"${at % 2}"},"fields":{"n":${at},"note":"${'x'.repeat(at % 50)}"}}\n`,
)

/** A generator of numbers that a seed determines. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('an import that is killed', () => {
  for (const storage of ['rocksdb', 'lsm-tree', 'cow-btree']) {
    it(`goes on with --resume on ${storage} without losing or doubling a record`, () =>
      Place.with(async (place) => {
        await place.file('points.jsonl', lines.join(''))
        const flags = ['--data-dir', 'd', '--storage', storage]
        const args = [
          'import',
          'series',
          'points',
          'points.jsonl',
          '--create',
          '--batch',
          '500',
          '--resume',
          ...flags,
        ]
        const random = randomOf(storage.length)
        // Each round may run a little longer, so that it comes to its end on any machine.
        for (let longestMs = 300; ; longestMs += 100) {
          const running = place.start(args)
          const timer = setTimeout(() => running.child.kill('SIGKILL'), longestMs * (0.5 + random() / 2))
          const { code, signal, stdout, stderr } = await running.ended
          clearTimeout(timer)
          if (signal === 'SIGKILL') continue
          assert.equal(code, 0, stderr)
          const [, before = ''] = /, after ([\d,]+) records before/.exec(stdout) ?? []
          assert.notEqual(before, '', 'what was stored by imports that were killed is kept')
          break
        }
        const exported = await place.run(['export', 'series', 'points', '--output', 'out.jsonl', ...flags])
        assert.equal(exported.code, 0, exported.stderr)
        assert.ok((await place.read('out.jsonl')) === lines.join(''), 'the records are those of the file')
      }))
  }

  it('leaves no half-written export behind under its name', () =>
    Place.with(async (place) => {
      await place.file('points.jsonl', lines.join(''))
      assert.equal((await place.run(['import', 'series', 'points', 'points.jsonl', '--create'])).code, 0)
      await place.file('out.jsonl', 'before')
      const running = place.start(['export', 'series', 'points', '--output', 'out.jsonl'])
      const timer = setTimeout(() => running.child.kill('SIGKILL'), 500)
      const { signal } = await running.ended
      clearTimeout(timer)
      const size = statSync(join(place.path, 'out.jsonl')).size
      assert.equal(size, signal === 'SIGKILL' ? 6 : lines.join('').length)
    }))
})
