/** The ways to join two inputs. */
import type { ColumnId, Expression, SortKey } from '../../expression.js'
import { allOf } from '../../expressions/conditions.js'
import { cheapFirst } from '../../expressions/cheap-first.js'
import type { JoinType } from '../../logical-plan.js'
import type { HashJoin, MergeJoin, NestedLoopJoin } from '../../physical-plan.js'
import { COST, rowBytes } from '../cost/costs.js'
import type { Estimator } from '../estimator.js'
import type { OrderFacts } from '../paths/order-facts.js'
import { estimateOf, type Path, type PathSet } from '../paths/path.js'
import { cheapestSorted } from '../sort-paths.js'
import type { EqualPair, JoinConditions } from './join-conditions.js'
import { joinedColumns } from './joined-columns.js'

export interface JoinSide {
  readonly columns: ReadonlySet<ColumnId>
  readonly paths: PathSet
  readonly rows: number
  readonly width: number
}

/** A join to find paths for, with the left side as the outer one: its rows are looked up in the right one. */
export interface JoinRequest extends JoinConditions {
  readonly type: JoinType
  readonly left: JoinSide
  readonly right: JoinSide
  readonly conditions: readonly Expression[]
  readonly isNullAware: boolean
  readonly rows: number
  readonly width: number
  readonly facts: OrderFacts
  readonly estimator: Estimator
  /** Where paths go. */
  readonly target: JoinTarget
}

export interface JoinTarget {
  offer(costs: PathCosts, order: readonly SortKey[], build: Path['build']): void
}

export type PathCosts = Pick<Path, 'rows' | 'width' | 'startupCost' | 'totalCost'>

export function addJoinPaths(request: JoinRequest): void {
  addHashPaths(request)
  addMergePaths(request)
  addLoopPaths(request)
}

/** The paths of a side that may be best to begin with. */
function outerPaths({ paths }: JoinSide): Iterable<Path> {
  return new Set([paths.cheapest, paths.best((path) => path.startupCost)])
}

/** Rows that have to be looked at to find those that match. */
function candidateRows({ left, right, estimator, rows }: JoinRequest, pairs: readonly EqualPair[]): number {
  let share = 1
  for (const { condition } of pairs) share *= estimator.share([condition])
  return Math.max(rows, left.rows * right.rows * share)
}

function addHashPaths(request: JoinRequest): void {
  const { left, right, estimator, rows, width, pairs, others, isNullAware } = request
  const keys = pairs.filter((pair) => pair.isHashable)
  if (keys.length === 0) return
  const residual =
    keys.length === pairs.length
      ? others
      : [...others, ...pairs.filter((pair) => !pair.isHashable).map((pair) => pair.condition)]
  // Whether NOT IN is unknown can be told by one key alone.
  if (isNullAware && (keys.length > 1 || residual.length > 0)) return
  const inner = right.paths.cheapest
  const isSpilled = right.rows * rowBytes(right.width) > estimator.memoryBytes
  const startup =
    inner.totalCost + right.rows * (COST.hashBuild + estimator.costOf(keys.map((key) => key.right)))
  const perLeft = COST.hashProbe + estimator.costOf(keys.map((key) => key.left))
  const checking = residual.length === 0 ? 0 : candidateRows(request, keys) * estimator.costOf(residual)
  const spilling = isSpilled ? (left.rows + right.rows) * COST.spill : 0
  const penalty = estimator.penalty('enable_hashjoin')
  const once = estimator.startupOf(residual)
  const run = left.rows * perLeft + checking + once + rows * COST.emit + spilling + penalty
  for (const outer of outerPaths(left)) {
    const costs = {
      rows,
      width,
      startupCost: startup + outer.startupCost,
      totalCost: startup + outer.totalCost + run,
    }
    request.target.offer(costs, NO_ORDER, () => hashJoin(request, outer, inner, keys, residual, costs))
  }
}

const NO_ORDER: readonly SortKey[] = []

function hashJoin(
  { type, isNullAware }: JoinRequest,
  outer: Path,
  inner: Path,
  keys: readonly EqualPair[],
  residual: readonly Expression[],
  costs: PathCosts,
): HashJoin {
  const left = outer.build()
  const right = inner.build()
  return {
    kind: 'hash-join',
    type,
    columns: joinedColumns(type, left.columns, right.columns),
    estimate: estimateOf(costs),
    left,
    right,
    leftKeys: keys.map((key) => key.left),
    rightKeys: keys.map((key) => key.right),
    ...(keys.some((key) => key.nullsEqual) && { nullsEqual: keys.map((key) => key.nullsEqual) }),
    residual: allOf(cheapFirst(residual)),
    ...(isNullAware && { isNullAware }),
  }
}

/** A side that is expected to be smaller may not be: comparing all pairs is then the worst that can be done. */
const INNER_ROWS_MIN = 8

function addLoopPaths(request: JoinRequest): void {
  const { left, right, conditions, estimator, rows, width, type } = request
  const inner = right.paths.cheapest
  // A semi join stops at the first match: half of the rows on average.
  const seen = type === 'semi' ? 0.5 : 1
  const pairs = left.rows * Math.max(right.rows, INNER_ROWS_MIN) * seen
  const isSpilled = right.rows * rowBytes(right.width) > estimator.memoryBytes
  const run =
    pairs * (COST.pair + estimator.costOf(conditions)) +
    estimator.startupOf(conditions) +
    right.rows * COST.emit +
    (isSpilled ? pairs * COST.spill * 0.01 + right.rows * COST.spill : 0) +
    rows * COST.emit +
    estimator.penalty('enable_nestloop')
  for (const outer of outerPaths(left)) {
    const costs = {
      rows,
      width,
      startupCost: outer.startupCost + inner.totalCost,
      totalCost: outer.totalCost + inner.totalCost + run,
    }
    request.target.offer(costs, NO_ORDER, () => nestedLoop(request, outer, inner, costs))
  }
}

function nestedLoop(
  { type, conditions, isNullAware }: JoinRequest,
  outer: Path,
  inner: Path,
  costs: PathCosts,
): NestedLoopJoin {
  const left = outer.build()
  const right = inner.build()
  return {
    kind: 'nested-loop',
    type,
    columns: joinedColumns(type, left.columns, right.columns),
    estimate: estimateOf(costs),
    left,
    right,
    condition: allOf(cheapFirst(conditions)),
    isLateral: false,
    ...(isNullAware && { isNullAware }),
  }
}

/** Both sides in the order of their keys: as they come, or sorted. */
function addMergePaths(request: JoinRequest): void {
  const usable = request.pairs.filter((pair) => pair.isMergeable)
  if (usable.length === 0 || request.isNullAware) return
  for (const order of keyOrders(request, usable)) addMergePath(request, order)
}

interface PairOrder {
  readonly pair: EqualPair
  readonly isDescending: boolean
  readonly nullsFirst: boolean
}

/** Orders of the keys that one of the sides has already; sorting both is worth it only where there is no hashing. */
function keyOrders(request: JoinRequest, pairs: readonly EqualPair[]): readonly (readonly PairOrder[])[] {
  const { left, right, facts, estimator } = request
  const orders: PairOrder[][] = []
  const known = new Set<string>()
  const add = (order: PairOrder[]): void => {
    const text = order
      .map(({ pair, isDescending, nullsFirst }) => `${pairs.indexOf(pair)}${isDescending}${nullsFirst}`)
      .join()
    if (order.length === 0 || known.has(text)) return
    known.add(text)
    orders.push(order)
  }
  if (estimator.isDisabled('enable_hashjoin') || !pairs.some((pair) => pair.isHashable)) {
    add(pairs.map((pair) => ({ pair, isDescending: false, nullsFirst: false })))
  }
  for (const path of left.paths.all) add(pairsInOrder(path.order, pairs, 'left', facts))
  for (const path of right.paths.all) add(pairsInOrder(path.order, pairs, 'right', facts))
  return orders
}

/** The pairs whose values on a side are in the order of a path, as far as it goes. */
function pairsInOrder(
  order: readonly SortKey[],
  pairs: readonly EqualPair[],
  side: 'left' | 'right',
  facts: OrderFacts,
): PairOrder[] {
  const found: PairOrder[] = []
  for (const { expression, isDescending, nullsFirst } of facts.essential(order)) {
    const canonical = facts.canonical(expression)
    const pair = pairs.find((one) => facts.canonical(one[side]) === canonical)
    if (pair === undefined || found.some((taken) => taken.pair === pair)) break
    found.push({ pair, isDescending, nullsFirst })
  }
  return found
}

function addMergePath(request: JoinRequest, order: readonly PairOrder[]): void {
  const { left, right, facts, estimator, rows, width, type, target } = request
  const keysOf = (side: 'left' | 'right'): SortKey[] =>
    order.map(({ pair, isDescending, nullsFirst }) => ({ expression: pair[side], isDescending, nullsFirst }))
  const keys = { left: keysOf('left'), right: keysOf('right') }
  const outer = cheapestSorted(left.paths.all, keys.left, facts, estimator)
  const inner = cheapestSorted(right.paths.all, keys.right, facts, estimator)
  if (outer === undefined || inner === undefined) return
  const used = order.map((one) => one.pair)
  const rest = request.pairs.filter((pair) => !used.includes(pair)).map((pair) => pair.condition)
  const residual = [...request.others, ...rest]
  const run =
    (left.rows + right.rows) * COST.compare * order.length +
    candidateRows(request, used) * (COST.pair + estimator.costOf(residual)) +
    estimator.startupOf(residual) +
    rows * COST.emit +
    estimator.penalty('enable_mergejoin')
  const costs = {
    rows,
    width,
    startupCost: outer.startupCost + inner.startupCost,
    totalCost: outer.totalCost + inner.totalCost + run,
  }
  const keepsOrder = type === 'inner' || type === 'left' || type === 'semi' || type === 'anti'
  target.offer(costs, keepsOrder ? outer.order : NO_ORDER, () =>
    mergeJoin(type, outer, inner, keys, residual, costs),
  )
}

function mergeJoin(
  type: JoinType,
  outer: Path,
  inner: Path,
  keys: { readonly left: readonly SortKey[]; readonly right: readonly SortKey[] },
  residual: readonly Expression[],
  costs: PathCosts,
): MergeJoin {
  const left = outer.build()
  const right = inner.build()
  return {
    kind: 'merge-join',
    type,
    columns: joinedColumns(type, left.columns, right.columns),
    estimate: estimateOf(costs),
    left,
    right,
    leftKeys: keys.left,
    rightKeys: keys.right,
    residual: allOf(cheapFirst(residual)),
  }
}
