/** What can be dropped, and what goes with it. */
import { TableLayout } from '../../../../models/relational/layout/table-layout.js'
import type { ColumnDefinition } from '../../../../models/relational/schema/table-definition.js'
import { splitObjectName } from '../../catalog/object-names.js'
import { arrayTypeOid, objectOid, rowTypeOid } from '../../catalog/oids.js'
import { quoteName } from '../../catalog/quote-name.js'
import type { QualifiedName, SqlRecord } from '../../catalog/records.js'
import type { LoadedCatalog, TableObject } from '../../catalog/snapshot.js'
import { bindStored, ordinalsOf } from '../../catalog/stored-expressions.js'

export type DropTarget =
  | { readonly kind: 'table'; readonly id: number }
  | { readonly kind: 'view'; readonly id: number }
  | { readonly kind: 'sequence'; readonly id: number }
  | { readonly kind: 'type'; readonly id: number }
  | { readonly kind: 'schema'; readonly name: string }
  | { readonly kind: 'column'; readonly table: number; readonly column: number }
  | { readonly kind: 'default'; readonly table: number; readonly column: number }
  | { readonly kind: 'foreign key'; readonly table: number; readonly name: string }
  /** A primary key or a unique constraint or index. */
  | { readonly kind: 'key'; readonly table: number; readonly name: string; readonly isConstraint: boolean }

export interface Dependent {
  readonly target: DropTarget
  /** It belongs to what is dropped: it goes without CASCADE, and without a word. */
  readonly isPart: boolean
}

export const targetKey = (target: DropTarget): string => JSON.stringify(target)

export function tableOf(catalog: LoadedCatalog, id: number): TableObject | undefined {
  return catalog.tables.find((object) => object.id === id)
}

/** What depends on it directly. */
export function dependentsOf(catalog: LoadedCatalog, target: DropTarget): Dependent[] {
  switch (target.kind) {
    case 'table':
      return ofTable(catalog, target.id)
    case 'view':
      return [...viewsReading(catalog, objectOid(target.id)), ...usersOfType(catalog, rowTypeOid(target.id))]
    case 'sequence':
      return usersOfSequence(catalog, target.id)
    case 'type':
      return [
        ...columnsOfType(catalog, target.id),
        ...usersOfType(catalog, objectOid(target.id)),
        ...usersOfType(catalog, arrayTypeOid(target.id)),
      ]
    case 'schema':
      return inSchema(catalog, target.name)
    case 'column':
      return ofColumn(catalog, target.table, target.column)
    case 'key':
      return referrersOfKey(catalog, target.table, target.name)
    case 'default':
    case 'foreign key':
      return []
  }
}

function ofTable(catalog: LoadedCatalog, id: number): Dependent[] {
  const table = tableOf(catalog, id)
  const owned = catalog.sequences.filter(({ value }) => value.ownedBy?.table === id)
  const referring = catalog.tables.flatMap((child) =>
    child.id === id
      ? []
      : child.definition.foreignKeys
          .filter(({ references }) => references.table === table?.name)
          .map(({ name }): Dependent => ({
            target: { kind: 'foreign key', table: child.id, name },
            isPart: false,
          })),
  )
  return [
    ...owned.map((record): Dependent => ({ target: { kind: 'sequence', id: record.id }, isPart: true })),
    ...referring,
    ...viewsReading(catalog, objectOid(id)),
    ...usersOfType(catalog, rowTypeOid(id)),
  ]
}

function ofColumn(catalog: LoadedCatalog, tableId: number, columnId: number): Dependent[] {
  const table = tableOf(catalog, tableId)
  if (table === undefined) return []
  const at = table.definition.columns.findIndex(({ id }) => id === columnId)
  const column = table.definition.columns[at]
  if (column === undefined) return []
  const layout = TableLayout.of(table)
  const generated = table.definition.columns.filter(
    (each) =>
      each.generated !== undefined &&
      ordinalsOf(bindStored(catalog, layout, each.generated.sql, 'generated', undefined)).includes(at),
  )
  const owned = catalog.sequences.filter(
    ({ value }) => value.ownedBy?.table === tableId && value.ownedBy.column === columnId,
  )
  const keys = keysWith(table, columnId)
  const foreign = table.definition.foreignKeys.filter(({ columns }) => columns.includes(columnId))
  return [
    ...owned.map(({ id }): Dependent => ({ target: { kind: 'sequence', id }, isPart: true })),
    ...keys.map((name): Dependent => ({
      target: { kind: 'key', table: tableId, name, isConstraint: true },
      isPart: true,
    })),
    ...foreign.map(({ name }): Dependent => ({
      target: { kind: 'foreign key', table: tableId, name },
      isPart: true,
    })),
    ...generated.map(({ id }): Dependent => ({
      target: { kind: 'column', table: tableId, column: id },
      isPart: false,
    })),
    ...viewsReading(catalog, objectOid(tableId), columnId),
  ]
}

/** Names of the keys that have the column. */
function keysWith({ definition }: TableObject, column: number): string[] {
  const { primaryKey, indexes } = definition
  return [
    ...(primaryKey?.columns.includes(column) === true ? [primaryKey.name] : []),
    ...indexes
      .filter((index) => index.unique && index.columns.some((key) => key.column === column))
      .map(({ name }) => name),
  ]
}

/** Foreign keys that find their rows through the key, when no other key would do. */
function referrersOfKey(catalog: LoadedCatalog, tableId: number, name: string): Dependent[] {
  const table = tableOf(catalog, tableId)
  if (table === undefined) return []
  const { primaryKey, indexes, columns } = table.definition
  const index = indexes.find((each) => each.name === name)
  const ids = primaryKey?.name === name ? primaryKey.columns : index?.columns.map(({ column }) => column)
  if (ids === undefined || index?.unique === false) return []
  const names = ids.map((id) => columns.find((column) => column.id === id)?.name ?? '')
  const isSame = (others: readonly string[]): boolean =>
    others.length === names.length && others.every((other) => names.includes(other))
  return catalog.tables.flatMap((child) =>
    child.definition.foreignKeys
      .filter(({ references }) => references.table === table.name && isSame(references.columns))
      .map((key): Dependent => ({
        target: { kind: 'foreign key', table: child.id, name: key.name },
        isPart: false,
      })),
  )
}

function viewsReading(catalog: LoadedCatalog, oid: number, column?: number): Dependent[] {
  return catalog.views
    .filter(({ value }) =>
      value.reads.some((read) => read.oid === oid && (column === undefined || read.columns.includes(column))),
    )
    .map(({ id }): Dependent => ({ target: { kind: 'view', id }, isPart: false }))
}

function usersOfSequence(catalog: LoadedCatalog, id: number): Dependent[] {
  const uses = ({ default: fallback, identity }: ColumnDefinition): boolean =>
    identity?.sequence === id || (fallback !== undefined && 'sql' in fallback && fallback.sequence?.id === id)
  const columns = catalog.tables.flatMap((table) =>
    table.definition.columns.filter(uses).map((column): Dependent => ({
      target: { kind: 'default', table: table.id, column: column.id },
      isPart: false,
    })),
  )
  return [...columns, ...viewsReading(catalog, objectOid(id))]
}

function columnsOfType(catalog: LoadedCatalog, id: number): Dependent[] {
  const pattern = new RegExp(`^(?:enum|composite)\\(${id}\\)(?:\\[\\])?$`)
  return catalog.tables.flatMap((table) =>
    table.definition.columns
      .filter(({ type, domain }) => pattern.test(type) || domain?.id === id)
      .map((column): Dependent => ({
        target: { kind: 'column', table: table.id, column: column.id },
        isPart: false,
      })),
  )
}

function usersOfType(catalog: LoadedCatalog, oid: number): Dependent[] {
  const views = catalog.views
    .filter(({ value }) => value.types.includes(oid) || value.columns.some((column) => column.oid === oid))
    .map(({ id }): Dependent => ({ target: { kind: 'view', id }, isPart: false }))
  const types = catalog.typeRecords
    .filter(
      ({ value: { form } }) =>
        (form.kind === 'composite' && form.fields.some((field) => field.oid === oid)) ||
        (form.kind === 'domain' && form.base.oid === oid),
    )
    .map(({ id }): Dependent => ({ target: { kind: 'type', id }, isPart: false }))
  return [...views, ...types]
}

function inSchema(catalog: LoadedCatalog, schema: string): Dependent[] {
  const stored = new Set(catalog.views.flatMap(({ value }) => value.storage ?? []))
  const isHere = (name: QualifiedName): boolean => name.schema === schema
  const depends = (target: DropTarget): Dependent => ({ target, isPart: false })
  return [
    ...catalog.tables
      .filter((table) => !stored.has(table.name) && isHere(splitObjectName(table.name)))
      .map(({ id }) => depends({ kind: 'table', id })),
    ...catalog.views.filter(({ value }) => isHere(value)).map(({ id }) => depends({ kind: 'view', id })),
    ...catalog.sequences
      .filter(({ value }) => isHere(value) && value.ownedBy === undefined)
      .map(({ id }) => depends({ kind: 'sequence', id })),
    ...catalog.typeRecords
      .filter(({ value }) => isHere(value))
      .map(({ id }) => depends({ kind: 'type', id })),
  ]
}

/** `view v`, `constraint c on table t`: as messages call it. */
export function describeTarget(catalog: LoadedCatalog, target: DropTarget, path: readonly string[]): string {
  switch (target.kind) {
    case 'table':
      return `table ${tableName(catalog, target.id, path)}`
    case 'view': {
      const view = catalog.views.find(({ id }) => id === target.id)
      return `${view?.value.storage === undefined ? '' : 'materialized '}view ${recordName(view, path)}`
    }
    case 'sequence':
      return `sequence ${recordName(
        catalog.sequences.find(({ id }) => id === target.id),
        path,
      )}`
    case 'type':
      return `type ${recordName(
        catalog.typeRecords.find(({ id }) => id === target.id),
        path,
      )}`
    case 'schema':
      return `schema ${quoteName(target.name)}`
    case 'column':
    case 'default': {
      const column = tableOf(catalog, target.table)?.definition.columns.find(({ id }) => id === target.column)
      const what = `column ${quoteName(column?.name ?? '')} of table ${tableName(catalog, target.table, path)}`
      return target.kind === 'column' ? what : `default value for ${what}`
    }
    case 'foreign key':
      return `constraint ${quoteName(target.name)} on table ${tableName(catalog, target.table, path)}`
    case 'key':
      return target.isConstraint
        ? `constraint ${quoteName(target.name)} on table ${tableName(catalog, target.table, path)}`
        : `index ${quoteName(target.name)}`
  }
}

function tableName(catalog: LoadedCatalog, id: number, path: readonly string[]): string {
  const table = tableOf(catalog, id)
  return table === undefined ? String(id) : shownName(splitObjectName(table.name), path)
}

function recordName(
  record: SqlRecord<'sql.view'> | SqlRecord<'sql.sequence'> | SqlRecord<'sql.type'> | undefined,
  path: readonly string[],
): string {
  return record === undefined ? '' : shownName(record.value, path)
}

export function shownName({ schema, name }: QualifiedName, path: readonly string[]): string {
  return path.includes(schema) || schema === 'pg_catalog'
    ? quoteName(name)
    : `${quoteName(schema)}.${quoteName(name)}`
}
