import type { Expression, SortKey } from '../../expression.js'
import type { AggregatePlan } from '../../logical-plan.js'
import { notNullColumns } from '../../logical/not-null.js'
import type { Aggregate } from '../../physical-plan.js'
import { COST, rowBytes } from '../cost/costs.js'
import { NO_GOALS, type Goals } from '../goals.js'
import { estimateOf, type Path } from '../paths/path.js'
import { clampRows, planned, type PlanContext, type Planned } from '../planned.js'
import { endsOfOrders } from './ends-of-orders.js'
import { groupingKeys, sortedPath } from '../sort-paths.js'

type Strategy = Aggregate['strategy']

export function planAggregate(context: PlanContext, plan: AggregatePlan, goals: Goals): Planned {
  const { estimator } = context
  const { groups, groupingSets } = plan
  const isPlain = groups.length === 0 && groupingSets === undefined
  const wanted = goals.orders.map((keys) => overInput(plan, keys))
  const input = context.plan(plan.input, { orders: wanted, groups: isPlain ? [] : [groups] })
  const facts = input.facts.defining(plan.columns.slice(0, groups.length), groups, notNullColumns(plan))
  const rows = isPlain ? 1 : groupRows(context, plan, input.rows)
  const width = estimator.widthOf(plan.columns)
  const perRow = estimator.costOf(groups) + aggregateCost(context, plan)
  const paths: Path[] = []
  const add = (path: Path, strategy: Strategy, startupCost: number, totalCost: number): void => {
    const costs = { rows, width, startupCost, totalCost }
    const order = strategy === 'sorted' && groupingSets === undefined ? path.order : []
    paths.push({ ...costs, order, build: () => built(plan, path, strategy, costs) })
  }
  if (isPlain) {
    const path = input.paths.cheapest
    const total = path.totalCost + input.rows * perRow + COST.emit
    add(path, 'plain', total, total)
    const ends = endsOfOrders(plan)
    if (ends !== undefined) paths.push(...context.plan(ends, NO_GOALS).paths.all)
    return planned(plan, { rows, width }, facts, paths)
  }
  const emitting = rows * COST.emit
  const canHash = groups.every((group) => group.type.scalar.hashKey !== undefined)
  const canSort =
    groupingSets === undefined && groups.every((group) => group.type.scalar.compare !== undefined)
  if (canHash || !canSort) {
    const path = input.paths.cheapest
    const spilling = rows * rowBytes(width) > estimator.memoryBytes ? input.rows * COST.spill : 0
    const startup =
      path.totalCost +
      input.rows * (COST.group * Math.max(1, groupingSets?.length ?? 1) + perRow) +
      spilling +
      (canSort ? estimator.penalty('enable_hashagg') : 0)
    add(path, 'hash', startup, startup + emitting)
  }
  if (canSort) {
    for (const path of input.paths.all) {
      for (const keys of [groupingKeys(groups), ...sortOrders(groups, wanted)]) {
        const sorted = facts.isGrouped(path.order, groups) ? path : sortedPath(path, keys, facts, estimator)
        const total = sorted.totalCost + input.rows * (COST.compare + perRow) + emitting
        add(sorted, 'sorted', sorted.startupCost, total)
      }
    }
  }
  return planned(plan, { rows, width }, facts, paths)
}

function built(
  plan: AggregatePlan,
  path: Path,
  strategy: Strategy,
  costs: Omit<Path, 'build' | 'order'>,
): Aggregate {
  const { groups, aggregates, groupings, groupingSets } = plan
  return {
    kind: 'aggregate',
    columns: plan.columns,
    estimate: estimateOf(costs),
    strategy,
    input: path.build(),
    groups,
    aggregates,
    ...(groupings && { groupings }),
    ...(groupingSets && { groupingSets }),
  }
}

function groupRows({ estimator }: PlanContext, plan: AggregatePlan, inputRows: number): number {
  const { groups, groupingSets } = plan
  if (groupingSets === undefined) return clampRows(estimator.groupCount(groups, inputRows))
  let rows = 0
  for (const set of groupingSets) {
    const own = set.flatMap((position) => groups[position] ?? [])
    rows += estimator.groupCount(own, inputRows)
  }
  return clampRows(rows)
}

/** For each row of the input. */
function aggregateCost({ estimator }: PlanContext, { aggregates }: AggregatePlan): number {
  let cost = 0
  for (const call of aggregates) {
    cost += COST.aggregate * (call.isDistinct || call.orderBy.length > 0 ? 6 : 1)
    cost += estimator.costOf(call.args)
    if (call.filter !== undefined) cost += estimator.costOf([call.filter])
  }
  return cost
}

/** An order of the groups as one of what they are made from; empty where it is not about groups. */
function overInput(plan: AggregatePlan, keys: readonly SortKey[]): SortKey[] {
  const mapped: SortKey[] = []
  for (const key of keys) {
    const expression = groupOf(plan, key.expression)
    if (expression === undefined) break
    mapped.push({ ...key, expression })
  }
  return mapped
}

function groupOf(plan: AggregatePlan, expression: Expression): Expression | undefined {
  if (expression.kind !== 'column') return undefined
  const at = plan.columns.findIndex((column) => column.id === expression.column)
  return at === -1 ? undefined : plan.groups[at]
}

/** The orders wanted above, completed by the groups that they leave out. */
function sortOrders(groups: readonly Expression[], wanted: readonly (readonly SortKey[])[]): SortKey[][] {
  return wanted
    .filter((keys) => keys.length > 0)
    .map((keys) => {
      const used = new Set(keys.map((key) => key.expression))
      return [...keys, ...groupingKeys(groups.filter((group) => !used.has(group)))]
    })
}
