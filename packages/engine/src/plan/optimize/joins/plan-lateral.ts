import { conjunctsOf } from '../../expressions/conditions.js'
import type { JoinPlan } from '../../logical-plan.js'
import { notNullColumns } from '../../logical/not-null.js'
import { columnIds } from '../../logical/unique-keys.js'
import { COST } from '../cost/costs.js'
import { NO_GOALS, type Goals } from '../goals.js'
import { OrderFacts } from '../paths/order-facts.js'
import { estimateOf, type Path } from '../paths/path.js'
import { planned, type PlanContext, type Planned } from '../planned.js'
import { splitConditions } from './join-conditions.js'
import { addJoinPaths } from './join-paths.js'
import { joinRows } from './join-sizes.js'
import { joinedColumns } from './joined-columns.js'

/** A join that has to stay where it is: lateral, so that the right side is run for each row of the left, or volatile. */
export function planLateral(context: PlanContext, join: JoinPlan, goals: Goals): Planned {
  const { estimator } = context
  const { type } = join
  const left = context.plan(join.left, { orders: goals.orders, groups: goals.groups })
  const right = context.plan(join.right, NO_GOALS)
  const conditions = conjunctsOf(join.condition)
  const sides = [left, right].map((side) => ({
    columns: columnIds(side.plan),
    rows: side.rows,
    width: side.width,
    paths: side.paths,
    plan: side.plan,
    baseRows: side.rows,
  }))
  const [outer, inner] = sides as [(typeof sides)[0], (typeof sides)[0]]
  const rows = joinRows(type, outer, inner, conditions, estimator)
  const width = estimator.widthOf(join.columns)
  const facts = OrderFacts.merged([left.facts], notNullColumns(join))
  if (!join.isLateral) {
    const isNullAware = join.isNullAware === true
    const result = planned(join, { rows, width }, facts, [])
    addJoinPaths({
      ...splitConditions(conditions, outer.columns, inner.columns),
      ...{ type, left: outer, right: inner, conditions, isNullAware, rows, width, facts, estimator },
      target: { offer: (costs, order, build) => result.paths.add({ ...costs, order, build }) },
    })
    return result
  }
  const inside = right.paths.cheapest
  const perLeft = inside.totalCost + COST.open + right.rows * estimator.costOf(conditions)
  const paths = left.paths.all.map((path): Path => {
    const costs = {
      rows,
      width,
      startupCost: path.startupCost + inside.startupCost,
      totalCost: path.totalCost + left.rows * perLeft + rows * COST.emit,
    }
    return {
      ...costs,
      order: path.order,
      build: () => {
        const built = path.build()
        const other = inside.build()
        return {
          kind: 'nested-loop',
          type,
          columns: joinedColumns(type, built.columns, other.columns),
          estimate: estimateOf(costs),
          left: built,
          right: other,
          condition: join.condition,
          isLateral: true,
        }
      },
    }
  })
  return planned(join, { rows, width }, facts, paths)
}
