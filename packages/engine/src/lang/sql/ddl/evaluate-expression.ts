/** Bound expressions computed without a plan around them: what definitions say of single rows. */
import { PlanCompiler } from '../../../exec/compile/plan-compiler.js'
import type { ExecutionContext } from '../../../exec/execution-context.js'
import { isAsync } from '../../../exec/expression/is-async.js'
import { scopeOfIds } from '../../../exec/expression/scope.js'
import { MemoryBudget } from '../../../exec/memory-budget.js'
import { Run } from '../../../exec/run.js'
import type { Expression } from '../../../plan/expression.js'
import { simplify } from '../../../plan/expressions/simplify.js'
import { unsupported } from '../../../scalar/condition.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { Row, Value } from '../../../scalar/value.js'

/** What an expression needs that is more than the row. */
export type EvaluationContext = Pick<ExecutionContext, 'models' | 'scalar' | 'signal' | 'services'>

/** The value for a row whose values stand by ordinal. */
export type RowEvaluator = (row: Row, scalar: ScalarContext) => Value

/**
 * @param columnCount how many columns the rows have
 * @throws feature_not_supported for expressions that have to wait
 */
export function compileRowExpression(
  expression: Expression,
  columnCount: number,
  scalar: ScalarContext,
): RowEvaluator {
  const simple = simplify(expression, scalar)
  if (isAsync(simple)) throw unsupported('an expression that has to wait, in a definition')
  const evaluator = loneCompiler().evaluator(simple, columnsScope(columnCount))
  let last: Run | undefined
  return (row, context) => {
    // What a run keeps is the context's.
    if (last?.scalar !== context) last = new Run(standIn(context), undefined)
    return evaluator(row, last)
  }
}

/** As `compileRowExpression`, of an expression over no row that may have to wait. */
export function compileLoneExpression(
  expression: Expression,
  scalar: ScalarContext,
): (context: EvaluationContext) => Promise<Value> {
  const simple = simplify(expression, scalar)
  const evaluator = loneCompiler().anyEvaluator(simple, columnsScope(0))
  return async ({ models, scalar: session, signal, services }) => {
    const whole = {
      models,
      scalar: session,
      signal,
      services,
      parameters: [],
      memory: new MemoryBudget(MEMORY_BYTES),
      batchSize: 1,
      get spill() {
        return refuse()
      },
    }
    return evaluator([], new Run(whole, undefined))
  }
}

/** What one expression may take. */
const MEMORY_BYTES = 64 * 1024 * 1024

function columnsScope(count: number) {
  return scopeOfIds(Array.from({ length: count }, (_, column) => column))
}

/** Expressions of definitions hold no plans. */
function loneCompiler(): PlanCompiler {
  const estimate = { rows: 1, startupCost: 0, totalCost: 0, width: 0 }
  const root = { kind: 'values' as const, columns: [], rows: [[]], estimate }
  return new PlanCompiler({ root, subqueries: new Map(), isModifying: false })
}

function refuse(): never {
  throw unsupported('a subquery in an expression of a definition')
}

const STAND_INS = new WeakMap<ScalarContext, ExecutionContext>()

/** For expressions that need nothing but the session's context. */
function standIn(scalar: ScalarContext): ExecutionContext {
  const known = STAND_INS.get(scalar)
  if (known !== undefined) return known
  const absent = (): never => refuse()
  const context = {
    scalar,
    parameters: [],
    signal: new AbortController().signal,
    memory: new MemoryBudget(MEMORY_BYTES),
    batchSize: 1,
    get models() {
      return absent()
    },
    get services() {
      return absent()
    },
    get spill() {
      return absent()
    },
  }
  STAND_INS.set(scalar, context)
  return context
}
