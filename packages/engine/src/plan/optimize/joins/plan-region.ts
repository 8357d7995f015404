import { allOf, conjunctsOf } from '../../expressions/conditions.js'
import { filterPlan } from '../../logical/build-plans.js'
import { notNullColumns } from '../../logical/not-null.js'
import { columnIds, fixedColumns, isUniqueOn } from '../../logical/unique-keys.js'
import { withSides } from '../../logical/plan-inputs.js'
import { isVolatile } from '../../expressions/volatility.js'
import type { JoinPlan, LogicalPlan } from '../../logical-plan.js'
import { rowCountOf } from '../../statistics/column-facts.js'
import { LeafScan } from '../access/leaf-scan.js'
import type { Goals } from '../goals.js'
import { OrderFacts } from '../paths/order-facts.js'
import type { PlanContext, Planned } from '../planned.js'
import { ascendingOrder, equalSides } from './join-keys.js'
import { splitConditions } from './join-conditions.js'
import { addJoinPaths } from './join-paths.js'
import { JoinOrder, type Part } from './join-order.js'
import { collectRegion, isReorderable, LEAVES_MAX, type RegionLeaf } from './join-region.js'
import { joinRows } from './join-sizes.js'
import { planned } from '../planned.js'

/** Plans a tree of joins in the order that is expected to cost least. */
export function planRegion(context: PlanContext, root: JoinPlan, goals: Goals): Planned {
  const plain = withoutSemiJoins(root)
  if (plain !== root) return context.plan(plain, goals)
  if (leafCount(root) > LEAVES_MAX) return planAsWritten(context, root, goals)
  const region = collectRegion(root)
  const keys = region.joins.flatMap((join) => join.conditions.flatMap(equalSides))
  const wanted: Goals = { orders: [...goals.orders, ...keys.map(ascendingOrder)], groups: goals.groups }
  const leaves = region.leaves.map((leaf, at) => planLeaf(context, leaf, at, wanted))
  const merged = OrderFacts.merged(
    leaves.map(({ result }, at) =>
      region.leaves[at]?.isPadded === true ? result.facts.padded() : result.facts,
    ),
    notNullColumns(root),
  )
  const facts = merged.where(region.equalities, () => false, notNullColumns(root))
  const whole = new JoinOrder(region.joins, facts, context.estimator, goals).find(
    leaves.map(({ part }) => part),
  )
  return { plan: root, rows: whole.rows, width: whole.width, facts, paths: whole.paths }
}

/** Leaves have got their paths already. */
const NO_PART_GOALS: Part['goals'] = { firstCodes: new Set(), groups: [] }

interface PlannedLeaf {
  readonly result: Planned
  readonly part: Part
}

function planLeaf(context: PlanContext, leaf: RegionLeaf, at: number, goals: Goals): PlannedLeaf {
  const plan = filterPlan(leaf.plan, leaf.conditions)
  const result = context.plan(plan, goals)
  const scan = LeafScan.of(plan)
  const part: Part = {
    set: 1 << at,
    columns: columnIds(plan),
    rows: result.rows,
    width: result.width,
    baseRows: scan === undefined ? result.rows : rowCountOf(scan.scan.relation),
    paths: result.paths,
    goals: NO_PART_GOALS,
    leaf: scan,
    plan,
  }
  return { result, part }
}

/** A tree of more joins than can be reordered together: its halves may still be. */
function planAsWritten(context: PlanContext, root: JoinPlan, goals: Goals): Planned {
  const { estimator } = context
  const side = (plan: LogicalPlan): Omit<Part, 'set' | 'goals'> => {
    const { rows, width, paths } = context.plan(plan, { orders: goals.orders, groups: goals.groups })
    return { columns: columnIds(plan), rows, width, paths, baseRows: rows, leaf: undefined, plan }
  }
  const left = side(root.left)
  const right = side(root.right)
  const conditions = conjunctsOf(root.condition)
  const rows = joinRows(root.type, left, right, conditions, estimator)
  const width = estimator.widthOf(root.columns)
  const facts = OrderFacts.merged([], notNullColumns(root))
  const isNullAware = root.isNullAware === true
  const result = planned(root, { rows, width }, facts, [])
  addJoinPaths({
    ...splitConditions(conditions, left.columns, right.columns),
    ...{ type: root.type, left, right, conditions, isNullAware, rows, width, facts, estimator },
    target: { offer: (costs, order, build) => result.paths.add({ ...costs, order, build }) },
  })
  return result
}

function leafCount(plan: LogicalPlan): number {
  return isReorderable(plan) ? leafCount(plan.left) + leafCount(plan.right) : 1
}

/** Semi joins whose right side has one match at most are inner joins, which can be moved more freely. */
function withoutSemiJoins(join: JoinPlan): JoinPlan {
  const visit = (plan: LogicalPlan): LogicalPlan => (isReorderable(plan) ? withoutSemiJoins(plan) : plan)
  const sides = withSides(join, visit(join.left), visit(join.right))
  if (sides.type !== 'semi') return sides
  const conditions = conjunctsOf(sides.condition)
  const { right } = sides
  if (conditions.some(isVolatile) || !isUniqueOn(right, fixedColumns(conditions, columnIds(right))))
    return sides
  return {
    ...sides,
    type: 'inner',
    columns: [...sides.left.columns, ...right.columns],
    condition: allOf(conditions),
  }
}
