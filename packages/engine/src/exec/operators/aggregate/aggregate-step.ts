import type { AggregateCall, Expression } from '../../../plan/expression.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Accumulator } from '../../../scalar/functions/function.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Evaluator } from '../../expression/evaluator.js'
import type { Run } from '../../run.js'

/** One aggregate call, compiled over the rows of the input. */
export interface AggregateStep {
  readonly call: AggregateCall
  readonly args: readonly Evaluator[]
  readonly argTypes: readonly DataType[]
  readonly create: () => Accumulator
  /** Adds a row to the accumulator of its group, if the filter lets it. */
  readonly add: (accumulator: Accumulator, row: Row, run: Run) => void
  /** Whether a row counts at all; null arguments of strict functions do not. */
  readonly accepts: (row: Row, run: Run) => boolean
  readonly feed: Feed
}

/**
 * How rows reach the accumulator: as they come; each different one once, in any order; or in an order, which takes all
 * rows of the group first.
 */
export type Feed = 'direct' | 'distinct' | 'ordered'

/** @param compile over the rows of the input */
export function compileStep(
  call: AggregateCall,
  compile: (expression: Expression) => Evaluator,
): AggregateStep {
  const args = call.args.map(compile)
  const argTypes = call.args.map((arg) => arg.type)
  const create = call.function.bind(argTypes, call.type, call.orderBy)
  const add = compileAdd(args, call.function.isStrict)
  const filter = call.filter && compile(call.filter)
  return {
    call,
    args,
    argTypes,
    create,
    add:
      filter === undefined
        ? add
        : (accumulator, row, run) => {
            if (filter(row, run) === true) add(accumulator, row, run)
          },
    accepts: (row, run) => filter === undefined || filter(row, run) === true,
    feed: feedOf(call, create),
  }
}

function feedOf(call: AggregateCall, create: () => Accumulator): Feed {
  if (call.orderBy.length > 0) return 'ordered'
  if (!call.isDistinct) return 'direct'
  const isHashable = call.args.every(({ type }) => type.scalar.hashKey !== undefined)
  // What can be merged does not depend on the order of its rows.
  return isHashable && create().merge !== undefined ? 'distinct' : 'ordered'
}

/** Adds arguments that were computed before. */
export function addArguments(step: AggregateStep, accumulator: Accumulator, args: Value[], run: Run): void {
  if (step.call.function.isStrict && args.includes(null)) return
  accumulator.add(run.scalar, args)
}

function compileAdd(args: readonly Evaluator[], isStrict: boolean): AggregateStep['add'] {
  const [only] = args
  if (only === undefined) return (accumulator, _row, run) => accumulator.add(run.scalar, [])
  if (args.length === 1 && isStrict) {
    return (accumulator, row, run) => {
      const value = only(row, run)
      if (value !== null) accumulator.add(run.scalar, [value])
    }
  }
  return (accumulator, row, run) => {
    const values = args.map((arg) => arg(row, run))
    if (!isStrict || !values.includes(null)) accumulator.add(run.scalar, values)
  }
}
