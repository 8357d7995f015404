import type { Relation } from '../../../../relation/relation.js'
import type { CatalogClass } from '../../catalog-snapshot.js'
import { MODELS_SCHEMA } from '../../catalog/model-classes.js'
import { DEFAULT_SCHEMA } from '../../catalog/object-names.js'
import { quoteName } from '../../catalog/quote-name.js'
import { TEMPORARY_PREFIX } from '../../catalog/temporary-schema.js'
import type { RangeVar } from '../../parse/tree.js'
import type { UsedClass } from '../context/privileges.js'
import type { ClassUse } from '../context/privileges.js'
import type { StatementState } from '../context/statement-state.js'
import { RangeItem, type RangeColumn } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'
import { aliasedNames } from './alias.js'
import { bindCommonScan } from './common-scan.js'
import { columnExpression, ScanLeaf, type BoundFrom } from './from-tree.js'
import { bindView } from './view.js'

/** A table, a view, a WITH query by its name. */
export function bindRangeVar(scope: QueryScope, node: RangeVar): BoundFrom {
  const common = bindCommonScan(scope, node)
  if (common !== undefined) return common
  const found = requireClass(scope.statement, node, () => forwardReference(scope, node))
  switch (found.kind) {
    case 'relation':
      if (found.materialized?.isPopulated === false) {
        throw scope.statement.error(
          'object_not_in_prerequisite_state',
          `materialized view "${found.relation.name}" has not been populated`,
          undefined,
          { hint: 'Use the REFRESH MATERIALIZED VIEW command.' },
        )
      }
      return bindRelation(scope, node, found.relation)
    case 'view':
      return bindView(scope, node, found)
    case 'sequence':
      return bindRelation(scope, node, found.relation)
  }
}

/** What a name of a table means. @throws undefined_table */
export function requireClass(
  statement: StatementState,
  node: RangeVar,
  more: () => { readonly detail?: string; readonly hint?: string } = () => ({}),
): CatalogClass {
  const { location = 0, relname = '', catalogname } = node
  const schemaname = node.schemaname === 'pg_temp' ? ownTemporarySchema(statement) : node.schemaname
  const { catalog, scalar } = statement.context
  if (catalogname !== undefined && catalogname !== scalar.session.database) {
    throw statement.error(
      'feature_not_supported',
      `cross-database references are not implemented: "${catalogname}.${schemaname ?? ''}.${relname}"`,
      location,
    )
  }
  if (schemaname !== undefined) statement.privileges.needSchema(schemaname, statement.role)
  const name = schemaname === undefined ? { name: relname } : { schema: schemaname, name: relname }
  const found = catalog.findClass(name, statement.searchPath)
  if (found !== undefined) return found
  const written = schemaname === undefined ? relname : `${schemaname}.${relname}`
  const { hint = modelHint(statement, schemaname, relname), ...rest } = more()
  throw statement.error('undefined_table', `relation "${written}" does not exist`, location, {
    ...rest,
    ...(hint === undefined ? {} : { hint }),
  })
}

/** Where the data of a collection, a graph, vectors or a series is, for who looks for it among the tables. */
function modelHint(
  { context: { catalog } }: StatementState,
  schema: string | undefined,
  name: string,
): string | undefined {
  if (schema !== undefined && schema !== DEFAULT_SCHEMA) return undefined
  const found = [name, `${name}_nodes`, `${name}_edges`]
    .filter((one) => catalog.findClass({ schema: MODELS_SCHEMA, name: one }, []) !== undefined)
    .map((one) => `${MODELS_SCHEMA}.${quoteName(one)}`)
  if (found.length === 0) return undefined
  return `Collections, graphs, vectors and series are in the schema "${MODELS_SCHEMA}": ${found.join(', ')}.`
}

function ownTemporarySchema({ searchPath }: StatementState): string {
  return searchPath.find((schema) => schema.startsWith(TEMPORARY_PREFIX)) ?? 'pg_temp'
}

/** A WITH query of that name that cannot be read here. */
function forwardReference(
  scope: QueryScope,
  { relname = '', schemaname }: RangeVar,
): { detail?: string; hint?: string } {
  if (schemaname !== undefined) return {}
  for (let level: QueryScope | undefined = scope; level !== undefined; level = level.parent) {
    if (!level.laterCommons.has(relname)) continue
    return {
      detail: `There is a WITH item named "${relname}", but it cannot be referenced from this part of the query.`,
      hint: 'Use WITH RECURSIVE, or re-order the WITH items to remove forward references.',
    }
  }
  return {}
}

export function usedRelation({ oid, schema, name }: Relation): UsedClass {
  return { oid, schema, name }
}

function bindRelation(scope: QueryScope, node: RangeVar, relation: Relation): BoundFrom {
  const { statement } = scope
  const use = statement.privileges.needClass(usedRelation(relation), 'select', 'columns', statement.role)
  const name = node.alias?.aliasname ?? relation.name
  const leaf = new ScanLeaf(statement, relation, name)
  const item = relationItem(statement, relation, leaf, node, use)
  scope.addItem(item)
  scope.lock(item, relation, leaf.rowId)
  return { tree: leaf, items: [item], leaves: [item] }
}

/** A relation as names see it. */
export function relationItem(
  statement: StatementState,
  relation: Relation,
  leaf: ScanLeaf,
  { alias }: RangeVar,
  use: ClassUse,
): RangeItem {
  const name = alias?.aliasname ?? relation.name
  const visible = relation.columns.filter((column) => column.isHidden !== true)
  const names = aliasedNames(
    statement,
    alias,
    name,
    visible.map((column) => column.name),
  )
  const columns = relation.columns.map((column, ordinal): RangeColumn => {
    const output = leaf.columns[ordinal]
    const shown = names[visible.indexOf(column)] ?? column.name
    return {
      name: shown,
      type: column.type,
      value: columnExpression(output ?? { id: 0, name: column.name, type: column.type }),
      origin: { tableOid: relation.oid, columnNumber: ordinal + 1 },
      reads: [{ use, column: column.name }],
      ...(column.isHidden === true ? { isHidden: true } : {}),
    }
  })
  const rowType = statement.context.catalog.findType(
    { schema: relation.schema, name: relation.name },
    statement.searchPath,
  )
  return new RangeItem({
    kind: 'relation',
    name,
    columns,
    used: usedRelation(relation),
    hasAlias: alias !== undefined,
    relation,
    use,
    presence: leaf.presence,
    ...(rowType?.fields === undefined ? {} : { rowType }),
  })
}
