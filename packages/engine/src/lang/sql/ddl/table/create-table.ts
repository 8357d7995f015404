import { queryError, unsupported } from '../../../../scalar/condition.js'
import { objectName } from '../../catalog/object-names.js'
import { objectOid } from '../../catalog/oids.js'
import type { QualifiedName } from '../../catalog/records.js'
import { SUPERUSER } from '../../catalog/roles.js'
import type { TableObject } from '../../catalog/snapshot.js'
import { temporarySchema } from '../../catalog/temporary-schema.js'
import type { ColumnDef, Constraint, CreateStmt, Node, RangeVar } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { grantDefaults } from '../role/default-privileges.js'
import { putFacts } from '../put-facts.js'
import { creationName, givenName, requireFreeName } from '../target-names.js'
import { likeColumns, likeComments, likeConstraints } from './create-like.js'
import { bindColumnClauses, draftColumn, type DraftedColumn } from './draft-columns.js'
import { draftConstraint } from './draft-constraints.js'
import { noteOnCommit, requireTemporary } from './on-commit.js'
import { numberSequence, storeSequence, type NumberedSequence } from './pending-sequences.js'
import { TableDraft } from './table-draft.js'

/** CREATE TABLE. */
export async function createTable(ddl: DefinitionContext, statement: CreateStmt): Promise<string> {
  refuseUnsupported(statement)
  requireTemporary(statement.oncommit, isTemporary(statement.relation ?? {}))
  const name = await newTableName(ddl, statement.relation ?? {})
  if (statement.if_not_exists === true && ddl.catalog.hasRelationName(name)) {
    ddl.notice(`relation "${name.name}" already exists, skipping`, '42P07')
    return 'CREATE TABLE'
  }
  requireFreeName(ddl, name)
  const draft = new TableDraft(ddl, name)
  const drafted = draftElements(ddl, draft, statement.tableElts ?? [])
  const sequences: NumberedSequence[] = []
  for (const { sequence } of drafted)
    if (sequence !== undefined) sequences.push(await numberSequence(ddl, draft, sequence))
  const table = await storeTable(ddl, draft, sequences)
  noteOnCommit(ddl, table, statement.oncommit)
  for (const element of statement.tableElts ?? [])
    if ('TableLikeClause' in element) await likeComments(ddl, table, element.TableLikeClause)
  return 'CREATE TABLE'
}

/** Stores a new table with what belongs to it. */
export async function storeTable(
  ddl: DefinitionContext,
  draft: TableDraft,
  sequences: readonly NumberedSequence[] = [],
): Promise<TableObject> {
  const object = await ddl.createTable(objectName(draft.name), draft.definition())
  if (ddl.user !== SUPERUSER)
    await putFacts(ddl, objectOid(object.id), (facts) => ({ ...facts, owner: ddl.user }))
  const { schema } = draft.name
  await grantDefaults(ddl, { oid: objectOid(object.id), owner: ddl.user, schema, kind: 'table' })
  for (const sequence of sequences) await storeSequence(ddl, object.id, sequence)
  return object
}

/** Where a new table goes; the schema of temporary ones is made when it is first needed. */
export async function newTableName(ddl: DefinitionContext, relation: RangeVar): Promise<QualifiedName> {
  const given = givenName(relation)
  if (!isTemporary(relation)) return creationName(ddl, given)
  const schema = temporarySchema(ddl.state.processId)
  if (given.schema !== undefined && given.schema !== 'pg_temp' && given.schema !== schema)
    throw queryError('invalid_table_definition', 'cannot create temporary relation in non-temporary schema')
  if (!ddl.catalog.hasSchema(schema)) await ddl.put('sql.schema', schema, { owner: ddl.user })
  return { schema, name: given.name }
}

export function isTemporary({ relpersistence, schemaname }: RangeVar): boolean {
  return relpersistence === 't' || schemaname === 'pg_temp'
}

function draftElements(
  ddl: DefinitionContext,
  draft: TableDraft,
  elements: readonly Node[],
): DraftedColumn[] {
  const columns: [ColumnDef, DraftedColumn][] = []
  for (const element of elements) {
    if ('ColumnDef' in element) columns.push([element.ColumnDef, draftColumn(ddl, draft, element.ColumnDef)])
    else if ('TableLikeClause' in element) likeColumns(ddl, draft, element.TableLikeClause)
  }
  for (const [def, column] of columns) bindColumnClauses(ddl, draft, column, constraintsOf(def))
  const constraints = [
    ...columns.flatMap(([, { column, constraints: own }]) =>
      own.map((constraint) => ({ constraint, column: column.name })),
    ),
    ...elements.flatMap((element) =>
      'Constraint' in element ? [{ constraint: element.Constraint, column: undefined }] : [],
    ),
  ]
  // Keys first: foreign keys may refer to the table itself.
  for (const kind of [
    'CONSTR_PRIMARY',
    'CONSTR_UNIQUE',
    'CONSTR_CHECK',
    'CONSTR_FOREIGN',
    'CONSTR_EXCLUSION',
  ]) {
    for (const { constraint, column } of constraints)
      if (constraint.contype === kind) draftConstraint(ddl, draft, constraint, column)
  }
  for (const element of elements)
    if ('TableLikeClause' in element) likeConstraints(ddl, draft, element.TableLikeClause)
  return columns.map(([, column]) => column)
}

export function constraintsOf(def: ColumnDef): Constraint[] {
  return (def.constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []))
}

function refuseUnsupported(statement: CreateStmt): void {
  if (statement.inhRelations !== undefined) throw unsupported('INHERITS')
  if (statement.partspec !== undefined || statement.partbound !== undefined) throw unsupported('PARTITION BY')
  if (statement.ofTypename !== undefined) throw unsupported('CREATE TABLE OF')
}
