import {
  allOf,
  conjunctsOf,
  constantExpression,
  isConstant,
  withoutRepeats,
} from '../../expressions/conditions.js'
import { rejectedNulls } from '../../expressions/null-rejection.js'
import { isRecord } from '../../expressions/simplify.js'
import { substitute, type Substitution } from '../../expressions/substitute.js'
import { isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../expression.js'
import { emptyPlan, filterPlan, isEmptyPlan, joinPlan } from '../../logical/build-plans.js'
import {
  Equivalences,
  fixedConditions,
  refersToNone,
  type EquivalenceClass,
} from '../../logical/equivalences.js'
import { columnsOf } from '../../logical/free-columns.js'
import { notNullColumns } from '../../logical/not-null.js'
import { withSides } from '../../logical/plan-inputs.js'
import { columnIds } from '../../logical/unique-keys.js'
import type { JoinPlan, LogicalPlan, OutputColumn } from '../../logical-plan.js'
import { NO_DEMAND, type Demand } from './demand.js'
import { impliedConditions } from './implied-conditions.js'
import { partition } from './partition.js'
import type { FilterPusher } from './push-filters.js'

/**
 * A region is a tree of inner joins and filters: every condition in it holds for every row that comes out of it, so all
 * of them are put together, and each goes to the lowest place that has its columns.
 */
export function pushIntoRegion(pusher: FilterPusher, root: LogicalPlan, demand: Demand): LogicalPlan {
  const isInRegion = (plan: LogicalPlan): plan is JoinPlan =>
    plan.kind === 'join' && plan.type === 'inner' && !hasVolatileCondition(plan)
  let plan = root
  for (;;) {
    const found: Expression[] = []
    const tree = takeConditions(plan, found)
    const conditions = concluded(pusher, [...found, ...demand.conditions], columnIds(tree))
    if (conditions.some((condition) => isConstant(condition, false))) return emptyPlan(tree.columns)
    const rejected = new Set(demand.rejected)
    for (const condition of conditions) for (const column of rejectedNulls(condition)) rejected.add(column)
    const reduced = reduceOuterJoins(tree, conditions, rejected)
    if (reduced !== undefined) {
      plan = filterPlan(reduced.plan, pusher.simplified(reduced.conditions))
      continue
    }
    const columns = columnIds(tree)
    const [constant, others] = partition(conditions, (condition) => refersToNone(condition, columns))
    return filterPlan(distribute(pusher, tree, others, rejected, isInRegion), constant)
  }
}

/**
 * The tree without the conditions of its filters and inner joins, those first that stand lowest: others may rely on
 * them. Volatile ones stay where they are.
 */
function takeConditions(plan: LogicalPlan, into: Expression[]): LogicalPlan {
  if (plan.kind === 'filter') {
    const [volatile, plain] = partition(conjunctsOf(plan.condition), isVolatile)
    // What is above a volatile condition stays above it, and what is below was below.
    const tree = volatile.length === 0 ? takeConditions(plan.input, into) : filterPlan(plan.input, volatile)
    into.push(...plain)
    return tree
  }
  if (plan.kind !== 'join' || plan.type !== 'inner' || hasVolatileCondition(plan)) return plan
  const left = takeConditions(plan.left, into)
  const right = takeConditions(plan.right, into)
  into.push(...conjunctsOf(plan.condition))
  return { ...withSides(plan, left, right), condition: undefined }
}

function hasVolatileCondition(plan: JoinPlan): boolean {
  return plan.condition !== undefined && isVolatile(plan.condition)
}

/** The conditions with what follows from them: where `a = b` and `b = 5`, `a = 5` says more than `a = b`. */
function concluded(
  pusher: FilterPusher,
  conditions: readonly Expression[],
  columns: ReadonlySet<ColumnId>,
): readonly Expression[] {
  const simple = withoutRepeats(pusher.simplified(conditions))
  const equivalences = new Equivalences(simple, (expression) => refersToNone(expression, columns))
  const isKept = new Set<Expression>(simple)
  const added: Expression[] = []
  for (const found of equivalences.classes()) {
    const { fixed } = found
    if (fixed === undefined || found.members.length < 3) continue
    for (const condition of simple) if (isOf(condition, found, equivalences)) isKept.delete(condition)
    added.push(...fixedConditions(found, fixed))
  }
  return withoutRepeats([...simple.filter((condition) => isKept.has(condition)), ...pusher.simplified(added)])
}

function isOf(condition: Expression, found: EquivalenceClass, equivalences: Equivalences): boolean {
  if (condition.kind !== 'call' || !equivalences.used.has(condition)) return false
  const [left] = condition.args
  return left !== undefined && equivalences.classOf(left) === found
}

/** Puts conditions down to the sides of the region's joins; what needs both sides becomes the join's condition. */
function distribute(
  pusher: FilterPusher,
  tree: LogicalPlan,
  conditions: readonly Expression[],
  rejected: ReadonlySet<ColumnId>,
  isInRegion: (plan: LogicalPlan) => plan is JoinPlan,
): LogicalPlan {
  if (!isInRegion(tree)) return pushBelow(pusher, tree, { conditions, rejected })
  const { forLeft, forRight, forBoth } = bySide(conditions, tree)
  const implied = {
    left: pusher.simplified(impliedConditions(forBoth, columnIds(tree.left), columnIds(tree.right))),
    right: pusher.simplified(impliedConditions(forBoth, columnIds(tree.right), columnIds(tree.left))),
  }
  const left = distribute(pusher, tree.left, [...forLeft, ...implied.left], rejected, isInRegion)
  const right = distribute(pusher, tree.right, [...forRight, ...implied.right], rejected, isInRegion)
  const joined = { ...withSides(tree, left, right), condition: allOf(forBoth) }
  return isEmptyPlan(left) || isEmptyPlan(right) ? emptyPlan(joined.columns) : joined
}

/** A leaf of a region. */
function pushBelow(pusher: FilterPusher, leaf: LogicalPlan, demand: Demand): LogicalPlan {
  if (leaf.kind === 'filter') {
    const input = pusher.push(leaf.input, demand)
    return { ...leaf, input, columns: input.columns }
  }
  if (leaf.kind !== 'join') return pusher.push(leaf, demand)
  if (leaf.type === 'inner') return pushIntoVolatileJoin(pusher, leaf, demand)
  if (leaf.type === 'full') return pushIntoFullJoin(pusher, leaf, demand)
  return pushIntoOuterJoin(pusher, leaf, demand)
}

function pushIntoVolatileJoin(pusher: FilterPusher, join: JoinPlan, demand: Demand): LogicalPlan {
  const left = pusher.push(join.left, NO_DEMAND)
  const right = pusher.push(join.right, NO_DEMAND)
  return filterPlan(withSides(join, left, right), demand.conditions)
}

function pushIntoFullJoin(pusher: FilterPusher, join: JoinPlan, demand: Demand): LogicalPlan {
  const left = pusher.push(join.left, NO_DEMAND)
  const right = pusher.push(join.right, NO_DEMAND)
  return filterPlan(withSides(join, left, right), demand.conditions)
}

/** Left, semi and anti joins: conditions from above go to the left, the join's own ones to the right where they can. */
function pushIntoOuterJoin(pusher: FilterPusher, join: JoinPlan, demand: Demand): LogicalPlan {
  const rightIds = columnIds(join.right)
  const [forLeft, above] = partition(demand.conditions, (condition) => refersToNone(condition, rightIds))
  // To a join that asks whether a match is unknown, null is not the same as false.
  const own =
    join.isNullAware === true ? conjunctsOf(join.condition) : pusher.simplified(conjunctsOf(join.condition))
  const isOpaque = join.isNullAware === true || own.some(isVolatile)
  const parts = isOpaque ? { forLeft: [], forRight: [], forBoth: own } : bySide(own, join)
  const [ownLeft, kept] =
    join.type === 'semi' && !isOpaque
      ? [parts.forLeft, parts.forBoth]
      : [[], [...parts.forLeft, ...parts.forBoth]]
  const derived = isOpaque
    ? []
    : [
        ...derivedForRight(join, [...forLeft, ...own], rightIds),
        ...impliedConditions(parts.forBoth, rightIds, columnIds(join.left)),
      ]
  const forRight = withoutRepeats([...parts.forRight, ...pusher.simplified(derived)])
  const rejectedRight = new Set(isOpaque ? [] : own.flatMap((condition) => [...rejectedNulls(condition)]))
  const rejectedLeft =
    join.type === 'semi' ? new Set([...demand.rejected, ...rejectedRight]) : demand.rejected
  const left = pusher.push(join.left, { conditions: [...forLeft, ...ownLeft], rejected: rejectedLeft })
  const right = pusher.push(join.right, { conditions: forRight, rejected: rejectedRight })
  const joined = { ...withSides(join, left, right), condition: allOf(withoutRepeats(kept)) }
  if (isEmptyPlan(left) || (isEmptyPlan(right) && join.type === 'semi')) return emptyPlan(joined.columns)
  if (isEmptyPlan(right) && join.type === 'anti') return filterPlan(left, above)
  return filterPlan(joined, above)
}

/** Where the left side has `l = 5` and the join asks for `l = r`, only rows with `r = 5` match. */
function derivedForRight(
  join: JoinPlan,
  conditions: readonly Expression[],
  rightIds: ReadonlySet<ColumnId>,
): Expression[] {
  const all = new Set([...columnIds(join.left), ...rightIds])
  const equivalences = new Equivalences(conditions, (expression) => refersToNone(expression, all))
  const derived: Expression[] = []
  for (const found of equivalences.classes()) {
    if (found.fixed === undefined) continue
    for (const condition of fixedConditions(found, found.fixed)) {
      const columns = [...columnsOf(condition)].filter((column) => all.has(column))
      if (columns.length > 0 && columns.every((column) => rightIds.has(column))) derived.push(condition)
    }
  }
  return derived
}

interface Sides {
  readonly forLeft: Expression[]
  readonly forRight: Expression[]
  readonly forBoth: Expression[]
}

function bySide(conditions: readonly Expression[], join: JoinPlan): Sides {
  const leftIds = columnIds(join.left)
  const rightIds = columnIds(join.right)
  const sides: Sides = { forLeft: [], forRight: [], forBoth: [] }
  for (const condition of conditions) {
    const ofLeft = !refersToNone(condition, leftIds)
    const ofRight = !refersToNone(condition, rightIds)
    if (ofLeft && !ofRight) sides.forLeft.push(condition)
    else if (ofRight && !ofLeft) sides.forRight.push(condition)
    else sides.forBoth.push(condition)
  }
  return sides
}

interface Reduced {
  readonly plan: LogicalPlan
  readonly conditions: readonly Expression[]
}

/** The tree with one outer join replaced by a simpler one, with all conditions; undefined where there is none to replace. */
function reduceOuterJoins(
  tree: LogicalPlan,
  conditions: readonly Expression[],
  rejected: ReadonlySet<ColumnId>,
): Reduced | undefined {
  let current = conditions
  let hasChanged = false
  const visit = (plan: LogicalPlan): LogicalPlan => {
    if (plan.kind !== 'join') return plan
    if (plan.type === 'inner' && !hasVolatileCondition(plan)) {
      return withSides(plan, visit(plan.left), visit(plan.right))
    }
    const reduced = reduceOuterJoin(plan, current, rejected)
    if (reduced === undefined) return plan
    hasChanged = true
    current = reduced.conditions
    return reduced.plan
  }
  const plan = visit(tree)
  return hasChanged ? { plan, conditions: current } : undefined
}

function reduceOuterJoin(
  join: JoinPlan,
  conditions: readonly Expression[],
  rejected: ReadonlySet<ColumnId>,
): Reduced | undefined {
  const { type, left, right } = join
  const needsLeft = left.columns.some((column) => rejected.has(column.id))
  const needsRight = right.columns.some((column) => rejected.has(column.id))
  const as = (reducedType: JoinPlan['type']): Reduced => ({
    plan: { ...join, type: reducedType },
    conditions,
  })
  switch (type) {
    case 'left':
      return needsRight ? as('inner') : toAntiJoin(join, conditions)
    case 'right':
      return needsLeft ? as('inner') : { plan: mirrored(join), conditions }
    case 'full':
      if (needsLeft && needsRight) return as('inner')
      if (needsLeft) return as('left')
      return needsRight ? { plan: mirrored({ ...join, type: 'right' }), conditions } : undefined
    default:
      return undefined
  }
}

/** A right join as the left one that it is from the other side. */
function mirrored(join: JoinPlan): LogicalPlan {
  return joinPlan('left', join.right, join.left, conjunctsOf(join.condition))
}

/** A left join of which only the rows without a match are wanted (`right.key IS NULL`) is an anti join. */
function toAntiJoin(join: JoinPlan, conditions: readonly Expression[]): Reduced | undefined {
  if (join.isLateral || (join.condition !== undefined && isVolatile(join.condition))) return undefined
  const filled = new Set(notNullColumns(join.right))
  const rightIds = columnIds(join.right)
  for (const condition of conjunctsOf(join.condition)) {
    for (const column of rejectedNulls(condition)) if (rightIds.has(column)) filled.add(column)
  }
  const isWanted = (condition: Expression): boolean =>
    condition.kind === 'test' &&
    condition.test === 'null' &&
    !condition.isNegated &&
    condition.arg.kind === 'column' &&
    !isRecord(condition.arg) &&
    filled.has(condition.arg.column)
  if (!conditions.some(isWanted)) return undefined
  const nulls: Substitution = new Map(
    join.right.columns.map((column) => [column.id, constantExpression(null, column.type)]),
  )
  const anti = joinPlan('anti', join.left, join.right, conjunctsOf(join.condition))
  const plan = padded(anti, join.columns, nulls)
  const rest = conditions.filter((condition) => !isWanted(condition))
  return { plan, conditions: rest.map((condition) => substitute(condition, nulls)) }
}

/** A plan with more columns, all of them null. */
function padded(plan: LogicalPlan, columns: readonly OutputColumn[], nulls: Substitution): LogicalPlan {
  const expressions = columns.map(
    (column): Expression =>
      nulls.get(column.id) ?? { kind: 'column', column: column.id, name: column.name, type: column.type },
  )
  return { kind: 'project', columns, input: plan, expressions }
}
