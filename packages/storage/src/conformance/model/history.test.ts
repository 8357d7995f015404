import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type CommittedTransaction, type Step, notSnapshotIsolated, unserializable } from './history.js'

const INITIAL = new Map([
  ['x', '0'],
  ['y', '0'],
])

const get = (key: string, seen: string | undefined): Step => ({ type: 'get', key, seen })
const put = (key: string, value: string): Step => ({ type: 'put', key, value })

function scan(start: string, end: string, ...seen: string[]): Step {
  return { type: 'scan', start, end, reverse: false, limit: 10, seen }
}

let names = 0
function tx(version: number, steps: Step[], acknowledgedBefore = 0): CommittedTransaction {
  return {
    name: `t${++names}`,
    steps,
    version: BigInt(version),
    acknowledgedBefore: BigInt(acknowledgedBefore),
  }
}

const histories: readonly {
  readonly name: string
  readonly history: readonly CommittedTransaction[]
  readonly serializable: boolean
  readonly snapshot: boolean
}[] = [
  {
    name: 'one after the other, in any order of the list',
    history: [tx(2, [get('x', '1'), put('x', '2')]), tx(1, [get('x', '0'), put('x', '1')])],
    serializable: true,
    snapshot: true,
  },
  {
    name: 'a lost update',
    history: [tx(1, [get('x', '0'), put('x', '1')]), tx(2, [get('x', '0'), put('x', '2')])],
    serializable: false,
    snapshot: false,
  },
  {
    name: 'write skew',
    history: [tx(1, [get('x', '0'), put('y', '1')]), tx(2, [get('y', '0'), put('x', '1')])],
    serializable: false,
    snapshot: true,
  },
  {
    name: 'write skew over a range',
    history: [tx(1, [scan('a', 'c'), put('a', '1')]), tx(2, [scan('a', 'c'), put('b', '1')])],
    serializable: false,
    snapshot: true,
  },
  {
    name: 'read skew of a reader',
    history: [tx(1, [put('x', '1'), put('y', '1')]), tx(0, [get('x', '0'), get('y', '1')])],
    serializable: false,
    snapshot: false,
  },
  {
    name: 'a reader of an older state that it may see',
    history: [tx(1, [put('x', '1')]), tx(0, [get('x', '0')])],
    serializable: true,
    snapshot: true,
  },
  {
    name: 'a reader that misses a commit acknowledged before it began',
    history: [tx(1, [put('x', '1')]), tx(0, [get('x', '0')], 1)],
    serializable: false,
    snapshot: false,
  },
  {
    name: 'own writes that are read back',
    history: [tx(1, [put('x', '1'), get('x', '1'), { type: 'delete', key: 'x' }, get('x', undefined)])],
    serializable: true,
    snapshot: true,
  },
  {
    name: 'a value that nobody wrote',
    history: [tx(0, [get('x', '7')])],
    serializable: false,
    snapshot: false,
  },
  {
    name: 'a scan that misses a key',
    history: [tx(0, [scan('x', 'z', 'x=0')])],
    serializable: false,
    snapshot: false,
  },
]

describe('history checkers', () => {
  for (const { name, history, serializable, snapshot } of histories) {
    test(`${name}: ${serializable ? '' : 'not '}serializable, ${snapshot ? '' : 'not '}a snapshot`, () => {
      assert.equal(unserializable(history, INITIAL) === undefined, serializable)
      assert.equal(notSnapshotIsolated(history, INITIAL) === undefined, snapshot)
    })
  }
})
