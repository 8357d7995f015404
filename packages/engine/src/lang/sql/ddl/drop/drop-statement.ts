/** DROP TABLE, VIEW, INDEX, SEQUENCE, SCHEMA, TYPE, EXTENSION. */
import { queryError, unsupported } from '../../../../scalar/condition.js'
import { DEFAULT_SCHEMA, splitObjectName } from '../../catalog/object-names.js'
import { objectIdOf } from '../../catalog/oids.js'
import type { TableObject } from '../../catalog/snapshot.js'
import { stringsOf, type DropStmt, type Node } from '../../parse/tree.js'
import { objectWord } from '../object-word.js'
import type { DefinitionContext } from '../definition-context.js'
import {
  findRelation,
  listedName,
  requireSchema,
  shown,
  type FoundClass,
  type GivenName,
} from '../target-names.js'
import { dropObjects } from './drop-objects.js'
import { requireKind as requireTypeKind } from '../type/require-type.js'
import { shownName, type DropTarget } from './drop-target.js'

/** What DROP calls them, by the kind of what is found. */
type RelationWord = 'table' | 'view' | 'materialized view' | 'index' | 'sequence'

const RELATIONS: Readonly<Record<string, RelationWord>> = {
  OBJECT_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'materialized view',
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
}

export async function dropStatement(ddl: DefinitionContext, statement: DropStmt): Promise<string> {
  const type = statement.removeType ?? ''
  const word = RELATIONS[type]
  const objects = statement.objects ?? []
  if (word !== undefined) {
    await dropRelations(ddl, statement, word, objects)
    return `DROP ${word.toUpperCase()}`
  }
  switch (type) {
    case 'OBJECT_SCHEMA':
      await dropSchemas(ddl, statement, objects)
      return 'DROP SCHEMA'
    case 'OBJECT_TYPE':
      await dropTypes(ddl, statement, objects)
      return 'DROP TYPE'
    case 'OBJECT_DOMAIN':
      await dropTypes(ddl, statement, objects)
      return 'DROP DOMAIN'
    case 'OBJECT_EXTENSION':
      await dropExtensions(ddl, statement, objects)
      return 'DROP EXTENSION'
    default:
      return dropUnknown(ddl, statement, type)
  }
}

async function dropRelations(
  ddl: DefinitionContext,
  statement: DropStmt,
  word: RelationWord,
  objects: readonly Node[],
): Promise<void> {
  const targets: DropTarget[] = []
  for (const object of objects) {
    const name = listedName('List' in object ? object.List.items : undefined)
    const found = findRelation(ddl, name)
    if (found === undefined) {
      missing(ddl, statement, word, name)
      continue
    }
    requireKind(found, word, name)
    ddl.requireOwner(found.owner, `${word} ${name.name}`)
    targets.push(targetOf(ddl, found))
  }
  await dropObjects(ddl, targets, isCascade(statement))
}

const isCascade = ({ behavior }: DropStmt): boolean => behavior === 'DROP_CASCADE'

function missing(ddl: DefinitionContext, statement: DropStmt, word: string, name: GivenName): void {
  if (statement.missing_ok !== true) {
    if (name.schema !== undefined) requireSchema(ddl, name.schema)
    throw queryError(
      word === 'index' ? 'undefined_object' : 'undefined_table',
      `${word} "${shown(name)}" does not exist`,
    )
  }
  const isSchemaMissing = name.schema !== undefined && !ddl.catalog.hasSchema(name.schema)
  ddl.notice(
    isSchemaMissing
      ? `schema "${name.schema}" does not exist, skipping`
      : `${word} "${shown(name)}" does not exist, skipping`,
  )
}

function requireKind(found: FoundClass, word: RelationWord, { name }: GivenName): void {
  const actual = wordOf(found)
  if (actual === word) return
  const article = word === 'index' ? 'an' : 'a'
  throw queryError('wrong_object_type', `"${name}" is not ${article} ${word}`, {
    ...(actual === undefined
      ? {}
      : { hint: `Use DROP ${actual.toUpperCase()} to remove ${actual === 'index' ? 'an' : 'a'} ${actual}.` }),
  })
}

function wordOf(found: FoundClass): RelationWord | undefined {
  if (found.kind === 'view') return found.view.value.storage === undefined ? 'view' : 'materialized view'
  return found.kind === 'other' ? undefined : found.kind
}

function targetOf(ddl: DefinitionContext, found: FoundClass): DropTarget {
  switch (found.kind) {
    case 'table':
      return { kind: 'table', id: found.table.id }
    case 'view':
      return { kind: 'view', id: found.view.id }
    case 'sequence':
      return sequenceTarget(ddl, found.sequence)
    case 'index': {
      const { table, name, indexId } = found.index
      const index = table.definition.indexes.find(({ id }) => id === indexId)
      if (indexId === undefined || index?.constraint !== undefined)
        throw queryError(
          'dependent_objects_still_exist',
          `cannot drop index ${name} because constraint ${name} on table ${shownTable(ddl, table)} requires it`,
          { hint: `You can drop constraint ${name} on table ${shownTable(ddl, table)} instead.` },
        )
      return { kind: 'key', table: table.id, name, isConstraint: false }
    }
    case 'other':
      throw unsupported('dropping an object of another model')
  }
}

function shownTable({ searchPath }: DefinitionContext, { name }: Pick<TableObject, 'name'>): string {
  return shownName(splitObjectName(name), searchPath)
}

function sequenceTarget(
  ddl: DefinitionContext,
  { id, value }: Extract<FoundClass, { kind: 'sequence' }>['sequence'],
): DropTarget {
  if (value.isIdentity !== true || value.ownedBy === undefined) return { kind: 'sequence', id }
  const table = ddl.catalog.tables.find((object) => object.id === value.ownedBy?.table)
  const column = table?.definition.columns.find((each) => each.id === value.ownedBy?.column)
  const what = `column ${column?.name ?? ''} of table ${table === undefined ? '' : shownTable(ddl, table)}`
  throw queryError(
    'dependent_objects_still_exist',
    `cannot drop sequence ${value.name} because ${what} requires it`,
    { hint: `You can drop ${what} instead.` },
  )
}

async function dropSchemas(
  ddl: DefinitionContext,
  statement: DropStmt,
  objects: readonly Node[],
): Promise<void> {
  const targets: DropTarget[] = []
  for (const object of objects) {
    const name = 'String' in object ? (object.String.sval ?? '') : ''
    const schema = ddl.catalog.schema(name)
    if (schema === undefined) {
      if (statement.missing_ok !== true)
        throw queryError('invalid_schema_name', `schema "${name}" does not exist`)
      ddl.notice(`schema "${name}" does not exist, skipping`)
      continue
    }
    if (name !== DEFAULT_SCHEMA && ddl.catalog.schemaRecords.every((record) => record.name !== name))
      throw queryError(
        'dependent_objects_still_exist',
        `cannot drop schema ${name} because it is required by the database system`,
      )
    ddl.requireOwner(schema.owner, `schema ${name}`)
    targets.push({ kind: 'schema', name })
  }
  await dropObjects(ddl, targets, isCascade(statement))
}

async function dropTypes(
  ddl: DefinitionContext,
  statement: DropStmt,
  objects: readonly Node[],
): Promise<void> {
  const targets: DropTarget[] = []
  for (const object of objects) {
    const names = 'TypeName' in object ? stringsOf(object.TypeName.names) : []
    const name = { name: names.at(-1) ?? '', schema: names.at(-2) }
    const type = ddl.catalog.findType(name, ddl.searchPath)
    const id = type === undefined ? undefined : objectIdOf(type.oid)
    const record = ddl.catalog.typeRecords.find((each) => each.id === id)
    if (record !== undefined) requireTypeKind(record, statement.removeType)
    if (record === undefined) {
      if (type !== undefined)
        throw queryError(
          'dependent_objects_still_exist',
          `cannot drop type ${type.displayName} because it is required by the database system`,
        )
      if (statement.missing_ok !== true)
        throw queryError('undefined_object', `type "${shown(name)}" does not exist`)
      ddl.notice(`type "${shown(name)}" does not exist, skipping`)
      continue
    }
    ddl.requireOwner(record.value.owner, `type ${record.value.name}`)
    targets.push({ kind: 'type', id: record.id })
  }
  await dropObjects(ddl, targets, isCascade(statement))
}

async function dropExtensions(
  ddl: DefinitionContext,
  statement: DropStmt,
  objects: readonly Node[],
): Promise<void> {
  for (const object of objects) {
    const name = 'String' in object ? (object.String.sval ?? '') : ''
    const record = ddl.catalog.extensions.find((each) => each.name === name)
    if (record !== undefined) await ddl.delete(record)
    else if (statement.missing_ok === true) ddl.notice(`extension "${name}" does not exist, skipping`)
    else throw queryError('undefined_object', `extension "${name}" does not exist`)
  }
}

/** Kinds that there are none of: nothing to drop, which IF EXISTS says. */
function dropUnknown(ddl: DefinitionContext, statement: DropStmt, type: string): string {
  const word = objectWord(type).toLowerCase()
  if (statement.missing_ok !== true) throw unsupported(`DROP ${word.toUpperCase()}`)
  for (const object of statement.objects ?? [])
    ddl.notice(`${word} "${textOf(object)}" does not exist, skipping`)
  return `DROP ${word.toUpperCase()}`
}

function textOf(object: Node): string {
  if ('String' in object) return object.String.sval ?? ''
  if ('List' in object) return stringsOf(object.List.items).join('.')
  if ('TypeName' in object) return stringsOf(object.TypeName.names).join('.')
  if ('ObjectWithArgs' in object) return stringsOf(object.ObjectWithArgs.objname).join('.')
  return ''
}
