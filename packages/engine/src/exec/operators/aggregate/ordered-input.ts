import type { Accumulator } from '../../../scalar/functions/function.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import type { Scope } from '../../expression/scope.js'
import { compileRowOrder, type CompareRows, type RowKey } from '../../rows/compare-rows.js'
import { compileRowSize, type SizeOf } from '../../rows/row-size.js'
import type { Batches, Run } from '../../run.js'
import { addArguments, type AggregateStep } from './aggregate-step.js'

/** What an aggregate call takes in an order: rows of its arguments, with the keys of the order behind them. */
export interface OrderedInput {
  readonly compare: CompareRows
  readonly sizeOf: SizeOf
  /** From rows of the group; those that do not count are left out. */
  rows(rows: readonly Row[], run: Run): Row[]
  /** Adds them, in order, to the accumulator. */
  feed(sorted: Batches, accumulator: Accumulator, run: Run): Promise<void>
}

export function compileOrderedInput(step: AggregateStep, scope: Scope, compiler: Compiler): OrderedInput {
  const { orderBy, isDistinct } = step.call
  const keys = orderBy.map((key) => compiler.evaluator(key.expression, scope))
  const argCount = step.args.length
  const orderKeys: RowKey[] = orderBy.map((key, at) => ({
    position: argCount + at,
    type: key.expression.type,
    isDescending: key.isDescending,
    nullsFirst: key.nullsFirst,
  }))
  const argKeys: RowKey[] = step.argTypes
    .map((type, position) => ({ position, type, isDescending: false, nullsFirst: false }))
    // An argument that cannot be put in order is a constant separator or the like, or the binder has refused it.
    .filter(({ type }) => type.scalar.compare !== undefined)
  const isSame = compileRowOrder(argKeys)
  return {
    compare: compileRowOrder(isDistinct ? [...orderKeys, ...argKeys] : orderKeys),
    sizeOf: compileRowSize([...step.argTypes, ...orderBy.map((key) => key.expression.type)]),
    rows: (rows, run) => {
      const taken: Row[] = []
      for (const row of rows) {
        if (!step.accepts(row, run)) continue
        const values: Value[] = step.args.map((arg) => arg(row, run))
        for (const key of keys) values.push(key(row, run))
        taken.push(values)
      }
      return taken
    },
    feed: async (sorted, accumulator, run) => {
      let last: Row | undefined
      for await (const batch of sorted) {
        for (const row of batch) {
          const isRepeated = isDistinct && last !== undefined && isSame(last, row) === 0
          if (!isRepeated) addArguments(step, accumulator, row.slice(0, argCount), run)
          last = row
        }
      }
    },
  }
}
