/**
 * For some left rows at a time, the right rows that an index finds for them: all look-ups of a batch in one scan. Rows come
 * out in the order of the left side.
 */
import { walkExpression } from '../../../plan/expressions/each-argument.js'
import { ROW_ID_ORDINAL } from '../../../plan/logical-plan.js'
import type { IndexJoin } from '../../../plan/physical-plan.js'
import type { AccessPath, RelationIndex, RowId } from '../../../relation/relation.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { compileCondition } from '../../expression/condition.js'
import type { Evaluator } from '../../expression/evaluator.js'
import { scopeOfIds } from '../../expression/scope.js'
import type { Account } from '../../rows/account.js'
import { compileRowOrder, type CompareRows } from '../../rows/compare-rows.js'
import { compileMatchKey, type Key, type MatchKeyOf } from '../../rows/hash-key.js'
import { compileRowSize, type SizeOf } from '../../rows/row-size.js'
import type { Batches, Operator, Run } from '../../run.js'
import { indexOf, indexOrder } from '../scan/index-keys.js'
import { compileIndexKey, pickOrdinals, scanRows, wholeRowScope } from '../scan/restricted-scan.js'
import { compileWholeSnapshot } from '../scan/snapshot.js'
import { HashTable, TABLE_ENTRY_BYTES } from './hash-table.js'
import { JoinOutput, compileJoinShape, type JoinShape } from './join-output.js'
import { compileJoinSide, compileSideKey, joinedScope, withoutAdded } from './join-side.js'
import { Probe } from './probe.js'

/** Left rows that are looked up first, so that a query that wants few rows reads few; then more at a time. */
const FIRST_ROWS = 16

export function compileIndexJoin(plan: IndexJoin, compiler: Compiler): Operator {
  const left = compileJoinSide(plan.left, plan.keys, compiler)
  const rightScope = scopeOfIds(plan.right.map((column) => column.id))
  const index = indexOf(plan.relation, plan.index)
  const order = indexOrder(plan.relation, index).slice(0, plan.keys.length)
  const leftValues = left.keys.map((key) => compiler.evaluator(key, left.scope))
  const shape: IndexJoinShape = {
    plan,
    index,
    join: compileJoinShape(
      plan.type,
      left.scope.width,
      plan.right.length,
      plan.residual,
      joinedScope(left.scope, rightScope),
      false,
      compiler,
    ),
    leftKey: compileSideKey(left, undefined, compiler),
    leftValues,
    order: compileRowOrder(order),
    isWholeKey: index.isUnique && plan.keys.length === index.keys.length,
    right: compileRight(plan, index, compiler),
    tableOf: compileTableOf(plan, index, compiler),
    sizeOf: compileRowSize(plan.right.map((column) => column.type)),
  }
  const snapshot = compiler.readsSnapshot(plan.relation)
    ? compileWholeSnapshot(plan.relation, compiler)
    : undefined
  /** Where the index is not to be asked: rows as they are now, or as they were before the statement. */
  const rightTable = async (
    ids: readonly RowId[] | undefined,
    account: Account,
    run: Run,
  ): Promise<HashTable | undefined> => {
    if (ids !== undefined) return shape.tableOf(scanRows(plan.relation, run, ids), account, run)
    return snapshot && shape.tableOf(snapshot(run), account, run)
  }
  const rowId = plan.right[plan.ordinals.indexOf(ROW_ID_ORDINAL)]?.id
  const operator: Operator = async function* indexJoin(run) {
    const account = run.account(plan)
    const work = new IndexJoinWork(shape, run, account)
    const ids = rowId === undefined ? undefined : run.restrictions?.get(rowId)
    let atOnce = FIRST_ROWS
    try {
      const table = await rightTable(ids, account, run)
      for await (const batch of left.operator(run)) {
        if (table !== undefined) {
          yield* work.probe(table, batch)
          continue
        }
        for (let at = 0; at < batch.length;) {
          yield* work.join(batch.slice(at, at + atOnce))
          at += atOnce
          atOnce = Math.min(4 * atOnce, run.batchSize)
        }
      }
    } finally {
      account.close()
    }
  }
  return withoutAdded(
    operator,
    left,
    { scope: rightScope, columns: plan.right },
    plan.type === 'semi' || plan.type === 'anti',
  )
}

interface IndexJoinShape {
  readonly plan: IndexJoin
  readonly index: RelationIndex
  readonly join: JoinShape
  readonly leftKey: MatchKeyOf
  readonly leftValues: readonly Evaluator[]
  /** Of rows of key values. */
  readonly order: CompareRows
  readonly isWholeKey: boolean
  readonly right: RightRows
  /** Whole rows of the relation by key. @throws out_of_memory */
  readonly tableOf: TableOf
  readonly sizeOf: SizeOf
}

/** What is read of the relation: its columns, and behind them what more its keys are made of. */
interface RightRows {
  readonly ordinals: readonly number[]
  readonly keyOf: MatchKeyOf
}

function compileRight(plan: IndexJoin, index: RelationIndex, compiler: Compiler): RightRows {
  const keys = index.keys.slice(0, plan.keys.length).map(({ key }) => key)
  const ordinals = [...plan.ordinals]
  const need = (ordinal: number): void => {
    if (!ordinals.includes(ordinal)) ordinals.push(ordinal)
  }
  for (const key of keys) {
    if (typeof key === 'number') need(key)
    else walkExpression(key, (part) => part.kind === 'column' && need(part.column))
  }
  const scope = scopeOfIds(ordinals)
  const values = keys.map((key): Evaluator => {
    if (typeof key !== 'number') return compiler.evaluator(key, scope)
    const position = ordinals.indexOf(key)
    return (row) => row[position] as Value
  })
  const types = indexOrder(plan.relation, index)
    .slice(0, keys.length)
    .map((key) => key.type)
  return { ordinals, keyOf: compileMatchKey(values, types, undefined) }
}

type TableOf = (rows: AsyncIterable<Row[]>, account: Account, run: Run) => Promise<HashTable>

function compileTableOf(plan: IndexJoin, index: RelationIndex, compiler: Compiler): TableOf {
  const { relation } = plan
  const scope = wholeRowScope(relation)
  const accept = index.predicate && compileCondition(index.predicate, scope, compiler)
  const valuesOf = compileIndexKey(relation, index.name, scope, compiler)
  const types = indexOrder(relation, index)
    .slice(0, plan.keys.length)
    .map((key) => key.type)
  const keyOf = compileMatchKey(
    types.map(
      (_type, at): Evaluator =>
        (row) =>
          row[at] as Value,
    ),
    types,
    undefined,
  )
  const sizeOf = compileRowSize(plan.right.map((column) => column.type))
  return async (batches, account, run) => {
    const table = new HashTable()
    for await (const batch of batches) {
      const rows = accept === undefined ? batch : await accept(batch, run)
      for (const row of rows) {
        const right = pickOrdinals(row, plan.ordinals)
        account.grow(sizeOf(right) + TABLE_ENTRY_BYTES)
        table.add(keyOf(valuesOf(row, run), run), right)
      }
    }
    return table
  }
}

class IndexJoinWork {
  readonly #shape: IndexJoinShape
  readonly #run: Run
  readonly #account: Account
  readonly #output: JoinOutput

  constructor(shape: IndexJoinShape, run: Run, account: Account) {
    this.#shape = shape
    this.#run = run
    this.#account = account
    this.#output = new JoinOutput(shape.join, run)
  }

  /** Looks left rows up together; fewer at a time when too many rows are found for them. */
  async *join(lefts: readonly Row[]): Batches {
    const keys = this.#keysOf(lefts)
    const table = await this.#readTable(keys, lefts.length === 1)
    if (table !== undefined) {
      yield* this.probe(table, lefts)
      this.#account.clear()
      return
    }
    this.#account.clear()
    const [only] = lefts
    if (lefts.length === 1 && only !== undefined) {
      yield* this.#joinOne(only, keys)
      return
    }
    const half = lefts.length >> 1
    yield* this.join(lefts.slice(0, half))
    yield* this.join(lefts.slice(half))
  }

  async *probe(table: HashTable, lefts: readonly Row[]): Batches {
    yield* new Probe(table, this.#output, this.#shape.leftKey, this.#run).join(lefts)
  }

  /** The different keys in the order of the index. */
  #keysOf(lefts: readonly Row[]): Row[] {
    const { leftKey, leftValues, order } = this.#shape
    const keys = new Map<Key, Row>()
    for (const left of lefts) {
      const key = leftKey(left, this.#run)
      if (key === undefined || keys.has(key)) continue
      keys.set(
        key,
        leftValues.map((value) => value(left, this.#run)),
      )
    }
    return [...keys.values()].sort(order)
  }

  /** Undefined when the rows found do not fit into memory. */
  async #readTable(keys: readonly Row[], isOne: boolean): Promise<HashTable | undefined> {
    const { right, sizeOf, plan } = this.#shape
    const width = plan.right.length
    const table = new HashTable()
    for await (const batch of this.#scan(keys)) {
      for (const row of batch) {
        // What one left row finds is handed on as it comes, when there is no room for it.
        const isTooMuch = !this.#account.tryGrow(sizeOf(row) + TABLE_ENTRY_BYTES)
        if (isTooMuch && (isOne || keys.length > 1)) return undefined
        if (isTooMuch) this.#account.growAnyway(sizeOf(row) + TABLE_ENTRY_BYTES)
        table.add(right.keyOf(row, this.#run), row.length > width ? row.slice(0, width) : row)
      }
    }
    return table
  }

  async *#joinOne(left: Row, keys: readonly Row[]): Batches {
    const output = this.#output
    const width = this.#shape.plan.right.length
    const waits = this.#shape.join.waiting !== undefined
    output.begin(left)
    for await (const batch of this.#scan(keys)) {
      for (const row of batch) {
        const right = row.slice(0, width)
        if (waits) await output.offerWaiting(right)
        else output.offer(right)
        if (output.isDecided) break
      }
      if (output.rows.length > 0) yield output.take()
      if (output.isDecided) break
    }
    output.end()
    if (output.rows.length > 0) yield output.take()
  }

  async *#scan(keys: readonly Row[]): Batches {
    if (keys.length === 0) return
    const { plan, right } = this.#shape
    const request = { columns: right.ordinals, access: this.#path(keys) }
    for await (const batch of plan.relation.scan(this.#run.context, request)) {
      const turn = this.#run.spend(batch.length)
      if (turn !== undefined) await turn
      yield batch
    }
  }

  #path(keys: readonly Row[]): AccessPath {
    const { plan, isWholeKey } = this.#shape
    if (isWholeKey) return { kind: 'points', index: plan.index, keys }
    return {
      kind: 'ranges',
      index: plan.index,
      ranges: keys.map((prefix) => ({ prefix })),
      indexOnly: plan.indexOnly,
    }
  }
}
