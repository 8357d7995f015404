import type { DataType } from '../../../../scalar/data-type.js'
import { rawLocation, type Node } from '../../parse/tree.js'
import { findCollation } from '../expressions/collate.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindTypeName } from '../types/type-names.js'

export interface Definition {
  readonly name: string
  readonly type: DataType
}

/** `AS (a integer, b text)`: what a function that returns records is said to give. */
export function bindDefinitions(
  scope: QueryScope,
  nodes: readonly Node[],
  isRecord: boolean,
  location: number | undefined,
): Definition[] {
  const { statement } = scope
  if (!isRecord) {
    throw statement.error(
      'syntax_error',
      'a column definition list is only allowed for functions returning "record"',
      nodes[0] === undefined ? location : rawLocation(nodes[0]),
    )
  }
  if (nodes.length === 0) {
    throw statement.error(
      'syntax_error',
      'a column definition list is required for functions returning "record"',
      location,
    )
  }
  const definitions = nodes.flatMap((node): Definition[] => {
    if (!('ColumnDef' in node)) return []
    const { colname = '', typeName, collClause } = node.ColumnDef
    const type = bindTypeName(statement, typeName)
    const { domain } = type
    if (domain !== undefined && (domain.isNotNull || domain.checks.length > 0))
      throw statement.unsupported(`the domain ${domain.displayName} in a column definition list`)
    if (collClause === undefined) return [{ name: colname, type }]
    const collation = findCollation(statement, collClause.collname, collClause.location ?? 0)
    return [{ name: colname, type: collation === undefined ? type : { ...type, collation } }]
  })
  for (const [index, { name }] of definitions.entries()) {
    if (definitions.findIndex((other) => other.name === name) === index) continue
    throw statement.error('duplicate_column', `column name "${name}" specified more than once`)
  }
  return definitions
}
