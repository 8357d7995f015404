import type { DeletePlan, UpdatePlan } from '../../../../plan/logical-plan.js'
import type { DeleteStmt, Node, UpdateStmt } from '../../parse/tree.js'
import { bindIn } from '../expressions/bind-expression.js'
import { bindFromClause } from '../from/bind-from.js'
import { checkNames } from '../from/visible-names.js'
import { FilteredTree, JoinTree, type FromTree } from '../from/from-tree.js'
import type { RangeItem } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'
import { filtered } from '../select/filtered.js'
import { bindWith } from '../select/with-clause.js'
import { coerceToBoolean } from '../types/coerce.js'
import { bindAssignments } from './assignments.js'
import { bindReturning, outputOf, returned, type BoundChange } from './returning.js'
import { bindTarget, changedRow, scanTarget, type TargetRelation } from './target-relation.js'

/** UPDATE … SET … FROM … WHERE … RETURNING. */
export function bindUpdate(scope: QueryScope, node: UpdateStmt): BoundChange {
  const definitions = bindWith(scope, node.withClause)
  const target = bindTarget(scope, node.relation ?? {}, 'update')
  const source = bindSource(scope, target, node.fromClause)
  const where = bindWhere(scope, node.whereClause)
  const { row, item, checks } = changedRow(scope, target)
  const returning = bindReturning(scope, node.returningList, [item, ...source.others])
  const assignments = bindAssignments(scope, target, node.targetList, target.use)
  const input = assignments.extend(filtered(source.tree.build(), where))
  const plan: UpdatePlan = {
    kind: 'update',
    relation: target.relation,
    alias: target.alias,
    input,
    rowId: source.rowId,
    assignments: assignments.list,
    row,
    columns: outputOf(returning),
    ...returned(returning, checks),
  }
  return { plan: definitions.wrap(plan), columns: returning?.columns }
}

/** DELETE FROM … USING … WHERE … RETURNING. */
export function bindDelete(scope: QueryScope, node: DeleteStmt): BoundChange {
  const definitions = bindWith(scope, node.withClause)
  const target = bindTarget(scope, node.relation ?? {}, 'delete')
  const source = bindSource(scope, target, node.usingClause)
  const where = bindWhere(scope, node.whereClause)
  const { row, item } = changedRow(scope, target)
  const returning = bindReturning(scope, node.returningList, [item, ...source.others])
  const plan: DeletePlan = {
    kind: 'delete',
    relation: target.relation,
    alias: target.alias,
    input: filtered(source.tree.build(), where),
    rowId: source.rowId,
    row,
    columns: outputOf(returning),
    ...returned(returning, []),
  }
  return { plan: definitions.wrap(plan), columns: returning?.columns }
}

interface ChangeSource {
  readonly tree: FromTree
  readonly rowId: number
  /** The entries of FROM or USING. */
  readonly others: readonly RangeItem[]
}

/** The target and what it is joined with. Queries in FROM do not see the target. */
function bindSource(
  scope: QueryScope,
  target: TargetRelation,
  nodes: readonly Node[] | undefined,
): ChangeSource {
  const { leaf, item, conditions } = scanTarget(scope, target)
  const own = new FilteredTree(
    leaf,
    conditions.map(({ condition }) => condition),
  )
  scope.addItem(item)
  item.isLateralOnly = true
  item.isLateralOk = false
  scope.items = [item]
  if (nodes === undefined || nodes.length === 0) {
    item.isLateralOnly = false
    return { tree: own, rowId: leaf.rowId(), others: [] }
  }
  const tree = bindFromClause(scope, nodes)
  const others = scope.items.filter((one) => one !== item)
  checkNames(scope, [item], others)
  return { tree: new JoinTree('inner', own, tree, undefined), rowId: leaf.rowId(), others }
}

function bindWhere(scope: QueryScope, node: Node | undefined): Parameters<typeof filtered>[1] {
  if (node === undefined) return undefined
  return coerceToBoolean(scope.statement, bindIn(scope, 'where', node), 'WHERE')
}
