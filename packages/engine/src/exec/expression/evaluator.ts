import type { Expression } from '../../plan/expression.js'
import type { Row, Value } from '../../scalar/value.js'
import type { Run } from '../run.js'

/** A compiled expression: the value for one row. It keeps nothing, so it may be used by many runs at once. */
export type Evaluator = (row: Row, run: Run) => Value

/** As {@link Evaluator}, of expressions that may have to wait. A promise is only given where there is something to wait for. */
export type AnyEvaluator = (row: Row, run: Run) => Value | Promise<Value>

/** Compiles an argument of an expression, in the same scope. */
export type Compile = (expression: Expression) => Evaluator

/** The row of expressions that refer to no column of a row. */
export const NO_ROW: Row = []
