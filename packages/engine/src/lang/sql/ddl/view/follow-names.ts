/** Views whose queries read something that is renamed, moved, or loses a column. */
import type { QualifiedName, SqlRecord } from '../../catalog/records.js'
import type { DefinitionContext } from '../definition-context.js'
import { rewriteTables, type ReadTable } from './rewrite-tables.js'

type ViewRecord = SqlRecord<'sql.view'>

/** Rewrites the queries of the views that read a class, while it still has its name. */
async function rewriteReaders(
  ddl: DefinitionContext,
  oid: number,
  edit: (table: ReadTable, view: ViewRecord) => ReadTable | undefined,
): Promise<void> {
  for (const view of readersOf(ddl, oid)) {
    const { value } = view
    const query = rewriteTables(value.query, (table) => {
      const found = ddl.catalog.findClass({ schema: table.schema, name: table.name }, value.searchPath)
      const isMeant =
        found !== undefined && (found.kind === 'relation' ? found.relation.oid : found.oid) === oid
      return isMeant ? edit(table, view) : undefined
    })
    if (query !== value.query) await ddl.put('sql.view', view.name, { ...value, query }, view.id)
  }
}

function readersOf({ catalog }: DefinitionContext, oid: number): readonly ViewRecord[] {
  return catalog.views.filter(({ value }) => value.reads.some((read) => read.oid === oid))
}

/** What is read gets another name: queries go on calling it as they did. */
export function followRename(
  ddl: DefinitionContext,
  oid: number,
  { schema, name }: QualifiedName,
): Promise<void> {
  return rewriteReaders(ddl, oid, (table) => ({ ...table, schema, name, alias: table.alias ?? table.name }))
}

/** A column of what is read gets another name. @param before the names of all its columns until now */
export function followColumns(ddl: DefinitionContext, oid: number, before: readonly string[]): Promise<void> {
  return rewriteReaders(ddl, oid, (table) => ({
    ...table,
    alias: table.alias ?? table.name,
    columns: [...table.columns, ...before.slice(table.columns.length)],
  }))
}

/** A column of what is read goes, which the queries do not use. @param at its place, from 0 */
export function followDrop(ddl: DefinitionContext, oid: number, at: number): Promise<void> {
  return rewriteReaders(ddl, oid, (table) =>
    at < table.columns.length ? { ...table, columns: table.columns.toSpliced(at, 1) } : undefined,
  )
}
