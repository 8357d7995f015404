/** A filter, checked and taken apart. */
import { OrbitError, didYouMean } from '@orbit-ts/base'
import type { Condition, Filter } from './filter.js'
import { checkLike } from './like-pattern.js'
import { parsePath, type Path } from './path.js'

export type Operator = keyof Condition

export interface Test {
  readonly kind: 'test'
  readonly path: Path
  readonly operator: Operator
  readonly operand: unknown
}

export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly node: FilterNode }
  | Test

/** `$and`, `$or` and `$not` inside one another. */
export const FILTER_DEPTH_MAX = 32
/** Conditions in one filter. */
export const FILTER_CONDITIONS_MAX = 1000
/** Values in one `in` or `notIn`. */
export const FILTER_LIST_MAX = 10_000
/** Arrays and objects inside one another in a value to compare with. */
export const FILTER_VALUE_DEPTH_MAX = 100

export interface CheckFilterOptions {
  /** What is filtered, for messages: `table "airports"`. */
  readonly what?: string
  /** The fields that exist; others are refused. Only the first step of a path is looked up. Default: any. */
  readonly fields?: Iterable<string>
}

/**
 * @throws INVALID_ARGUMENT naming the place in the filter: an unknown field or operator (with the nearest known one),
 * a value an operator does not accept, more than {@link FILTER_DEPTH_MAX} levels, {@link FILTER_CONDITIONS_MAX}
 * conditions or {@link FILTER_LIST_MAX} values in a list.
 */
export function checkFilter(filter: unknown, options: CheckFilterOptions = {}): void {
  parseFilter(filter, options)
}

/** The filter as a tree; an empty one is an empty `and`. @throws INVALID_ARGUMENT as `checkFilter`. */
export function parseFilter(filter: unknown, options: CheckFilterOptions = {}): FilterNode {
  return new FilterParser(options).parse(filter, 'where', 0)
}

const COMBINATORS = ['$and', '$or', '$not']

type OperandCheck = (operand: unknown, where: string, fail: Fail) => void
type Fail = (where: string, reason: string, details?: Record<string, unknown>) => never

const OPERANDS: Readonly<Record<Operator, OperandCheck>> = {
  eq: checkValue,
  ne: checkValue,
  gt: checkComparable,
  gte: checkComparable,
  lt: checkComparable,
  lte: checkComparable,
  in: checkList,
  notIn: checkList,
  like: checkPattern,
  ilike: checkPattern,
  startsWith: checkText,
  isNull: checkFlag,
  exists: checkFlag,
  contains: checkValue,
}
const OPERATORS = Object.keys(OPERANDS)

class FilterParser {
  readonly #what: string | undefined
  readonly #fields: ReadonlySet<string> | undefined
  #conditions = 0

  constructor(options: CheckFilterOptions) {
    this.#what = options.what
    this.#fields = options.fields === undefined ? undefined : new Set(options.fields)
  }

  parse(filter: unknown, where: string, depth: number): FilterNode {
    if (!isPlainObject(filter))
      this.#fail(where, `is ${describe(filter)}; it must be an object of fields and conditions`)
    if (depth > FILTER_DEPTH_MAX) {
      this.#fail(where, `is nested deeper than ${FILTER_DEPTH_MAX} levels`, { limit: FILTER_DEPTH_MAX })
    }
    const entries = Object.entries(filter)
    if (entries.length === 0) this.#countCondition(where)
    const nodes = entries.flatMap(([key, value]) => this.#entry(key, value, where, depth))
    const [only] = nodes
    return nodes.length === 1 && only !== undefined ? only : { kind: 'and', nodes }
  }

  #entry(key: string, value: unknown, parent: string, depth: number): FilterNode[] {
    const where = `${parent}.${key}`
    if (key.startsWith('$')) return [this.#combinator(key, value, where, depth)]
    const path = this.#path(key, parent)
    if (!isPlainObject(value)) return [this.#test(path, 'eq', value, where)]
    const conditions = Object.entries(value)
    if (conditions.length === 0) {
      this.#fail(
        where,
        `has no operator; use one of ${OPERATORS.join(', ')}, or { eq: {} } for an empty object`,
      )
    }
    return conditions.map(([operator, operand]) => {
      if (!isOperator(operator)) this.#unknownOperator(operator, key, where)
      return this.#test(path, operator, operand, `${where}.${operator}`)
    })
  }

  #combinator(key: string, value: unknown, where: string, depth: number): FilterNode {
    if (key === '$not') return { kind: 'not', node: this.parse(value, where, depth + 1) }
    if (key !== '$and' && key !== '$or') {
      const hint = didYouMean(key, COMBINATORS) || '; a field whose name begins with "$" is written "\\$…"'
      this.#fail(where, `is no operator; known are ${COMBINATORS.join(', ')}${hint}`)
    }
    if (!Array.isArray(value)) this.#fail(where, `is ${describe(value)}; it must be an array of filters`)
    if (value.length === 0) this.#countCondition(where)
    const nodes = value.map((part: unknown, index) => this.parse(part, `${where}[${index}]`, depth + 1))
    return { kind: key === '$and' ? 'and' : 'or', nodes }
  }

  #path(key: string, parent: string): Path {
    let path: Path
    try {
      path = parsePath(key)
    } catch (error) {
      return this.#fail(parent, OrbitError.from(error).reason)
    }
    const name = path.steps[0]?.key ?? ''
    if (this.#fields !== undefined && !this.#fields.has(name)) {
      const hint = didYouMean(name, this.#fields) || `; fields are ${listed(this.#fields)}`
      this.#fail(`${parent}.${key}`, `names an unknown field "${name}"${hint}`, { field: name })
    }
    return path
  }

  #test(path: Path, operator: Operator, operand: unknown, where: string): Test {
    this.#countCondition(where)
    if (operand === undefined) {
      this.#fail(where, 'is undefined; leave it out for no condition, or pass null for an absent value')
    }
    OPERANDS[operator](operand, where, this.#fail)
    return { kind: 'test', path, operator, operand }
  }

  /** Empty filters and lists count too: millions of them take as long as millions of tests. */
  #countCondition(where: string): void {
    this.#conditions++
    if (this.#conditions > FILTER_CONDITIONS_MAX) {
      this.#fail(
        where,
        `is condition number ${this.#conditions}; at most ${FILTER_CONDITIONS_MAX} are accepted`,
        { limit: FILTER_CONDITIONS_MAX },
      )
    }
  }

  #unknownOperator(operator: string, key: string, where: string): never {
    const hint =
      didYouMean(operator, OPERATORS) ||
      `; known are ${OPERATORS.join(', ')}. For a field inside "${key}" write "${key}.${operator}", for a whole object { eq: … }`
    this.#fail(where, `has no operator "${operator}"${hint}`, { operator })
  }

  readonly #fail: Fail = (where, reason, details = {}) => {
    const what = this.#what === undefined ? '' : `${this.#what}: `
    throw new OrbitError('INVALID_ARGUMENT', `${what}${where} ${reason}`, { path: where, ...details })
  }
}

function isOperator(name: string): name is Operator {
  return Object.hasOwn(OPERANDS, name)
}

/** An object written with braces, not an array, a date, bytes or something with a class of its own. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function checkValue(operand: unknown, where: string, fail: Fail, depth = 0): void {
  if (depth > FILTER_VALUE_DEPTH_MAX) {
    fail(where, `is nested deeper than ${FILTER_VALUE_DEPTH_MAX} levels, or refers to itself`, {
      limit: FILTER_VALUE_DEPTH_MAX,
    })
  }
  if (operand instanceof Date && Number.isNaN(operand.getTime())) fail(where, 'is an invalid Date')
  if (Array.isArray(operand))
    for (const [i, element] of operand.entries()) checkValue(element, `${where}[${i}]`, fail, depth + 1)
  else if (isPlainObject(operand)) {
    for (const [key, element] of Object.entries(operand))
      checkValue(element, `${where}.${key}`, fail, depth + 1)
  } else if (!isScalar(operand)) fail(where, `is ${describe(operand)}, which no stored value can equal`)
}

function checkComparable(operand: unknown, where: string, fail: Fail): void {
  if (operand === null) fail(where, 'is null, and nothing compares with null; use isNull')
  if (!isScalar(operand))
    fail(where, `is ${describe(operand)}; it must be a string, number, boolean, Date or bytes`)
  checkValue(operand, where, fail)
}

function checkList(operand: unknown, where: string, fail: Fail): void {
  if (!Array.isArray(operand)) fail(where, `is ${describe(operand)}; it must be an array of values`)
  if (operand.length > FILTER_LIST_MAX) {
    fail(where, `lists ${operand.length} values; at most ${FILTER_LIST_MAX} are accepted`, {
      limit: FILTER_LIST_MAX,
    })
  }
  checkValue(operand, where, fail)
}

function checkPattern(operand: unknown, where: string, fail: Fail): void {
  if (typeof operand !== 'string') fail(where, `is ${describe(operand)}; it must be a pattern such as "A%"`)
  try {
    checkLike(operand, where)
  } catch (error) {
    const { reason, details } = OrbitError.from(error)
    fail(where, reason.slice(where.length + 1), details)
  }
}

function checkText(operand: unknown, where: string, fail: Fail): void {
  if (typeof operand !== 'string') fail(where, `is ${describe(operand)}; it must be a string`)
}

function checkFlag(operand: unknown, where: string, fail: Fail): void {
  if (typeof operand !== 'boolean') fail(where, `is ${describe(operand)}; it must be true or false`)
}

function isScalar(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return true
    default:
      return value === null || value instanceof Date || value instanceof Uint8Array
  }
}

/** The filter that a tree was parsed from, in its plainest form. */
export function toFilter(node: FilterNode): Filter {
  switch (node.kind) {
    case 'and':
      return { $and: node.nodes.map(toFilter) }
    case 'or':
      return { $or: node.nodes.map(toFilter) }
    case 'not':
      return { $not: toFilter(node.node) }
    case 'test':
      return { [node.path.text]: { [node.operator]: node.operand } }
  }
}

/** A value as messages show it. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'undefined'
    case 'string':
      return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}…` : JSON.stringify(value)
    case 'function':
      return 'a function'
    case 'symbol':
      return 'a symbol'
    case 'object':
      return describeObject(value)
    default:
      return String(value)
  }
}

function describeObject(value: object | null): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (isPlainObject(value)) return 'an object'
  return `a ${value.constructor.name}`
}

function listed(names: ReadonlySet<string>): string {
  const shown = [...names].slice(0, 20)
  return shown.join(', ') + (names.size > shown.length ? ', …' : '')
}
