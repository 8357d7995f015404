import { defined } from '@orbit-ts/base'
import type { Expression } from '../../../../plan/expression.js'
import type { JoinType } from '../../../../plan/logical-plan.js'
import { stringsOf, type JoinExpr } from '../../parse/tree.js'
import { bindExpression } from '../expressions/bind-expression.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'
import { coerceToBoolean } from '../types/coerce.js'
import { aliasedNames } from './alias.js'
import { JoinTree, type BoundFrom } from './from-tree.js'
import { mergeColumns, type Merge } from './merged-columns.js'
import { checkNames, setLateral } from './visible-names.js'

const TYPES: Readonly<Record<string, JoinType>> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
}

export function bindJoin(scope: QueryScope, node: JoinExpr): BoundFrom {
  const { statement } = scope
  const type = TYPES[node.jointype ?? 'JOIN_INNER'] ?? 'inner'
  const left = bindSide(scope, type === 'right' || type === 'full', () =>
    statement.binder.fromEntry(scope, defined(node.larg, 'the left side of a join')),
  )
  const right = bindRight(scope, node, type, left)
  checkNames(scope, left.items, right.items)
  const sides = { left: columnsOf(left), right: columnsOf(right) }
  const names = commonNames(node, sides.left, sides.right)
  const merge = mergeColumns(statement, type, names, sides.left, sides.right, node.isNatural === true)
  const items = [...left.items, ...right.items]
  const condition = node.quals === undefined ? merge.condition : bindCondition(scope, node, items)
  markNullable(type, left, right)
  return {
    tree: new JoinTree(type, left.tree, right.tree, condition),
    items: visibleItems(scope, node, items, merge),
    leaves: [...left.leaves, ...right.leaves],
  }
}

/** @param isNullable the join makes up rows of this side */
function bindSide(scope: QueryScope, isNullable: boolean, bind: () => BoundFrom): BoundFrom {
  if (!isNullable) return bind()
  scope.nullableDepth++
  try {
    return bind()
  } finally {
    scope.nullableDepth--
  }
}

/** The right side, which sees the left one where it is lateral. */
function bindRight(scope: QueryScope, node: JoinExpr, type: JoinType, left: BoundFrom): BoundFrom {
  const outer = scope.items
  checkNames(scope, outer, left.items)
  setLateral(left.items, true, type === 'inner' || type === 'left')
  scope.items = [...outer, ...left.items]
  try {
    return bindSide(scope, type === 'left' || type === 'full', () =>
      scope.statement.binder.fromEntry(scope, defined(node.rarg, 'the right side of a join')),
    )
  } finally {
    scope.items = outer
    setLateral(left.items, false, true)
  }
}

/** What `*` means on one side of a join: columns that can be named without their table. */
function columnsOf({ items }: BoundFrom): RangeColumn[] {
  return items.filter((item) => item.areColumnsVisible).flatMap((item) => item.columns)
}

/** The columns of USING, or of NATURAL: those that both sides have. */
function commonNames(
  node: JoinExpr,
  left: readonly RangeColumn[],
  right: readonly RangeColumn[],
): readonly string[] {
  if (node.isNatural !== true) return stringsOf(node.usingClause)
  const visible = (column: RangeColumn): boolean => column.isHidden !== true
  const others = new Set(right.filter(visible).map(({ name }) => name))
  return left.filter((column) => visible(column) && others.has(column.name)).map(({ name }) => name)
}

/** ON sees both sides, and nothing else of this level. */
function bindCondition(scope: QueryScope, node: JoinExpr, items: readonly RangeItem[]): Expression {
  const { statement } = scope
  const outer = scope.items
  const before = scope.isLateralActive
  setLateral(items, false, true)
  scope.items = [...items]
  scope.isLateralActive = false
  try {
    const condition = scope.in('join condition', () => bindExpression(scope, node.quals))
    return coerceToBoolean(statement, condition, 'JOIN/ON')
  } finally {
    scope.items = outer
    scope.isLateralActive = before
  }
}

function markNullable(type: JoinType, left: BoundFrom, right: BoundFrom): void {
  const mark = ({ leaves }: BoundFrom): void => {
    for (const item of leaves) item.isNullable = true
  }
  if (type === 'left' || type === 'full') mark(right)
  if (type === 'right' || type === 'full') mark(left)
}

function joinItem(scope: QueryScope, { alias }: JoinExpr, merge: Merge): RangeItem {
  const visible = merge.columns.filter((column) => column.isHidden !== true)
  const names = aliasedNames(
    scope.statement,
    alias,
    alias?.aliasname ?? 'unnamed_join',
    visible.map((column) => column.name),
  )
  const columns = merge.columns.map((column) => ({
    ...column,
    name: names[visible.indexOf(column)] ?? column.name,
  }))
  const item = new RangeItem({
    kind: 'join',
    name: alias?.aliasname,
    columns,
    hasAlias: alias !== undefined,
  })
  item.isTableVisible = alias !== undefined
  return item
}

/**
 * An alias hides what is within. Without one tables can still be named, and their columns by way of the join; where it
 * merges none they simply stay what they are.
 */
function visibleItems(
  scope: QueryScope,
  node: JoinExpr,
  items: readonly RangeItem[],
  merge: Merge,
): readonly RangeItem[] {
  if (node.alias === undefined && merge.mergedCount === 0) return items
  const joined = joinItem(scope, node, merge)
  scope.addItem(joined)
  if (node.alias !== undefined) {
    scope.refuseLock(joined, 'a join')
    return [joined]
  }
  for (const item of items) item.areColumnsVisible = false
  const using = node.join_using_alias
  if (using === undefined) return [...items, joined]
  const merged = new RangeItem({
    kind: 'join',
    name: using.aliasname,
    columns: merge.columns.slice(0, merge.mergedCount),
    hasAlias: true,
  })
  merged.areColumnsVisible = false
  return [...items, merged, joined]
}
