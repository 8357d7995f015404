import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concatBytes } from '@orbit-ts/base'
import { Scenario } from '../../scenarios/scenario.fake.js'
import type { KeyRange } from '../../key-range.js'
import type { DagColumn, DagPlan, DagRow } from './dag-plan.js'
import { isPrefixNext, scanRanges } from './scan-ranges.js'
import {
  indexRange,
  keyDatum,
  ordered,
  rowKey,
  rowsRange,
  storedRow,
  type Pair,
} from './stored-table.fake.js'

/** Columns of a table whose primary key is (name, number). */
const NAME: DagColumn = { id: 1, type: { kind: 'text' } }
const NUMBER: DagColumn = { id: 2, type: { kind: 'decimal', precision: 6, scale: 2 } }
const NOTE: DagColumn = { id: 3, type: { kind: 'text' } }
const handle = (name: string, number: string): Uint8Array =>
  concatBytes(keyDatum(NAME.type, name), keyDatum(NUMBER.type, number))

/** What rows have of the number, where the key is to have less of it. */
const STORED = '9.99'

const ROWS: readonly (readonly [string, string, string | null])[] = [
  ['a', '-1.00', 'x'],
  ['a', '2.50', null],
  ['long name', '0.00', 'y'],
]

/** Entries of index 1 over the note (unique: null has the handle in its key) and of index 2 over note and name. */
function pairs(): Pair[] {
  return ROWS.flatMap(([name, number, note]) => {
    const own = handle(name, number)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(own.length)
    const first = concatBytes(indexRange(9, 1).start, keyDatum(NOTE.type, note))
    const second = concatBytes(
      indexRange(9, 2).start,
      keyDatum(NOTE.type, note),
      keyDatum(NAME.type, name),
      own,
    )
    return [
      { key: rowKey(9, own), value: storedRow([NUMBER, NOTE], [STORED, note]) },
      note === null
        ? { key: concatBytes(first, own), value: Buffer.of(0, 0x7d, 1) }
        : { key: first, value: concatBytes(Buffer.of(0, 0x7d, 1, 0x7f), length, own) },
      { key: second, value: Buffer.of(0, 0x7d, 1) },
    ]
  })
}

function rowsOf(plan: DagPlan, ranges: readonly KeyRange[]): Promise<DagRow[]> {
  const rows: DagRow[] = []
  return Scenario.run('in-process', {}, async (scenario) => {
    const client = await scenario.client()
    await client.txn.run(async (transaction) => {
      for (const { key, value } of pairs()) transaction.put(key, value)
      return Promise.resolve()
    })
    const startTs = await client.txn.currentTimestamp()
    const options = { ordered: true }
    for await (const batch of client.coprocessor.dagScan(startTs, plan, ranges, options)) rows.push(...batch)
  }).then(() => rows)
}

describe('a primary key that is not one integer', () => {
  it('is read from the keys of rows, but for what rows hold of it', async () => {
    const source = { kind: 'table', tableId: 9, columns: [NOTE, NUMBER, NAME], primaryKey: [1, 2] } as const
    const wanted = ROWS.map(([name, , note]) => [note, STORED, name])
    assert.deepEqual(await rowsOf({ source }, [rowsRange(9)]), wanted)
    const numbers = { ...source, columns: [NUMBER] }
    assert.deepEqual(
      await rowsOf({ source: numbers }, [rowsRange(9)]),
      ROWS.map(([, number]) => [number]),
    )
    const inRows = { ...numbers, primaryKeyInRows: [2] }
    assert.deepEqual(
      await rowsOf({ source: inRows }, [rowsRange(9)]),
      ROWS.map(() => [STORED]),
    )
    const keysOnly = { ...source, columns: [NAME] }
    const names = ROWS.map(([name]) => [name])
    assert.deepEqual(await rowsOf({ source: keysOnly }, [rowsRange(9)]), names)
  })

  it('bounds scans by what it begins with', async () => {
    const start = rowKey(9, keyDatum(NAME.type, 'a'))
    const end = Uint8Array.from(start)
    // The last byte of a text of one group says how full it is.
    end[end.length - 1] = (end.at(-1) ?? 0) + 1
    assert.equal(isPrefixNext(start, end), true)
    for (const primaryKey of [[1, 2], []]) {
      const source = { kind: 'table', tableId: 9, columns: [NOTE], primaryKey } as const
      assert.deepEqual(await rowsOf({ source }, [{ start, end }]), [['x'], [null]])
    }
  })

  it('is read from index entries, wherever they have it', async () => {
    const unique = {
      kind: 'index',
      tableId: 9,
      indexId: 1,
      columns: [NOTE, NAME, NUMBER],
      primaryKey: [1, 2],
    } as const
    assert.deepEqual(await rowsOf({ source: unique }, [indexRange(9, 1)]), [
      [null, 'a', '2.50'],
      ['x', 'a', '-1.00'],
      ['y', 'long name', '0.00'],
    ])
    const { primaryKey, ...others } = unique
    assert.equal(primaryKey.length, 2)
    const plain = { ...others, indexId: 2, columns: [NOTE, NAME] } as const
    const counting: DagPlan = {
      source: plain,
      aggregate: {
        functions: [{ kind: 'count' }, { kind: 'max', arg: { kind: 'column', offset: 1 } }],
        groupBy: [],
      },
    }
    assert.deepEqual(await rowsOf(counting, [indexRange(9, 2)]), [[3, 'long name']])
  })
})

describe('ranges as servers understand them', () => {
  const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
  const HANDLE: DagColumn = { id: 1, type: { kind: 'int' }, isHandle: true }

  it('are one key when they are followed by the next number', () => {
    assert.equal(isPrefixNext(bytes(1, 2), bytes(1, 3)), true)
    assert.equal(isPrefixNext(bytes(1, 255, 255), bytes(2, 0, 0)), true)
    assert.equal(isPrefixNext(bytes(1, 2), bytes(1, 4)), false)
    assert.equal(isPrefixNext(bytes(1, 2), bytes(2, 2)), false)
    assert.equal(isPrefixNext(bytes(1, 2), bytes(1, 2, 0)), false)
    assert.equal(isPrefixNext(bytes(255), bytes(0)), false)
    assert.equal(isPrefixNext(bytes(), bytes()), false)
  })

  it('are cut behind their first key unless that is a whole one', () => {
    const table = { kind: 'table', tableId: 9, columns: [HANDLE] } as const
    const all = rowsRange(9)
    const second = concatBytes(all.start, bytes(0))
    assert.deepEqual(scanRanges(table, [all]), [
      { start: all.start, end: second },
      { start: second, end: all.end },
    ])
    const one = { start: rowKey(9, 7), end: rowKey(9, 8) }
    assert.deepEqual(scanRanges(table, [one]), [one])
    assert.equal(scanRanges({ ...table, columns: [NOTE] }, [one]).length, 2)
    const several = { start: rowKey(9, 7), end: concatBytes(rowKey(9, 7), ordered(1)) }
    assert.deepEqual(scanRanges(table, [several]), [several])
    const withKey = { ...table, columns: [NAME], primaryKey: [1] }
    assert.deepEqual(scanRanges(withKey, [all]), [all])
    const index = indexRange(9, 1)
    assert.deepEqual(scanRanges({ kind: 'index', tableId: 9, indexId: 1, columns: [NOTE] }, [index]), [index])
  })
})
