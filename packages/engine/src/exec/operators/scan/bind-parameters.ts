import { rewriteExpression } from '../../../plan/expressions/map-arguments.js'
import { someExpression } from '../../../plan/expressions/each-argument.js'
import type { Expression } from '../../../plan/expression.js'
import type { Run } from '../../run.js'

/** The expression with the values of an execution in place of its parameters, for relations, which do not know them. */
export function bindParameters(expression: Expression | undefined): (run: Run) => Expression | undefined {
  if (expression === undefined) return () => undefined
  if (!someExpression(expression, (part) => part.kind === 'parameter')) return () => expression
  return (run) =>
    rewriteExpression(expression, (part) =>
      part.kind === 'parameter'
        ? { kind: 'constant', value: run.parameters[part.index] ?? null, type: part.type }
        : part,
    )
}
