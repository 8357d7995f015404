/** What the functions `jsonb_path_query`, `jsonb_path_exists` and `jsonb_path_match` ask of a path. */
import { queryError } from '../../condition.js'
import { isJsonObject } from '../format-json.js'
import type { JsonNode } from '../jsonb.js'
import { PathEvaluator } from './evaluate-path.js'
import { formatPath } from './format-path.js'
import type { JsonPath } from './json-path.js'
import { parsePath } from './parse-path.js'
import { PathError } from './path-error.js'

const KEPT_MAX = 500
const parsed = new Map<string, JsonPath>()

/** The path of a value of the type `jsonpath`; paths used before need not be read again. @throws syntax_error */
export function pathOf(text: string): JsonPath {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const path = parsePath(text)
  if (parsed.size >= KEPT_MAX) parsed.clear()
  parsed.set(text, path)
  return path
}

/** A path in the form that PostgreSQL shows, which is the value of the type `jsonpath`. @throws syntax_error */
export function canonicalPath(text: string): string {
  return formatPath(pathOf(text))
}

export interface PathOptions {
  /** An object whose members are the path's variables. */
  readonly variables?: JsonNode
  /** What does not fit the document ends the search, without an error. */
  readonly isSilent?: boolean
}

/** All items, in order. Silent: those found before what does not fit. @throws the conditions of SQL/JSON */
export function queryPath(path: JsonPath, root: JsonNode, options: PathOptions = {}): JsonNode[] {
  const items: JsonNode[] = []
  const evaluator = new PathEvaluator(path, root, variablesOf(options.variables))
  run(options.isSilent === true, () => {
    evaluator.evaluate(path.root, root, (item) => items.push(item))
  })
  return items
}

/** Undefined: not known, because something does not fit and `isSilent` is set. */
export function pathExists(path: JsonPath, root: JsonNode, options: PathOptions = {}): boolean | undefined {
  const evaluator = new PathEvaluator(path, root, variablesOf(options.variables))
  let isFound = false
  const isDone = run(options.isSilent === true, () => {
    if (path.isStrict) evaluator.evaluate(path.root, root, () => (isFound = true))
    else isFound = evaluator.first(path.root, root) !== undefined
  })
  return isDone ? isFound : undefined
}

/** The one boolean that a path gives; undefined for null, and for anything else where `isSilent` is set. */
export function pathMatches(path: JsonPath, root: JsonNode, options: PathOptions = {}): boolean | undefined {
  const items = queryPath(path, root, options)
  const [item] = items
  if (items.length === 1 && (item === null || typeof item === 'boolean')) return item ?? undefined
  if (options.isSilent === true) return undefined
  throw queryError('singleton_sql_json_item_required', 'single boolean result is expected')
}

/** False when it ended early. */
function run(isSilent: boolean, work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    if (!isSilent) throw error.error
    return false
  }
}

const NO_VARIABLES: ReadonlyMap<string, JsonNode> = new Map()

function variablesOf(variables: JsonNode | undefined): ReadonlyMap<string, JsonNode> {
  if (variables === undefined) return NO_VARIABLES
  if (isJsonObject(variables)) return variables
  throw queryError('invalid_parameter_value', '"vars" argument is not an object', {
    detail: 'Jsonpath parameters should be encoded as key-value pairs of "vars" object.',
  })
}
