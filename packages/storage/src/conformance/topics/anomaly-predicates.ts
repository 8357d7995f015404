import assert from 'node:assert/strict'
import type { IsolationLevel, ScanOptions, StorageProvider, Transaction } from '../../provider.js'
import { type Anomaly, BELOW_SERIALIZABLE, BELOW_SNAPSHOT, commits, put } from './anomaly.js'
import { bytes, commit, range, scan } from '../harness/text.js'

/** Two transactions over `b=1, d=1, f=1`. */
async function pair(
  provider: StorageProvider,
  isolation: IsolationLevel,
): Promise<[Transaction, Transaction]> {
  await commit(provider, { b: '1', d: '1', f: '1' })
  return [await provider.begin({ isolation }), await provider.begin({ isolation })]
}

const manyPreceders: Anomaly = {
  name: 'predicate-many-preceders (PMP): a range read twice gives a new entry',
  outcomes: BELOW_SNAPSHOT,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    const before = await scan(t1, range('a', 'e'))
    put(t2, 'c', 't2')
    assert.ok(await commits(t2))
    const after = await scan(t1, range('a', 'e'))
    assert.ok(await commits(t1))
    return before.join() !== after.join()
  },
}

const manyPrecedersWrite: Anomaly = {
  name: 'predicate-many-preceders on a write: what a range showed is deleted after it changed',
  outcomes: BELOW_SNAPSHOT,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    assert.deepEqual(await scan(t1, range('a', 'c')), ['b=1'])
    put(t2, 'b', 't2')
    assert.ok(await commits(t2))
    t1.delete(bytes('b'))
    return await commits(t1)
  },
}

/** Two transactions read the same range, then each writes a key of it that the other one did not write. */
function phantom(
  name: string,
  write: (tx: Transaction, who: 't1' | 't2') => void,
  options?: ScanOptions,
): Anomaly {
  return {
    name: `phantom (G2): ${name}`,
    outcomes: BELOW_SERIALIZABLE,
    async run(provider, isolation) {
      const [t1, t2] = await pair(provider, isolation)
      assert.deepEqual(await scan(t1, range('a', 'g'), options), await scan(t2, range('a', 'g'), options))
      write(t1, 't1')
      write(t2, 't2')
      assert.ok(await commits(t1))
      return await commits(t2)
    },
  }
}

const cEntry = { t1: 'c', t2: 'e' }
const edges = { t1: 'a', t2: 'fz' }
const present = { t1: 'b', t2: 'f' }

const phantoms: readonly Anomaly[] = [
  phantom('each inserts between entries of a range both read', (tx, who) => put(tx, cEntry[who], who)),
  phantom('the same, read backwards', (tx, who) => put(tx, cEntry[who], who), { reverse: true }),
  phantom('the same, read in chunks', (tx, who) => put(tx, cEntry[who], who), { chunkSize: 1 }),
  phantom('the same, read backwards in chunks', (tx, who) => put(tx, cEntry[who], who), {
    reverse: true,
    chunkSize: 1,
  }),
  phantom('the same, keys only', (tx, who) => put(tx, cEntry[who], who), { keysOnly: true }),
  phantom('the same, values only', (tx, who) => put(tx, cEntry[who], who), { valuesOnly: true }),
  phantom('the same, values only, read backwards in chunks', (tx, who) => put(tx, cEntry[who], who), {
    valuesOnly: true,
    reverse: true,
    chunkSize: 1,
  }),
  phantom('each changes what both read the values of', (tx, who) => put(tx, present[who], who), {
    valuesOnly: true,
  }),
  phantom('each inserts at an edge of the range', (tx, who) => put(tx, edges[who], who)),
  phantom('each deletes an entry of the range', (tx, who) => tx.delete(bytes(present[who]))),
  phantom('each changes an entry of the range', (tx, who) => put(tx, present[who], who)),
  phantom('each inserts below the limit that both read to', (tx, who) => put(tx, cEntry[who], who), {
    limit: 3,
    chunkSize: 2,
  }),
]

const emptyRange: Anomaly = {
  name: 'phantom (G2): each of two finds a range empty and puts something into it',
  outcomes: BELOW_SERIALIZABLE,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    for (const tx of [t1, t2]) assert.deepEqual(await scan(tx, range('x', 'z')), [])
    put(t1, 'x', 't1')
    put(t2, 'y', 't2')
    assert.ok(await commits(t1))
    return await commits(t2)
  },
}

const openRange: Anomaly = {
  name: 'phantom (G2): each appends after the end of an open range both read backwards',
  outcomes: BELOW_SERIALIZABLE,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    for (const tx of [t1, t2])
      assert.deepEqual(await scan(tx, range('c'), { reverse: true, limit: 1 }), ['f=1'])
    put(t1, 'g', 't1')
    put(t2, 'h', 't2')
    assert.ok(await commits(t1))
    return await commits(t2)
  },
}

const earlyExit: Anomaly = {
  name: 'phantom (G2): each leaves its scan after the first chunk and inserts before what it saw',
  outcomes: BELOW_SERIALIZABLE,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    for (const tx of [t1, t2]) {
      for await (const chunk of tx.scan({}, { chunkSize: 2 })) {
        assert.equal(chunk.length, 2)
        break
      }
    }
    put(t1, 'a', 't1')
    put(t2, 'c', 't2')
    assert.ok(await commits(t1))
    return await commits(t2)
  },
}

const intersecting: Anomaly = {
  name: 'anti-dependency cycle over two ranges: each inserts into the range the other one read',
  outcomes: BELOW_SERIALIZABLE,
  async run(provider, isolation) {
    const [t1, t2] = await pair(provider, isolation)
    assert.deepEqual(await scan(t1, range('a', 'c')), ['b=1'])
    assert.deepEqual(await scan(t2, range('e', 'g')), ['f=1'])
    put(t1, 'ee', 't1')
    put(t2, 'bb', 't2')
    assert.ok(await commits(t1))
    return await commits(t2)
  },
}

/** Anomalies over ranges. */
export const PREDICATE_ANOMALIES: readonly Anomaly[] = [
  manyPreceders,
  manyPrecedersWrite,
  ...phantoms,
  emptyRange,
  openRange,
  earlyExit,
  intersecting,
]
