/** Ways to reach the rows of a table that a filter lets through. */
import { compareBytes, defined } from '@orbit-ts/base'
import {
  NULL_DATUM,
  encodeDatums,
  handleOf,
  relationalKeys,
  type Datum,
  type Handle,
  type IndexBound,
  type IndexBounds,
  type KeyRange,
} from '@orbit-ts/storage'
import type { FieldBounds, FilterAnalysis } from '../../../filter/analyze-filter.js'
import { formatPath } from '../../../filter/path.js'
import { FIRST, indexBound, pointDatum } from '../filter/index-bound.js'
import type { IndexLayout } from '../layout/index-layout.js'
import type { LayoutColumn, TableLayout } from '../layout/table-layout.js'
import { keyDatum } from '../types/format-value.js'

/** Ranges that one access may be split into, for `in` lists and their combinations. */
export const RANGES_MAX = 1000

/** Which part of a key the filter leaves: values for the leading columns, then bounds for the one after them. */
export interface Slice {
  /** Every combination of values for the first `equalCount` columns. */
  readonly prefixes: readonly (readonly Datum[])[]
  readonly equalCount: number
  readonly lower?: IndexBound
  readonly upper?: IndexBound
  /** Columns whose conditions the slice fulfils by itself. */
  readonly used: readonly string[]
}

/** The slice of a key with these columns. */
export function sliceOf(
  columns: readonly LayoutColumn[],
  { fields }: FilterAnalysis,
  rangesMax: number = RANGES_MAX,
): Slice {
  let prefixes: readonly (readonly Datum[])[] = [[]]
  const used: string[] = []
  for (const column of columns) {
    const bounds = fields.get(fieldOf(column))
    if (bounds === undefined) break
    const points = pointsOf(column, bounds)
    if (points === undefined || prefixes.length * points.length > rangesMax) {
      const range = bounds.points === undefined && !bounds.nulls ? rangeOf(column, bounds) : undefined
      if (range === undefined) break
      if (range === 'none') return { prefixes: [], equalCount: used.length, used: [...used, fieldOf(column)] }
      return { prefixes, equalCount: used.length, ...range, used: [...used, fieldOf(column)] }
    }
    prefixes = prefixes.flatMap((prefix) => points.map((point) => [...prefix, point]))
    used.push(fieldOf(column))
  }
  return { prefixes, equalCount: used.length, used }
}

/** The column's name as filters and analyses write it. */
export const fieldOf = ({ name }: LayoutColumn): string => formatPath([name])

/** The datums a column may have; undefined when they are not a list. */
function pointsOf({ type, notNull }: LayoutColumn, { points, nulls }: FieldBounds): Datum[] | undefined {
  if (points === undefined) return undefined
  const datums = points.map((point) => pointDatum(type, point)).filter((datum) => datum !== undefined)
  return nulls && !notNull ? [...datums, NULL_DATUM] : datums
}

function rangeOf({ type }: LayoutColumn, { range }: FieldBounds): Pick<Slice, 'lower' | 'upper'> | 'none' {
  // Anything but null.
  if (range === undefined) return { lower: FIRST }
  const lower = range.lower === undefined ? FIRST : indexBound(type, range.lower, 'lower')
  const upper = range.upper === undefined ? undefined : indexBound(type, range.upper, 'upper')
  if (lower === 'none' || upper === 'none') return 'none'
  return upper === undefined ? { lower } : { lower, upper }
}

/** The ranges of an index that make up the slice, in key order. */
export function indexRanges(index: IndexLayout, { prefixes, lower, upper }: Slice): KeyRange[] {
  const ranges = prefixes.map((equal) => index.range(boundsOf(equal, lower, upper)))
  return inKeyOrder(ranges)
}

/** The keys of the entries of a unique index whose values are all given and not null; undefined when they are not. */
export function uniqueKeys(index: IndexLayout, { prefixes, equalCount }: Slice): Uint8Array[] | undefined {
  if (!index.unique || equalCount < index.columns.length) return undefined
  if (!index.nullsNotDistinct && prefixes.some((values) => values.some(({ kind }) => kind === 'null')))
    return undefined
  return prefixes.map((values) => index.uniqueKey(values)).sort(compareBytes)
}

/** The ranges of rows that make up the slice of the primary key, in key order. */
export function rowRanges(table: TableLayout, slice: Slice): KeyRange[] {
  if (slice.used.length === 0) return [relationalKeys.rows(table.id)]
  const { prefixes, lower, upper } = slice
  if (!table.hasIntegerHandle) {
    return inKeyOrder(
      prefixes.map((equal) => relationalKeys.rowsWithin(table.id, boundsOf(equal, lower, upper))),
    )
  }
  if (slice.equalCount === 1) return inKeyOrder(prefixes.map(([value]) => integerRange(table, value, value)))
  return prefixes.length === 0 ? [] : [integerRange(table, startOf(lower), endOf(upper))]
}

/** The handles of rows whose whole primary key is given. */
export function handlesOf(table: TableLayout, { prefixes }: Slice): Handle[] {
  const columns = defined(table.primaryKey, 'the primary key')
  const handles = prefixes.map((values) => ({
    handle: handleOf(values.map((value, i) => keyDatum(defined(columns[i], 'the column').type, value))),
    order: encodeDatums(values),
  }))
  return handles.sort((a, b) => compareBytes(a.order, b.order)).map(({ handle }) => handle)
}

function boundsOf(
  equal: readonly Datum[],
  lower: IndexBound | undefined,
  upper: IndexBound | undefined,
): IndexBounds {
  return { equal, ...(lower === undefined ? {} : { lower }), ...(upper === undefined ? {} : { upper }) }
}

function inKeyOrder(ranges: readonly KeyRange[]): KeyRange[] {
  return ranges.toSorted((a, b) => compareBytes(a.start ?? new Uint8Array(0), b.start ?? new Uint8Array(0)))
}

/** The first integer within the bound, undefined for no bound. */
function startOf(bound: IndexBound | undefined): Datum | undefined {
  if (bound?.datum.kind !== 'int') return undefined
  return bound.inclusive ? bound.datum : { kind: 'int', value: BigInt(bound.datum.value) + 1n }
}

function endOf(bound: IndexBound | undefined): Datum | undefined {
  if (bound?.datum.kind !== 'int') return undefined
  return bound.inclusive ? bound.datum : { kind: 'int', value: BigInt(bound.datum.value) - 1n }
}

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** Rows whose integer key is at least `first` and at most `last`. */
function integerRange(table: TableLayout, first: Datum | undefined, last: Datum | undefined): KeyRange {
  const from = first?.kind === 'int' ? BigInt(first.value) : INT64_MIN
  const to = last?.kind === 'int' ? BigInt(last.value) + 1n : INT64_MAX + 1n
  if (from > INT64_MAX || to <= from) return emptyRange(table)
  return relationalKeys.rowsBetween(table.id, from, to > INT64_MAX ? undefined : to)
}

function emptyRange(table: TableLayout): KeyRange {
  const { start = new Uint8Array(0) } = relationalKeys.rows(table.id)
  return { start, end: start }
}
