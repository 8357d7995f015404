import { mapArguments } from '../expressions/map-arguments.js'
import type { ColumnId, Expression } from '../expression.js'
import type { LogicalPlan, OutputColumn } from '../logical-plan.js'
import type { ColumnIds } from './column-ids.js'
import { mapExpressions } from './plan-expressions.js'
import { mapInputs } from './plan-inputs.js'

/** The same plan with columns of its own, so that it can be used a second time in a statement. It changes no rows. */
export function copyPlan(plan: LogicalPlan, ids: ColumnIds): LogicalPlan {
  return copy(plan, ids, new Map())
}

function copy(plan: LogicalPlan, ids: ColumnIds, renamed: Map<ColumnId, ColumnId>): LogicalPlan {
  // Inputs first: they decide what the plan's own expressions refer to. A join's left side comes before its right one.
  const withInputs = mapInputs(plan, (input) => copy(input, ids, renamed))
  const copied = (expression: Expression): Expression => copyExpression(expression, ids, renamed)
  if (plan.kind !== 'project')
    return mapExpressions({ ...withInputs, columns: ownColumns(plan, ids, renamed) }, copied)
  // A column from outside that is handed on keeps its id: the expression means the one outside, not the new one.
  const withExpressions = mapExpressions(withInputs, copied)
  return { ...withExpressions, columns: ownColumns(plan, ids, renamed) }
}

function ownColumns(plan: LogicalPlan, ids: ColumnIds, renamed: Map<ColumnId, ColumnId>): OutputColumn[] {
  return plan.columns.map((column): OutputColumn => {
    let id = renamed.get(column.id)
    if (id === undefined) {
      id = ids.next()
      renamed.set(column.id, id)
    }
    return { ...column, id }
  })
}

function copyExpression(
  expression: Expression,
  ids: ColumnIds,
  renamed: Map<ColumnId, ColumnId>,
): Expression {
  if (expression.kind === 'column') {
    const column = renamed.get(expression.column)
    return column === undefined ? expression : { ...expression, column }
  }
  const mapped = mapArguments(expression, (argument) => copyExpression(argument, ids, renamed))
  return mapped.kind === 'subquery' ? { ...mapped, plan: copy(mapped.plan, ids, renamed) } : mapped
}
