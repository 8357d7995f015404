/**
 * The anti join that stands for NOT IN: a left row is left out when the condition is true or unknown for some right row. A
 * null on either side makes the comparison of a key unknown, unless another key differs. With several keys or more to be
 * true than their equality, as the hash join leaves them to this one.
 */
import type { HashJoin } from '../../../plan/physical-plan.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { compileKey, type KeyOf } from '../../rows/hash-key.js'
import { RowBuffer } from '../../rows/row-buffer.js'
import type { Operator, Run } from '../../run.js'
import { HashTable, TABLE_ENTRY_BYTES } from './hash-table.js'
import { JoinOutput, type JoinShape } from './join-output.js'
import { compileSideKey, type JoinSide } from './join-side.js'

export function compileNullAwareAntiJoin(
  plan: HashJoin,
  join: JoinShape,
  left: JoinSide,
  right: JoinSide,
  compiler: Compiler,
): Operator {
  const shape: Shape = {
    join,
    leftKey: compileSideKey(left, undefined, compiler),
    rightKey: compileSideKey(right, undefined, compiler),
    leftKeys: singleKeys(left, compiler),
    rightKeys: singleKeys(right, compiler),
  }
  return async function* nullAwareAntiJoin(run) {
    const account = run.account(plan)
    const all = new RowBuffer(account, right.sizeOf)
    try {
      const work = new AntiJoin(shape, run, all)
      for await (const batch of right.operator(run)) {
        work.addRight(batch, (row) => account.tryGrow(right.sizeOf(row) + TABLE_ENTRY_BYTES))
        await all.append(batch)
      }
      for await (const batch of left.operator(run)) {
        const rows = await work.join(batch)
        if (rows.length > 0) yield rows
      }
    } finally {
      all.clear()
      account.close()
    }
  }
}

interface Shape {
  readonly join: JoinShape
  readonly leftKey: (row: Row, run: Run) => ReturnType<KeyOf> | undefined
  readonly rightKey: (row: Row, run: Run) => ReturnType<KeyOf> | undefined
  readonly leftKeys: readonly KeyOf[]
  readonly rightKeys: readonly KeyOf[]
}

function singleKeys(side: JoinSide, compiler: Compiler): KeyOf[] {
  return side.keys.map((key) => compileKey([compiler.evaluator(key, side.scope)], [key.type]))
}

class AntiJoin {
  readonly #shape: Shape
  readonly #run: Run
  readonly #all: RowBuffer
  readonly #output: JoinOutput
  /** Right rows without nulls in their keys; undefined once they do not fit into memory. */
  #table: HashTable | undefined = new HashTable()
  readonly #withNulls: Row[] = []

  constructor(shape: Shape, run: Run, all: RowBuffer) {
    this.#shape = shape
    this.#run = run
    this.#all = all
    this.#output = new JoinOutput(shape.join, run)
  }

  addRight(rows: readonly Row[], hasRoomFor: (row: Row) => boolean): void {
    for (const row of rows) {
      if (this.#table !== undefined && !hasRoomFor(row)) this.#table = undefined
      const key = this.#shape.rightKey(row, this.#run)
      if (key !== undefined) this.#table?.add(key, row)
      else if (this.#table !== undefined) this.#withNulls.push(row)
    }
  }

  /** The left rows that stay. */
  async join(batch: readonly Row[]): Promise<Row[]> {
    const excluded = new Uint8Array(batch.length)
    const toCompare: number[] = []
    for (const [index, left] of batch.entries()) {
      const key = this.#shape.leftKey(left, this.#run)
      if (key === undefined || this.#table === undefined) toCompare.push(index)
      else if (await this.#isExcludedByTable(this.#table, key, left)) excluded[index] = 1
    }
    if (toCompare.length > 0) await this.#compareWithAll(batch, toCompare, excluded)
    return batch.filter((_left, index) => excluded[index] === 0)
  }

  async #isExcludedByTable(table: HashTable, key: ReturnType<KeyOf>, left: Row): Promise<boolean> {
    this.#output.begin(left)
    for (let at = table.first(key); at !== -1; at = table.next(at)) {
      if (await this.#offer(table.rows[at] as Row)) return true
    }
    for (const right of this.#withNulls) {
      if (this.#mayBeEqual(left, right) && (await this.#offer(right))) return true
    }
    return false
  }

  async #compareWithAll(
    batch: readonly Row[],
    indexes: readonly number[],
    excluded: Uint8Array,
  ): Promise<void> {
    const cursor = this.#all.cursor()
    let left = indexes
    for (
      let rights = await cursor.next();
      rights !== undefined && left.length > 0;
      rights = await cursor.next()
    ) {
      for (const index of left) {
        const row = batch[index] as Row
        this.#output.begin(row)
        for (const right of rights) {
          if (!this.#mayBeEqual(row, right) || !(await this.#offer(right))) continue
          excluded[index] = 1
          break
        }
      }
      left = left.filter((index) => excluded[index] === 0)
      await this.#run.spend(left.length * rights.length)
    }
  }

  /** Whether what is left of the condition is true or unknown. */
  async #offer(right: Row): Promise<boolean> {
    const output = this.#output
    return output.shape.waiting === undefined ? output.offer(right) : output.offerWaiting(right)
  }

  #mayBeEqual(left: Row, right: Row): boolean {
    return this.#shape.leftKeys.every((keyOf, at) => {
      const a = keyOf(left, this.#run)
      const b = this.#shape.rightKeys[at]?.(right, this.#run) ?? null
      return a === null || b === null || a === b
    })
  }
}
