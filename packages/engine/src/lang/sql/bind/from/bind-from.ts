/** FROM: from the entries of the tree to what names mean, and to a plan. */
import type { LogicalPlan } from '../../../../plan/logical-plan.js'
import { nodeKind, type Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { RangeItem } from '../scope/range-item.js'
import { emptyRow, JoinTree, type BoundFrom, type FromTree } from './from-tree.js'
import { bindFromFunction } from './from-function.js'
import { bindJoin } from './join.js'
import { bindRangeVar } from './range-var.js'
import { bindFromQuery } from './from-query.js'

/** Binds the whole clause; afterwards names of the scope mean its entries. */
export function bindFromClause(scope: QueryScope, nodes: readonly Node[] | undefined): FromTree {
  let tree: FromTree | undefined = undefined
  for (const node of nodes ?? []) {
    const entry = bindFromEntry(scope, node)
    checkNames(scope, scope.items, entry.items)
    tree = tree === undefined ? entry.tree : new JoinTree('inner', tree, entry.tree, undefined)
    // What comes later sees it only where it is lateral.
    setLateral(entry.items, true, true)
    scope.items = [...scope.items, ...entry.items]
  }
  setLateral(scope.items, false, true)
  return tree ?? { build: (): LogicalPlan => emptyRow() }
}

export function bindFromEntry(scope: QueryScope, node: Node): BoundFrom {
  const { statement } = scope
  if ('RangeVar' in node) return bindRangeVar(scope, node.RangeVar)
  if ('JoinExpr' in node) return bindJoin(scope, node.JoinExpr)
  if ('RangeSubselect' in node) return bindFromQuery(scope, node.RangeSubselect)
  if ('RangeFunction' in node) return bindFromFunction(scope, node.RangeFunction)
  if ('RangeTableSample' in node)
    throw statement.unsupported('TABLESAMPLE', node.RangeTableSample.location ?? 0)
  if ('RangeTableFunc' in node) throw statement.unsupported('XMLTABLE', node.RangeTableFunc.location ?? 0)
  throw statement.unsupported(nodeKind(node) === 'JsonTable' ? 'JSON_TABLE' : nodeKind(node))
}

export function setLateral(items: readonly RangeItem[], isLateralOnly: boolean, isLateralOk: boolean): void {
  for (const item of items) {
    item.isLateralOnly = isLateralOnly
    item.isLateralOk = isLateralOk
  }
}

/** @throws duplicate_alias when two entries of one level have one name */
export function checkNames(
  scope: QueryScope,
  some: readonly RangeItem[],
  others: readonly RangeItem[],
): void {
  for (const one of some) {
    if (!one.isTableVisible || one.name === undefined) continue
    for (const other of others) {
      if (!other.isTableVisible || other.name !== one.name || areDifferentTables(one, other)) continue
      throw scope.statement.error('duplicate_alias', `table name "${one.name}" specified more than once`)
    }
  }
}

/** Tables of the same name in different schemas can be told apart by their schema. */
function areDifferentTables(one: RangeItem, other: RangeItem): boolean {
  if (one.hasAlias || other.hasAlias || one.used === undefined || other.used === undefined) return false
  return one.used.oid !== other.used.oid
}
