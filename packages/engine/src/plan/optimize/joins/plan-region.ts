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
import { OrderFacts, isNullWithItsColumns } from '../paths/order-facts.js'
import type { PlanContext, Planned } from '../planned.js'
import { ascendingOrder, equalSides } from './join-keys.js'
import { JoinOrder } from './join-order.js'
import { collectRegion, isReorderable, type RegionLeaf } from './join-region.js'
import { leafSet } from './leaf-set.js'
import type { Part } from './part.js'

/** Plans a tree of joins in the order that is expected to cost least. */
export function planRegion(context: PlanContext, root: JoinPlan, goals: Goals): Planned {
  const plain = withoutSemiJoins(root)
  if (plain !== root) return context.plan(plain, goals)
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
  const hasPadding = region.leaves.some(({ isPadded }) => isPadded)
  const equalities = region.equalities.filter((condition) => {
    const sides = equalSides(condition)
    // What is constant on one side alone says nothing of the other before they are joined.
    if (sides.some((side) => merged.isConstant(side))) return false
    return !hasPadding || sides.every(isNullWithItsColumns)
  })
  const facts = merged.where(equalities, () => false, notNullColumns(root))
  const whole = new JoinOrder(region.joins, facts, context.estimator, goals).find(
    leaves.map(({ part }) => part),
  )
  return { plan: root, rows: whole.rows, width: whole.width, facts, paths: whole.paths }
}

/** Leaves have got their paths already. */
const NO_PART_GOALS: Part['goals'] = { heads: new Set(), groups: [] }

interface PlannedLeaf {
  readonly result: Planned
  readonly part: Part
}

function planLeaf(context: PlanContext, leaf: RegionLeaf, at: number, goals: Goals): PlannedLeaf {
  const plan = filterPlan(leaf.plan, leaf.conditions)
  const result = context.plan(plan, goals)
  const scan = LeafScan.of(plan)
  const part: Part = {
    set: leafSet(at),
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
