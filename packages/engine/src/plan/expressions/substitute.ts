import type { ColumnId, Expression } from '../expression.js'
import { freeColumns } from '../logical/free-columns.js'
import type { LogicalPlan } from '../logical-plan.js'
import { mapExpressions } from '../logical/plan-expressions.js'
import { mapInputs } from '../logical/plan-inputs.js'
import { mapArguments } from './map-arguments.js'

/** What columns are to be replaced by. */
export type Substitution = ReadonlyMap<ColumnId, Expression>

/** The expression with columns replaced, also where plans inside of it refer to them. */
export function substitute(expression: Expression, substitution: Substitution): Expression {
  if (substitution.size === 0) return expression
  if (expression.kind === 'column') return substitution.get(expression.column) ?? expression
  const mapped = mapArguments(expression, (argument) => substitute(argument, substitution))
  if (mapped.kind !== 'subquery') return mapped
  const plan = substituteInPlan(mapped.plan, substitution)
  return plan === mapped.plan ? mapped : { ...mapped, plan }
}

/** The plan with the columns replaced that it refers to from outside. */
export function substituteInPlan(plan: LogicalPlan, substitution: Substitution): LogicalPlan {
  const free = freeColumns(plan)
  let isAffected = false
  for (const column of substitution.keys()) isAffected ||= free.has(column)
  if (!isAffected) return plan
  return mapExpressions(
    mapInputs(plan, (input) => substituteInPlan(input, substitution)),
    (expression) => substitute(expression, substitution),
  )
}
