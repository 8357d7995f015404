import { eachAggregateExpression, eachWindowExpression } from '../expressions/map-calls.js'
import type { Expression, SortKey } from '../expression.js'
import { eachExpression } from '../logical/plan-expressions.js'
import type { AccessPlan, PhysicalPlan, RangePlan } from '../physical-plan.js'

type Visit = (expression: Expression) => void

/** Calls `visit` for each expression of the plan itself, not of its inputs. */
export function eachPhysicalExpression(plan: PhysicalPlan, visit: Visit): void {
  const maybe = (expression: Expression | undefined): void => {
    if (expression !== undefined) visit(expression)
  }
  switch (plan.kind) {
    case 'table-scan':
      eachAccessExpression(plan.access, visit)
      maybe(plan.residual)
      return void maybe(plan.limit)
    case 'values':
      return void plan.rows.forEach((row) => row.forEach(visit))
    case 'filter':
      return void visit(plan.condition)
    case 'project':
      return void plan.expressions.forEach(visit)
    case 'nested-loop':
      return void maybe(plan.condition)
    case 'hash-join':
      plan.leftKeys.forEach(visit)
      plan.rightKeys.forEach(visit)
      return void maybe(plan.residual)
    case 'merge-join':
      visitKeys(plan.leftKeys, visit)
      visitKeys(plan.rightKeys, visit)
      return void maybe(plan.residual)
    case 'index-join':
      plan.keys.forEach(visit)
      return void maybe(plan.residual)
    case 'aggregate':
      plan.groups.forEach(visit)
      return void plan.aggregates.forEach((call) => eachAggregateExpression(call, visit))
    case 'window':
      plan.partitionBy.forEach(visit)
      visitKeys(plan.orderBy, visit)
      return void plan.calls.forEach((call) => eachWindowExpression(call, visit))
    case 'sort':
      visitKeys(plan.keys, visit)
      return void maybe(plan.limit)
    case 'limit':
      maybe(plan.limit)
      maybe(plan.offset)
      return void visitKeys(plan.withTies ?? [], visit)
    case 'distinct':
      return plan.on?.forEach(visit)
    case 'table-function':
    case 'unnest-calls':
      return void plan.calls.forEach((call) => call.args.forEach(visit))
    case 'modify':
      return void eachExpression(plan.change, visit)
    case 'store-scan':
    case 'set-operation':
    case 'with':
    case 'common-scan':
    case 'recursive':
    case 'lock':
      return
  }
}

export function eachAccessExpression(access: AccessPlan, visit: Visit): void {
  switch (access.kind) {
    case 'all':
      return
    case 'points':
      return void access.keys.forEach((key) => key.forEach(visit))
    case 'point-array':
      access.prefix.forEach(visit)
      return void visit(access.array)
    case 'ranges':
      return void access.ranges.forEach((range) => eachBound(range, visit))
  }
}

function eachBound(range: RangePlan, visit: Visit): void {
  range.prefix.forEach(visit)
  if (range.lower !== undefined) visit(range.lower.value)
  if (range.upper !== undefined) visit(range.upper.value)
}

function visitKeys(keys: readonly SortKey[], visit: Visit): void {
  for (const key of keys) visit(key.expression)
}
