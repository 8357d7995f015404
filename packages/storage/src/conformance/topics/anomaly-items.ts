import assert from 'node:assert/strict'
import type { IsolationLevel, StorageProvider, Transaction } from '../../provider.js'
import { type Anomaly, BELOW_SERIALIZABLE, BELOW_SNAPSHOT, NEVER, commits, put } from './anomaly.js'
import { bytes, commit, contents, get } from '../harness/text.js'

/** Two transactions over `x=1, y=1`. */
async function pair(
  provider: StorageProvider,
  isolation: IsolationLevel,
): Promise<[Transaction, Transaction]> {
  await commit(provider, { x: '1', y: '1' })
  return [await provider.begin({ isolation }), await provider.begin({ isolation })]
}

const dirtyWrite: Anomaly = {
  name: 'dirty write (G0): two transactions interleave their writes of two keys',
  outcomes: NEVER,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    put(t1, 'x', 't1')
    put(t2, 'x', 't2')
    put(t2, 'y', 't2')
    put(t1, 'y', 't1')
    const outcomes = [await commits(t1), await commits(t2)]
    assert.ok(outcomes.includes(true))
    const left = await contents(provider)
    return left.join() !== 'x=t1,y=t1' && left.join() !== 'x=t2,y=t2'
  },
}

const dirtyRead: Anomaly = {
  name: 'dirty read: a write is read before its transaction commits',
  outcomes: NEVER,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    put(t1, 'x', 't1')
    const seen = await get(t2, 'x')
    assert.ok(await commits(t1))
    await t2.rollback()
    return seen !== '1'
  },
}

const abortedRead: Anomaly = {
  name: 'aborted read (G1a): a write is read that is then rolled back',
  outcomes: NEVER,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    put(t1, 'x', 't1')
    const before = await get(t2, 'x')
    await t1.rollback()
    const after = await get(t2, 'x')
    assert.ok(await commits(t2))
    return before !== '1' || after !== '1'
  },
}

const intermediateRead: Anomaly = {
  name: 'intermediate read (G1b): a value is read that its transaction overwrote before it committed',
  outcomes: NEVER,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    put(t1, 'x', 'intermediate')
    const before = await get(t2, 'x')
    put(t1, 'x', 'final')
    assert.ok(await commits(t1))
    const after = await get(t2, 'x')
    await t2.rollback()
    return before === 'intermediate' || after === 'intermediate'
  },
}

const circularInformation: Anomaly = {
  name: 'circular information flow (G1c): each of two transactions reads what the other wrote',
  outcomes: NEVER,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    put(t1, 'x', 't1')
    put(t2, 'y', 't2')
    const seen = [await get(t1, 'y'), await get(t2, 'x')]
    await commits(t1)
    await commits(t2)
    return seen.includes('t1') || seen.includes('t2')
  },
}

const observedVanishes: Anomaly = {
  name: 'observed transaction vanishes (OTV): effects of one commit are seen and then gone',
  outcomes: NEVER,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    put(t1, 'x', 't1')
    put(t1, 'y', 't1')
    put(t2, 'x', 't2')
    put(t2, 'y', 't2')
    assert.ok(await commits(t1))
    const t3 = await provider.begin({ isolation })
    const x = await get(t3, 'x')
    await commits(t2)
    const y = await get(t3, 'y')
    await t3.rollback()
    // Seeing more of later commits is a fuzzy read; seeing less than before is this anomaly.
    return x === 't1' && y === '1'
  },
}

const lostUpdate: Anomaly = {
  name: 'lost update (P4): two read, both write what they computed from it',
  outcomes: BELOW_SNAPSHOT,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    const values = [await get(t1, 'x'), await get(t2, 'x')]
    assert.deepEqual(values, ['1', '1'])
    put(t1, 'x', 't1')
    put(t2, 'x', 't2')
    assert.ok(await commits(t1))
    return await commits(t2)
  },
}

const fuzzyRead: Anomaly = {
  name: 'fuzzy read (P2): a key read twice differs',
  outcomes: BELOW_SNAPSHOT,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    const before = await get(t1, 'x')
    put(t2, 'x', 't2')
    assert.ok(await commits(t2))
    const after = await get(t1, 'x')
    assert.ok(await commits(t1))
    return before !== after
  },
}

const readSkew: Anomaly = {
  name: 'read skew (G-single): one key is read before a commit, another after it',
  outcomes: BELOW_SNAPSHOT,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    const x = await get(t1, 'x')
    put(t2, 'x', 't2')
    put(t2, 'y', 't2')
    assert.ok(await commits(t2))
    const y = await get(t1, 'y')
    assert.ok(await commits(t1))
    return x === '1' && y === 't2'
  },
}

const writeBasedOnSkew: Anomaly = {
  name: 'read skew with a write: the second key is overwritten after the other transaction changed both',
  outcomes: BELOW_SNAPSHOT,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    await get(t1, 'x')
    await get(t2, 'x')
    await get(t2, 'y')
    put(t2, 'x', 't2')
    put(t2, 'y', 't2')
    assert.ok(await commits(t2))
    t1.delete(bytes('y'))
    return await commits(t1)
  },
}

const writeSkew: Anomaly = {
  name: 'write skew (G2-item): two read both keys, each writes one',
  outcomes: BELOW_SERIALIZABLE,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    for (const tx of [t1, t2]) assert.deepEqual([await get(tx, 'x'), await get(tx, 'y')], ['1', '1'])
    put(t1, 'x', 't1')
    put(t2, 'y', 't2')
    assert.ok(await commits(t1))
    return await commits(t2)
  },
}

const absentReadSkew: Anomaly = {
  name: 'write skew over absent keys: two find nothing, each puts what the other looked for',
  outcomes: BELOW_SERIALIZABLE,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    for (const tx of [t1, t2])
      assert.deepEqual([await get(tx, 'p'), await get(tx, 'q')], [undefined, undefined])
    put(t1, 'p', 't1')
    put(t2, 'q', 't2')
    assert.ok(await commits(t1))
    return await commits(t2)
  },
}

const longFork: Anomaly = {
  name: 'long fork: two readers see two independent commits in opposite orders',
  outcomes: BELOW_SNAPSHOT,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    const r1 = await provider.begin({ isolation })
    const r2 = await provider.begin({ isolation })
    const first = [await get(r1, 'x'), await get(r2, 'y')]
    put(t1, 'x', 't1')
    put(t2, 'y', 't2')
    assert.ok(await commits(t1))
    assert.ok(await commits(t2))
    const second = [await get(r1, 'y'), await get(r2, 'x')]
    assert.ok(await commits(r1))
    assert.ok(await commits(r2))
    return first.join() === '1,1' && second.join() === 't2,t1'
  },
}

const readOnlyAnomaly: Anomaly = {
  name: 'read-only anomaly: only a reader in between shows that two writers had no serial order',
  outcomes: BELOW_SERIALIZABLE,
  async run(provider, isolation) {
    const [withdraw, deposit] = await pair(provider, isolation)
    assert.deepEqual([await get(withdraw, 'x'), await get(withdraw, 'y')], ['1', '1'])
    assert.equal(await get(deposit, 'y'), '1')
    put(deposit, 'y', 'deposited')
    assert.ok(await commits(deposit))
    const reader = await provider.begin({ isolation })
    assert.deepEqual([await get(reader, 'x'), await get(reader, 'y')], ['1', 'deposited'])
    assert.ok(await commits(reader))
    put(withdraw, 'x', 'withdrawn')
    return await commits(withdraw)
  },
}

/** Anomalies over single keys. */
export const ITEM_ANOMALIES: readonly Anomaly[] = [
  dirtyWrite,
  dirtyRead,
  abortedRead,
  intermediateRead,
  circularInformation,
  observedVanishes,
  lostUpdate,
  fuzzyRead,
  readSkew,
  writeBasedOnSkew,
  writeSkew,
  absentReadSkew,
  longFork,
  readOnlyAnomaly,
]
