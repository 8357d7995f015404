import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HistoryTransaction } from './history.js'
import { CONCURRENT, readList, transaction, writeList } from './history-fixture.fake.js'
import { checkListAppend } from './list-append-checker.js'

type Final = Readonly<Record<string, readonly string[]>>

function kinds(
  history: readonly HistoryTransaction[],
  final: Final,
  level: 'snapshot' | 'serializable' = 'snapshot',
): string[] {
  return checkListAppend(history, new Map(Object.entries(final)), level).map(({ kind }) => kind)
}

describe('the checker of lists', () => {
  it('accepts transactions that ran one after the other', () => {
    const history = [
      transaction(1, [readList('x'), writeList('x', '1')]),
      transaction(2, [readList('x', '1'), writeList('x', '1', '2'), readList('y'), writeList('y', '2')]),
      transaction(3, [readList('x', '1', '2'), readList('y', '2')]),
      transaction(4, [readList('x', '1', '2'), writeList('x', '1', '2', '4'), readList('x', '1', '2', '4')]),
    ]
    assert.deepEqual(kinds(history, { x: ['1', '2', '4'], y: ['2'] }, 'serializable'), [])
  })

  it('lets an unknown outcome be either', () => {
    const unknown = { outcome: 'undetermined', endedAt: Infinity } as const
    const history = [
      transaction(1, [readList('x'), writeList('x', '1')], unknown),
      transaction(2, [readList('y'), writeList('y', '2')], unknown),
    ]
    assert.deepEqual(kinds(history, { x: ['1'], y: [] }, 'serializable'), [])
  })

  it('finds writes that are lost, twice there, from nowhere, or of a failed transaction', () => {
    const history = [
      transaction(1, [readList('x'), writeList('x', '1')]),
      transaction(2, [readList('y'), writeList('y', '2')], { outcome: 'aborted' }),
    ]
    assert.deepEqual(kinds(history, { x: [], y: ['2'] }), ['aborted-write', 'lost-write'])
    assert.deepEqual(kinds(history, { x: ['1', '1', '7'] }), ['duplicate', 'from-nowhere'])
  })

  it('finds G1a: a read of a failed transaction', () => {
    const history = [
      transaction(1, [readList('x'), writeList('x', '1')], { outcome: 'aborted' }),
      transaction(2, [readList('x', '1')]),
    ]
    assert.deepEqual(kinds(history, { x: [] }), ['G1a', 'incompatible-order'])
  })

  it('finds G1b: a read in the middle of a transaction', () => {
    const history = [
      transaction(1, [readList('x'), writeList('x', '1.0'), writeList('x', '1.0', '1.1')]),
      transaction(2, [readList('x', '1.0')]),
    ]
    assert.deepEqual(kinds(history, { x: ['1.0', '1.1'] }), ['G1b'])
  })

  it('finds own writes that do not show', () => {
    const history = [transaction(1, [readList('x'), writeList('x', '1'), readList('x')])]
    assert.deepEqual(kinds(history, { x: ['1'] }), ['internal'])
  })

  it('finds G0: writes of two transactions in different orders', () => {
    const history = [
      transaction(1, [writeList('x', '1'), writeList('y', '2', '1')], CONCURRENT),
      transaction(2, [writeList('x', '1', '2'), writeList('y', '2')], CONCURRENT),
    ]
    assert.deepEqual(kinds(history, { x: ['1', '2'], y: ['2', '1'] }), ['G0'])
  })

  it('finds G1c: two transactions that read from each other', () => {
    const history = [
      transaction(1, [writeList('x', '1'), readList('y', '2')], CONCURRENT),
      transaction(2, [writeList('y', '2'), readList('x', '1')], CONCURRENT),
    ]
    assert.deepEqual(kinds(history, { x: ['1'], y: ['2'] }), ['G1c'])
  })

  it('finds G-single: a lost update', () => {
    const history = [
      transaction(1, [readList('x'), writeList('x', '1')], CONCURRENT),
      transaction(2, [readList('x'), writeList('x', '1', '2')], CONCURRENT),
    ]
    assert.deepEqual(kinds(history, { x: ['1', '2'] }), ['G-single'])
  })

  it('finds G-single: read skew', () => {
    const history = [
      transaction(1, [readList('x'), writeList('x', '1'), readList('y'), writeList('y', '1')], CONCURRENT),
      transaction(2, [readList('x'), readList('y', '1')], CONCURRENT),
    ]
    assert.deepEqual(kinds(history, { x: ['1'], y: ['1'] }), ['G-single'])
  })

  it('finds write skew when transactions are to be serializable', () => {
    const history = [
      transaction(1, [readList('x'), readList('y'), writeList('y', '1')], CONCURRENT),
      transaction(2, [readList('x'), readList('y'), writeList('x', '2')], CONCURRENT),
    ]
    assert.deepEqual(kinds(history, { x: ['2'], y: ['1'] }, 'snapshot'), [])
    assert.deepEqual(kinds(history, { x: ['2'], y: ['1'] }, 'serializable'), ['G2'])
  })

  it('finds a read that misses what had been acknowledged before it began', () => {
    const history = [transaction(1, [readList('x'), writeList('x', '1')]), transaction(2, [readList('x')])]
    assert.deepEqual(kinds(history, { x: ['1'] }), ['G-single-realtime'])
  })
})
