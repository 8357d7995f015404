import { analyzeFilter } from '../../filter/analyze-filter.js'
import type { CheckedQuery } from '../../filter/check-query.js'
import type { JsonValue } from '../../record/json-value.js'
import type { OpenCollection } from './open-collection.js'
import { planQuery, type Access } from './plan-query.js'

/** How a query is answered: plain JSON. */
export interface QueryExplanation {
  readonly collection: string
  /** `nothing`: no document can match. `ids`: by id. `id range` and `all documents`: in order of id. */
  readonly access: 'nothing' | 'ids' | 'id range' | 'index' | 'all documents'
  readonly index?: string
  /** What of the filter the access makes use of, by field. */
  readonly bounds: JsonValue
  /** Slices of the index, or documents by id, that are read. */
  readonly ranges: number
  /** What else is checked on the documents that are read; null when nothing is. */
  readonly filter: JsonValue
  /**
   * `access`: documents are read in the order asked for, unless some hold an array where the filter expects one value;
   * then, and with `memory`, they are sorted.
   */
  readonly order: 'none' | 'access' | 'memory'
}

export function explainPlan(collection: OpenCollection, query: CheckedQuery): QueryExplanation {
  const { access, bounds, order } = planQuery(collection, query)
  const isMulti = access.kind === 'index' && access.index.multi
  const analysis = analyzeFilter(query.where, { isMultiValued: () => isMulti })
  return {
    collection: collection.name,
    access: nameOf(access),
    ...(access.kind === 'index' ? { index: access.index.name } : {}),
    bounds: bounds.map(toJson),
    ranges: rangesOf(access),
    filter: toJson(analysis.residual(bounds.map(({ field }) => field)) ?? null),
    order,
  }
}

function nameOf(access: Access): QueryExplanation['access'] {
  return access.kind === 'documents' ? (access.isWhole ? 'all documents' : 'id range') : access.kind
}

function rangesOf(access: Access): number {
  switch (access.kind) {
    case 'nothing':
      return 0
    case 'ids':
      return access.ids.length
    case 'documents':
      return 1
    case 'index':
      return access.slices.length
  }
}

/** Operands of filters may be more than JSON. */
function toJson(value: unknown): JsonValue {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member)]))
  }
  // Nothing else passes `checkFilter`.
  return value as JsonValue
}
