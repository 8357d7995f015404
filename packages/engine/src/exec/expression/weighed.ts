import type { Expression } from '../../plan/expression.js'
import { walkExpression } from '../../plan/expressions/each-argument.js'
import { workMeter } from '../../scalar/work-meter.js'
import type { Evaluator } from './evaluator.js'

/** Parts of an expression that are computed in a unit of work; smaller expressions count as the row that they are for. */
const PARTS_PER_UNIT = 16

/** How many parts an expression has. */
export function sizeOf(expression: Expression): number {
  let size = 0
  walkExpression(expression, () => size++)
  return size
}

/** The evaluator, with its work counted where the expression has many parts. */
export function weighed(evaluate: Evaluator, size: number): Evaluator {
  if (size <= PARTS_PER_UNIT) return evaluate
  const units = size / PARTS_PER_UNIT
  return (row, run) => {
    workMeter.work(units)
    return evaluate(row, run)
  }
}
