/**
 * Which slices of an index of a collection hold all documents for which an expression of SQL is within a range; others may
 * be in them. The index has strings, numbers, booleans, what is composite, and null with what is missing, in this order;
 * numbers are doubles.
 *
 * Text that `->>` gives may come of any kind of value, so ranges of texts hold all that are no strings. Strings may be
 * numbers to a cast, so ranges of numbers hold all strings, and what a cast refuses, so that it is refused here as well.
 */
import { EMPTY_BYTES, compareBytes } from '@orbit-ts/base'
import { NULL_DATUM, type Datum, type IndexBound, type KeyRange } from '@orbit-ts/storage'
import { textAfterPrefix } from '../../filter/analyze-filter.js'
import { INDEX_KEY_SIZE_MAX_BYTES } from '../../models/document/index-entries.js'
import {
  AFTER_TEXTS,
  COMPOSITE,
  boundText,
  datumOf,
  entryKey,
  entryRange,
} from '../../models/document/index-values.js'
import type { OpenIndex } from '../../models/document/open-collection.js'
import { Jsonb, type JsonNode } from '../../scalar/json/jsonb.js'
import { Numeric } from '../../scalar/numeric/numeric.js'
import type { Value } from '../../scalar/value.js'
import type { IndexRange } from '../relation.js'
import type { PathForm } from './document-paths.js'

/** Slices beyond these are not worth it: all documents are read. */
const SLICES_MAX = 10_000

/** What one column of the index may hold: one value, or those between two. */
type Piece = { readonly point: Datum } | { readonly lower: IndexBound; readonly upper: IndexBound }

const at = (datum: Datum): IndexBound => ({ datum, inclusive: true })
const point = (datum: Datum): Piece => ({ point: datum })
const between = (lower: IndexBound, upper: IndexBound): Piece => ({ lower, upper })

const FIRST_TEXT = at(datumOf(''))
const FIRST_NUMBER = at(datumOf(-Infinity))
const LAST_NUMBER = at(datumOf(Infinity))
const FALSE = at(datumOf(false))
const LAST_OF_ALL = at(COMPOSITE)

const STRINGS = between(FIRST_TEXT, AFTER_TEXTS)
const NO_STRINGS = between(FIRST_NUMBER, LAST_OF_ALL)
const NO_NUMBERS = between(FALSE, LAST_OF_ALL)
const PRESENT = between(FIRST_TEXT, LAST_OF_ALL)
/** A path through an array leads nowhere in SQL. */
const ABSENT: readonly Piece[] = [point(COMPOSITE), point(NULL_DATUM)]

/** The keys of the store, disjoint and in order; undefined: the index does not have all documents that may be meant. */
export function documentSlices(
  collectionId: number,
  index: OpenIndex,
  forms: readonly PathForm[],
  ranges: readonly IndexRange[],
): KeyRange[] | undefined {
  const slices: KeyRange[] = []
  for (const range of ranges) {
    const columns = columnsOf(forms, range)
    // A sparse index lacks documents in which all columns are null.
    if (index.sparse && columns.every((pieces) => pieces.some(isNull))) return undefined
    addSlices(collectionId, index, columns, slices)
    if (slices.length > SLICES_MAX) return undefined
  }
  return merged(slices)
}

const isNull = (piece: Piece): boolean => 'point' in piece && piece.point === NULL_DATUM

function columnsOf(forms: readonly PathForm[], range: IndexRange): (readonly Piece[])[] {
  const columns = range.prefix.map((value, i) => equal(forms[i] ?? 'jsonb', value))
  const next = forms[range.prefix.length]
  const { lower, upper, notNull } = range
  if (next !== undefined && (lower !== undefined || upper !== undefined)) {
    const bounds = { ...(lower && { lower: lower.value }), ...(upper && { upper: upper.value }) }
    columns.push(bounded(next, bounds))
  } else if (next !== undefined && notNull === true)
    // Null in JSON is a value.
    columns.push(next === 'jsonb' ? [PRESENT, point(NULL_DATUM)] : [PRESENT])
  return columns
}

function equal(form: PathForm, value: Value): readonly Piece[] {
  if (value === null) return ABSENT
  switch (form) {
    case 'jsonb':
      return value instanceof Jsonb ? [point(datumOfNode(value.root))] : [PRESENT]
    case 'text':
      return typeof value === 'string' ? equalText(value) : [PRESENT]
    case 'number':
    case 'rounded':
      return bounded(form, { lower: value, upper: value })
  }
}

function equalText(text: string): readonly Piece[] {
  const pieces = [point(datumOf(text))]
  if (/^-?\d/.test(text) && Number.isFinite(Number(text))) pieces.push(point(datumOf(Number(text))))
  if (text === 'true' || text === 'false') pieces.push(point(datumOf(text === 'true')))
  if (/^[[{]/.test(text)) pieces.push(point(COMPOSITE))
  return pieces
}

function datumOfNode(node: JsonNode): Datum {
  return datumOf(node instanceof Numeric ? Number(node.toString()) : node)
}

interface Bounds {
  readonly lower?: Value
  readonly upper?: Value
}

/** What is at a bound is in it. */
function bounded(form: PathForm, { lower, upper }: Bounds): readonly Piece[] {
  switch (form) {
    case 'jsonb':
      return boundedNodes(
        lower instanceof Jsonb ? lower : undefined,
        upper instanceof Jsonb ? upper : undefined,
      )
    case 'text':
      return [between(lowerText(lower), upperText(upper)), NO_STRINGS]
    case 'number':
    case 'rounded': {
      const margin = form === 'rounded' ? 1 : 0
      const first = lower === undefined ? -Infinity : numberOf(lower) - margin
      // NaN is above all numbers, and none that JSON has.
      const end = upper === undefined ? NaN : numberOf(upper)
      const last = Number.isNaN(end) ? Infinity : end + margin
      const numbers = first <= last ? [between(at(datumOf(first)), at(datumOf(last)))] : []
      return [STRINGS, ...numbers, NO_NUMBERS]
    }
  }
}

function numberOf(value: Value): number {
  return value instanceof Numeric ? Number(value.toString()) : Number(value)
}

const RANK = { null: 0, text: 1, number: 2, boolean: 3, composite: 4 } as const

function rankOf(node: JsonNode): number {
  if (node === null) return RANK.null
  if (typeof node === 'string') return RANK.text
  if (typeof node === 'boolean') return RANK.boolean
  return node instanceof Numeric ? RANK.number : RANK.composite
}

/** In SQL null is below strings, those below numbers, those below booleans, and those below most that is composite. */
function boundedNodes(lower: Jsonb | undefined, upper: Jsonb | undefined): readonly Piece[] {
  const low = lower?.root
  const high = upper?.root
  const from = low === undefined ? RANK.null : rankOf(low)
  const to = high === undefined ? RANK.boolean : rankOf(high)
  if (from === RANK.composite || to === RANK.composite) return [PRESENT, point(NULL_DATUM)]
  const pieces: Piece[] = [point(COMPOSITE)]
  const spans = (rank: number): boolean => from <= rank && rank <= to
  if (spans(RANK.text)) pieces.push(between(lowerText(low), upperText(high)))
  if (spans(RANK.number)) {
    const first = low instanceof Numeric ? at(datumOfNode(low)) : FIRST_NUMBER
    pieces.push(between(first, high instanceof Numeric ? at(datumOfNode(high)) : LAST_NUMBER))
  }
  if (spans(RANK.boolean)) pieces.push(point(datumOf(false)), point(datumOf(true)))
  if (spans(RANK.null)) pieces.push(point(NULL_DATUM))
  return pieces
}

/** Anything but a text bounds no texts. */
function lowerText(value: unknown): IndexBound {
  return typeof value === 'string' ? at(datumOf(boundText(value))) : FIRST_TEXT
}

function upperText(value: unknown): IndexBound {
  if (typeof value !== 'string') return AFTER_TEXTS
  const start = boundText(value)
  if (start === value) return at(datumOf(value))
  const after = textAfterPrefix(start)
  return after === undefined ? AFTER_TEXTS : at(datumOf(after))
}

function addSlices(
  collectionId: number,
  index: OpenIndex,
  columns: readonly (readonly Piece[])[],
  slices: KeyRange[],
): void {
  const rangeOf = (equal: readonly Datum[], lower?: IndexBound, upper?: IndexBound): KeyRange =>
    entryRange(collectionId, index.id, { equal, lower, upper })
  const descend = (equal: readonly Datum[]): void => {
    // No entry has such a key, and the store might refuse it.
    if (entryKey(collectionId, index.id, equal).length > INDEX_KEY_SIZE_MAX_BYTES) return
    const pieces = columns[equal.length]
    if (pieces === undefined) slices.push(rangeOf(equal))
    for (const piece of pieces ?? []) {
      if (slices.length > SLICES_MAX) return
      if ('point' in piece) descend([...equal, piece.point])
      else slices.push(rangeOf(equal, piece.lower, piece.upper))
    }
  }
  descend([])
}

/** Of slices that overlap or meet their union. */
function merged(slices: readonly KeyRange[]): KeyRange[] {
  const sorted = slices.toSorted((a, b) => compareBytes(a.start ?? EMPTY_BYTES, b.start ?? EMPTY_BYTES))
  const result: KeyRange[] = []
  for (const slice of sorted) {
    const last = result.at(-1)
    if (last === undefined || isBefore(last.end, slice.start)) result.push(slice)
    else if (isBefore(last.end, slice.end))
      result[result.length - 1] = { ...last, ...(slice.end && { end: slice.end }) }
  }
  return result
}

/** Ranges of one index begin and end somewhere. */
function isBefore(end: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return end !== undefined && other !== undefined && compareBytes(end, other) < 0
}
