/** Joins two sides that come in the order of their keys. Right rows of equal keys are kept while left rows match them. */
import { defined } from '@orbit-ts/base'
import type { MergeJoin } from '../../../plan/physical-plan.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { scopeOf } from '../../expression/scope.js'
import { compareValues, compileRowOrder, type CompareRows, type RowKey } from '../../rows/compare-rows.js'
import { RowBuffer } from '../../rows/row-buffer.js'
import { compileRowSize } from '../../rows/row-size.js'
import type { Batches, Operator, Run } from '../../run.js'
import { compileSortKeys } from '../sort/sort-keys.js'
import { JoinOutput, compileJoinShape, keepsUnmatched, type JoinShape } from './join-output.js'
import { joinedScope, withoutAdded, type JoinSide } from './join-side.js'
import { RowReader } from './row-reader.js'

export function compileMergeJoin(plan: MergeJoin, compiler: Compiler): Operator {
  const left = compileSortKeys(
    compiler.operator(plan.left),
    scopeOf(plan.left.columns),
    plan.leftKeys,
    compiler,
  )
  const right = compileSortKeys(
    compiler.operator(plan.right),
    scopeOf(plan.right.columns),
    plan.rightKeys,
    compiler,
  )
  const isLeftOnly = plan.type === 'semi' || plan.type === 'anti'
  const shape: MergeShape = {
    left: left.operator,
    right: right.operator,
    join: compileJoinShape(
      plan.type,
      left.scope.width,
      right.scope.width,
      plan.residual,
      joinedScope(left.scope, right.scope),
      false,
      compiler,
    ),
    hasNullLeft: nullTest(left.keys),
    hasNullRight: nullTest(right.keys),
    compare: acrossOrder(left.keys, right.keys),
    compareRight: compileRowOrder(right.keys),
  }
  const sizeOf = compileRowSize(plan.right.columns.map((column) => column.type))
  const operator: Operator = async function* mergeJoin(run) {
    const account = run.account(plan)
    const group = new RowBuffer(account, sizeOf)
    const work = new MergeWork(shape, group, run)
    try {
      yield* work.join()
    } finally {
      await work.close()
      account.close()
    }
  }
  return withoutAdded(operator, side(plan.left, left), side(plan.right, right), isLeftOnly)
}

function side(
  plan: MergeJoin['left'],
  sorted: { scope: JoinSide['scope'] },
): Pick<JoinSide, 'scope' | 'columns'> {
  return { scope: sorted.scope, columns: plan.columns }
}

interface MergeShape {
  readonly left: Operator
  readonly right: Operator
  readonly join: JoinShape
  readonly hasNullLeft: (row: Row) => boolean
  readonly hasNullRight: (row: Row) => boolean
  /** A left row with a right one, by their keys, none of which is null. */
  readonly compare: CompareRows
  readonly compareRight: CompareRows
}

function nullTest(keys: readonly RowKey[]): (row: Row) => boolean {
  return (row) => keys.some((key) => row[key.position] === null)
}

function acrossOrder(left: readonly RowKey[], right: readonly RowKey[]): CompareRows {
  const pairs = left.map((key, at) => ({
    left: key.position,
    right: defined(right[at], 'a key of the right side').position,
    sign: key.isDescending ? -1 : 1,
    compare: compareValues(key.type),
  }))
  return (a, b) => {
    for (const pair of pairs) {
      const order = pair.compare(a[pair.left] as NonNullable<Value>, b[pair.right] as NonNullable<Value>)
      if (order !== 0) return order * pair.sign
    }
    return 0
  }
}

class MergeWork {
  readonly #shape: MergeShape
  readonly #run: Run
  readonly #left: RowReader
  readonly #right: RowReader
  readonly #output: JoinOutput
  /** Right rows with the same keys as `#groupRow`, and which of them have matched. */
  readonly #group: RowBuffer
  #groupRow: Row | undefined
  #matched: Uint8Array | undefined

  constructor(shape: MergeShape, group: RowBuffer, run: Run) {
    this.#shape = shape
    this.#group = group
    this.#run = run
    this.#left = new RowReader(shape.left(run))
    this.#right = new RowReader(shape.right(run))
    this.#output = new JoinOutput(shape.join, run)
  }

  async *join(): Batches {
    const output = this.#output
    await this.#left.advance()
    await this.#right.advance()
    for (let left = this.#left.row; left !== undefined; left = this.#left.row) {
      output.begin(left)
      if (!this.#shape.hasNullLeft(left)) {
        await this.#findGroup(left)
        if (this.#groupRow !== undefined && this.#shape.compare(left, this.#groupRow) === 0)
          yield* this.#joinGroup()
      }
      output.end()
      if (output.rows.length >= this.#run.batchSize) yield* this.#take()
      const waiting = this.#left.advance()
      if (waiting !== undefined) await waiting
    }
    await this.#endGroup()
    while (this.#keepsRight && this.#right.row !== undefined) {
      await this.#skipRight()
      if (output.rows.length >= this.#run.batchSize) yield* this.#take()
    }
    yield* this.#take()
  }

  async close(): Promise<void> {
    this.#group.clear()
    await this.#left.close()
    await this.#right.close()
  }

  get #keepsRight(): boolean {
    return keepsUnmatched(this.#shape.join.type)
  }

  async *#take(): Batches {
    const { rows } = this.#output
    const turn = this.#run.spend(rows.length)
    if (turn !== undefined) await turn
    if (rows.length > 0) yield this.#output.take()
  }

  /** Moves on to the right rows whose keys are not below those of a left row, and gathers those that are equal. */
  async #findGroup(left: Row): Promise<void> {
    const { compare, hasNullRight, compareRight } = this.#shape
    if (this.#groupRow !== undefined && compare(left, this.#groupRow) <= 0) return
    await this.#endGroup()
    for (let right = this.#right.row; right !== undefined; right = this.#right.row) {
      if (!hasNullRight(right) && compare(left, right) <= 0) break
      await this.#skipRight()
    }
    const first = this.#right.row
    if (first === undefined || compare(left, first) !== 0) return
    this.#groupRow = first
    let rows: Row[] = []
    for (
      let right = this.#right.row;
      right !== undefined && compareRight(first, right) === 0;
      right = this.#right.row
    ) {
      rows.push(right)
      if (rows.length >= this.#run.batchSize) {
        await this.#group.append(rows)
        rows = []
      }
      const waiting = this.#right.advance()
      if (waiting !== undefined) await waiting
    }
    await this.#group.append(rows)
    if (this.#keepsRight) this.#matched = new Uint8Array(this.#group.rowCount)
  }

  async *#joinGroup(): Batches {
    const output = this.#output
    const waits = this.#shape.join.waiting !== undefined
    for (const batches = this.#batches(), state = { index: 0 }; ;) {
      const batch = batches.ready() ?? (await batches.next())
      if (batch === undefined) return
      for (const right of batch) {
        const isMatch = waits ? await output.offerWaiting(right) : output.offer(right)
        if (isMatch && this.#matched !== undefined) this.#matched[state.index] = 1
        state.index++
        if (output.isDecided) return
        if (output.rows.length >= this.#run.batchSize) yield* this.#take()
      }
    }
  }

  /** The group's batches, without waiting while they are in memory. */
  #batches(): { ready(): readonly Row[] | undefined; next(): Promise<readonly Row[] | undefined> } {
    const inMemory = this.#group.inMemory
    if (inMemory !== undefined) {
      let at = 0
      return { ready: () => inMemory[at++], next: () => Promise.resolve(undefined) }
    }
    const cursor = this.#group.cursor()
    return { ready: () => undefined, next: () => cursor.next() }
  }

  async #endGroup(): Promise<void> {
    const matched = this.#matched
    if (matched !== undefined) {
      const cursor = this.#group.cursor()
      let index = 0
      for (let batch = await cursor.next(); batch !== undefined; batch = await cursor.next()) {
        for (const right of batch) if (matched[index++] !== 1) this.#output.unmatched(right)
      }
    }
    this.#matched = undefined
    this.#groupRow = undefined
    this.#group.clear()
  }

  /** The present right row matches nothing. */
  async #skipRight(): Promise<void> {
    const right = this.#right.row
    if (this.#keepsRight && right !== undefined) this.#output.unmatched(right)
    const waiting = this.#right.advance()
    if (waiting !== undefined) await waiting
  }
}
