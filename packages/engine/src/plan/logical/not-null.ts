import { rejectedNulls } from '../expressions/null-rejection.js'
import type { ColumnId, Expression } from '../expression.js'
import { ROW_ID_ORDINAL, type JoinPlan, type LogicalPlan } from '../logical-plan.js'

const known = new WeakMap<LogicalPlan, ReadonlySet<ColumnId>>()

/** Output columns of a plan that are never null. */
export function notNullColumns(plan: LogicalPlan): ReadonlySet<ColumnId> {
  let columns = known.get(plan)
  if (columns === undefined) {
    columns = compute(plan)
    known.set(plan, columns)
  }
  return columns
}

/** Whether an expression over the output of a plan is never null. */
export function isNeverNull(expression: Expression, notNull: ReadonlySet<ColumnId>): boolean {
  switch (expression.kind) {
    case 'constant':
      return expression.value !== null
    case 'column':
      return notNull.has(expression.column)
    case 'test':
    case 'distinct':
    case 'row':
    case 'array':
      return true
    case 'and':
    case 'or':
      return expression.args.every((arg) => isNeverNull(arg, notNull))
    case 'coalesce':
    case 'greatest':
    case 'least':
      return expression.args.some((arg) => isNeverNull(arg, notNull))
    case 'not':
      return isNeverNull(expression.arg, notNull)
    case 'cast':
      return (
        isNeverNull(expression.arg, notNull) &&
        (expression.cast === undefined || expression.cast.method === 'relabel')
      )
    case 'subquery':
      return expression.mode === 'exists' || expression.mode === 'array'
    default:
      return false
  }
}

function compute(plan: LogicalPlan): ReadonlySet<ColumnId> {
  const result = new Set<ColumnId>()
  switch (plan.kind) {
    case 'scan':
      plan.columns.forEach(({ id }, at) => {
        const ordinal = plan.ordinals[at]
        if (ordinal === undefined) return
        if (ordinal === ROW_ID_ORDINAL || plan.relation.columns[ordinal]?.isNotNull) result.add(id)
      })
      return result
    case 'filter':
      return new Set([...notNullColumns(plan.input), ...rejectedNulls(plan.condition)])
    case 'project': {
      const inner = notNullColumns(plan.input)
      plan.columns.forEach(({ id }, at) => {
        const expression = plan.expressions[at]
        if (expression !== undefined && isNeverNull(expression, inner)) result.add(id)
      })
      return result
    }
    case 'join':
      return ofJoin(plan)
    case 'aggregate': {
      const inner = notNullColumns(plan.input)
      plan.columns.forEach(({ id }, at) => {
        const group = plan.groups[at]
        const call = plan.aggregates[at - plan.groups.length]
        if (group === undefined) {
          if (call === undefined || call.function.empty !== null) result.add(id)
        } else if (plan.groupingSets === undefined && isNeverNull(group, inner)) result.add(id)
      })
      return result
    }
    case 'values':
      plan.columns.forEach(({ id }, at) => {
        const isFilled = plan.rows.every((row) => {
          const value = row[at]
          return value !== undefined && isNeverNull(value, result)
        })
        if (isFilled) result.add(id)
      })
      return result
    case 'window':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lock':
    case 'unnest-calls':
      return notNullColumns(plan.input)
    case 'with':
      return notNullColumns(plan.body)
    default:
      return result
  }
}

function ofJoin(plan: JoinPlan): ReadonlySet<ColumnId> {
  const left = notNullColumns(plan.left)
  const right = notNullColumns(plan.right)
  const asked = plan.condition === undefined ? [] : [...rejectedNulls(plan.condition)]
  const leftIds = new Set(plan.left.columns.map((column) => column.id))
  switch (plan.type) {
    case 'inner':
      return new Set([...left, ...right, ...asked])
    case 'semi':
      return new Set([...left, ...asked.filter((column) => leftIds.has(column))])
    case 'left':
    case 'anti':
      return left
    case 'right':
      return right
    case 'full':
      return new Set()
  }
}
