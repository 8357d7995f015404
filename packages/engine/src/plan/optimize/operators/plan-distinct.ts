import { columnExpression } from '../../expressions/conditions.js'
import type { Expression, SortKey } from '../../expression.js'
import type { DistinctPlan } from '../../logical-plan.js'
import { COST, rowBytes } from '../cost/costs.js'
import { exactly } from '../exactly.js'
import type { Goals } from '../goals.js'
import { estimateOf, type Path } from '../paths/path.js'
import { clampRows, planned, type PlanContext, type Planned } from '../planned.js'
import { groupingKeys, sortedPath } from '../sort-paths.js'

export function planDistinct(context: PlanContext, plan: DistinctPlan, goals: Goals): Planned {
  return plan.on === undefined ? planPlain(context, plan, goals) : planOn(context, plan, plan.on, goals)
}

function planPlain(context: PlanContext, plan: DistinctPlan, goals: Goals): Planned {
  const { estimator } = context
  const expressions = plan.input.columns.map(columnExpression)
  const input = context.plan(plan.input, { orders: goals.orders, groups: [expressions, ...goals.groups] })
  const rows = clampRows(estimator.groupCount(expressions, input.rows))
  const { width, facts } = input
  const paths: Path[] = []
  const finish = (path: Path, strategy: 'hash' | 'sorted', startup: number, total: number): void => {
    const costs = { rows, width, startupCost: startup, totalCost: total }
    paths.push({
      ...costs,
      order: strategy === 'sorted' ? path.order : [],
      build: () => {
        const built = exactly(path.build(), plan.input.columns)
        return {
          kind: 'distinct',
          columns: built.columns,
          estimate: estimateOf(costs),
          strategy,
          input: built,
        }
      },
    })
  }
  if (plan.columns.every((column) => column.type.scalar.hashKey !== undefined)) {
    const path = input.paths.cheapest
    const spilling = rows * rowBytes(width) > estimator.memoryBytes ? input.rows * COST.spill : 0
    const total =
      path.totalCost +
      input.rows * COST.group +
      rows * COST.emit +
      spilling +
      estimator.penalty('enable_hashagg')
    finish(path, 'hash', path.startupCost, total)
  }
  if (plan.columns.every((column) => column.type.scalar.compare !== undefined)) {
    for (const path of input.paths.all) {
      // The order that is asked for anyway may serve as well.
      for (const keys of sortOrders(expressions, goals)) {
        const sorted = facts.isGrouped(path.order, expressions)
          ? path
          : sortedPath(path, keys, facts, estimator)
        const total = sorted.totalCost + input.rows * COST.compare + rows * COST.emit
        finish(sorted, 'sorted', sorted.startupCost, total)
      }
    }
  }
  return planned(plan, { rows, width }, facts, paths)
}

/** Orders in which equal rows come together: a plain one, and those wanted above completed by the missing columns. */
function sortOrders(expressions: readonly Expression[], goals: Goals): SortKey[][] {
  const orders = [groupingKeys(expressions)]
  for (const wanted of goals.orders) {
    const known = wanted.filter(({ expression }) =>
      expressions.some(
        (one) => one.kind === 'column' && expression.kind === 'column' && one.column === expression.column,
      ),
    )
    if (known.length < wanted.length) continue
    const rest = expressions.filter(
      (one) =>
        !known.some(
          ({ expression }) =>
            expression.kind === 'column' && one.kind === 'column' && expression.column === one.column,
        ),
    )
    orders.push([...known, ...groupingKeys(rest)])
  }
  return orders
}

/** The first row of each group, in the order that the input was given; it is sorted by the groups where it was not. */
function planOn(context: PlanContext, plan: DistinctPlan, on: readonly Expression[], goals: Goals): Planned {
  const { estimator } = context
  const input = context.plan(plan.input, { orders: goals.orders, groups: [on] })
  const { width, facts } = input
  const rows = clampRows(estimator.groupCount(on, input.rows))
  const paths = input.paths.all.map((path): Path => {
    const sorted = facts.isGrouped(path.order, on)
      ? path
      : sortedPath(path, groupingKeys(on), facts, estimator)
    const costs = {
      rows,
      width,
      startupCost: sorted.startupCost,
      totalCost: sorted.totalCost + input.rows * COST.compare + rows * COST.emit,
    }
    return {
      ...costs,
      order: sorted.order,
      build: () => {
        const built = sorted.build()
        return {
          kind: 'distinct',
          columns: built.columns,
          estimate: estimateOf(costs),
          strategy: 'sorted',
          input: built,
          on,
        }
      },
    }
  })
  return planned(plan, { rows, width }, facts, paths)
}
