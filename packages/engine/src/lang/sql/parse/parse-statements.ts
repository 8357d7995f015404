/** From a text of SQL to the trees of its statements. */
import { LruTexts } from './lru-texts.js'
import { loadParser, parseRaw } from './parser-instance.js'
import { isTooLarge, TEXT_LENGTH_MAX, TOKENS_MAX } from './statement-size.js'
import { pointsBefore, unitsBefore } from './text-position.js'
import { queryError, type Condition } from '../../../scalar/condition.js'
import type { IntoClause, Node, ParseResult, SelectStmt, StatementTree } from './tree.js'

export { loadParser } from './parser-instance.js'

const cache = new LruTexts<readonly StatementTree[]>({ lengthMax: 4 * 1024 * 1024, textLengthMax: 32 * 1024 })

/**
 * The statements of a text, none for one without any. {@link loadParser} must have been waited for.
 * @throws syntax_error with its offset
 * @throws statement_too_complex for texts too large or nested too deeply
 */
export function parseStatements(text: string): readonly StatementTree[] {
  const known = cache.get(text)
  if (known !== undefined) return known
  const statements = parseText(text)
  cache.set(text, statements)
  return statements
}

/** Whether the trees of a text are at hand. */
export function isParsed(text: string): boolean {
  return cache.has(text)
}

/** As {@link parseStatements}, loading the parser where needed. */
export async function loadAndParse(text: string): Promise<readonly StatementTree[]> {
  await loadParser()
  return parseStatements(text)
}

/** The tree of the one statement in a text, of a view's query for instance. @throws syntax_error unless there is one */
export function parseStatement(text: string): StatementTree {
  const [statement, ...others] = parseStatements(text)
  if (statement === undefined || others.length > 0) {
    throw queryError('syntax_error', 'one statement is expected')
  }
  return statement
}

/**
 * The tree of one expression: of a default, a check, an index. Locations in it count from {@link EXPRESSION_PREFIX}.
 * @throws syntax_error
 */
export function parseExpression(text: string): { readonly node: Node; readonly tree: StatementTree } {
  const tree = parseStatement(`${EXPRESSION_PREFIX}${text}\n)`)
  const node = onlyTarget(tree.node)
  if (node === undefined) throw queryError('syntax_error', 'one expression is expected')
  return { node, tree }
}

/** What stands before the expression in the text that is parsed. */
export const EXPRESSION_PREFIX = 'SELECT ('

/** What the tree of a SELECT without any clause has. */
const PLAIN_SELECT: ReadonlySet<string> = new Set(['targetList', 'limitOption', 'op'])

function onlyTarget(statement: Node): Node | undefined {
  if (!('SelectStmt' in statement)) return undefined
  const [target, ...others] = statement.SelectStmt.targetList ?? []
  const hasClauses = Object.keys(statement.SelectStmt).some((key) => !PLAIN_SELECT.has(key))
  if (target === undefined || others.length > 0 || hasClauses) return undefined
  return 'ResTarget' in target && target.ResTarget.name === undefined ? target.ResTarget.val : undefined
}

function parseText(text: string): readonly StatementTree[] {
  checkText(text)
  if (text.trim() === '') return []
  const parse = parseRaw(text)
  if (parse.kind === 'exhausted') throw tooDeep()
  if (parse.kind === 'error') throw parseError(parse.message, parse.offset)
  const result = JSON.parse(parse.json) as ParseResult
  const isAscii = isAsciiOnly(text)
  return (result.stmts ?? []).flatMap((statement) => {
    const { stmt } = statement
    if (stmt === undefined) return []
    return [
      statementTree(text, isAscii, asDefinition(stmt), statement.stmt_location ?? 0, statement.stmt_len ?? 0),
    ]
  })
}

/** SELECT … INTO is another way to write CREATE TABLE … AS. */
function asDefinition(node: Node): Node {
  if (!('SelectStmt' in node)) return node
  const { into, query } = withoutInto(node.SelectStmt)
  if (into === undefined) return node
  return {
    CreateTableAsStmt: { query: { SelectStmt: query }, into, objtype: 'OBJECT_TABLE', is_select_into: true },
  }
}

/** The clause stands in the first SELECT of a set operation. */
function withoutInto(select: SelectStmt): { readonly into?: IntoClause; readonly query: SelectStmt } {
  const { intoClause: into, larg, ...rest } = select
  if (into !== undefined) return { into, query: { ...rest, ...(larg === undefined ? {} : { larg }) } }
  if (larg === undefined) return { query: select }
  const left = withoutInto(larg)
  return left.into === undefined
    ? { query: select }
    : { into: left.into, query: { ...rest, larg: left.query } }
}

/** @param length in bytes; 0: up to the end of the text. */
function statementTree(
  source: string,
  isAscii: boolean,
  node: Node,
  start: number,
  length: number,
): StatementTree {
  const indexOf = (location: number | undefined): number =>
    isAscii ? (location ?? 0) : unitsBefore(source, location ?? 0)
  const begin = skipSpace(source, indexOf(start))
  const end = length === 0 ? source.length : indexOf(start + length)
  return {
    node,
    text: source.slice(begin, end).trimEnd(),
    offset: isAscii ? begin : pointsBefore(source, begin),
    source,
    indexOf,
    // The parser leaves a location out when it is 0.
    offsetOf: (location = 0) => {
      if (location < 0) return undefined
      return isAscii ? location : pointsBefore(source, indexOf(location))
    },
  }
}

function skipSpace(text: string, start: number): number {
  let index = start
  while (index < text.length && /\s/.test(text.charAt(index))) index++
  return index
}

function isAsciiOnly(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text)
}

function checkText(text: string): void {
  const zero = text.indexOf('\0')
  if (zero >= 0) {
    throw queryError('character_not_in_repertoire', 'invalid byte sequence for encoding "UTF8": 0x00', {
      offset: pointsBefore(text, zero),
    })
  }
  if (/\p{Surrogate}/u.test(text)) {
    throw queryError('character_not_in_repertoire', 'the statement is not well-formed Unicode')
  }
  if (isTooLarge(text)) {
    throw queryError('statement_too_complex', 'the statement is too large', {
      hint: `At most ${TOKENS_MAX} words and signs in ${TEXT_LENGTH_MAX} characters can be parsed at once; pass long lists as array parameters, or use COPY.`,
    })
  }
}

/** As PostgreSQL words it. */
export function tooDeep(): Error {
  return queryError('statement_too_complex', 'stack depth limit exceeded', {
    hint: 'Nest expressions and subqueries less deeply.',
  })
}

/** Errors of the grammar that are not `syntax_error`. */
const CONDITIONS_BY_MESSAGE: readonly (readonly [RegExp, Condition])[] = [
  [/^out of memory|^stack depth/, 'statement_too_complex'],
  [/not (yet )?(supported|implemented)/, 'feature_not_supported'],
  [/^invalid byte sequence/, 'character_not_in_repertoire'],
  [/^precision for type float/, 'invalid_parameter_value'],
  [/^unsafe use of/, 'feature_not_supported'],
  [/^parameter number too large/, 'syntax_error'],
  [/^frame (start|end)/, 'windowing_error'],
]

function parseError(message: string, offset: number | undefined): Error {
  const condition = CONDITIONS_BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1] ?? 'syntax_error'
  return queryError(condition, message, offset === undefined ? {} : { offset })
}
