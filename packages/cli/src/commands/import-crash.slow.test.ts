import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Place, type Ended, type Running } from '../orbit-process.test.data.js'

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

/** Lets a process write this much below a directory, then kills it. */
async function killedAfter(running: Running, directory: string, bytes: number): Promise<Ended> {
  const before = sizeOf(directory)
  const timer = setInterval(() => {
    if (sizeOf(directory) - before >= bytes) running.child.kill('SIGKILL')
  }, 5)
  const ended = await running.ended
  clearInterval(timer)
  return ended
}

/** Bytes of all files below a directory; files may come and go meanwhile. */
function sizeOf(directory: string): number {
  let size = 0
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name)
      size += entry.isDirectory() ? sizeOf(path) : (statSync(path, { throwIfNoEntry: false })?.size ?? 0)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  return size
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
        for (let round = 0; ; round++) {
          // Each round may write a little more, so that the import comes to its end however much recovery writes.
          const limit = (200 + random() * 300) * 1024 * (1 + round / 4)
          const { code, signal, stdout, stderr } = await killedAfter(
            place.start(args),
            join(place.path, 'd'),
            limit,
          )
          if (signal === 'SIGKILL') continue
          assert.equal(code, 0, stderr)
          assert.match(
            stdout,
            /, after [\d,]+ records before\n$/,
            'what imports that were killed had stored is kept',
          )
          break
        }
        const exported = await place.run(['export', 'series', 'points', '--output', 'out.jsonl', ...flags])
        assert.equal(exported.code, 0, exported.stderr)
        assert.ok((await place.read('out.jsonl')) === lines.join(''), 'the records are those of the file')
      }))
  }

  it('leaves no half-written file under the name of an export', () =>
    Place.with(async (place) => {
      await place.file('points.jsonl', lines.join(''))
      assert.equal((await place.run(['import', 'series', 'points', 'points.jsonl', '--create'])).code, 0)
      await place.file('out.jsonl', 'before')
      await killedAfter(
        place.start(['export', 'series', 'points', '--output', 'out.jsonl']),
        place.path,
        1024 * 1024,
      )
      const found = await place.read('out.jsonl')
      assert.ok(found === 'before' || found === lines.join(''), `${found.length} characters`)
    }))
})
