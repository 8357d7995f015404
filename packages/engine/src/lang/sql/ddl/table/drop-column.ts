import { TableLayout } from '../../../../models/relational/layout/table-layout.js'
import type { TableObject } from '../../catalog/snapshot.js'
import { bindStored, ordinalsOf } from '../../catalog/stored-expressions.js'
import type { DefinitionContext } from '../definition-context.js'
import type { TableDraft } from './table-draft.js'

/** Takes a column out of a draft, with the constraints and indexes that have it. */
export function dropColumn(
  ddl: DefinitionContext,
  draft: TableDraft,
  table: TableObject,
  column: number,
): void {
  const at = table.definition.columns.findIndex(({ id }) => id === column)
  const layout = TableLayout.of(table)
  const uses = (sql: string, isCondition: boolean): boolean =>
    ordinalsOf(
      bindStored(
        ddl.catalog,
        layout,
        sql,
        isCondition ? 'check' : 'index expression',
        isCondition ? 'condition' : undefined,
      ),
    ).includes(at)
  draft.columns = draft.columns.filter(({ id }) => id !== column)
  draft.indexes = draft.indexes.filter(
    (index) =>
      !index.columns.some(
        (key) => key.column === column || (key.expression !== undefined && uses(key.expression.sql, false)),
      ) && !(index.predicate !== undefined && uses(index.predicate.sql, true)),
  )
  draft.checks = draft.checks.filter((check) => 'where' in check || !uses(check.expression.sql, true))
  draft.foreignKeys = draft.foreignKeys.filter(({ columns }) => !columns.includes(column))
  if (draft.primaryKey?.columns.includes(column) === true) draft.primaryKey = undefined
}
