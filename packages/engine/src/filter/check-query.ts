import { OrbitError, didYouMean } from '@orbit-ts/base'
import { checkFilter, describe, isPlainObject, type CheckFilterOptions } from './filter-tree.js'
import type { Filter, OrderBy, Query } from './filter.js'
import { parsePath } from './path.js'

/** A query with every default filled in. */
export interface CheckedQuery<T = Record<string, unknown>> {
  readonly where: Filter<T>
  readonly orderBy: readonly Required<OrderBy>[]
  /** Infinity: no limit. */
  readonly limit: number
  readonly offset: number
  readonly select: readonly string[] | undefined
}

/** Fields in one `orderBy`. */
export const ORDER_FIELDS_MAX = 32
/** Fields in one `select`. */
export const SELECT_FIELDS_MAX = 1000

const KEYS = ['where', 'orderBy', 'limit', 'offset', 'select']

/**
 * The query, checked and completed.
 * @throws INVALID_ARGUMENT naming the part, its value and what is accepted.
 */
export function checkQuery<T = Record<string, unknown>>(
  query: Query<NoInfer<T>> = {},
  options: CheckFilterOptions = {},
): CheckedQuery<T> {
  return new QueryChecker(options).check(query)
}

class QueryChecker {
  readonly #options: CheckFilterOptions
  readonly #fields: ReadonlySet<string> | undefined

  constructor(options: CheckFilterOptions) {
    this.#fields = options.fields === undefined ? undefined : new Set(options.fields)
    this.#options = this.#fields === undefined ? options : { ...options, fields: this.#fields }
  }

  check<T>(query: Query<T>): CheckedQuery<T> {
    const given: unknown = query
    if (!isPlainObject(given)) this.#fail('query', `is ${describe(query)}; it must be an object`)
    for (const key of Object.keys(given)) {
      if (!KEYS.includes(key)) {
        this.#fail(
          `query.${key}`,
          `is not part of a query${didYouMean(key, KEYS) || `; known are ${KEYS.join(', ')}`}`,
        )
      }
    }
    const { where = {}, limit = Infinity, offset = 0 } = query
    checkFilter(where, this.#options)
    return {
      where,
      orderBy: this.#orderBy(query.orderBy),
      limit: limit === Infinity ? limit : this.#count('limit', limit),
      offset: this.#count('offset', offset),
      select: this.#select(query.select),
    }
  }

  #orderBy(given: unknown): Required<OrderBy>[] {
    if (given === undefined) return []
    const list: unknown[] = Array.isArray(given) ? given : [given]
    if (list.length > ORDER_FIELDS_MAX)
      this.#fail('orderBy', `names ${list.length} fields; at most ${ORDER_FIELDS_MAX} are accepted`)
    return list.map((entry, index) =>
      this.#order(entry, Array.isArray(given) ? `orderBy[${index}]` : 'orderBy'),
    )
  }

  #order(entry: unknown, where: string): Required<OrderBy> {
    if (typeof entry === 'string') return { field: this.#path(entry, where), direction: 'asc' }
    if (!isPlainObject(entry))
      this.#fail(where, `is ${describe(entry)}; it must be a field name or { field, direction }`)
    for (const key of Object.keys(entry)) {
      if (key !== 'field' && key !== 'direction') {
        this.#fail(`${where}.${key}`, `is unknown${didYouMean(key, ['field', 'direction'])}`)
      }
    }
    const { field, direction = 'asc' } = entry
    if (typeof field !== 'string')
      this.#fail(`${where}.field`, `is ${describe(field)}; it must be a field name`)
    if (direction !== 'asc' && direction !== 'desc') {
      this.#fail(`${where}.direction`, `is ${describe(direction)}; it must be "asc" or "desc"`)
    }
    return { field: this.#path(field, where), direction }
  }

  #select(given: unknown): string[] | undefined {
    if (given === undefined) return undefined
    if (!Array.isArray(given))
      this.#fail('select', `is ${describe(given)}; it must be an array of field names`)
    if (given.length === 0) this.#fail('select', 'names no field; leave it out for all fields')
    if (given.length > SELECT_FIELDS_MAX)
      this.#fail('select', `names ${given.length} fields; at most ${SELECT_FIELDS_MAX} are accepted`)
    return given.map((field: unknown, index) => {
      if (typeof field !== 'string')
        this.#fail(`select[${index}]`, `is ${describe(field)}; it must be a field name`)
      return this.#path(field, `select[${index}]`)
    })
  }

  #path(text: string, where: string): string {
    let name: string
    try {
      const path = parsePath(text)
      name = path.steps[0]?.key ?? ''
      text = path.text
    } catch (error) {
      return this.#fail(where, OrbitError.from(error).reason)
    }
    if (this.#fields !== undefined && !this.#fields.has(name)) {
      const hint =
        didYouMean(name, this.#fields) || `; fields are ${[...this.#fields].slice(0, 20).join(', ')}`
      this.#fail(where, `names an unknown field "${name}"${hint}`, { field: name })
    }
    return text
  }

  #count(name: 'limit' | 'offset', value: unknown): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    return this.#fail(name, `is ${describe(value)}; it must be a whole number from 0 on`)
  }

  #fail(where: string, reason: string, details: Record<string, unknown> = {}): never {
    const what = this.#options.what === undefined ? '' : `${this.#options.what}: `
    throw new OrbitError('INVALID_ARGUMENT', `${what}${where} ${reason}`, { path: where, ...details })
  }
}
