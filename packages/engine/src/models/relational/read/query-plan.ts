/**
 * Chooses how to read: by primary key, through an index or the whole table. There are no statistics: each condition is
 * taken to let a fixed share of the rows through, which ranks the ways well enough.
 */
import { NULL_DATUM, type Handle, type KeyRange } from '@orbit-ts/storage'
import type { FieldBounds, FilterAnalysis } from '../../../filter/analyze-filter.js'
import type { Filter } from '../../../filter/filter.js'
import { FIRST } from '../filter/index-bound.js'
import type { IndexKey, IndexLayout } from '../layout/index-layout.js'
import type { LayoutColumn } from '../layout/table-layout.js'
import { losesInKeys } from '../types/format-value.js'
import { fieldOf, handlesOf, indexRanges, rowRanges, sliceOf, uniqueKeys, type Slice } from './access-path.js'
import { columnsOf, columnsOfFilter, type CompiledQuery } from './compile-query.js'
import { impliesCondition } from './partial-index.js'

export type Access =
  | { readonly kind: 'empty' }
  | { readonly kind: 'key'; readonly handles: readonly Handle[] }
  | { readonly kind: 'rows'; readonly ranges: readonly KeyRange[] }
  | IndexAccess

interface IndexAccess {
  readonly kind: 'index'
  readonly index: IndexLayout
  readonly ranges: readonly KeyRange[]
  /** Instead of ranges: the keys of single entries of a unique index. */
  readonly keys?: readonly Uint8Array[]
  /** The entries have all that is needed, so that rows are not read. */
  readonly covering: boolean
}

export interface ReadPlan {
  readonly access: Access
  readonly slice: Slice
  /** Ranges are in the order in which they are read, each from its end when this is set. */
  readonly reverse: boolean
  /** Rows come in the order asked for. */
  readonly sorted: boolean
  /** What is still to be checked of each row, over what `comparable` gives. */
  readonly residual: Filter | undefined
  /** Columns to decode. */
  readonly columns: readonly LayoutColumn[]
}

interface Candidate extends ReadPlan {
  readonly cost: number
}

const ROWS_ASSUMED = 100_000
const SHARE = { equal: 0.02, between: 0.1, oneSided: 0.2, notNull: 0.9, partial: 0.3, residual: 0.05 }
const COST = { row: 1, entry: 1, rowThroughIndex: 4, range: 2, sort: 4, sortTop: 0.5 }
/** Rows that one query may look up by their keys. */
const KEYS_MAX = 10_000
const EMPTY_SLICE: Slice = { prefixes: [[]], equalCount: 0, used: [] }

export function planRead(input: CompiledQuery): ReadPlan {
  const { table, analysis } = input
  if (analysis.impossible || input.query.limit === 0) {
    return {
      access: { kind: 'empty' },
      slice: EMPTY_SLICE,
      reverse: false,
      sorted: true,
      residual: undefined,
      columns: [],
    }
  }
  const indexes = table.indexes.filter(
    ({ isForFilters, where }) =>
      isForFilters && (where === undefined || impliesCondition(table, analysis, where)),
  )
  const candidates = [planRows(input), ...indexes.map((index) => planIndex(input, index))]
  return candidates.reduce((best, candidate) => (candidate.cost < best.cost ? candidate : best))
}

function planRows(input: CompiledQuery): Candidate {
  const { table, analysis } = input
  const key = table.primaryKey ?? []
  const points = sliceOf(key, analysis, KEYS_MAX)
  const isWholeKey = key.length > 0 && points.equalCount === key.length
  const slice = isWholeKey ? points : sliceOf(key, analysis)
  const order = orderFit(input, key, [], slice)
  const reverse = order?.reverse === true
  const access: Access = isWholeKey
    ? { kind: 'key', handles: directed(handlesOf(table, slice), reverse) }
    : { kind: 'rows', ranges: directed(rowRanges(table, slice), reverse) }
  const rows = isWholeKey ? slice.prefixes.length : estimate(slice, key, analysis)
  return complete(input, { access, slice, reverse, order, rows, perRow: COST.row })
}

function planIndex(input: CompiledQuery, index: IndexLayout): Candidate {
  const { table, analysis } = input
  const points = index.unique ? sliceOf(index.columns, analysis, KEYS_MAX) : undefined
  const keys = points === undefined ? undefined : uniqueKeys(index, points)
  const slice = points !== undefined && keys !== undefined ? points : sliceOf(index.columns, analysis)
  const order = orderFit(input, index.columns, index.keys, slice)
  const reverse = order?.reverse === true
  const ranges =
    keys !== undefined
      ? []
      : order?.nullable === undefined
        ? directed(indexRanges(index, slice), reverse)
        : rangesAroundNulls(index, slice, order.nullable)
  const needed = neededColumns(input, residualOf(input, slice))
  const held = [...index.columns, ...(table.primaryKey ?? [])]
  const covering = needed.every((column) => held.includes(column) && !losesInKeys(column.type))
  const share = index.where === undefined ? 1 : SHARE.partial
  const rows = keys === undefined ? estimate(slice, index.columns, analysis) * share : keys.length
  const perRow = covering ? COST.entry : COST.rowThroughIndex
  const access: IndexAccess = {
    kind: 'index',
    index,
    ranges,
    covering,
    ...(keys === undefined ? {} : { keys: directed(keys, reverse) }),
  }
  return complete(input, { access, slice, reverse, order, rows, perRow })
}

interface Draft {
  readonly access: Access
  readonly slice: Slice
  readonly reverse: boolean
  readonly order: OrderFit | undefined
  readonly rows: number
  readonly perRow: number
}

function complete(input: CompiledQuery, { access, slice, reverse, order, rows, perRow }: Draft): Candidate {
  const { query } = input
  const residual = residualOf(input, slice)
  const sorted = order !== undefined
  const wanted = (query.offset + query.limit) / (residual === undefined ? 1 : SHARE.residual)
  const read = sorted ? Math.min(rows, wanted) : rows
  const sort = sorted ? 0 : rows * (query.limit === Infinity ? COST.sort : COST.sortTop)
  const ranges = access.kind === 'rows' || access.kind === 'index' ? access.ranges.length : 0
  const cost = read * perRow + sort + ranges * COST.range
  return { access, slice, reverse, sorted, residual, columns: neededColumns(input, residual), cost }
}

/** Without a snapshot a row may have changed since its index entry was read, so everything is checked. */
function residualOf({ analysis, hasSnapshot }: CompiledQuery, { used }: Slice): Filter | undefined {
  return analysis.residual(hasSnapshot ? used : [])
}

/** What is returned, what is still to be filtered by, and what is sorted by. */
function neededColumns(
  { table, selected, orderBy }: CompiledQuery,
  residual: Filter | undefined,
): LayoutColumn[] {
  const sorting = columnsOf(
    table,
    orderBy.map(({ field }) => field),
  )
  return [...new Set([...selected, ...columnsOfFilter(table, residual), ...sorting])]
}

function estimate(slice: Slice, columns: readonly LayoutColumn[], { fields }: FilterAnalysis): number {
  const equal = SHARE.equal ** slice.equalCount * slice.prefixes.length
  const next = columns[slice.equalCount]
  const isBounded = slice.lower !== undefined || slice.upper !== undefined
  const range = isBounded && next !== undefined ? fields.get(fieldOf(next))?.range : undefined
  const isBetween = range?.lower !== undefined && range.upper !== undefined
  const share = !isBounded
    ? 1
    : range === undefined
      ? SHARE.notNull
      : isBetween
        ? SHARE.between
        : SHARE.oneSided
  return ROWS_ASSUMED * Math.min(1, equal) * share
}

interface OrderFit {
  readonly reverse: boolean
  /** Nulls of the first column sorted by lie at the other end of the index: read them apart, first or last. */
  readonly nullable?: 'nulls first' | 'nulls last'
}

/** How a key over these columns gives the order asked for; undefined when it does not. */
function orderFit(
  { orderBy, analysis }: CompiledQuery,
  columns: readonly LayoutColumn[],
  keys: readonly Pick<IndexKey, 'descending' | 'nullsLarge'>[],
  slice: Slice,
): OrderFit | undefined {
  if (orderBy.length === 0) return { reverse: false }
  const isFixed = (field: string): boolean => pointCount(analysis.fields.get(field)) === 1
  const order = orderBy.filter(({ field }) => !isFixed(field))
  const open = columns.map((column, i) => ({ column, i })).filter(({ column }) => !isFixed(fieldOf(column)))
  let reverse: boolean | undefined
  let nullable: OrderFit['nullable']
  for (const [at, { field, direction }] of order.entries()) {
    const next = open[at]
    if (next === undefined || fieldOf(next.column) !== field) return undefined
    const against = (direction === 'desc') !== (keys[next.i]?.descending === true)
    if (reverse !== undefined && reverse !== against) return undefined
    reverse = against
    if (keys[next.i]?.nullsLarge === true) continue
    if (next.column.notNull || analysis.fields.get(field)?.nulls === false) continue
    const isWholeColumn =
      slice.equalCount === next.i &&
      slice.prefixes.length === 1 &&
      slice.lower === undefined &&
      slice.upper === undefined
    if (at > 0 || !isWholeColumn) return undefined
    nullable = direction === 'desc' ? 'nulls first' : 'nulls last'
  }
  return { reverse: reverse === true, ...(nullable === undefined ? {} : { nullable }) }
}

const pointCount = (bounds: FieldBounds | undefined): number =>
  bounds?.points === undefined ? Infinity : bounds.points.length + Number(bounds.nulls)

function rangesAroundNulls(
  index: IndexLayout,
  { prefixes }: Slice,
  nulls: 'nulls first' | 'nulls last',
): KeyRange[] {
  const equal = prefixes[0] ?? []
  const [without, only] = [
    index.range({ equal, lower: FIRST }),
    index.range({ equal: [...equal, NULL_DATUM] }),
  ]
  return nulls === 'nulls first' ? [only, without] : [without, only]
}

function directed<T>(items: readonly T[], reverse: boolean): readonly T[] {
  return reverse ? items.toReversed() : items
}
