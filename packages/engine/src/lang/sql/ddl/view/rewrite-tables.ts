/** Queries of views follow when what they read is called otherwise: they are text, and only the names in FROM change. */
import { unsupported } from '../../../../scalar/condition.js'
import { quoteName } from '../../catalog/quote-name.js'
import { parseStatement } from '../../parse/parse-statements.js'
import { stringsOf, type RangeVar, type StatementTree } from '../../parse/tree.js'

/** A table in FROM: what it is called there. */
export interface ReadTable {
  readonly schema: string | undefined
  readonly name: string
  /** What the query calls it, and the first of its columns. */
  readonly alias: string | undefined
  readonly columns: readonly string[]
}

const NAME = String.raw`(?:"(?:[^"]|"")+"|[^\s."(),;]+)`
const DOT = String.raw`\s*\.\s*`

/**
 * @param edit gives what stands in the table's place; undefined: it stays.
 * @throws feature_not_supported where the text is not of a form that can be followed
 */
export function rewriteTables(query: string, edit: (table: ReadTable) => ReadTable | undefined): string {
  const tree = parseStatement(query)
  const found = rangeVars(tree.node)
  const own = new Set(commonNames(tree.node))
  let text = query
  for (const range of found.sort((one, other) => (other.location ?? 0) - (one.location ?? 0))) {
    if (range.schemaname === undefined && own.has(range.relname ?? '')) continue
    const table = readTable(range)
    const changed = edit(table)
    if (changed === undefined) continue
    const at = indexOf(tree, range)
    const length = lengthOf(text.slice(at), range)
    text = `${text.slice(0, at)}${textOf(changed)}${text.slice(at + length)}`
  }
  return text
}

function readTable({ schemaname: schema, relname: name = '', alias }: RangeVar): ReadTable {
  return { schema, name, alias: alias?.aliasname, columns: stringsOf(alias?.colnames) }
}

function textOf({ schema, name, alias, columns }: ReadTable): string {
  const full = schema === undefined ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`
  const list = columns.length === 0 ? '' : ` (${columns.map(quoteName).join(', ')})`
  return alias === undefined && list === '' ? full : `${full} AS ${quoteName(alias ?? name)}${list}`
}

function indexOf(tree: StatementTree, { location = 0 }: RangeVar): number {
  return tree.indexOf(location)
}

/** How long the table's name is with its alias. */
function lengthOf(text: string, { schemaname, alias }: RangeVar): number {
  const name = schemaname === undefined ? NAME : `${NAME}${DOT}${NAME}`
  const list = alias?.colnames === undefined ? '' : String.raw`\s*\(\s*${NAME}(?:\s*,\s*${NAME})*\s*\)`
  const as = alias === undefined ? '' : String.raw`\s+(?:as\s+)?${NAME}${list}`
  const match = new RegExp(`^${name}${as}`, 'i').exec(text)
  if (match === null) throw unsupported('renaming what a view reads under a name that is split by a comment')
  return match[0].length
}

function rangeVars(tree: unknown): RangeVar[] {
  if (Array.isArray(tree)) return tree.flatMap(rangeVars)
  if (typeof tree !== 'object' || tree === null) return []
  if ('RangeVar' in tree) return [tree.RangeVar as RangeVar]
  return Object.values(tree).flatMap(rangeVars)
}

/** Names of WITH queries. */
function commonNames(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(commonNames)
  if (typeof tree !== 'object' || tree === null) return []
  const inner = Object.values(tree).flatMap(commonNames)
  if (!('CommonTableExpr' in tree)) return inner
  const { ctename = '' } = tree.CommonTableExpr as { ctename?: string }
  return [ctename, ...inner]
}
