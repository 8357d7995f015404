import { didYouMean } from '@orbit-ts/base'
import { compileFilter, type Predicate } from '../../../filter/compile-filter.js'
import type { Filter } from '../../../filter/filter.js'
import { checkFilter, describe, isPlainObject } from '../../../filter/filter-tree.js'
import { checkComponents } from '../check-vector.js'
import { PARTITIONS_MAX } from '../define-vectors.js'
import type { OpenVectors } from '../open-vectors.js'
import { queryComponents } from './distance.js'

const K_DEFAULT = 10
const K_MAX = 10_000
const KEYS = ['vector', 'k', 'where', 'exact', 'probes', 'includeVectors']

/** A search with every default filled in, except how many partitions to read. */
export interface CheckedSearch {
  /** As `queryComponents` gives it. */
  readonly query: Float64Array
  readonly k: number
  /** Undefined for a filter that lets everything through. */
  readonly where: Filter | undefined
  readonly accepts: Predicate
  readonly exact: boolean
  readonly probes: number | undefined
  readonly includeVectors: boolean
}

/** @throws INVALID_ARGUMENT naming the part, its value and what is accepted; DIMENSION_MISMATCH */
export function checkSearch(collection: OpenVectors, given: unknown): CheckedSearch {
  if (!isPlainObject(given)) {
    throw collection.error(
      'INVALID_ARGUMENT',
      `search is ${describe(given)}; it must be an object with a vector`,
    )
  }
  for (const key of Object.keys(given)) {
    if (KEYS.includes(key)) continue
    const hint = didYouMean(key, KEYS) || `; known are ${KEYS.join(', ')}`
    throw collection.error('INVALID_ARGUMENT', `search.${key} is not part of a search${hint}`, { field: key })
  }
  const { k = K_DEFAULT, probes } = given
  const where = checkWhere(collection, given['where'])
  return {
    query: queryComponents(
      collection.definition.metric,
      checkComponents(collection, given['vector'], 'query'),
    ),
    k: checkCount(collection, 'k', k, K_MAX),
    where,
    accepts: where === undefined ? () => true : compileFilter(where),
    exact: checkFlag(collection, 'exact', given['exact']),
    probes: probes === undefined ? undefined : checkCount(collection, 'probes', probes, PARTITIONS_MAX),
    includeVectors: checkFlag(collection, 'includeVectors', given['includeVectors']),
  }
}

/** The filter, or undefined when it lets everything through. */
export function checkWhere(collection: OpenVectors, given: unknown): Filter | undefined {
  if (given === undefined) return undefined
  // Checked right below.
  const where = given as Filter
  const { rules } = collection
  checkFilter(where, { what: collection.what, ...(rules === undefined ? {} : { fields: rules.keys() }) })
  return Object.keys(where).length === 0 ? undefined : where
}

export function checkCount(collection: OpenVectors, field: string, value: unknown, max: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= max) return value
  throw collection.error(
    'INVALID_ARGUMENT',
    `${field} is ${describe(value)}; it must be a whole number from 1 to ${max}`,
    {
      field,
      limit: max,
    },
  )
}

function checkFlag(collection: OpenVectors, field: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false
  throw collection.error('INVALID_ARGUMENT', `${field} is ${describe(value)}; it must be true or false`, {
    field,
  })
}
