import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import type { Timestamp } from '../timestamp.js'
import { locksOf } from '../txn/key-errors.js'
import type { Writes } from './direct-writer.fake.js'
import { MvccBench } from './mvcc-bench.fake.js'
import type { KeyValue } from './snapshot-options.js'
import type { Snapshot } from './snapshot.js'

const KEYS = ['a', 'b', 'c', 'm', 'n', 'x', 'y']

/** Each client stops after so many steps: prewrites of one key each, then commits of one key each. */
const step = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    keys: fc.uniqueArray(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 4 }),
    asyncCommit: fc.boolean(),
    large: fc.boolean(),
    lives: fc.integer({ min: 1, max: 9 }),
    /** A reader comes in between two steps. */
    readAfter: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 500, 3500) }),
  fc.record({
    do: fc.constant('read' as const),
    how: fc.constantFrom('get', 'batch', 'forward', 'reverse'),
    again: fc.boolean(),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type WriteStep = Extract<Step, { do: 'write' }>
type ReadKind = Extract<Step, { do: 'read' }>['how']

interface Seen {
  readonly readTs: Timestamp
  readonly values: ReadonlyMap<string, string | undefined>
}

class Run {
  readonly bench = new MvccBench()
  readonly seen: Seen[] = []
  #writer = 0
  #snapshot: Snapshot = this.bench.snapshot()

  async step(next: Step): Promise<void> {
    if (next.do === 'pass') await this.bench.stores.env.advance(next.ms)
    else if (next.do === 'read') await this.#read(next.how, next.again)
    else await this.#write(next)
  }

  async #write({ keys, asyncCommit, large, lives, readAfter }: WriteStep): Promise<void> {
    const startTs = this.bench.tso()
    const name = String(++this.#writer)
    let left = lives
    let commitTs = 0n
    const alive = async (): Promise<boolean> => {
      if (lives - left === readAfter) await this.#read('batch', false)
      return left-- > 0
    }
    for (const key of keys) {
      if (!(await alive())) return
      const options = {
        primary: keys[0] ?? key,
        allKeys: keys,
        asyncCommit,
        txnSize: large ? 9999 : keys.length,
      }
      const minCommitTs = await this.#prewrite(startTs, { [key]: name }, options)
      if (minCommitTs === undefined) return
      if (minCommitTs > commitTs) commitTs = minCommitTs
    }
    if (!asyncCommit) commitTs = this.bench.tso()
    for (const key of keys) {
      if (!(await alive())) return
      const error = await this.bench.tryCommit(startTs, [key], commitTs)
      if (error?.commitTsExpired === undefined) continue
      commitTs = this.bench.tso()
      await this.bench.tryCommit(startTs, [key], commitTs)
    }
  }

  /** Resolves the locks it meets as a writer does, and gives up at conflicts and live locks. */
  async #prewrite(
    startTs: Timestamp,
    writes: Writes,
    options: Parameters<MvccBench['prewrite']>[2],
  ): Promise<Timestamp | undefined> {
    const { bench } = this
    const first = await bench.tryPrewrite(startTs, writes, options)
    if (first.errors.length === 0) return first.minCommitTs
    const locks = first.errors.flatMap(locksOf)
    if (locks.length === 0) return undefined
    const backoffer = bench.stores.core.backoffer(40_000)
    await bench.stores.finish(bench.resolver.resolve(backoffer, { locks, callerStartTs: startTs }))
    const second = await bench.tryPrewrite(startTs, writes, options)
    return second.errors.length === 0 ? second.minCommitTs : undefined
  }

  async #read(how: ReadKind, again: boolean): Promise<void> {
    // Without a cache, so that the servers answer each time.
    if (!again) this.#snapshot = this.bench.snapshot(this.bench.tso(), { cacheBytesMax: 0 })
    const snapshot = this.#snapshot
    const values = await this.bench.stores.finish(readAll(snapshot, how))
    this.seen.push({ readTs: snapshot.readTs, values })
  }

  /** What every key had at a time, as all committed versions tell in the end. */
  async check(): Promise<void> {
    await this.bench.stores.env.advance(10_000)
    await this.bench.values(KEYS)
    await this.bench.stores.background.settle()
    assert.deepEqual(this.bench.locks(), [])
    const commits = new Map<Timestamp, Timestamp>()
    const { data } = this.bench.mvcc.state
    for (const key of KEYS) {
      for (const { type, startTs, commitTs } of data.writes(utf8(key))) {
        if (type !== 'put') continue
        assert.equal(
          commits.get(startTs) ?? commitTs,
          commitTs,
          'all keys of a transaction commit at one time',
        )
        commits.set(startTs, commitTs)
      }
    }
    for (const { readTs, values } of this.seen) {
      for (const key of KEYS) {
        const write = data
          .writes(utf8(key))
          .find(({ type, commitTs }) => type === 'put' && commitTs <= readTs)
        const value =
          write === undefined ? undefined : (write.shortValue ?? data.value(utf8(key), write.startTs))
        assert.equal(
          values.get(key),
          value === undefined ? undefined : fromUtf8(value),
          `${key} at ${readTs}`,
        )
      }
    }
  }
}

async function readAll(snapshot: Snapshot, how: ReadKind): Promise<Map<string, string | undefined>> {
  const found = new Map<string, string | undefined>()
  const note = (rows: KeyValue[]): void => {
    for (const { key, value } of rows) found.set(fromUtf8(key), fromUtf8(value))
  }
  if (how === 'forward' || how === 'reverse') {
    const range = { start: utf8(''), end: utf8('') }
    for await (const rows of snapshot.scan(range, { reverse: how === 'reverse', batchSize: 2 })) note(rows)
    return found
  }
  const values: (Uint8Array | undefined)[] =
    how === 'batch'
      ? await snapshot.batchGet(KEYS.map(utf8))
      : await Promise.all(KEYS.map((key) => snapshot.get(utf8(key))))
  for (const [at, key] of KEYS.entries()) {
    const value = values[at]
    found.set(key, value === undefined ? undefined : fromUtf8(value))
  }
  return found
}

describe('reads among dead clients', () => {
  it('[S58] [S59] [S60] see every transaction whole or not at all, and the same at every time they read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const run = new Run()
        for (const next of steps) await run.step(next)
        await run.check()
      }),
      { numRuns: 200 },
    )
  })
})
