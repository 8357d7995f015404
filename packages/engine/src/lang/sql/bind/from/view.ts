import type { CatalogView } from '../../catalog-snapshot.js'
import { parseStatement } from '../../parse/parse-statements.js'
import type { RangeVar } from '../../parse/tree.js'
import { QueryScope } from '../scope/query-scope.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import { bindQuery, type BoundQuery } from '../select/bind-query.js'
import { aliasedNames } from './alias.js'
import { Leaf, type BoundFrom } from './from-tree.js'

/** A view: its query, bound as its owner wrote it. */
export function bindView(scope: QueryScope, node: RangeVar, view: CatalogView): BoundFrom {
  const { statement } = scope
  const { oid, schema } = view
  const used = { oid, schema, name: view.name }
  const use = statement.privileges.needClass(used, 'select', 'columns', statement.role)
  const query = bindViewQuery(scope, view, scope.locksOf(node.alias?.aliasname ?? view.name))
  const name = node.alias?.aliasname ?? view.name
  const names = aliasedNames(
    statement,
    node.alias,
    name,
    view.columns.map((column) => column.name),
  )
  const columns = query.columns.map((column, index): RangeColumn => {
    const own = view.columns[index]?.name ?? column.name
    return {
      name: names[index] ?? own,
      type: column.type,
      value: { kind: 'column', column: column.id, name: own, type: column.type },
      origin: { tableOid: oid, columnNumber: index + 1 },
      reads: [{ use, column: own }],
    }
  })
  const leaf = new Leaf(statement, () => query.plan)
  const item = new RangeItem({
    kind: 'view',
    name,
    columns,
    used,
    hasAlias: node.alias !== undefined,
    use,
    presence: leaf.presence,
  })
  scope.addItem(item)
  return { tree: leaf, items: [item], leaves: [item] }
}

/** @throws invalid_object_definition when the view reads itself */
function bindViewQuery(scope: QueryScope, view: CatalogView, locks: QueryScope['locking']): BoundQuery {
  const { statement } = scope
  if (statement.views.includes(view.oid)) {
    throw statement.error(
      'invalid_object_definition',
      `infinite recursion detected in rules for relation "${view.name}"`,
    )
  }
  const tree = parseStatement(view.query)
  const inner = new QueryScope(statement.within(view, tree), undefined)
  return bindQuery(inner, tree.node, locks)
}
