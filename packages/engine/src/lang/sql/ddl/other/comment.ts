/** COMMENT ON. */
import { queryError, unsupported } from '../../../../scalar/condition.js'
import {
  SYSTEM_OIDS,
  checkOid,
  foreignKeyOid,
  indexConstraintOid,
  objectOid,
  primaryKeyOid,
} from '../../catalog/oids.js'
import type { FactsValue } from '../../catalog/records.js'
import type { TableObject } from '../../catalog/snapshot.js'
import { stringsOf, type CommentStmt, type Node } from '../../parse/tree.js'
import { requireType } from '../type/require-type.js'
import { objectWord } from '../object-word.js'
import type { DefinitionContext } from '../definition-context.js'
import { putFacts } from '../put-facts.js'
import { listedName, requireRelation, requireTable, shown, type FoundClass } from '../target-names.js'

export async function comment(ddl: DefinitionContext, statement: CommentStmt): Promise<string> {
  const { object, objtype, comment: text } = statement
  if (objtype === 'OBJECT_COLUMN') await commentColumn(ddl, object, text)
  else await putComment(ddl, oidOf(ddl, objtype ?? '', object), text)
  return 'COMMENT'
}

function oidOf(ddl: DefinitionContext, type: string, object: Node | undefined): number {
  const names = object !== undefined && 'List' in object ? object.List.items : undefined
  switch (type) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX': {
      const given = listedName(names)
      const found = requireRelation(ddl, given)
      requireWord(found, type, given.name)
      ddl.requireOwner(found.owner, `${found.kind === 'other' ? 'relation' : found.kind} ${shown(given)}`)
      return found.oid
    }
    case 'OBJECT_SCHEMA': {
      const schema = ddl.catalog.schema(textOf(object))
      if (schema === undefined)
        throw queryError('invalid_schema_name', `schema "${textOf(object)}" does not exist`)
      return schema.oid
    }
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return objectOid(requireType(ddl, object).id)
    case 'OBJECT_TABCONSTRAINT':
      return constraintOid(ddl, stringsOf(names))
    case 'OBJECT_DATABASE':
      return SYSTEM_OIDS.database
    case 'OBJECT_ROLE': {
      const role = ddl.catalog.role(textOf(object))
      if (role === undefined) throw queryError('undefined_object', `role "${textOf(object)}" does not exist`)
      return role.oid
    }
    case 'OBJECT_EXTENSION': {
      const record = ddl.catalog.extensions.find(({ name }) => name === textOf(object))
      if (record === undefined)
        throw queryError('undefined_object', `extension "${textOf(object)}" does not exist`)
      return objectOid(record.id)
    }
    default:
      throw unsupported(`COMMENT ON ${objectWord(type)}`)
  }
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'a table',
  OBJECT_VIEW: 'a view',
  OBJECT_MATVIEW: 'a materialized view',
  OBJECT_SEQUENCE: 'a sequence',
  OBJECT_INDEX: 'an index',
}

/** @throws wrong_object_type when it is another kind of relation than the statement says */
function requireWord(found: FoundClass, type: string, name: string): void {
  const isMaterialized = found.kind === 'view' && found.view.value.storage !== undefined
  const actual = isMaterialized ? 'OBJECT_MATVIEW' : `OBJECT_${found.kind.toUpperCase()}`
  if (found.kind !== 'other' && actual !== type)
    throw queryError('wrong_object_type', `"${name}" is not ${KIND_WORDS[type] ?? type}`)
}

const textOf = (object: Node | undefined): string =>
  object !== undefined && 'String' in object ? (object.String.sval ?? '') : ''

function constraintOid(ddl: DefinitionContext, names: readonly string[]): number {
  const [constraint = '', name = '', schema] = names.toReversed()
  const { table } = requireTable(ddl, { schema, name })
  const found = constraintOids(table).get(constraint)
  if (found !== undefined) return found
  throw queryError('undefined_object', `constraint "${constraint}" for table "${name}" does not exist`)
}

/** The oids of a table's constraints, by name. */
export function constraintOids({ id, definition }: TableObject): Map<string, number> {
  const { primaryKey, indexes, checks, foreignKeys } = definition
  return new Map([
    ...(primaryKey === undefined ? [] : [[primaryKey.name, primaryKeyOid(id)] as const]),
    ...indexes.flatMap((index) =>
      index.constraint === undefined ? [] : [[index.name, indexConstraintOid(id, index.id)] as const],
    ),
    ...checks.map(({ name }, at) => [name, checkOid(id, at)] as const),
    ...foreignKeys.map(({ name }, at) => [name, foreignKeyOid(id, at)] as const),
  ])
}

async function commentColumn(
  ddl: DefinitionContext,
  object: Node | undefined,
  text: string | undefined,
): Promise<void> {
  const [name = '', ...relation] = stringsOf(
    object !== undefined && 'List' in object ? object.List.items : [],
  ).toReversed()
  const given = { name: relation[0] ?? '', schema: relation[1] }
  const found = requireRelation(ddl, given)
  ddl.requireOwner(found.owner, `relation ${shown(given)}`)
  const number =
    found.kind === 'table'
      ? found.table.definition.columns.find((column) => column.name === name)?.id
      : found.kind === 'view'
        ? found.view.value.columns.findIndex((column) => column.name === name) + 1
        : undefined
  if (number === undefined || number === 0)
    throw queryError('undefined_column', `column "${name}" of relation "${given.name}" does not exist`)
  await putFacts(ddl, found.oid, ({ columnComments = {}, ...facts }) => {
    const { [number]: _, ...others } = columnComments
    const comments = text === undefined || text === '' ? others : { ...others, [number]: text }
    return Object.keys(comments).length === 0 ? facts : { ...facts, columnComments: comments }
  })
}

async function putComment(ddl: DefinitionContext, oid: number, text: string | undefined): Promise<void> {
  await putFacts(ddl, oid, ({ comment: _, ...facts }): FactsValue =>
    text === undefined || text === '' ? facts : { ...facts, comment: text },
  )
}
