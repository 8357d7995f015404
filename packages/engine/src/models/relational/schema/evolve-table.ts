/** Brings a stored definition to a new declaration. */
import { isDeepStrictEqual } from 'node:util'
import { OrbitError } from '@orbit-ts/base'
import type { CatalogObject } from '../../../catalog/catalog-object.js'
import { renameInFilter } from '../filter/bind-filter.js'
import { defineTable } from './define-table.js'
import type { ColumnDefinition, IndexDefinition, TableDefinition } from './table-definition.js'
import type { TableInput } from './table-input.js'

/**
 * The definition that `input` declares, with stored columns and indexes keeping their ids; undefined when nothing
 * changes. What it costs to bring the data along is up to `applyChange`.
 * @throws SCHEMA_INVALID, SCHEMA_MISMATCH (another type or primary key)
 */
export function evolveTable(
  { name, definition: before }: Pick<CatalogObject<TableDefinition>, 'name' | 'definition'>,
  input: TableInput,
): TableDefinition | undefined {
  const ids = new Map(before.columns.map((column) => [column.name, column.id]))
  const declared = defineTable(name, input, {
    nextId: before.nextColumnId,
    idOf: (column, { renamedFrom }) => {
      const found = ids.get(column)
      const isRenamed =
        found === undefined && renamedFrom !== undefined && !Object.hasOwn(input.columns, renamedFrom)
      return isRenamed ? ids.get(renamedFrom) : found
    },
  })
  const columns = declared.columns.map((column) => evolveColumn(name, before, column))
  requireSameKey(name, before, declared)
  const after: TableDefinition = { ...declared, columns, ...numberIndexes(before, declared) }
  return isDeepStrictEqual(after, before) ? undefined : after
}

function evolveColumn(table: string, before: TableDefinition, column: ColumnDefinition): ColumnDefinition {
  const stored = before.columns.find(({ id }) => id === column.id)
  if (stored === undefined) {
    const { default: fallback } = column
    return fallback !== undefined && 'value' in fallback ? { ...column, absent: fallback } : column
  }
  if (stored.type !== column.type) {
    throw mismatch(
      table,
      `column "${column.name}" is stored as ${stored.type} and declared as ${column.type}; types cannot be changed: add a column of the new type and copy the values`,
      { column: column.name, stored: stored.type, declared: column.type },
    )
  }
  return stored.absent === undefined ? column : { ...column, absent: stored.absent }
}

function requireSameKey(table: string, before: TableDefinition, after: TableDefinition): void {
  const [stored, declared] = [before, after].map(({ primaryKey }) => primaryKey?.columns ?? [])
  if (isDeepStrictEqual(stored, declared)) return
  const names = (definition: TableDefinition): string =>
    definition.primaryKey?.columns
      .map((id) => definition.columns.find((column) => column.id === id)?.name)
      .join(', ') ?? 'none'
  throw mismatch(
    table,
    `the primary key is stored as (${names(before)}) and declared as (${names(after)}); it cannot be changed: copy the rows to a new table`,
    { stored: names(before), declared: names(after) },
  )
}

/** An index that is built alike keeps its id, whatever it is called now. */
function numberIndexes(
  before: TableDefinition,
  after: TableDefinition,
): Pick<TableDefinition, 'indexes' | 'nextIndexId'> {
  const names = newNames(before, after)
  const left = before.indexes.map((index) => ({ index, build: buildOf(index, names) }))
  let nextIndexId = before.nextIndexId
  const indexes = after.indexes.map((index) => {
    const build = buildOf(index, new Map())
    const alike = left.filter((candidate) => isDeepStrictEqual(candidate.build, build))
    const found = alike.find((candidate) => candidate.index.name === index.name) ?? alike[0]
    if (found === undefined) return { ...index, id: nextIndexId++ }
    left.splice(left.indexOf(found), 1)
    return { ...index, id: found.index.id }
  })
  return { indexes, nextIndexId }
}

/** What decides which entries an index has. */
function buildOf(
  { columns, unique, nullsNotDistinct, where }: IndexDefinition,
  names: ReadonlyMap<string, string>,
): unknown {
  return {
    columns,
    unique,
    nullsNotDistinct,
    where: where === undefined ? null : renameInFilter(where, names),
  }
}

/** Old names of columns that are called otherwise now. */
export function newNames(before: TableDefinition, after: TableDefinition): ReadonlyMap<string, string> {
  const current = new Map(after.columns.map(({ id, name }) => [id, name]))
  return new Map(
    before.columns.flatMap(({ id, name }) => (current.has(id) ? [[name, current.get(id) ?? name]] : [])),
  )
}

export function mismatch(
  table: string,
  reason: string,
  details: Readonly<Record<string, unknown>> = {},
): OrbitError {
  return new OrbitError('SCHEMA_MISMATCH', `table "${table}": ${reason}`, {
    model: 'table',
    object: table,
    ...details,
  })
}
