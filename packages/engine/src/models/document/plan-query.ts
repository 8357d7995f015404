import { documentKeys, isWellFormed, type KeyRange } from '@orbit-ts/storage'
import { analyzeFilter, type FieldBounds, type FilterAnalysis } from '../../filter/analyze-filter.js'
import type { CheckedQuery } from '../../filter/check-query.js'
import type { OrderBy } from '../../filter/filter.js'
import { DOCUMENT_ID_SIZE_MAX_BYTES } from './document-id.js'
import { columnBounds, indexSlices, type ColumnBounds, type IndexSlice } from './index-ranges.js'
import type { OpenCollection, OpenIndex } from './open-collection.js'

export type Access =
  | { readonly kind: 'nothing' }
  /** Documents by id, in that order. */
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  /** Documents in order of id. */
  | {
      readonly kind: 'documents'
      readonly range: KeyRange
      readonly isWhole: boolean
      readonly reverse: boolean
    }
  | IndexAccess

export interface IndexAccess {
  readonly kind: 'index'
  readonly index: OpenIndex
  readonly columns: readonly ColumnBounds[]
  readonly slices: readonly IndexSlice[]
  readonly reverse: boolean
}

export interface Plan {
  readonly access: Access
  /**
   * `access`: documents come in the order asked for, unless a slice of `outOfOrder` has any. `memory`: they must be
   * sorted. `none`: no order was asked for.
   */
  readonly order: 'access' | 'memory' | 'none'
  readonly outOfOrder: readonly KeyRange[]
  /** What the access makes use of. */
  readonly bounds: readonly FieldBounds[]
}

interface Candidate {
  readonly plan: Plan
  readonly score: number
}

type Order = readonly Required<OrderBy>[]

const ID = 'id'
const SCORE = {
  nothing: 1e9,
  ids: 1e8,
  uniqueKey: 1e7,
  point: 1000,
  points: 900,
  nulls: 800,
  order: 200,
} as const
/** By how many sides of a range are bounded. */
const RANGE_SCORES = [10, 300, 500] as const
/** Documents are at hand in a scan of ids, while an index only leads to them. */
const ID_SCAN_BONUS = 50

/** How to answer a query. */
export function planQuery(
  collection: OpenCollection,
  { where, orderBy }: Pick<CheckedQuery, 'where' | 'orderBy'>,
): Plan {
  const single = analyzeFilter(where)
  const multi = analyzeFilter(where, { isMultiValued: (field) => field !== ID })
  const candidates = [planIds(collection, multi, orderBy)]
  for (const index of collection.indexes.filter(({ isReady }) => isReady)) {
    const candidate = planIndex(collection, index, index.multi ? multi : single, orderBy)
    if (candidate !== undefined) candidates.push(candidate)
  }
  return candidates.reduce((best, candidate) => (candidate.score > best.score ? candidate : best)).plan
}

/** The way by ids, which every query can go: without bounds it reads everything. */
function planIds(
  collection: OpenCollection,
  { fields, impossible }: FilterAnalysis,
  orderBy: Order,
): Candidate {
  const bounds = fields.get(ID)
  const inOrder = orderBy[0]?.field === ID
  const reverse = inOrder && orderBy[0]?.direction === 'desc'
  const plan = (access: Access): Plan => ({
    access,
    order: orderBy.length === 0 ? 'none' : inOrder ? 'access' : 'memory',
    outOfOrder: [],
    bounds: bounds === undefined ? [] : [bounds],
  })
  if (impossible || isImpossibleId(bounds)) return { plan: plan({ kind: 'nothing' }), score: SCORE.nothing }
  if (bounds?.points !== undefined) {
    const ids = bounds.points.filter(canBeId)
    return { plan: plan({ kind: 'ids', ids: reverse ? ids.reverse() : ids }), score: SCORE.ids }
  }
  const { range, sides } = idRange(collection, bounds)
  const score = (sides === 0 ? 0 : RANGE_SCORES[sides]) + (inOrder ? SCORE.order : 0) + ID_SCAN_BONUS
  return { plan: plan({ kind: 'documents', range, isWhole: sides === 0, reverse }), score }
}

/** Ids are strings. */
function isImpossibleId(bounds: FieldBounds | undefined): boolean {
  if (bounds === undefined) return false
  if (bounds.points !== undefined) return !bounds.points.some(canBeId)
  return bounds.range !== undefined && bounds.range.kind !== 'string'
}

function canBeId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= DOCUMENT_ID_SIZE_MAX_BYTES && isWellFormed(value)
}

function idRange(
  collection: OpenCollection,
  bounds: FieldBounds | undefined,
): { range: KeyRange; sides: 0 | 1 | 2 } {
  const { lower, upper } = bounds?.range ?? {}
  // The least text after another is the other with a zero behind it.
  const from = lower && canBeId(lower.value) ? lower.value + (lower.inclusive ? '' : '\0') : undefined
  const to = upper && canBeId(upper.value) ? upper.value + (upper.inclusive ? '\0' : '') : undefined
  const sides = from === undefined ? (to === undefined ? 0 : 1) : to === undefined ? 1 : 2
  return { range: documentKeys.records(collection.id, from, to), sides }
}

function planIndex(
  collection: OpenCollection,
  index: OpenIndex,
  { fields }: FilterAnalysis,
  orderBy: Order,
): Candidate | undefined {
  const columns = columnBounds(index, fields)
  if (columns === undefined) return undefined
  const constants = constantColumns(columns)
  const inOrder = orderBy.length > 0 && givesOrder(index, constants, orderBy)
  if (columns.length === 0 && !inOrder) return undefined
  const slices = indexSlices(collection.id, index, columns)
  const reverse = inOrder && orderBy[0]?.direction === 'desc'
  const plan: Plan = {
    access: { kind: 'index', index, columns, slices, reverse },
    order: orderBy.length === 0 ? 'none' : inOrder ? 'access' : 'memory',
    outOfOrder: inOrder ? slices.filter((slice) => isBefore(slice, constants)).map(({ range }) => range) : [],
    bounds: index.paths.slice(0, columns.length).flatMap((path) => fields.get(path) ?? []),
  }
  return { plan, score: scoreOf(index, columns, slices) + (inOrder ? SCORE.order : 0) }
}

/** How many leading columns have the same value in all entries, documents with arrays apart. */
function constantColumns(columns: readonly ColumnBounds[]): number {
  const varying = columns.findIndex(({ points }) => points?.length !== 1)
  return varying < 0 ? columns.length : varying
}

/** Documents whose array stands for a constant are not sorted in among the others. */
function isBefore({ compositeColumn }: IndexSlice, constants: number): boolean {
  return compositeColumn !== undefined && compositeColumn < constants
}

/** Do entries come in the order asked for, or in its reverse? Those of equal values come in order of id. */
function givesOrder(index: OpenIndex, constants: number, orderBy: Order): boolean {
  if (index.multi) return false
  const [first] = orderBy
  if (orderBy.some(({ direction }) => direction !== first?.direction)) return false
  const constant = new Set(index.paths.slice(0, constants))
  const wanted = orderBy.map(({ field }) => field).filter((field) => !constant.has(field))
  const given = [...index.paths.slice(constants), ID]
  // What follows the id no longer matters.
  const end = wanted.indexOf(ID)
  return (end < 0 ? wanted : wanted.slice(0, end + 1)).every((field, i) => field === given[i])
}

function scoreOf(index: OpenIndex, columns: readonly ColumnBounds[], slices: readonly IndexSlice[]): number {
  if (slices.every(({ key }) => key !== undefined)) return SCORE.uniqueKey - slices.length
  return columns.reduce(
    (score, column, i) => score + scoreOfColumn(column) * (i === 0 ? 1 : 0.9),
    index.unique ? 1 : 0,
  )
}

function scoreOfColumn({ points, sides }: ColumnBounds): number {
  if (points === undefined) return RANGE_SCORES[sides] ?? 0
  if (points.some(({ kind }) => kind === 'null')) return SCORE.nulls
  return points.length > 1 ? SCORE.points : SCORE.point
}
