import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, TestEnv, utf8 } from '@orbit-ts/base'
import { Op } from '../../gen/kvrpcpb.js'
import type { Timestamp } from '../../timestamp.js'
import { MvccStore } from './mvcc-store.js'
import { HistoryClient, timestampSource, type Observed, type Plan } from './random-history.test.fixture.js'

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f']
const CLIENTS = 8
const TRANSACTIONS_EACH = 25

interface Version {
  readonly startTs: Timestamp
  readonly commitTs: Timestamp
  readonly value: string
}

function pick<T>(env: TestEnv, values: readonly T[]): T {
  return values[Math.floor(env.random.float() * values.length)] as T
}

function planOf(env: TestEnv): Plan {
  const some = (): string[] => KEYS.filter(() => env.random.float() < 0.35)
  const kind = pick(env, ['two-phase', 'async', 'one-phase', 'pessimistic'] as const)
  const crash = pick(env, ['never', 'never', 'never', 'never', 'prewritten', 'primary-committed'] as const)
  const writes = env.random.float() < 0.2 ? [] : some()
  // Every key that is written is read first, so that a lost update shows.
  return { kind, reads: [...new Set([...some(), ...writes])], writes, crash }
}

/** Runs clients side by side, one step of a client picked at random at a time. */
async function runHistory(seed: number): Promise<{ observed: Observed[]; store: MvccStore }> {
  const env = new TestEnv({ seed })
  const store = new MvccStore({ env })
  const paused: (() => void)[] = []
  const pause = (): Promise<void> => new Promise((resolve) => paused.push(resolve))
  const tso = timestampSource()
  const observed: Observed[] = []
  const running = new Set(Array.from({ length: CLIENTS }, (_, client) => client))
  const failures: unknown[] = []
  for (let client = 0; client < CLIENTS; client++) {
    const work = async (): Promise<void> => {
      for (let n = 0; n < TRANSACTIONS_EACH; n++) {
        await pause()
        observed.push(await new HistoryClient(store, env, tso, pause).run(planOf(env), `${client}.${n}`))
      }
    }
    work()
      .catch((error: unknown) => failures.push(error))
      .finally(() => running.delete(client))
  }
  while (running.size > 0) {
    const [next] = paused.splice(Math.floor(env.random.float() * paused.length), 1)
    next?.()
    await env.advance(env.random.float() < 0.5 ? 1 : 0)
  }
  assert.deepEqual(failures, [])
  // Whoever reads at the end resolves what was left behind.
  const last = new HistoryClient(store, env, tso, async () => undefined)
  for (let n = 0; n < 200; n++) tso()
  for (const key of KEYS) await last.read(key, tso())
  store.close()
  return { observed, store }
}

function versionsOf(store: MvccStore, key: string): Version[] {
  const { writes, lock } = store.mvccByKey(utf8(key))
  assert.equal(lock === undefined || lock.type === Op.PessimisticLock, true)
  return writes
    .filter(({ type }) => type === Op.Put)
    .map(({ startTs, commitTs, shortValue }) => ({ startTs, commitTs, value: fromUtf8(shortValue) }))
}

/** Snapshot isolation, checked with the timestamps: no search is needed. */
function checkHistory(store: MvccStore, observed: readonly Observed[], seed: number): number {
  const versions = new Map(KEYS.map((key) => [key, versionsOf(store, key)]))
  let reads = 0
  for (const { startTs, reads: seen, commitTs, writes } of observed) {
    for (const [key, value] of seen) {
      const visible = (versions.get(key) ?? []).find((version) => version.commitTs <= startTs)
      assert.equal(value, visible?.value, `seed ${seed}: transaction ${startTs} read ${key}`)
      reads++
    }
    if (commitTs === undefined) continue
    for (const key of writes) {
      const own = (versions.get(key) ?? []).find((version) => version.startTs === startTs)
      assert.equal(own?.commitTs, commitTs, `seed ${seed}: transaction ${startTs} wrote ${key}`)
    }
  }
  return reads
}

/** Without pessimistic locks, the first one to commit wins. */
function checkNoLostUpdates(store: MvccStore, optimistic: ReadonlySet<Timestamp>, seed: number): number {
  let pairs = 0
  for (const key of KEYS) {
    const history = versionsOf(store, key)
    for (const [index, version] of history.entries()) {
      const older = history[index + 1]
      if (older === undefined || !optimistic.has(version.startTs)) continue
      assert.ok(
        older.commitTs <= version.startTs,
        `seed ${seed}: ${version.startTs} overwrote ${older.commitTs} of ${key}`,
      )
      pairs++
    }
  }
  return pairs
}

/** A transaction is there on all of its keys or on none, at one commit timestamp. */
function checkAtomic(store: MvccStore, observed: readonly Observed[], seed: number): number {
  let committed = 0
  for (const { startTs, writes } of observed) {
    if (writes.length === 0) continue
    const timestamps = writes.map(
      (key) => versionsOf(store, key).find((version) => version.startTs === startTs)?.commitTs,
    )
    assert.equal(
      new Set(timestamps).size,
      1,
      `seed ${seed}: transaction ${startTs} is torn: ${timestamps.join()}`,
    )
    if (timestamps[0] !== undefined) committed++
  }
  return committed
}

describe('random histories of two-phase, async, one-phase and pessimistic transactions with crashes', () => {
  for (let seed = 1; seed <= 30; seed++) {
    it(`are snapshot isolated and atomic, seed ${seed}`, async () => {
      const { observed, store } = await runHistory(seed)
      assert.equal(observed.length, CLIENTS * TRANSACTIONS_EACH)
      assert.ok(checkHistory(store, observed, seed) > 100)
      assert.ok(checkAtomic(store, observed, seed) > 20)
      assert.ok(
        checkNoLostUpdates(
          store,
          new Set(observed.filter(isOptimistic).map(({ startTs }) => startTs)),
          seed,
        ) > 5,
      )
    })
  }
})

function isOptimistic({ kind }: Observed): boolean {
  return kind !== 'pessimistic'
}
