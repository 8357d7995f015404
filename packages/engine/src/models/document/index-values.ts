/**
 * JSON values in index keys. The order is that of `compareValues`: strings, numbers, booleans, then what does not
 * sort among itself (arrays and objects), then null, which stands for missing too.
 */
import {
  NULL_DATUM,
  documentKeys,
  isWellFormed,
  type Datum,
  type IndexBound,
  type KeyRange,
} from '@orbit-ts/storage'
import { RANK, compareValues, rankOf } from '../../filter/compare-values.js'

/** Stands for any array or object. Its flag in keys is the first after those of the scalars. */
export const COMPOSITE: Datum = { kind: 'duration', value: 0 }
/** A decimal's flag, unlike an integer's, comes after that of floats. */
const FALSE: Datum = { kind: 'decimal', value: '0', precision: 1, scale: 0 }
const TRUE: Datum = { kind: 'decimal', value: '1', precision: 1, scale: 0 }

export function datumOf(value: unknown): Datum {
  switch (typeof value) {
    case 'string':
      return { kind: 'text', value }
    case 'number':
      return { kind: 'float', value }
    case 'boolean':
      return value ? TRUE : FALSE
    case 'undefined':
      return NULL_DATUM
    default:
      return value === null ? NULL_DATUM : COMPOSITE
  }
}

/** The value of a datum that `datumOf` has made, for messages; arrays and objects are not known any more. */
export function valueOf(datum: Datum): string | number | boolean | null {
  switch (datum.kind) {
    case 'text':
    case 'float':
      return datum.value
    case 'decimal':
      return datum === TRUE
    default:
      return null
  }
}

/** Nulls are written descending, whose flag is the last of all. */
function descendingOf(datums: readonly Datum[]): boolean[] | undefined {
  return datums.includes(NULL_DATUM) ? datums.map((datum) => datum === NULL_DATUM) : undefined
}

export function entryKey(
  collectionId: number,
  indexId: number,
  datums: readonly Datum[],
  id?: string,
): Uint8Array {
  return documentKeys.index(collectionId, indexId, datums, id, descendingOf(datums))
}

interface EntryBounds {
  /** What the first columns hold. */
  readonly equal: readonly Datum[]
  /** Of the column behind them. */
  readonly lower?: IndexBound | undefined
  readonly upper?: IndexBound | undefined
}

export function entryRange(
  collectionId: number,
  indexId: number,
  { equal, lower, upper }: EntryBounds,
): KeyRange {
  const descending = descendingOf(equal)
  return documentKeys.indexEntries(collectionId, indexId, {
    equal,
    ...(lower && { lower }),
    ...(upper && { upper }),
    ...(descending && { descending }),
  })
}

/** No text of UTF-8 has this byte. */
export const AFTER_TEXTS: IndexBound = {
  datum: { kind: 'bytes', value: Uint8Array.of(0xff) },
  inclusive: false,
}

/** Characters of a bound. */
const BOUND_LENGTH_MAX = 256

/** The text, or the start of a long one, cut between code points: a bound that makes a range larger, never smaller. */
export function boundText(text: string): string {
  if (text.length <= BOUND_LENGTH_MAX) return text
  const start = text.slice(0, BOUND_LENGTH_MAX)
  return isWellFormed(start) ? start : start.slice(0, -1)
}

/** The order of `orderBy` in collections, whether an index gives it or not: arrays and objects all sort as one. */
export function compareIndexed(a: unknown, b: unknown): number {
  const x = sortRank(a)
  const y = sortRank(b)
  if (x !== y) return x - y
  return x === RANK.array ? 0 : compareValues(a, b)
}

function sortRank(value: unknown): number {
  const rank = rankOf(value)
  return rank === RANK.object ? RANK.array : rank
}
