/** FROM: from the entries of the tree to what names mean, and to a plan. */
import type { LogicalPlan } from '../../../../plan/logical-plan.js'
import { nodeKind, type Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import { emptyRow, JoinTree, type BoundFrom, type FromTree } from './from-tree.js'
import { bindFromFunction } from './from-function.js'
import { bindJoin } from './join.js'
import { bindRangeVar } from './range-var.js'
import { bindFromQuery } from './from-query.js'
import { bindTableSample } from './table-sample.js'
import { checkNames, setLateral } from './visible-names.js'

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
  if ('RangeTableSample' in node) return bindTableSample(scope, node.RangeTableSample)
  if ('RangeTableFunc' in node) throw statement.unsupported('XMLTABLE', node.RangeTableFunc.location ?? 0)
  throw statement.unsupported(nodeKind(node) === 'JsonTable' ? 'JSON_TABLE' : nodeKind(node))
}
