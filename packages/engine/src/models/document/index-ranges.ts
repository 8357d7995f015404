/**
 * Which slices of an index hold what a filter may match. They may hold more, as the filter is checked on every
 * document that is read, but never less.
 */
import { NULL_DATUM, isWellFormed, type Datum, type IndexBound, type KeyRange } from '@orbit-ts/storage'
import {
  textAfterPrefix,
  type Bound,
  type FieldBounds,
  type ValueRange,
} from '../../filter/analyze-filter.js'
import { INDEX_KEY_SIZE_MAX_BYTES } from './index-entries.js'
import { AFTER_TEXTS, COMPOSITE, boundText, datumOf, entryKey, entryRange } from './index-values.js'
import type { OpenIndex } from './open-collection.js'

/** Slices of one query at most; beyond that further columns of the index are not used. */
export const RANGES_MAX = 10_000

/** What the leading columns are bounded to. */
export interface ColumnBounds {
  /** In key order. */
  readonly points?: readonly Datum[]
  readonly lower?: IndexBound
  readonly upper?: IndexBound
  /** Ends of the range that the filter gives. */
  readonly sides: number
  /** Arrays, whose elements may match, are to be looked at too. */
  readonly composites: boolean
}

export interface IndexSlice {
  readonly range: KeyRange
  /** The one key of a unique index that the slice consists of. */
  readonly key?: Uint8Array
  /** For documents with an array in this column of the index, counted from 0. */
  readonly compositeColumn?: number
}

/**
 * The bounds of the leading columns that a filter bounds; the last of them may be a range. Undefined when the index
 * does not have all documents that may match.
 */
export function columnBounds(
  index: OpenIndex,
  fields: ReadonlyMap<string, FieldBounds>,
): ColumnBounds[] | undefined {
  if (index.sparse && !impliesEntry(index, fields)) return undefined
  const columns: ColumnBounds[] = []
  let slices = 1
  for (const { text } of index.steps) {
    const bounds = fields.get(text)
    const column = bounds && boundsOfColumn(index, bounds)
    if (column === undefined) break
    slices *= Math.max(1, column.points?.length ?? 1)
    if (slices > RANGES_MAX) break
    columns.push(column)
    if (column.points === undefined) break
  }
  return columns
}

/** A sparse index lacks documents in which all columns are null. */
function impliesEntry(index: OpenIndex, fields: ReadonlyMap<string, FieldBounds>): boolean {
  return index.paths.some((path) => {
    const bounds = fields.get(path)
    if (bounds === undefined || bounds.nulls) return false
    // An array without scalars is not null, yet has no element that could be an entry.
    return !index.multi || bounds.points !== undefined || bounds.range !== undefined
  })
}

function boundsOfColumn(index: OpenIndex, { points, range, nulls }: FieldBounds): ColumnBounds | undefined {
  const composites = !index.multi && !index.unique
  if (points !== undefined) {
    const datums = points
      .filter(canBeStored)
      .map((point) => datumOf(typeof point === 'bigint' ? Number(point) : point))
    return { points: nulls ? [...datums, NULL_DATUM] : datums, sides: 0, composites }
  }
  if (range !== undefined) return boundsOfRange(range, composites)
  // Not null: everything before null.
  return index.multi ? undefined : NOT_NULL
}

/** Dates, bytes, NaN and broken Unicode are in no entry. */
function canBeStored(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return isWellFormed(value)
    case 'number':
      return !Number.isNaN(value)
    case 'bigint':
      return BigInt(Number(value)) === value
    default:
      return typeof value === 'boolean'
  }
}

const FIRST_TEXT: IndexBound = { datum: { kind: 'text', value: '' }, inclusive: true }
const FIRST_NUMBER: IndexBound = { datum: { kind: 'float', value: -Infinity }, inclusive: true }
const LAST_NUMBER: IndexBound = { datum: { kind: 'float', value: NaN }, inclusive: true }

const FIRST_BOOLEAN: IndexBound = { datum: datumOf(false), inclusive: true }
const LAST_BOOLEAN: IndexBound = { datum: datumOf(true), inclusive: true }
const NOT_NULL: ColumnBounds = {
  lower: FIRST_TEXT,
  upper: { datum: COMPOSITE, inclusive: true },
  sides: 0,
  composites: false,
}

function boundsOfRange({ kind, lower, upper }: ValueRange, composites: boolean): ColumnBounds {
  const common = { sides: Number(lower !== undefined) + Number(upper !== undefined), composites }
  switch (kind) {
    case 'string':
      return { lower: lowerText(lower) ?? FIRST_TEXT, upper: upperText(upper) ?? AFTER_TEXTS, ...common }
    case 'number':
      return {
        lower: numberBound(lower) ?? FIRST_NUMBER,
        upper: numberBound(upper) ?? LAST_NUMBER,
        ...common,
      }
    case 'boolean':
      return {
        lower: booleanBound(lower) ?? FIRST_BOOLEAN,
        upper: booleanBound(upper) ?? LAST_BOOLEAN,
        ...common,
      }
    default:
      // JSON has neither dates nor bytes.
      return { points: [], ...common }
  }
}

function booleanBound(bound: Bound | undefined): IndexBound | undefined {
  return bound && { datum: datumOf(bound.value), inclusive: bound.inclusive }
}

/** A bigint between two doubles is moved to the nearest, which then has to be looked at. */
function numberBound(bound: Bound | undefined): IndexBound | undefined {
  if (bound === undefined) return undefined
  const value = Number(bound.value)
  const isExact = typeof bound.value === 'number' || (Number.isFinite(value) && BigInt(value) === bound.value)
  return { datum: { kind: 'float', value }, inclusive: bound.inclusive || !isExact }
}

/** Long bounds are cut, which makes the range larger; ones that are not Unicode are left out. */
function lowerText(bound: Bound | undefined): IndexBound | undefined {
  const text = bound?.value
  if (bound === undefined || typeof text !== 'string' || !isWellFormed(text)) return undefined
  // What the cut text leaves out when it is exclusive, itself, is less than the whole one too.
  return { datum: { kind: 'text', value: boundText(text) }, inclusive: bound.inclusive }
}

function upperText(bound: Bound | undefined): IndexBound | undefined {
  const text = bound?.value
  if (bound === undefined || typeof text !== 'string' || !isWellFormed(text)) return undefined
  const start = boundText(text)
  if (start === text) return { datum: { kind: 'text', value: text }, inclusive: bound.inclusive }
  const after = textAfterPrefix(start)
  return after === undefined ? undefined : { datum: { kind: 'text', value: after }, inclusive: false }
}

/** The slices in key order; they do not overlap. Without bounds one slice, the whole index. */
export function indexSlices(
  collectionId: number,
  index: OpenIndex,
  columns: readonly ColumnBounds[],
): IndexSlice[] {
  const slices: IndexSlice[] = []
  const rangeOf = (equal: readonly Datum[], lower?: IndexBound, upper?: IndexBound): KeyRange =>
    entryRange(collectionId, index.id, { equal, lower, upper })
  const descend = (equal: readonly Datum[]): void => {
    // No entry has such a key, and the engine might refuse it.
    if (entryKey(collectionId, index.id, equal).length > INDEX_KEY_SIZE_MAX_BYTES) return
    const column = columns[equal.length]
    if (column === undefined) {
      slices.push(sliceOf(collectionId, index, equal, rangeOf(equal)))
      return
    }
    const { points, lower, upper, composites } = column
    const scalars = points?.filter((datum) => datum !== NULL_DATUM)
    if (scalars === undefined) slices.push({ range: rangeOf(equal, lower, upper) })
    else for (const datum of scalars) descend([...equal, datum])
    if (composites) slices.push({ range: rangeOf([...equal, COMPOSITE]), compositeColumn: equal.length })
    if (points?.includes(NULL_DATUM) === true) descend([...equal, NULL_DATUM])
  }
  descend([])
  return slices
}

function sliceOf(
  collectionId: number,
  index: OpenIndex,
  equal: readonly Datum[],
  range: KeyRange,
): IndexSlice {
  const isKey = index.unique && equal.length === index.paths.length && !equal.includes(NULL_DATUM)
  return isKey ? { range, key: entryKey(collectionId, index.id, equal) } : { range }
}
