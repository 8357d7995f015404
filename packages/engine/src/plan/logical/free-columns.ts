import { eachArgument } from '../expressions/each-argument.js'
import type { ColumnId, Expression } from '../expression.js'
import type { LogicalPlan } from '../logical-plan.js'
import { eachExpression } from './plan-expressions.js'
import { inputsOf } from './plan-inputs.js'

/** Plans are immutable, so what they refer to is worked out once for each. */
const known = new WeakMap<LogicalPlan, ReadonlySet<ColumnId>>()

/** The columns that a plan refers to and does not produce itself: its correlations. */
export function freeColumns(plan: LogicalPlan): ReadonlySet<ColumnId> {
  let free = known.get(plan)
  if (free === undefined) {
    free = computeFree(plan)
    known.set(plan, free)
  }
  return free
}

/** The columns that an expression refers to, those outside of the plans inside it included. */
export function columnsOf(expression: Expression): ReadonlySet<ColumnId> {
  const columns = new Set<ColumnId>()
  addColumns(expression, columns)
  return columns
}

export function addColumns(expression: Expression, into: Set<ColumnId>): void {
  if (expression.kind === 'column') into.add(expression.column)
  else if (expression.kind === 'subquery') for (const column of freeColumns(expression.plan)) into.add(column)
  eachArgument(expression, (argument) => addColumns(argument, into))
}

/** The columns that a plan's own expressions refer to. */
export function referencedColumns(plan: LogicalPlan): Set<ColumnId> {
  const columns = new Set<ColumnId>()
  eachExpression(plan, (expression) => addColumns(expression, columns))
  return columns
}

function computeFree(plan: LogicalPlan): ReadonlySet<ColumnId> {
  const free = referencedColumns(plan)
  for (const input of inputsOf(plan)) for (const { id } of input.columns) free.delete(id)
  for (const id of changedRowColumns(plan)) free.delete(id)
  if (plan.kind === 'join') {
    for (const id of freeColumns(plan.left)) free.add(id)
    const bound = new Set(plan.left.columns.map((column) => column.id))
    for (const id of freeColumns(plan.right)) if (!bound.has(id)) free.add(id)
    return free
  }
  for (const input of inputsOf(plan)) for (const id of freeColumns(input)) free.add(id)
  return free
}

/** The ids that a modifying plan gives to the columns of its relation. */
export function changedRowColumns(plan: LogicalPlan): readonly ColumnId[] {
  switch (plan.kind) {
    case 'insert':
      return [...plan.row, ...(plan.onConflict?.update?.excluded ?? [])]
    case 'update':
    case 'delete':
      return plan.row
    default:
      return []
  }
}
