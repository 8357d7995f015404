/** LIKE in CREATE TABLE. */
import { objectOid } from '../../catalog/oids.js'
import type { TableObject } from '../../catalog/snapshot.js'
import type { TableLikeClause } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { putFacts } from '../put-facts.js'
import { givenName, requireTable } from '../target-names.js'
import type { TableDraft } from './table-draft.js'

/** As the grammar numbers them. */
const INCLUDING = {
  comments: 1,
  constraints: 4,
  defaults: 8,
  generated: 16,
  identity: 32,
  indexes: 64,
} as const

function has({ options = 0 }: TableLikeClause, part: keyof typeof INCLUDING): boolean {
  return (options & INCLUDING[part]) !== 0
}

export function likeColumns(ddl: DefinitionContext, draft: TableDraft, clause: TableLikeClause): void {
  const { definition } = sourceOf(ddl, clause)
  for (const {
    id: _id,
    absent: _absent,
    default: fallback,
    generated,
    identity,
    ...column
  } of definition.columns) {
    draft.addColumn({
      ...column,
      ...(fallback !== undefined && has(clause, 'defaults') ? { default: fallback } : {}),
      ...(generated !== undefined && has(clause, 'generated') ? { generated } : {}),
      // The numbers of a new identity are its own.
      ...(identity !== undefined && has(clause, 'identity')
        ? {
            identity: {
              start: identity.start,
              increment: identity.increment,
              ...(identity.always === true ? { always: true as const } : {}),
            },
          }
        : {}),
    })
  }
}

export function likeConstraints(ddl: DefinitionContext, draft: TableDraft, clause: TableLikeClause): void {
  const { definition } = sourceOf(ddl, clause)
  const idOf = (id: number): number => {
    const column = definition.columns.find((each) => each.id === id)
    return draft.find(column?.name ?? '')?.id ?? 0
  }
  if (has(clause, 'constraints')) draft.checks.push(...definition.checks)
  if (!has(clause, 'indexes')) return
  const namesOf = (ids: readonly number[]): string[] => ids.map((id) => draft.column(idOf(id)).name)
  if (definition.primaryKey !== undefined && draft.key === undefined) {
    const columns = definition.primaryKey.columns.map(idOf)
    draft.primaryKey = { name: draft.indexName([], 'pkey'), columns }
    for (const id of columns) draft.replaceColumn(id, (column) => ({ ...column, notNull: true }))
  }
  for (const { id: _id, origin, ...index } of definition.indexes) {
    if (origin !== 'declared') continue
    const names = index.columns.flatMap(({ column }) => (column === 0 ? [] : namesOf([column])))
    const label = index.constraint === undefined ? 'idx' : 'key'
    draft.addIndex({
      ...index,
      name:
        index.constraint?.kind === 'primary' ? draft.indexName([], 'pkey') : draft.indexName(names, label),
      columns: index.columns.map((key) => (key.column === 0 ? key : { ...key, column: idOf(key.column) })),
    })
  }
}

function sourceOf(ddl: DefinitionContext, { relation }: TableLikeClause): TableObject {
  return requireTable(ddl, givenName(relation ?? {})).table
}

/** INCLUDING COMMENTS: what is said of the columns. */
export async function likeComments(
  ddl: DefinitionContext,
  table: TableObject,
  clause: TableLikeClause,
): Promise<void> {
  if (!has(clause, 'comments')) return
  const source = sourceOf(ddl, clause)
  const comments = ddl.catalog.facts(objectOid(source.id))?.columnComments ?? {}
  const entries = Object.entries(comments).flatMap(([key, text]): [string, string][] => {
    const name = source.definition.columns.find(({ id }) => String(id) === key)?.name
    const own = table.definition.columns.find((column) => column.name === name)
    return own === undefined ? [] : [[String(own.id), text]]
  })
  if (entries.length === 0) return
  await putFacts(ddl, objectOid(table.id), ({ columnComments, ...facts }) => ({
    ...facts,
    columnComments: { ...columnComments, ...Object.fromEntries(entries) },
  }))
}
