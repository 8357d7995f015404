/** CREATE INDEX. */
import type { IndexColumnDefinition } from '../../../../models/relational/schema/table-definition.js'
import { queryError, unsupported } from '../../../../scalar/condition.js'
import { splitObjectName } from '../../catalog/object-names.js'
import type { QualifiedName } from '../../catalog/records.js'
import type { TableObject } from '../../catalog/snapshot.js'
import { stringsOf, type IndexElem, type IndexStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { expressionText } from '../expression-text.js'
import { bindDraftExpression } from '../table/draft-columns.js'
import { requireColumn, requireSortable } from '../table/draft-constraints.js'
import { storedColumnType } from '../table/stored-column-type.js'
import { changeIndexes } from '../table/change-indexes.js'
import { TableDraft } from '../table/table-draft.js'
import { givenName, requireRelation, shown, type FoundClass } from '../target-names.js'

/** Access methods whose indexes are made as ordered ones are. */
const ORDERED: ReadonlySet<string> = new Set(['btree', 'hash'])
/** pgvector's: searches read the vectors themselves. */
const VECTOR: ReadonlySet<string> = new Set(['hnsw', 'ivfflat'])
const IGNORED: ReadonlySet<string> = new Set(['gin', 'gist', 'spgist', 'brin'])

export async function createIndex(ddl: DefinitionContext, statement: IndexStmt): Promise<string> {
  if (statement.concurrent === true && ddl.state.transaction.isBlock)
    throw queryError(
      'active_sql_transaction',
      'CREATE INDEX CONCURRENTLY cannot run inside a transaction block',
    )
  const given = givenName(statement.relation ?? {})
  const found = requireRelation(ddl, given)
  const indexed = indexedTable(ddl, found)
  if (indexed === undefined)
    throw queryError('wrong_object_type', `cannot create index on relation "${given.name}"`, {
      ...(found.kind === 'view' ? { detail: 'This operation is not supported for views.' } : {}),
    })
  const { table, name } = indexed
  ddl.requireOwner(found.owner, `${found.kind === 'view' ? 'materialized view' : 'table'} ${shown(given)}`)
  const draft = new TableDraft(ddl, name, table.definition)
  const method = statement.accessMethod ?? 'btree'
  const wanted = statement.idxname
  if (wanted !== undefined && ddl.catalog.hasRelationName({ schema: name.schema, name: wanted })) {
    if (statement.if_not_exists !== true)
      throw queryError('duplicate_table', `relation "${wanted}" already exists`)
    ddl.notice(`relation "${wanted}" already exists, skipping`, '42P07')
    return 'CREATE INDEX'
  }
  if (!ORDERED.has(method) && !VECTOR.has(method) && !IGNORED.has(method))
    throw queryError('undefined_object', `access method "${method}" does not exist`)
  const elements = (statement.indexParams ?? []).flatMap((node) =>
    'IndexElem' in node ? [node.IndexElem] : [],
  )
  const isOrdered = ORDERED.has(method)
  if (!isOrdered) refuseUnique(statement, method)
  const columns = elements.map((element) => indexColumn(ddl, draft, element, isOrdered, method))
  const predicate = statement.whereClause
  if (predicate !== undefined) bindDraftExpression(ddl, draft, predicate, 'index predicate', 'condition')
  const index = {
    name: wanted ?? draft.indexName(nameParts(draft, elements), 'idx'),
    columns,
    unique: statement.unique === true,
    nullsNotDistinct: statement.nulls_not_distinct === true,
    ...(predicate === undefined ? {} : { predicate: { sql: expressionText(predicate) } }),
    ...(method === 'btree' ? {} : { method }),
    ...included(draft, statement),
    ...(isOrdered ? {} : { isVirtual: true as const }),
  }
  if (!isOrdered) {
    ddl.notice(
      `index "${index.name}" is kept in the catalog only: ${method} indexes are not used, queries read the table`,
    )
  }
  draft.addIndex(index)
  await changeIndexes(ddl, table, draft.definition())
  return 'CREATE INDEX'
}

/** The table itself, or the one that keeps the rows of a materialized view, with the name that it is known by. */
function indexedTable(
  ddl: DefinitionContext,
  found: FoundClass,
): { readonly table: TableObject; readonly name: QualifiedName } | undefined {
  if (found.kind === 'table') return { table: found.table, name: splitObjectName(found.table.name) }
  if (found.kind !== 'view') return undefined
  const { storage, schema, name } = found.view.value
  const table = ddl.catalog.tables.find((object) => object.name === storage)
  return table === undefined ? undefined : { table, name: { schema, name } }
}

function refuseUnique({ unique }: IndexStmt, method: string): void {
  if (unique === true)
    throw queryError('feature_not_supported', `access method "${method}" does not support unique indexes`)
}

function included(draft: TableDraft, { indexIncludingParams }: IndexStmt) {
  if (indexIncludingParams === undefined) return {}
  return {
    include: indexIncludingParams.flatMap((node) =>
      'IndexElem' in node ? [requireColumnNamed(draft, node.IndexElem.name ?? '').id] : [],
    ),
  }
}

function indexColumn(
  ddl: DefinitionContext,
  draft: TableDraft,
  element: IndexElem,
  isOrdered: boolean,
  method: string,
): IndexColumnDefinition {
  const descending = element.ordering === 'SORTBY_DESC'
  const nullsFirst =
    element.nulls_ordering === 'SORTBY_NULLS_FIRST' ||
    (element.nulls_ordering !== 'SORTBY_NULLS_LAST' && descending)
  const order = {
    descending,
    ...(nullsFirst === descending ? { nullsLarge: true as const } : {}),
  }
  refuseCollation(element)
  checkOperatorClass(element, method)
  if (element.expr === undefined) {
    const column = requireColumnNamed(draft, element.name ?? '')
    if (isOrdered) requireSortable(column)
    return { column: column.id, ...order }
  }
  const bound = bindDraftExpression(ddl, draft, element.expr, 'index expression', undefined)
  const { type } = storedColumnType(ddl.catalog, 'expr', bound.type)
  return { column: 0, ...order, expression: { sql: expressionText(element.expr), type } }
}

function requireColumnNamed(draft: TableDraft, name: string) {
  if (draft.find(name) === undefined) throw queryError('undefined_column', `column "${name}" does not exist`)
  return requireColumn(draft, name)
}

/** Classes by the names that PostgreSQL and its common extensions have. What they order is what keys have anyway. */
const OPERATOR_CLASS =
  /^(?:(?:int[248]|float[48]|numeric|text|varchar|bpchar|char|name|date|time|timetz|timestamp|timestamptz|interval|bool|bytea|uuid|oid|enum|array|inet|cidr|jsonb|record|bit|varbit|money|macaddr)_ops|(?:text|varchar|bpchar)_pattern_ops|jsonb_path_ops|gi[ns]t?_trgm_ops|vector_(?:l2|ip|cosine|l1)_ops|\w+_(?:minmax|bloom|inclusion|minmax_multi)_ops)$/

/** @throws undefined_object */
function checkOperatorClass({ opclass }: IndexElem, method: string): void {
  const name = stringsOf(opclass).at(-1)
  if (name === undefined || OPERATOR_CLASS.test(name)) return
  throw queryError(
    'undefined_object',
    `operator class "${name}" does not exist for access method "${method}"`,
  )
}

function refuseCollation({ collation }: IndexElem): void {
  const name = stringsOf(collation).at(-1)
  if (name !== undefined && !['C', 'POSIX', 'default', 'ucs_basic'].includes(name))
    throw unsupported(`an index with collation "${name}"`)
}

/** What the name of an index is made of: its columns, `expr` for expressions, the function's name for calls. */
function nameParts(draft: TableDraft, elements: readonly IndexElem[]): string[] {
  const parts: string[] = []
  for (const { name, expr } of elements) {
    const part =
      name ??
      (expr !== undefined && 'FuncCall' in expr ? stringsOf(expr.FuncCall.funcname).at(-1) : undefined) ??
      'expr'
    const taken = parts.filter((other) => other === part || other.replace(/\d+$/, '') === part).length
    parts.push(taken === 0 ? part : `${part}${taken}`)
  }
  return parts.length === 0 ? [draft.name.name] : parts
}
