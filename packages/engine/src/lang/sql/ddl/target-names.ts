/** Names of what definitions make and change. */
import { queryError } from '../../../scalar/condition.js'
import type { CatalogClass } from '../catalog-snapshot.js'
import { objectIdOf, objectOid } from '../catalog/oids.js'
import { SUPERUSER } from '../catalog/roles.js'
import { temporarySchema } from '../catalog/temporary-schema.js'
import type { QualifiedName, SqlRecord } from '../catalog/records.js'
import type { IndexEntry, TableObject } from '../catalog/snapshot.js'
import { stringsOf, type Node, type RangeVar } from '../parse/tree.js'
import type { DefinitionContext } from './definition-context.js'

/** A name as it was written. */
export interface GivenName {
  readonly schema: string | undefined
  readonly name: string
}

export function givenName({ schemaname: schema, relname: name = '' }: RangeVar): GivenName {
  return { schema, name }
}

/** A name that is a list of strings. */
export function listedName(nodes: readonly Node[] | undefined): GivenName {
  const parts = stringsOf(nodes)
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' }
}

export function shown({ schema, name }: GivenName): string {
  return schema === undefined ? name : `${schema}.${name}`
}

/** Where something new with this name goes. @throws invalid_schema_name, insufficient_privilege */
export function creationName(ddl: DefinitionContext, given: GivenName): QualifiedName {
  const { name } = given
  if (given.schema !== undefined) {
    const schema = given.schema === 'pg_temp' ? temporarySchema(ddl.state.processId) : given.schema
    requireSchema(ddl, schema)
    requireUserSchema(schema, name)
    ddl.requireCreate(schema)
    return { schema, name }
  }
  const schema = ddl.searchPath.find((each) => !each.startsWith('pg_'))
  if (schema === undefined)
    throw queryError('invalid_schema_name', 'no schema has been selected to create in')
  ddl.requireCreate(schema)
  return { schema, name }
}

export function requireSchema(ddl: DefinitionContext, schema: string): void {
  if (!ddl.catalog.hasSchema(schema))
    throw queryError('invalid_schema_name', `schema "${schema}" does not exist`)
}

function requireUserSchema(schema: string, name: string): void {
  if (schema !== 'pg_catalog' && schema !== 'information_schema' && schema !== 'orbit') return
  throw queryError('insufficient_privilege', `permission denied to create "${schema}.${name}"`, {
    detail: 'System catalog modifications are currently disallowed.',
  })
}

/** @throws duplicate_table when a table, view, sequence or index has the name. */
export function requireFreeName(ddl: DefinitionContext, name: QualifiedName): void {
  if (ddl.catalog.hasRelationName(name))
    throw queryError('duplicate_table', `relation "${name.name}" already exists`)
}

export type FoundClass =
  | { readonly kind: 'table'; readonly table: TableObject; readonly owner: string; readonly oid: number }
  | {
      readonly kind: 'view'
      readonly view: SqlRecord<'sql.view'>
      readonly owner: string
      readonly oid: number
    }
  | {
      readonly kind: 'sequence'
      readonly sequence: SqlRecord<'sql.sequence'>
      readonly owner: string
      readonly oid: number
    }
  | { readonly kind: 'index'; readonly index: IndexEntry; readonly owner: string; readonly oid: number }
  /** Of the system, or of another model. */
  | { readonly kind: 'other'; readonly found: CatalogClass; readonly owner: string; readonly oid: number }

/** Whatever has the name; undefined when nothing does. */
export function findRelation(ddl: DefinitionContext, given: GivenName): FoundClass | undefined {
  const { catalog } = ddl
  const name = {
    name: given.name,
    schema: given.schema === 'pg_temp' ? temporarySchema(ddl.state.processId) : given.schema,
  }
  const found = catalog.findClass(name, ddl.searchPath)
  if (found === undefined) {
    const index = catalog.findIndex(name, ddl.searchPath)
    if (index === undefined) return undefined
    return { kind: 'index', index, oid: index.oid, owner: ownerOf(ddl, index.table.id) }
  }
  return classified(ddl, found)
}

function ownerOf(ddl: DefinitionContext, tableId: number): string {
  return ddl.catalog.ownerOfClass(objectOid(tableId)) ?? SUPERUSER
}

function classified(ddl: DefinitionContext, found: CatalogClass): FoundClass {
  const { catalog } = ddl
  const oid = found.kind === 'relation' ? found.relation.oid : found.oid
  const { owner } = found
  const id = objectIdOf(oid)
  if (id !== undefined) {
    const view = catalog.views.find((record) => record.id === id)
    if (view !== undefined) return { kind: 'view', view, owner, oid }
    const sequence = catalog.sequences.find((record) => record.id === id)
    if (sequence !== undefined) return { kind: 'sequence', sequence, owner, oid }
    const table = catalog.tables.find((object) => object.id === id)
    if (table !== undefined) return { kind: 'table', table, owner, oid }
  }
  return { kind: 'other', found, owner, oid }
}

/** @throws undefined_table, wrong_object_type */
export function requireTable(
  ddl: DefinitionContext,
  given: GivenName,
): Extract<FoundClass, { kind: 'table' }> {
  const found = requireRelation(ddl, given)
  if (found.kind !== 'table') throw queryError('wrong_object_type', `"${given.name}" is not a table`)
  return found
}

/** @throws undefined_table */
export function requireRelation(ddl: DefinitionContext, given: GivenName): FoundClass {
  const found = findRelation(ddl, given)
  if (found !== undefined) return found
  if (given.schema !== undefined && given.schema !== 'pg_temp') requireSchema(ddl, given.schema)
  throw undefinedRelation(given)
}

export function undefinedRelation(given: GivenName): Error {
  return queryError('undefined_table', `relation "${shown(given)}" does not exist`)
}
