/** CREATE VIEW. */
import { queryError } from '../../../../scalar/condition.js'
import { storedTypeOf } from '../../catalog/user-types.js'
import type { DataType } from '../../../../scalar/data-type.js'
import { bindStatement } from '../../bind/bind-statement.js'
import { objectName } from '../../catalog/object-names.js'
import { quoteName } from '../../catalog/quote-name.js'
import { objectOid } from '../../catalog/oids.js'
import type { CatalogClass } from '../../catalog-snapshot.js'
import type { QualifiedName, ViewValue } from '../../catalog/records.js'
import { TEMPORARY_PREFIX } from '../../catalog/temporary-schema.js'
import { parseStatement } from '../../parse/parse-statements.js'
import { stringOf, type RangeVar, type ViewStmt } from '../../parse/tree.js'
import { grantDefaults } from '../role/default-privileges.js'
import type { DefinitionContext } from '../definition-context.js'
import { isTemporary, newTableName } from '../table/create-table.js'
import { requireFreeName } from '../target-names.js'
import { FrozenStars } from './frozen-stars.js'
import { readsOf } from './query-reads.js'
import { viewOptions } from './view-options.js'
import { textBehindAs, withoutCheckOption } from './query-text.js'

export async function createView(ddl: DefinitionContext, statement: ViewStmt): Promise<string> {
  const given = await newTableName(ddl, statement.view ?? {})
  const names = (statement.aliases ?? []).map((node) => stringOf(node) ?? '')
  const written = withoutCheckOption(textBehindAs(ddl.tree.text))
  const query = isRecursive(ddl.tree.text)
    ? recursiveQuery(statement.view?.relname ?? '', names, written)
    : written
  const { options, checkOption: asOption } = viewOptions(statement.options)
  const checkOption = checkOptionOf(statement) ?? asOption
  const draft = viewValue(ddl, given, query, names, checkOption)
  const name = await placeOf(ddl, statement.view ?? {}, given, draft)
  const value = { ...draft, ...name, ...(options === undefined ? {} : { options }) }
  const existing = ddl.catalog.views.find((view) => objectName(view.value) === objectName(name))
  if (existing === undefined || statement.replace !== true) {
    requireFreeName(ddl, name)
    const id = await ddl.put('sql.view', objectName(name), value)
    const { schema } = name
    await grantDefaults(ddl, { oid: objectOid(id), owner: value.owner, schema, kind: 'table' })
    return 'CREATE VIEW'
  }
  if (existing.value.storage !== undefined)
    throw queryError('wrong_object_type', `"${name.name}" is not a view`)
  ddl.requireOwner(existing.value.owner, `view ${name.name}`)
  requireCompatible(ddl, existing.value, value)
  await ddl.put('sql.view', existing.name, { ...value, owner: existing.value.owner }, existing.id)
  return 'CREATE VIEW'
}

/** A view of something temporary is temporary too. @throws invalid_table_definition */
async function placeOf(
  ddl: DefinitionContext,
  view: RangeVar,
  given: QualifiedName,
  { reads }: ViewValue,
): Promise<QualifiedName> {
  if (isTemporary(view)) return given
  const isOfTemporary = (oid: number): boolean =>
    schemaOf(ddl.catalog.classByOid(oid)).startsWith(TEMPORARY_PREFIX)
  if (!reads.some(({ oid }) => isOfTemporary(oid))) return given
  ddl.notice(`view "${given.name}" will be a temporary view`)
  return newTableName(ddl, { ...view, relpersistence: 't' })
}

function schemaOf(found: CatalogClass | undefined): string {
  return found === undefined ? '' : found.kind === 'relation' ? found.relation.schema : found.schema
}

function isRecursive(text: string): boolean {
  return /^\s*create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?recursive\s/i.test(text)
}

/** What CREATE RECURSIVE VIEW stands for. */
function recursiveQuery(view: string, names: readonly string[], query: string): string {
  const [name, columns] = [quoteName(view), names.map(quoteName).join(', ')]
  return `WITH RECURSIVE ${name} (${columns}) AS (${query}) SELECT ${columns} FROM ${name}`
}

/** What is stored of a query under a name. @param names of its first columns, where they are given */
export function viewValue(
  ddl: DefinitionContext,
  name: QualifiedName,
  query: string,
  names: readonly string[],
  checkOption?: 'local' | 'cascaded',
): ViewValue {
  const tree = parseStatement(query)
  const { catalog, searchPath } = ddl
  if (hasChange(tree.node))
    throw queryError('feature_not_supported', 'views must not contain data-modifying statements in WITH')
  const stars = new FrozenStars()
  const bound = bindStatement(tree, {
    noteStar: stars.note,
    catalog,
    registry: catalog.registry,
    searchPath,
    parameterTypes: [],
    scalar: ddl.state.scalar,
  })
  if (bound.parameters.length > 0) throw queryError('undefined_parameter', 'there is no parameter $1')
  if (bound.columns === undefined) throw queryError('syntax_error', 'a query is expected')
  if (names.length > bound.columns.length)
    throw queryError('syntax_error', 'CREATE VIEW specifies more column names than columns')
  const columns = bound.columns.map((column, i) => {
    return { name: names[i] ?? column.name, ...storedTypeOf(settled(ddl, column.type)) }
  })
  const repeated = columns.find((column, i) => columns.findIndex((other) => other.name === column.name) !== i)
  if (repeated !== undefined)
    throw queryError('duplicate_column', `column "${repeated.name}" specified more than once`)
  return {
    ...name,
    owner: ddl.user,
    query: stars.writtenOut(tree, query),
    searchPath,
    columns,
    ...(checkOption === undefined ? {} : { checkOption }),
    ...readsOf(catalog, bound.plan, tree.node, searchPath),
  }
}

/** A statement that changes rows, in WITH. */
function hasChange(tree: unknown): boolean {
  if (Array.isArray(tree)) return tree.some(hasChange)
  if (typeof tree !== 'object' || tree === null) return false
  if ('InsertStmt' in tree || 'UpdateStmt' in tree || 'DeleteStmt' in tree || 'MergeStmt' in tree) return true
  return Object.values(tree).some(hasChange)
}

/** Untyped literals are text. */
export function settled({ catalog }: DefinitionContext, type: DataType): DataType {
  if (type.scalar.name !== 'unknown') return type
  const text = catalog.registry.typeByName('text')
  return text === undefined ? type : { scalar: text, modifier: -1 }
}

function checkOptionOf({ withCheckOption }: ViewStmt): 'local' | 'cascaded' | undefined {
  if (withCheckOption === 'LOCAL_CHECK_OPTION') return 'local'
  if (withCheckOption === 'CASCADED_CHECK_OPTION') return 'cascaded'
  return undefined
}

/** Whoever reads the view must find its columns where they were. */
function requireCompatible(ddl: DefinitionContext, before: ViewValue, after: ViewValue): void {
  if (after.columns.length < before.columns.length)
    throw queryError('invalid_table_definition', 'cannot drop columns from view')
  before.columns.forEach((column, i) => {
    const other = after.columns[i]
    if (other === undefined) return
    if (other.name !== column.name)
      throw queryError(
        'invalid_table_definition',
        `cannot change name of view column "${column.name}" to "${other.name}"`,
        { hint: 'Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.' },
      )
    if (other.oid !== column.oid || other.modifier !== column.modifier) {
      const [from, to] = [column.oid, other.oid].map((oid) => ddl.catalog.typeByOid(oid)?.displayName ?? '')
      throw queryError(
        'invalid_table_definition',
        `cannot change data type of view column "${column.name}" from ${from} to ${to}`,
      )
    }
  })
}
