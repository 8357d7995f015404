import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { writtenBy, type HistoryTransaction } from '../history.js'
import { range, read, transaction } from '../history-fixture.fake.js'
import type { Workload } from '../workload.js'
import { bank } from './bank.js'
import { cycle } from './cycle.js'
import { pairs } from './pairs.js'

/** The first values, some of them changed; undefined: deleted. */
function rowsOf(
  workload: Workload,
  changes: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const payloads = new Map<string, string | undefined>([...workload.initial, ...Object.entries(changes)])
  return Object.fromEntries(
    [...payloads].flatMap(([key, payload]) => (payload === undefined ? [] : [[key, writtenBy(1, payload)]])),
  )
}

function kinds(
  workload: Workload,
  looks: readonly HistoryTransaction[],
  final: Readonly<Record<string, string>> = rowsOf(workload),
  level: 'snapshot' | 'serializable' = 'serializable',
): string[] {
  return workload.check(looks, new Map(Object.entries(final)), level).map(({ kind }) => kind)
}

function look(
  workload: Workload,
  label: string,
  changes: Readonly<Record<string, string | undefined>>,
): HistoryTransaction {
  const { start, end } = workload.range
  return transaction(3, [range(start, end, rowsOf(workload, changes))], { label })
}

describe('the bank', () => {
  it('keeps its total, with empty accounts deleted', () => {
    const moved = { 'bank/00': undefined, 'bank/03': '200' }
    assert.deepEqual(kinds(bank, [look(bank, 'audit-scan', moved)], rowsOf(bank, moved)), [])
    const lost = { 'bank/00': '99' }
    assert.deepEqual(kinds(bank, [look(bank, 'audit-scan', lost)]), ['bank-total'])
    assert.deepEqual(kinds(bank, [], rowsOf(bank, lost)), ['bank-total'])
    assert.deepEqual(kinds(bank, [], rowsOf(bank, { 'bank/00': '-1', 'bank/01': '201' })), ['bank-total'])
  })

  it('says nothing of an audit that failed half-way', () => {
    const half = transaction(3, [read('bank/00', writtenBy(1, '100'))], {
      label: 'audit-single',
      outcome: 'aborted',
    })
    assert.deepEqual(kinds(bank, [half]), [])
  })
})

describe('the ring', () => {
  it('is one ring of all keys', () => {
    const swapped = { 'ring/00': 'ring/02', 'ring/02': 'ring/01', 'ring/01': 'ring/03' }
    assert.deepEqual(kinds(cycle, [look(cycle, 'walk', swapped)], rowsOf(cycle, swapped)), [])
    const short = { 'ring/00': 'ring/02' }
    assert.deepEqual(kinds(cycle, [look(cycle, 'walk', short)]), ['broken-ring'])
    const twoRings = { 'ring/03': 'ring/00', 'ring/07': 'ring/04' }
    assert.deepEqual(kinds(cycle, [], rowsOf(cycle, twoRings)), ['broken-ring'])
    assert.deepEqual(kinds(cycle, [], rowsOf(cycle, { 'ring/05': undefined })), ['broken-ring'])
  })
})

describe('pairs and rooms', () => {
  it('keep their rules at level serializable only', () => {
    const skew = { 'pair/duty/00/a': 'off', 'pair/duty/00/b': 'off' }
    const phantom = { 'pair/room/01/00007': 'booked', 'pair/room/01/00008': 'booked' }
    assert.deepEqual(kinds(pairs, [look(pairs, 'look', {})]), [])
    assert.deepEqual(kinds(pairs, [look(pairs, 'look', { ...skew, ...phantom })]), ['write-skew', 'phantom'])
    assert.deepEqual(kinds(pairs, [], rowsOf(pairs, skew)), ['write-skew'])
    assert.deepEqual(kinds(pairs, [], rowsOf(pairs, skew), 'snapshot'), [])
  })
})
