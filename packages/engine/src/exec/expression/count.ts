import type { Expression } from '../../plan/expression.js'
import type { Compiler } from '../compile/compiler.js'
import type { Run } from '../run.js'
import { NO_ROW } from './evaluator.js'
import { EMPTY_SCOPE } from './scope.js'
import { whenKnown } from './when-known.js'

/** A number of rows that an execution says; undefined for null, and for what is left out. */
export function compileCount(
  expression: Expression | undefined,
  compiler: Compiler,
): (run: Run) => number | undefined | Promise<number | undefined> {
  if (expression === undefined) return () => undefined
  const evaluate = compiler.anyEvaluator(expression, EMPTY_SCOPE)
  return (run) => whenKnown(evaluate(NO_ROW, run), (value) => (value === null ? undefined : Number(value)))
}
