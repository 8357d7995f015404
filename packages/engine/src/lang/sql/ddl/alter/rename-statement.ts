/** ALTER … RENAME and ALTER … SET SCHEMA. */
import { filterColumns, renameInFilter } from '../../../../models/relational/filter/bind-filter.js'
import type { TableDefinition } from '../../../../models/relational/schema/table-definition.js'
import { queryError, unsupported } from '../../../../scalar/condition.js'
import { DEFAULT_SCHEMA, objectName, splitObjectName } from '../../catalog/object-names.js'
import { objectOid } from '../../catalog/oids.js'
import type { QualifiedName, SqlRecord } from '../../catalog/records.js'
import type { TableObject } from '../../catalog/snapshot.js'
import { isPredefinedRole } from '../../catalog/roles.js'
import { parseExpression } from '../../parse/parse-statements.js'
import { stringsOf, type AlterObjectSchemaStmt, type Node, type RenameStmt } from '../../parse/tree.js'
import { objectWord } from '../object-word.js'
import type { DefinitionContext } from '../definition-context.js'
import { expressionText } from '../expression-text.js'
import { runDeferred } from '../other/set-constraints.js'
import { renameAttribute } from '../type/composite-attributes.js'
import { followDomains } from '../type/domain-columns.js'
import { renameDomainConstraint } from '../type/domain-statements.js'
import { namesOf, requireKind, requireType } from '../type/require-type.js'
import { followColumns, followRename } from '../view/follow-names.js'
import {
  findRelation,
  givenName,
  requireFreeName,
  requireRelation,
  requireSchema,
  requireTable,
  shown,
  type FoundClass,
} from '../target-names.js'

export async function rename(ddl: DefinitionContext, statement: RenameStmt): Promise<string> {
  await checkBeforeRenaming(ddl)
  const type = statement.renameType ?? 'OBJECT_TABLE'
  const name = statement.newname ?? ''
  if (isSkipped(ddl, statement)) return tagOf(statement)
  switch (type) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX':
      return renameRelation(ddl, statement, name)
    case 'OBJECT_COLUMN':
      return renameColumn(ddl, statement, name)
    case 'OBJECT_TABCONSTRAINT':
      return renameConstraint(ddl, statement, name)
    case 'OBJECT_SCHEMA':
      return renameSchema(ddl, statement.subname ?? '', name)
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return renameType(ddl, statement, name)
    case 'OBJECT_DOMCONSTRAINT':
      return renameDomainConstraint(ddl, namesOf(statement.object), statement.subname ?? '', name)
    case 'OBJECT_ATTRIBUTE':
      return renameAttribute(ddl, statement)
    case 'OBJECT_ROLE':
      return renameRole(ddl, statement.subname ?? '', name)
    default:
      throw unsupported(`ALTER ${objectWord(type)} ... RENAME`)
  }
}

/** IF EXISTS, of a relation that does not. */
function isSkipped(ddl: DefinitionContext, { missing_ok: mayBeMissing, relation }: RenameStmt): boolean {
  if (mayBeMissing !== true || relation === undefined) return false
  const given = givenName(relation)
  if (findRelation(ddl, given) !== undefined) return false
  ddl.notice(`relation "${shown(given)}" does not exist, skipping`)
  return true
}

/** What is to be checked at the end is known by names that are there now. */
function checkBeforeRenaming(ddl: DefinitionContext): Promise<void> {
  return runDeferred(ddl, ddl.catalog, () => true)
}

const tagOf = ({ renameType = 'OBJECT_TABLE', relationType }: RenameStmt): string => {
  const type =
    renameType === 'OBJECT_TABCONSTRAINT'
      ? 'OBJECT_TABLE'
      : renameType === 'OBJECT_COLUMN'
        ? (relationType ?? 'OBJECT_TABLE')
        : renameType
  return `ALTER ${type.replace('OBJECT_', '').replace('MATVIEW', 'MATERIALIZED VIEW')}`
}

async function renameRelation(ddl: DefinitionContext, statement: RenameStmt, name: string): Promise<string> {
  const given = givenName(statement.relation ?? {})
  const found = requireRelation(ddl, given)
  ddl.requireOwner(found.owner, `${found.kind === 'other' ? 'relation' : found.kind} ${given.name}`)
  await moveRelation(ddl, found, (before) => ({ ...before, name }))
  return tagOf(statement)
}

export async function setSchema(ddl: DefinitionContext, statement: AlterObjectSchemaStmt): Promise<string> {
  const schema = statement.newschema ?? ''
  requireSchema(ddl, schema)
  await checkBeforeRenaming(ddl)
  ddl.requireCreate(schema)
  const tag = `ALTER ${(statement.objectType ?? 'OBJECT_TABLE').replace('OBJECT_', '').replace('MATVIEW', 'MATERIALIZED VIEW')}`
  if (statement.objectType === 'OBJECT_TYPE' || statement.objectType === 'OBJECT_DOMAIN') {
    const record = requireType(ddl, statement.object)
    requireKind(record, statement.objectType)
    ddl.requireOwner(record.value.owner, `type ${record.value.name}`)
    await moveType(ddl, record, { schema, name: record.value.name })
    return tag
  }
  if (statement.relation === undefined) throw unsupported(`${tag} SET SCHEMA`)
  const given = givenName(statement.relation)
  if (statement.missing_ok === true && findRelation(ddl, given) === undefined) {
    ddl.notice(`relation "${shown(given)}" does not exist, skipping`)
    return tag
  }
  const found = requireRelation(ddl, given)
  ddl.requireOwner(found.owner, `${found.kind === 'other' ? 'relation' : found.kind} ${given.name}`)
  await moveRelation(ddl, found, (before) => ({ ...before, schema }))
  return tag
}

type Move = (before: QualifiedName) => QualifiedName

async function moveRelation(ddl: DefinitionContext, found: FoundClass, move: Move): Promise<void> {
  switch (found.kind) {
    case 'table':
      return moveTable(ddl, found.table, move)
    case 'view':
      requireFreeName(ddl, move(found.view.value))
      await followRename(ddl, found.oid, move(found.view.value))
      return moveRecord(ddl, found.view, move(found.view.value))
    case 'sequence':
      requireFreeName(ddl, move(found.sequence.value))
      return moveRecord(ddl, found.sequence, move(found.sequence.value))
    case 'index':
      return renameIndex(ddl, found.index.table, found.index.name, move(found.index))
    case 'other':
      throw unsupported('renaming an object of another model')
  }
}

async function moveRecord(
  ddl: DefinitionContext,
  record: SqlRecord<'sql.view'> | SqlRecord<'sql.sequence'>,
  name: QualifiedName,
): Promise<void> {
  if (record.kind === 'sql.view') await ddl.rename(record, objectName(name), { ...record.value, ...name })
  else await ddl.rename(record, objectName(name), { ...record.value, ...name })
}

export async function moveTable(ddl: DefinitionContext, table: TableObject, move: Move): Promise<void> {
  const before = splitObjectName(table.name)
  const after = move(before)
  if (after.schema === before.schema && after.name === before.name) return
  requireFreeName(ddl, after)
  await followRename(ddl, objectOid(table.id), after)
  const name = objectName(after)
  await ddl.changeTable(table, referringTo(table.definition, table.name, name), name)
  for (const child of ddl.catalog.tables) {
    const definition = referringTo(child.definition, table.name, name)
    if (definition !== child.definition) await ddl.changeTable(child, definition)
  }
  if (after.schema === before.schema) return
  for (const sequence of ddl.catalog.sequences) {
    if (sequence.value.ownedBy?.table === table.id)
      await moveRecord(ddl, sequence, { schema: after.schema, name: sequence.value.name })
  }
}

/** The definition with foreign keys to a table that is called otherwise now; the same when it has none. */
function referringTo(definition: TableDefinition, before: string, after: string): TableDefinition {
  if (definition.foreignKeys.every(({ references }) => references.table !== before)) return definition
  return {
    ...definition,
    foreignKeys: definition.foreignKeys.map((key) =>
      key.references.table === before ? { ...key, references: { ...key.references, table: after } } : key,
    ),
  }
}

async function renameColumn(ddl: DefinitionContext, statement: RenameStmt, name: string): Promise<string> {
  const given = givenName(statement.relation ?? {})
  const found = requireRelation(ddl, given)
  if (found.kind === 'view') return renameViewColumn(ddl, found.view, statement, name)
  const { table, owner, oid } = requireTable(ddl, given)
  ddl.requireOwner(owner, `table ${given.name}`)
  const before = statement.subname ?? ''
  const column = table.definition.columns.find((each) => each.name === before)
  if (column === undefined) throw queryError('undefined_column', `column "${before}" does not exist`)
  if (table.definition.columns.some((each) => each.name === name))
    throw queryError('duplicate_column', `column "${name}" of relation "${given.name}" already exists`)
  await followColumns(
    ddl,
    oid,
    table.definition.columns.map((each) => each.name),
  )
  await ddl.changeTable(table, withRenamedColumn(table, before, name))
  for (const child of ddl.catalog.tables) {
    const refers = child.definition.foreignKeys.some(
      ({ references }) => references.table === table.name && references.columns.includes(before),
    )
    if (!refers) continue
    await ddl.changeTable(child, {
      ...child.definition,
      foreignKeys: renamedReferences(child.definition, table.name, before, name),
    })
  }
  return tagOf(statement)
}

async function renameViewColumn(
  ddl: DefinitionContext,
  view: SqlRecord<'sql.view'>,
  statement: RenameStmt,
  name: string,
): Promise<string> {
  const { value } = view
  const before = statement.subname ?? ''
  ddl.requireOwner(value.owner, `view ${value.name}`)
  if (value.columns.every((column) => column.name !== before))
    throw queryError('undefined_column', `column "${before}" does not exist`)
  if (value.columns.some((column) => column.name === name))
    throw queryError('duplicate_column', `column "${name}" of relation "${value.name}" already exists`)
  await followColumns(
    ddl,
    objectOid(view.id),
    value.columns.map((column) => column.name),
  )
  const columns = value.columns.map((column) => (column.name === before ? { ...column, name } : column))
  await ddl.put('sql.view', view.name, { ...value, columns }, view.id)
  return tagOf(statement)
}

function renamedReferences(
  { foreignKeys }: TableDefinition,
  table: string,
  before: string,
  after: string,
): TableDefinition['foreignKeys'] {
  return foreignKeys.map((key) =>
    key.references.table === table
      ? {
          ...key,
          references: {
            table,
            columns: key.references.columns.map((column) => (column === before ? after : column)),
          },
        }
      : key,
  )
}

/** Expressions name columns: their texts follow. */
function withRenamedColumn(
  { name: table, definition }: TableObject,
  before: string,
  after: string,
): TableDefinition {
  const sql = (expression: { readonly sql: string }) => ({
    ...expression,
    sql: renamedInText(expression.sql, before, after),
  })
  const names = new Map([[before, after]])
  return {
    ...definition,
    columns: definition.columns.map((column) => ({
      ...column,
      name: column.name === before ? after : column.name,
      ...(column.generated === undefined ? {} : { generated: sql(column.generated) }),
    })),
    checks: definition.checks.map((check) =>
      'where' in check
        ? filterColumns(check.where).has(before)
          ? { ...check, where: renameInFilter(check.where, names) }
          : check
        : { ...check, expression: sql(check.expression) },
    ),
    indexes: definition.indexes.map((index) => ({
      ...index,
      columns: index.columns.map((key) =>
        key.expression === undefined
          ? key
          : { ...key, expression: { ...key.expression, ...sql(key.expression) } },
      ),
      ...(index.predicate === undefined ? {} : { predicate: sql(index.predicate) }),
      ...(index.where === undefined ? {} : { where: renameInFilter(index.where, names) }),
    })),
    foreignKeys: renamedReferences(definition, table, before, after),
  }
}

function renamedInText(sql: string, before: string, after: string): string {
  return expressionText(renamedColumns(parseExpression(sql).node, before, after) as Node)
}

function renamedColumns(node: unknown, before: string, after: string): unknown {
  if (Array.isArray(node)) return node.map((each) => renamedColumns(each, before, after))
  if (typeof node !== 'object' || node === null) return node
  if ('ColumnRef' in node) {
    const { fields = [], ...rest } = node.ColumnRef as { fields?: Node[] }
    const names = stringsOf(fields.filter((field) => 'String' in field))
    if (names.at(-1) !== before) return node
    return { ColumnRef: { ...rest, fields: [...fields.slice(0, -1), { String: { sval: after } }] } }
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, each]) => [key, renamedColumns(each, before, after)]),
  )
}

async function renameConstraint(
  ddl: DefinitionContext,
  statement: RenameStmt,
  name: string,
): Promise<string> {
  const given = givenName(statement.relation ?? {})
  const { table, owner } = requireTable(ddl, given)
  ddl.requireOwner(owner, `table ${given.name}`)
  const before = statement.subname ?? ''
  const { definition } = table
  const isIndex =
    definition.primaryKey?.name === before ||
    definition.indexes.some((index) => index.name === before && index.constraint !== undefined)
  if (isIndex) {
    await renameIndex(ddl, table, before, { schema: splitObjectName(table.name).schema, name })
    return tagOf(statement)
  }
  const all = [...definition.checks, ...definition.foreignKeys]
  if (!all.some((each) => each.name === before))
    throw queryError('undefined_object', `constraint "${before}" for table "${given.name}" does not exist`)
  if (all.some((each) => each.name === name))
    throw queryError('duplicate_object', `constraint "${name}" for relation "${given.name}" already exists`)
  const renamed = <T extends { readonly name: string }>(each: T): T =>
    each.name === before ? { ...each, name } : each
  await ddl.changeTable(table, {
    ...definition,
    checks: definition.checks.map(renamed),
    foreignKeys: definition.foreignKeys.map(renamed),
  })
  return tagOf(statement)
}

async function renameIndex(
  ddl: DefinitionContext,
  table: TableObject,
  before: string,
  { schema, name }: QualifiedName,
): Promise<void> {
  requireFreeName(ddl, { schema, name })
  const { definition } = table
  const { primaryKey } = definition
  await ddl.changeTable(table, {
    ...definition,
    ...(primaryKey?.name === before ? { primaryKey: { ...primaryKey, name } } : {}),
    indexes: definition.indexes.map((index) => (index.name === before ? { ...index, name } : index)),
  })
}

async function renameSchema(ddl: DefinitionContext, before: string, name: string): Promise<string> {
  requireSchema(ddl, before)
  const record = ddl.catalog.schemaRecords.find((each) => each.name === before)
  if (record === undefined || before === DEFAULT_SCHEMA) throw unsupported(`renaming the schema ${before}`)
  ddl.requireOwner(record.value.owner, `schema ${before}`)
  if (ddl.catalog.hasSchema(name)) throw queryError('duplicate_schema', `schema "${name}" already exists`)
  const move: Move = (each) => ({ ...each, schema: name })
  await ddl.rename(record, name, record.value)
  for (const table of ddl.catalog.tables)
    if (splitObjectName(table.name).schema === before) await moveTable(ddl, table, move)
  for (const view of ddl.catalog.views)
    if (view.value.schema === before) await moveRecord(ddl, view, move(view.value))
  for (const sequence of ddl.catalog.sequences)
    if (sequence.value.schema === before) await moveRecord(ddl, sequence, move(sequence.value))
  for (const type of ddl.catalog.typeRecords)
    if (type.value.schema === before) await moveType(ddl, type, move(type.value))
  return 'ALTER SCHEMA'
}

async function renameType(ddl: DefinitionContext, statement: RenameStmt, name: string): Promise<string> {
  const record = requireType(ddl, statement.object)
  requireKind(record, statement.renameType)
  ddl.requireOwner(record.value.owner, `type ${record.value.name}`)
  await moveType(ddl, record, { schema: record.value.schema, name })
  return tagOf(statement)
}

async function moveType(
  ddl: DefinitionContext,
  record: SqlRecord<'sql.type'>,
  name: QualifiedName,
): Promise<void> {
  if (ddl.catalog.typeRecords.some(({ value }) => value.schema === name.schema && value.name === name.name))
    throw queryError('duplicate_object', `type "${name.name}" already exists`)
  await ddl.rename(record, objectName(name), { ...record.value, ...name })
  if (record.value.form.kind === 'domain') await followDomains(ddl)
}

async function renameRole(ddl: DefinitionContext, before: string, name: string): Promise<string> {
  const entry = ddl.catalog.roleEntry(before)
  if (entry === undefined) throw queryError('undefined_object', `role "${before}" does not exist`)
  if (isPredefinedRole(before) || entry.id === undefined) throw unsupported(`renaming the role ${before}`)
  throw unsupported(`ALTER ROLE … RENAME TO ${name}`)
}
