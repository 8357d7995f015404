/** CREATE TABLE AS, SELECT INTO, CREATE and REFRESH MATERIALIZED VIEW. */
import { defined } from '@orbit-ts/base'
import { queryError } from '../../../../scalar/condition.js'
import { objectName } from '../../catalog/object-names.js'
import { objectOid } from '../../catalog/oids.js'
import type { QualifiedName, SqlRecord } from '../../catalog/records.js'
import type { TableObject } from '../../catalog/snapshot.js'
import { parseStatement } from '../../parse/parse-statements.js'
import {
  nodeKind,
  stringOf,
  type CreateTableAsStmt,
  type OnCommitAction,
  type RefreshMatViewStmt,
  type StatementTree,
} from '../../parse/tree.js'
import type { ResultColumn } from '../../session-contract.js'
import { startQuery, type QueryRun, type QuerySource } from '../../session/query-statement.js'
import { grantDefaults } from '../role/default-privileges.js'
import type { DefinitionContext } from '../definition-context.js'
import { givenName, requireFreeName, requireRelation } from '../target-names.js'
import { settled, viewValue } from '../view/create-view.js'
import { textBehindAs, withoutData } from '../view/query-text.js'
import { isTemporary, newTableName, storeTable } from './create-table.js'
import { noteOnCommit, requireTemporary } from './on-commit.js'
import { storedColumnType } from './stored-column-type.js'
import { emptyTable } from './table-change.js'
import { TableDraft } from './table-draft.js'

/** Materialized views keep their rows in tables of names that nobody can write. */
const STORAGE_SUFFIX = '\u001frows'

export async function createTableAs(ddl: DefinitionContext, statement: CreateTableAsStmt): Promise<string> {
  const { into, objtype, query } = statement
  const isView = objtype === 'OBJECT_MATVIEW'
  requireTemporary(into?.onCommit, isTemporary(into?.rel ?? {}))
  const name = await newTableName(ddl, into?.rel ?? {})
  if (statement.if_not_exists === true && ddl.catalog.hasRelationName(name)) {
    ddl.notice(`relation "${name.name}" already exists, skipping`, '42P07')
    return isView ? 'CREATE MATERIALIZED VIEW' : 'CREATE TABLE AS'
  }
  requireFreeName(ddl, name)
  if (query === undefined || nodeKind(query) === 'ExecuteStmt')
    throw queryError('feature_not_supported', 'CREATE TABLE AS EXECUTE is not supported')
  const names = (into?.colNames ?? []).map((node) => stringOf(node) ?? '')
  const isFilled = into?.skipData !== true
  const tree: StatementTree = { ...ddl.tree, node: query }
  if (isView) {
    const count = await createMaterializedView(ddl, name, names, isFilled)
    return isFilled ? `SELECT ${count}` : 'CREATE MATERIALIZED VIEW'
  }
  const count = await tableOfQuery(
    ddl,
    name,
    objectName(name),
    bindTree(ddl.tree, tree),
    names,
    isFilled,
    into?.onCommit,
  )
  return isFilled ? `SELECT ${count}` : 'CREATE TABLE AS'
}

/** The tree of a part of a statement, with the places of the whole. */
function bindTree(whole: StatementTree, part: StatementTree): StatementTree {
  return {
    ...part,
    offsetOf: (location) => whole.offsetOf(location),
    indexOf: (location) => whole.indexOf(location),
  }
}

async function createMaterializedView(
  ddl: DefinitionContext,
  name: QualifiedName,
  names: readonly string[],
  isFilled: boolean,
): Promise<number> {
  const query = withoutData(textBehindAs(ddl.tree.text))
  const value = viewValue(ddl, name, query, names)
  const storage = `${objectName(name)}${STORAGE_SUFFIX}`
  const count = await tableOfQuery(ddl, name, storage, parseStatement(query), names, isFilled)
  const id = await ddl.put('sql.view', objectName(name), { ...value, storage, isPopulated: isFilled })
  const { schema } = name
  await grantDefaults(ddl, { oid: objectOid(id), owner: value.owner, schema, kind: 'table' })
  return count
}

export async function refreshView(ddl: DefinitionContext, statement: RefreshMatViewStmt): Promise<string> {
  const given = givenName(statement.relation ?? {})
  const found = requireRelation(ddl, given)
  const view = found.kind === 'view' ? found.view : undefined
  if (view?.value.storage === undefined)
    throw queryError('wrong_object_type', `"${given.name}" is not a materialized view`)
  ddl.requireOwner(found.owner, `materialized view ${given.name}`)
  const { storage } = view.value
  const table = defined(
    ddl.catalog.tables.find((object) => object.name === storage),
    'the rows of the view',
  )
  const empty = await emptyTable(ddl, table)
  const isFilled = statement.skipData !== true
  if (isFilled) await fill(ddl, empty, sourceOf(parseStatement(view.value.query)))
  await setPopulated(ddl, view, isFilled)
  return 'REFRESH MATERIALIZED VIEW'
}

async function setPopulated(
  ddl: DefinitionContext,
  view: SqlRecord<'sql.view'>,
  isPopulated: boolean,
): Promise<void> {
  if (view.value.isPopulated !== isPopulated)
    await ddl.put('sql.view', view.name, { ...view.value, isPopulated }, view.id)
}

/** A new table with the columns of a query, and its rows. */
async function tableOfQuery(
  ddl: DefinitionContext,
  name: QualifiedName,
  storedAs: string,
  tree: StatementTree,
  names: readonly string[],
  isFilled: boolean,
  onCommit?: OnCommitAction,
): Promise<number> {
  const source = sourceOf(tree)
  const { plan, execution } = await startQuery(ddl.state, source, [], ddl.scope)
  const columns = defined(plan.bound.columns, 'the columns of the query')
  if (names.length > columns.length) throw queryError('syntax_error', 'too many column names were specified')
  const draft = new TableDraft(ddl, name)
  columns.forEach((column, i) => addResultColumn(ddl, draft, column, names[i]))
  const table =
    storedAs === objectName(name)
      ? await storeTable(ddl, draft)
      : await ddl.createTable(storedAs, draft.definition())
  noteOnCommit(ddl, table, onCommit)
  if (!isFilled) return 0
  return insertRows(ddl, table, execution)
}

function addResultColumn(
  ddl: DefinitionContext,
  draft: TableDraft,
  column: ResultColumn,
  name: string = column.name,
): void {
  const type = settled(ddl, column.type)
  draft.addColumn({ name, ...storedColumnType(ddl.catalog, name, type), notNull: false })
}

async function fill(ddl: DefinitionContext, table: TableObject, source: QuerySource): Promise<number> {
  const { execution } = await startQuery(ddl.state, source, [], ddl.scope)
  return insertRows(ddl, table, execution)
}

async function insertRows(
  ddl: DefinitionContext,
  table: TableObject,
  rows: QueryRun['execution'],
): Promise<number> {
  const relation = ddl.catalog.tableRelation(table)
  const write = await relation.writer.begin({
    models: ddl.context,
    scalar: ddl.state.scalar,
    signal: ddl.scope.signal,
  })
  let count = 0
  for await (const batch of rows) {
    await write.insert(batch)
    count += batch.length
  }
  await write.finish()
  return count
}

function sourceOf(tree: StatementTree): QuerySource {
  return { tree, parameterTypes: [], plan: undefined, isUnprepared: true }
}
