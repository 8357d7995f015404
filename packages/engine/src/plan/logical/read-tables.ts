import type { TableFunction } from '../../scalar/functions/function.js'
import { TableRelation } from '../../relation/table-relation.js'
import type { Expression } from '../expression.js'
import { ownVolatility } from '../expressions/volatility.js'
import { walkExpression } from '../expressions/each-argument.js'
import type { LogicalPlan } from '../logical-plan.js'
import { eachExpression } from './plan-expressions.js'
import { inputsOf } from './plan-inputs.js'

/**
 * The ids in keys of the tables that a plan reads, where the plan gives the same rows as long as nothing is written to
 * them. Undefined where it depends on anything else: it changes or locks rows, reads the catalog or another model, or
 * calls what is not immutable.
 */
export function readTables(plan: LogicalPlan): readonly number[] | undefined {
  const tables = new Set<number>()
  return collect(plan, tables) ? [...tables] : undefined
}

function collect(plan: LogicalPlan, tables: Set<number>): boolean {
  switch (plan.kind) {
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'lock':
      return false
    case 'scan':
      if (!(plan.relation instanceof TableRelation)) return false
      tables.add(plan.relation.layout.id)
      break
    case 'table-function':
    case 'unnest-calls':
      if (plan.calls.some((call) => !isImmutable(call.function))) return false
      break
    default:
  }
  let isFit = true
  eachExpression(plan, (expression) => {
    isFit &&= collectFrom(expression, tables)
  })
  return isFit && inputsOf(plan).every((input) => collect(input, tables))
}

/** What a function loads is of other models. */
function isImmutable(called: TableFunction): boolean {
  return called.volatility === 'immutable' && called.load === undefined
}

function collectFrom(expression: Expression, tables: Set<number>): boolean {
  let isFit = true
  walkExpression(expression, (part) => {
    if (part.kind === 'subquery') isFit &&= collect(part.plan, tables)
    else if (ownVolatility(part) !== 'immutable') isFit = false
    else if (part.kind === 'call' && part.function.kind === 'async') isFit = false
  })
  return isFit
}
