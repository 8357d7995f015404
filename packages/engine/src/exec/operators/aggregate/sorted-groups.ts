import { defined } from '@orbit-ts/base'
import type { Aggregate } from '../../../plan/physical-plan.js'
import type { Expression, SortKey } from '../../../plan/expression.js'
import type { Accumulator } from '../../../scalar/functions/function.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import type { Account } from '../../rows/account.js'
import { compileRowOrder } from '../../rows/compare-rows.js'
import { ExternalSorter } from '../../rows/external-sorter.js'
import { compileRowSize } from '../../rows/row-size.js'
import { splitRows } from '../../rows/split-rows.js'
import type { Operator, Run } from '../../run.js'
import { compileSortKeys } from '../sort/sort-keys.js'
import type { AggregateStep } from './aggregate-step.js'
import type { PreparedAggregate } from './aggregate.js'
import type { GroupingSet } from './grouping.js'
import { compileOrderedInput, type OrderedInput } from './ordered-input.js'

/** One grouping set over rows whose equal groups come together, or are brought together by sorting. */
export function compileSortedGroups(
  plan: Aggregate,
  prepared: PreparedAggregate,
  set: GroupingSet,
  steps: readonly AggregateStep[],
  source: Operator,
  isSorted: boolean,
  compiler: Compiler,
): Operator {
  const groups = set.members.map((member) => defined(prepared.groups[member], 'a group'))
  const keys = compileSortKeys(source, prepared.scope, groups.map(sortKey), compiler)
  const sizeOf = compileRowSize([
    ...plan.input.columns.map((column) => column.type),
    ...groups.map((group) => group.type),
  ])
  const positions = keys.keys.map((key) => key.position)
  const shape: GroupShape = {
    set,
    steps,
    positions,
    compare: compileRowOrder(keys.keys),
    hasOrdered: steps.some((step) => step.feed !== 'direct'),
    ordered: steps.map((step) =>
      step.feed === 'direct' ? undefined : compileOrderedInput(step, prepared.scope, compiler),
    ),
  }
  const sorted: Operator =
    isSorted || groups.length === 0
      ? keys.operator
      : async function* sortedInput(run) {
          const sorter = new ExternalSorter(run, run.account(plan), keys.compare, sizeOf)
          try {
            for await (const batch of keys.operator(run)) await sorter.add(batch)
            yield* sorter.sorted()
          } finally {
            sorter.clear()
          }
        }
  return async function* sortedGroups(run) {
    const account = run.account(plan)
    const state = new GroupState(shape, run, account)
    let output: Row[] = []
    try {
      for await (const batch of sorted(run)) {
        for (const rows of splitRows(batch, keys.compare)) {
          if (state.isOther(rows)) {
            const row = state.finish()
            output.push(row instanceof Promise ? await row : row)
          }
          const adding = state.add(rows)
          if (adding !== undefined) await adding
        }
        if (output.length >= run.batchSize) {
          yield output
          output = []
        }
      }
      if (state.isOpen || groups.length === 0) output.push(await state.finish())
      if (output.length > 0) yield output
    } finally {
      state.close()
      account.close()
    }
  }
}

function sortKey(expression: Expression): SortKey {
  return { expression, isDescending: false, nullsFirst: false }
}

interface GroupShape {
  readonly set: GroupingSet
  readonly steps: readonly AggregateStep[]
  /** Of the group's values in a row. */
  readonly positions: readonly number[]
  readonly compare: (a: Row, b: Row) => number
  /** By step; undefined for those that take rows as they come. */
  readonly ordered: readonly (OrderedInput | undefined)[]
  readonly hasOrdered: boolean
}

/** The group that is being read. */
class GroupState {
  readonly #shape: GroupShape
  readonly #run: Run
  readonly #account: Account
  readonly #sorters: readonly (ExternalSorter | undefined)[]
  #accumulators: readonly Accumulator[]
  #first: Row | undefined
  #growth = 0

  constructor(shape: GroupShape, run: Run, account: Account) {
    this.#shape = shape
    this.#run = run
    this.#account = account
    this.#sorters = shape.ordered.map(
      (ordered) =>
        // Each has an account of its own, because it gives all of it back when it spills.
        ordered && new ExternalSorter(run, run.account(undefined), ordered.compare, ordered.sizeOf),
    )
    this.#accumulators = this.#create()
  }

  get isOpen(): boolean {
    return this.#first !== undefined
  }

  isOther(rows: readonly Row[]): boolean {
    const [row] = rows
    return this.#first !== undefined && row !== undefined && this.#shape.compare(this.#first, row) !== 0
  }

  /** Something to wait for where others are to have a turn, or rows have to be put in order first. */
  add(rows: readonly Row[]): Promise<void> | undefined {
    this.#first ??= rows[0]
    return this.#addFrom(rows, 0)
  }

  #addFrom(rows: readonly Row[], from: number): Promise<void> | undefined {
    for (let at = from; at < rows.length; at++) {
      if (at > from && this.#run.isDue) {
        this.#weigh()
        return this.#run.spend(1)?.then(() => this.#addFrom(rows, at)) ?? this.#addFrom(rows, at)
      }
      this.#addRow(rows[at] as Row)
    }
    this.#weigh()
    return this.#shape.hasOrdered ? this.#addOrdered(rows) : undefined
  }

  #addRow(row: Row): void {
    for (const [index, step] of this.#shape.steps.entries()) {
      if (this.#shape.ordered[index] !== undefined) continue
      step.add(this.#accumulators[index] as Accumulator, row, this.#run)
    }
  }

  /** The output row; begins the next group. */
  finish(): Row | Promise<Row> {
    return this.#shape.hasOrdered ? this.#feedOrdered().then(() => this.#endGroup()) : this.#endGroup()
  }

  async #addOrdered(rows: readonly Row[]): Promise<void> {
    for (const [index, ordered] of this.#shape.ordered.entries()) {
      if (ordered !== undefined) await this.#sorters[index]?.add(ordered.rows(rows, this.#run))
    }
  }

  async #feedOrdered(): Promise<void> {
    for (const [index, ordered] of this.#shape.ordered.entries()) {
      const sorter = this.#sorters[index]
      if (ordered === undefined || sorter === undefined) continue
      await ordered.feed(sorter.sorted(), this.#accumulators[index] as Accumulator, this.#run)
      sorter.clear()
      this.#weigh()
    }
  }

  #endGroup(): Row {
    const first = this.#first ?? []
    const row = this.#shape.set.output(
      this.#shape.positions.map((position) => first[position] as Value),
      this.#accumulators.map((accumulator) => accumulator.result(this.#run.scalar)),
    )
    this.#first = undefined
    this.#accumulators = this.#create()
    this.#account.clear()
    this.#growth = 0
    return row
  }

  close(): void {
    for (const sorter of this.#sorters) sorter?.clear()
  }

  #create(): Accumulator[] {
    return this.#shape.steps.map((step) => step.create())
  }

  #weigh(): void {
    let size = 0
    for (const accumulator of this.#accumulators) size += accumulator.sizeBytes
    if (size > this.#growth) this.#account.grow(size - this.#growth)
    else this.#account.shrink(this.#growth - size)
    this.#growth = size
  }
}
