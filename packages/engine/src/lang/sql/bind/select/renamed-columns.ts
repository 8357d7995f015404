import { stringsOf, type CommonTableExpr } from '../../parse/tree.js'
import type { CommonColumn } from '../scope/common-table.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { BoundQuery } from './bind-query.js'

/** The columns with the names that the WITH clause gives them. */
export function renamed(
  { statement }: QueryScope,
  { aliascolnames, ctename = '', location = 0 }: CommonTableExpr,
  { columns }: BoundQuery,
): CommonColumn[] {
  const names = stringsOf(aliascolnames)
  if (names.length > columns.length) {
    throw statement.error(
      'invalid_column_reference',
      `WITH query "${ctename}" has ${columns.length} columns available but ${names.length} columns specified`,
      location,
    )
  }
  return columns.map(({ name, type, origin, fields }, index) => ({
    name: names[index] ?? name,
    type,
    ...(origin === undefined ? {} : { origin }),
    ...(fields === undefined ? {} : { fields }),
  }))
}
