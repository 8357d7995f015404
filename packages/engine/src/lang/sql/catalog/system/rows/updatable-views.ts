import { parseStatement } from '../../../parse/parse-statements.js'
import { stringsOf, type Node, type SelectStmt } from '../../../parse/tree.js'
import type { CatalogView } from '../../../catalog-snapshot.js'
import type { LoadedCatalog } from '../../snapshot.js'

/** Whether a view shows the rows of one table one by one, so that they can be changed through it. */
export function isUpdatable(catalog: LoadedCatalog, view: CatalogView, depth = 0): boolean {
  if (depth > DEPTH_MAX) return false
  const { node } = parseStatement(view.query)
  if (!('SelectStmt' in node)) return false
  const from = onlyTable(node.SelectStmt)
  if (from === undefined || hasGroupedCalls(catalog, node.SelectStmt.targetList)) return false
  const { relname: name = '', schemaname: schema } = from
  const base = catalog.findClass({ schema, name }, view.searchPath)
  if (base?.kind === 'view') return isUpdatable(catalog, base, depth + 1)
  return base?.kind === 'relation' && base.relation.writer !== undefined
}

/** More views than this, one over the other, nobody makes. */
const DEPTH_MAX = 100

/** What a SELECT that can be changed through may have. */
const PLAIN: ReadonlySet<string> = new Set([
  'targetList',
  'fromClause',
  'whereClause',
  'sortClause',
  'limitOption',
  'op',
])

function onlyTable(
  select: SelectStmt,
): { readonly relname?: string; readonly schemaname?: string } | undefined {
  if (Object.keys(select).some((key) => !PLAIN.has(key)) || (select.op ?? 'SETOP_NONE') !== 'SETOP_NONE')
    return undefined
  const [from, ...others] = select.fromClause ?? []
  return from !== undefined && others.length === 0 && 'RangeVar' in from ? from.RangeVar : undefined
}

/** Calls of aggregates, of window functions and of functions that give rows. */
function hasGroupedCalls(catalog: LoadedCatalog, tree: unknown): boolean {
  if (Array.isArray(tree)) return tree.some((each) => hasGroupedCalls(catalog, each))
  if (typeof tree !== 'object' || tree === null) return false
  if ('SubLink' in tree) return false
  if ('FuncCall' in tree) {
    const { funcname, over } = tree.FuncCall as { funcname?: Node[]; over?: unknown }
    const kinds = catalog.registry.functionsByName(stringsOf(funcname).at(-1) ?? '').map(({ kind }) => kind)
    if (over !== undefined || kinds.some((kind) => kind === 'aggregate' || kind === 'table')) return true
  }
  return Object.values(tree).some((each) => hasGroupedCalls(catalog, each))
}
