import type { JoinType } from '../../../plan/logical-plan.js'
import type { Account } from '../../rows/account.js'
import type { Batches, Operator, Run } from '../../run.js'
import type { HashJoinShape } from './hash-join.js'
import { HashTable, TABLE_ENTRY_BYTES } from './hash-table.js'
import { JoinOutput } from './join-output.js'
import { LeftMarks, Probe } from './probe.js'

/** Rows of a chunk, whatever the memory. */
const CHUNK_ROWS_MIN = 256

export interface PartRows {
  /** Opened once for each chunk. */
  readonly left: Operator
  readonly leftCount: number
  readonly right: Batches
}

/**
 * Joins rows of keys so few that parting them by hash gets nowhere: the right side in chunks that fit into memory, the left
 * side once for each. Pairs come out at once; which left rows found no match is known after the last chunk.
 */
export async function* joinInChunks(
  shape: HashJoinShape,
  rows: PartRows,
  account: Account,
  run: Run,
): Batches {
  const { type } = shape.join
  const pairType = PAIR_TYPES[type]
  const marks = pairType === undefined ? undefined : new Uint8Array(rows.leftCount)
  account.growAnyway(marks?.length ?? 0)
  const pairs = { ...shape.join, type: pairType ?? type, needsOne: shape.join.needsOne }
  for await (const table of chunks(shape, rows.right, account, run)) {
    const leftMarks = marks && new LeftMarks(marks, shape.join.needsOne)
    const probe = new Probe(table, new JoinOutput(pairs, run), shape.leftKey, run, leftMarks)
    for await (const batch of rows.left(run)) {
      for await (const joined of probe.join(batch)) if (type !== 'anti') yield joined
    }
    yield* probe.unmatched()
  }
  if (marks !== undefined && type !== 'semi')
    yield* withoutMatch(rows.left(run), marks, new JoinOutput(shape.join, run))
}

/** As what the chunks are joined, where a left row without a match in one may have one in the next. */
const PAIR_TYPES: Readonly<Record<JoinType, JoinType | undefined>> = {
  inner: undefined,
  right: undefined,
  left: 'inner',
  full: 'right',
  semi: 'semi',
  anti: 'semi',
}

async function* withoutMatch(left: Batches, marks: Uint8Array, output: JoinOutput): Batches {
  let index = 0
  for await (const batch of left) {
    for (const row of batch) {
      if (marks[index++] === 1) continue
      output.begin(row)
      output.end()
    }
    if (output.rows.length > 0) yield output.take()
  }
}

async function* chunks(
  shape: HashJoinShape,
  right: Batches,
  account: Account,
  run: Run,
): AsyncGenerator<HashTable, void, undefined> {
  let table = new HashTable()
  let bytes = 0
  for await (const batch of right) {
    for (const row of batch) {
      const size = shape.right.sizeOf(row) + TABLE_ENTRY_BYTES
      if (!account.tryGrow(size)) {
        if (table.rows.length >= CHUNK_ROWS_MIN) {
          yield table
          table = new HashTable()
          account.shrink(bytes)
          bytes = 0
        }
        account.growAnyway(size)
      }
      bytes += size
      table.add(shape.rightKey(row, run), row)
    }
  }
  // A full join has to see its left rows even when there is nothing on the right.
  yield table
  account.shrink(bytes)
}
