import type { Alias, RangeSubselect } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import { bindQuery, type BoundQuery } from '../select/bind-query.js'
import { aliasedNames } from './alias.js'
import { Leaf, type BoundFrom } from './from-tree.js'

/** `(SELECT …) AS name`, `LATERAL (…) AS name`, `(VALUES …) AS name`. */
export function bindFromQuery(scope: QueryScope, node: RangeSubselect): BoundFrom {
  const { statement } = scope
  const { alias, subquery } = node
  const isValues =
    subquery !== undefined && 'SelectStmt' in subquery && subquery.SelectStmt.valuesLists !== undefined
  if (alias === undefined) {
    throw isValues
      ? statement.error('syntax_error', 'VALUES in FROM must have an alias', undefined, {
          hint: 'For example, FROM (VALUES ...) [AS] foo.',
        })
      : statement.error('syntax_error', 'subquery in FROM must have an alias', undefined, {
          hint: 'For example, FROM (SELECT ...) [AS] foo.',
        })
  }
  const before = scope.isLateralActive
  scope.isLateralActive = node.lateral === true
  try {
    const query = bindQuery(scope.nested(), subquery, scope.locksOf(alias.aliasname))
    return queryEntry(scope, query, alias, isValues ? 'values' : 'subquery')
  } finally {
    scope.isLateralActive = before
  }
}

function queryEntry(
  scope: QueryScope,
  query: BoundQuery,
  alias: Alias,
  kind: 'values' | 'subquery',
): BoundFrom {
  const { statement } = scope
  const name = alias.aliasname ?? ''
  const names = aliasedNames(
    statement,
    alias,
    name,
    query.columns.map((column) => column.name),
  )
  const columns = query.columns.map(({ id, type, name: own, origin, fields }, index): RangeColumn => {
    return {
      name: names[index] ?? own,
      type,
      value: { kind: 'column', column: id, name: names[index] ?? own, type },
      ...(origin === undefined ? {} : { origin }),
      ...(fields === undefined ? {} : { fields }),
    }
  })
  const leaf = new Leaf(statement, () => query.plan)
  const item = new RangeItem({ kind, name, columns, hasAlias: true, presence: leaf.presence })
  scope.addItem(item)
  return { tree: leaf, items: [item], leaves: [item] }
}
