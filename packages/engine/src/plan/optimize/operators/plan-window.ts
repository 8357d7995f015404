import type { WindowPlan } from '../../logical-plan.js'
import { notNullColumns } from '../../logical/not-null.js'
import { COST } from '../cost/costs.js'
import type { Goals } from '../goals.js'
import { estimateOf, type Path } from '../paths/path.js'
import { planned, type PlanContext, type Planned } from '../planned.js'
import { groupingKeys, sortedPath } from '../sort-paths.js'
import { OrderFacts } from '../paths/order-facts.js'

/** Windows hand on the order of their input, so that one sort serves all that ask for the beginnings of an order. */
export function planWindow(context: PlanContext, plan: WindowPlan, goals: Goals): Planned {
  const { estimator } = context
  const { partitionBy, orderBy, calls } = plan
  const keys = [...groupingKeys(partitionBy), ...orderBy]
  const input = context.plan(plan.input, { orders: [keys, ...goals.orders], groups: [partitionBy] })
  const { rows } = input
  const facts = OrderFacts.merged([input.facts], notNullColumns(plan))
  const width = estimator.widthOf(plan.columns)
  const paths = input.paths.all.map((path): Path => {
    const sorted = isInOrder(path, plan, input.facts) ? path : sortedPath(path, keys, input.facts, estimator)
    const arguments_ = calls.flatMap((call) => call.args)
    const perRow = COST.emit + COST.aggregate * calls.length + estimator.costOf(arguments_)
    const costs = {
      rows,
      width,
      startupCost: sorted.startupCost,
      totalCost: sorted.totalCost + rows * perRow,
    }
    return {
      ...costs,
      order: sorted.order,
      build: () => {
        const built = sorted.build()
        const own = plan.columns.slice(plan.input.columns.length)
        return {
          kind: 'window',
          columns: [...built.columns, ...own],
          estimate: estimateOf(costs),
          input: built,
          partitionBy,
          orderBy,
          calls,
        }
      },
    }
  })
  return planned(plan, { rows, width }, facts, paths)
}

/** Whether partitions come one after another, each in the window's order. */
function isInOrder(path: Path, { partitionBy, orderBy }: WindowPlan, facts: OrderFacts): boolean {
  for (let count = 0; count <= path.order.length; count++) {
    const head = path.order.slice(0, count)
    if (!facts.isGrouped(head, partitionBy)) continue
    return facts.isSatisfied(path.order, [...head, ...orderBy])
  }
  return false
}
