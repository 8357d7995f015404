/** The upper part of a SELECT's plan: the columns it gives, DISTINCT, ORDER BY, row locks and LIMIT. */
import { isVolatile } from '../../../../plan/expressions/volatility.js'
import type { ColumnId, Expression, SortKey } from '../../../../plan/expression.js'
import { columnsOf } from '../../../../plan/logical/free-columns.js'
import type { LogicalPlan, OutputColumn } from '../../../../plan/logical-plan.js'
import { factsOf } from '../context/facts.js'
import { fieldsOf } from '../expressions/field.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { BoundQuery, QueryColumn } from './bind-query.js'
import type { Limits } from './limit-clause.js'
import { limitPlan, sortPlan } from './ordering-plans.js'
import { Projection } from './projection.js'
import type { SortItem } from './sort-clause.js'
import type { Target } from './target-list.js'
import { addTableCalls } from './table-call-plans.js'

/** Undefined `on`: all columns. */
export interface Distinct {
  readonly on: readonly Target[] | undefined
}

export interface SelectParts {
  readonly base: LogicalPlan
  readonly targets: readonly Target[]
  readonly order: readonly SortItem[]
  readonly distinct: Distinct | undefined
  readonly limits: Limits
}

export function buildSelect(scope: QueryScope, parts: SelectParts): BoundQuery {
  const projection = new Projection(scope.statement)
  const plan =
    parts.distinct === undefined
      ? buildPlain(scope, parts, projection)
      : buildDistinct(scope, parts, parts.distinct, projection)
  const visible = parts.targets.filter(({ isJunk }) => !isJunk)
  const columns = visible.map((target): QueryColumn => {
    const { origin } = factsOf(target.expression)
    const fields = fieldsOf(target.expression)
    return {
      ...projection.columnOf(target),
      ...(origin === undefined ? {} : { origin }),
      ...(fields === undefined ? {} : { fields }),
    }
  })
  return { plan: restrict(plan, columns), columns }
}

function buildPlain(scope: QueryScope, parts: SelectParts, projection: Projection): LogicalPlan {
  const { base, targets, order, limits } = parts
  if (order.length === 0) {
    const plan = projection.apply(addTableCalls(scope, base), visibleOf(targets), lockColumns(scope))
    return limitPlan(lockRows(scope, plan), limits, [])
  }
  const setColumns = new Set(scope.tableCalls.flatMap(({ columns }) => columns.map(({ id }) => id)))
  const isSorted = (target: Target): boolean => order.some((item) => item.target === target)
  const dependsOnSets = (target: Target): boolean => intersects(columnsOf(target.expression), setColumns)
  // What is not sorted by and may not be computed for nothing waits until the rows are in order.
  const setsFirst = order.some(({ target }) => dependsOnSets(target))
  const isLate = (target: Target): boolean =>
    !isSorted(target) && (isVolatile(target.expression) || (!setsFirst && dependsOnSets(target)))
  const early = targets.filter((target) => !isLate(target))
  const late = targets.filter(isLate)
  const input = setsFirst ? addTableCalls(scope, base) : base
  const needed = neededBy(late, setsFirst ? [] : scope.tableCalls.flatMap(({ args }) => args))
  const projected = projection.apply(input, early, [...lockColumns(scope), ...needed])
  const keys = keysOf(order, projection)
  let plan = sortPlan(projected, keys)
  if (!setsFirst) plan = addTableCalls(scope, plan)
  if (late.length > 0) {
    const kept = [...lockColumns(scope), ...early.map((target) => projection.columnOf(target).id)]
    plan = projection.apply(plan, late, kept)
  }
  return limitPlan(lockRows(scope, plan), limits, keys)
}

function buildDistinct(
  scope: QueryScope,
  { base, targets, order, limits }: SelectParts,
  distinct: Distinct,
  projection: Projection,
): LogicalPlan {
  // What is grouped by alone does not tell rows of the result apart.
  const compared = distinct.on === undefined ? visibleOf(targets) : targets
  const input = projection.apply(addTableCalls(scope, base), compared, [])
  const keys = keysOf(order, projection)
  if (distinct.on === undefined) {
    const plan: LogicalPlan = { kind: 'distinct', input, columns: input.columns }
    return limitPlan(sortPlan(plan, keys), limits, keys)
  }
  const sorted = new Set(order.map(({ target }) => target))
  const others = distinct.on.filter((target) => !sorted.has(target))
  const more = others.map((target) => ({ target, isDescending: false, nullsFirst: false }))
  const allKeys = [...keys, ...keysOf(more, projection)]
  const plan: LogicalPlan = {
    kind: 'distinct',
    input: sortPlan(input, allKeys),
    on: distinct.on.map((target) => projection.reference(target)),
    columns: input.columns,
  }
  return limitPlan(plan, limits, keys)
}

function visibleOf(targets: readonly Target[]): readonly Target[] {
  return targets.filter(({ isJunk }) => !isJunk)
}

function keysOf(order: readonly SortItem[], projection: Projection): SortKey[] {
  return order.map(({ target, isDescending, nullsFirst }) => ({
    expression: projection.reference(target),
    isDescending,
    nullsFirst,
  }))
}

function neededBy(targets: readonly Target[], args: readonly Expression[]): ColumnId[] {
  const expressions = [...targets.map(({ expression }) => expression), ...args]
  return expressions.flatMap((expression) => [...columnsOf(expression)])
}

function intersects(some: ReadonlySet<ColumnId>, others: ReadonlySet<ColumnId>): boolean {
  for (const id of some) if (others.has(id)) return true
  return false
}

function lockColumns(scope: QueryScope): ColumnId[] {
  return scope.lockTargets.map(({ rowId }) => rowId)
}

function lockRows(scope: QueryScope, input: LogicalPlan): LogicalPlan {
  if (scope.lockTargets.length === 0) return input
  return { kind: 'lock', input, targets: scope.lockTargets, columns: input.columns }
}

/** The plan with the result's columns and no others, in their order. */
function restrict(plan: LogicalPlan, columns: readonly OutputColumn[]): LogicalPlan {
  const isSame =
    plan.columns.length === columns.length && plan.columns.every(({ id }, index) => id === columns[index]?.id)
  if (isSame) return plan
  return {
    kind: 'project',
    input: plan,
    expressions: columns.map(({ id, name, type }) => ({ kind: 'column', column: id, name, type })),
    columns: columns.map(({ id, name, type }) => ({ id, name, type })),
  }
}
