import type { Expression } from '../../../plan/expression.js'
import type { IndexExpressions, TableRelation } from '../../../relation/table-relation.js'
import type { LoadedCatalog, TableObject } from './snapshot.js'
import { bindStored } from './stored-expressions.js'

/** The expressions of a table's indexes over its columns, bound when they are first asked for. */
export function bindIndexExpressions(
  catalog: LoadedCatalog,
  { definition }: TableObject,
  relation: () => TableRelation,
): IndexExpressions {
  const indexOf = (id: number) => definition.indexes.find((index) => index.id === id)
  const bind = (sql: string | undefined, result: 'condition' | undefined): Expression | undefined =>
    sql === undefined
      ? undefined
      : bindStored(
          catalog,
          relation().layout,
          sql,
          result === undefined ? 'index expression' : 'index predicate',
          result,
        )
  return {
    key: (id, position) => bind(indexOf(id)?.columns[position]?.expression?.sql, undefined),
    predicate: (id) => bind(indexOf(id)?.predicate?.sql, 'condition'),
  }
}
