import { someExpression } from '../../plan/expressions/each-argument.js'
import type { Expression } from '../../plan/expression.js'

/** Whether computing the expression may have to wait: for a plan inside of it, or for a function that waits. */
export function isAsync(expression: Expression): boolean {
  return someExpression(
    expression,
    (part) => part.kind === 'subquery' || (part.kind === 'call' && part.function.kind === 'async'),
  )
}
