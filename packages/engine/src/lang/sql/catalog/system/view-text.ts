/** The queries of views as text that means the same under another search path. */
import { columnName } from '../../bind/select/column-name.js'
import { rewriteTables } from '../../ddl/view/rewrite-tables.js'
import { parseStatement } from '../../parse/parse-statements.js'
import { stringsOf, type StatementTree, type TypeName } from '../../parse/tree.js'
import { quoteName } from '../quote-name.js'
import type { ViewValue } from '../records.js'
import type { LoadedCatalog } from '../snapshot.js'

/** The query of a view, with the names that its columns have. */
export function viewText(
  catalog: LoadedCatalog,
  view: Pick<ViewValue, 'query' | 'name' | 'columns' | 'searchPath'>,
  searchPath: readonly string[],
): string {
  const { name, columns } = view
  const text = qualified(catalog, view.query.trim().replace(/;$/, ''), view.searchPath, searchPath)
  const { node } = parseStatement(text)
  const targets = 'SelectStmt' in node ? (node.SelectStmt.targetList ?? []) : []
  const names = targets.map((target) =>
    'ResTarget' in target ? (target.ResTarget.name ?? columnName(target.ResTarget.val)) : '',
  )
  const isSame = names.length === 0 || columns.every((column, at) => column.name === names[at])
  return isSame
    ? text
    : `SELECT * FROM (${text}) AS ${quoteName(name)} (${columns.map((column) => quoteName(column.name)).join(', ')})`
}

/** With the schemas of tables and types that are not found by their names alone. */
function qualified(
  catalog: LoadedCatalog,
  query: string,
  own: readonly string[],
  searchPath: readonly string[],
): string {
  const isSamePath = own.length === searchPath.length && own.every((schema, at) => schema === searchPath[at])
  if (isSamePath) return query
  const text = rewriteTables(query, (table) => {
    if (table.schema !== undefined) return undefined
    const found = catalog.findClass({ name: table.name }, own)
    if (found === undefined) return undefined
    const { oid, schema } = found.kind === 'relation' ? found.relation : found
    const seen = catalog.findClass({ name: table.name }, searchPath)
    const seenOid = seen?.kind === 'relation' ? seen.relation.oid : seen?.oid
    return seenOid === oid ? undefined : { ...table, schema }
  })
  return withTypes(catalog, text, own, searchPath)
}

function withTypes(
  catalog: LoadedCatalog,
  query: string,
  own: readonly string[],
  searchPath: readonly string[],
): string {
  const tree = parseStatement(query)
  let text = query
  const names = typeNames(tree.node).sort((one, other) => (other.location ?? 0) - (one.location ?? 0))
  for (const type of names) {
    const [name = '', ...more] = stringsOf(type.names)
    if (more.length > 0) continue
    const found = catalog.findType({ name }, own)
    const made = found === undefined ? undefined : catalog.types.locate(found.domain?.oid ?? found.oid)
    if (found === undefined || made === undefined) continue
    if (catalog.findType({ name }, searchPath)?.oid === found.oid) continue
    const at = startOf(tree, type)
    text = `${text.slice(0, at)}${quoteName(made.schema)}.${text.slice(at)}`
  }
  return text
}

const startOf = (tree: StatementTree, { location }: TypeName): number => tree.indexOf(location)

/** Those that stand in the text. */
function typeNames(tree: unknown): TypeName[] {
  if (Array.isArray(tree)) return tree.flatMap(typeNames)
  if (typeof tree !== 'object' || tree === null) return []
  const inner = Object.entries(tree).flatMap(([key, value]) =>
    key === 'typeName' ? [value as TypeName] : typeNames(value),
  )
  return inner.filter(({ location }) => location !== undefined && location >= 0)
}
