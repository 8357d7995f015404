/** Ranges over keys: everything under a prefix, and slices of an index. */
import { compareBytes, concatBytes } from '@orbit-ts/base'
import type { KeyRange } from '../provider.js'
import { ByteWriter } from './byte-writer.js'
import { type Datum, writeDatum, writeDatums } from './datum.js'

const WRITER = new ByteWriter(256)

/** The first key after every key that begins with `prefix`; undefined when there is none (an empty prefix, or all 0xff). */
export function prefixSuccessor(prefix: Uint8Array): Uint8Array | undefined {
  let size = prefix.length
  while (size > 0 && prefix[size - 1] === 0xff) size--
  if (size === 0) return undefined
  const successor = Buffer.from(prefix.subarray(0, size))
  // `size` is at least one.
  successor[size - 1] = (successor[size - 1] as number) + 1
  return successor
}

/** Every key that begins with `prefix`. */
export function prefixRange(prefix: Uint8Array): KeyRange {
  const end = prefixSuccessor(prefix)
  return end === undefined ? { start: prefix } : { start: prefix, end }
}

/** The range from `start` on within everything under `prefix`, up to `end` (not included) or to its end. */
export function rangeWithin(prefix: Uint8Array, start?: Uint8Array, end?: Uint8Array): KeyRange {
  const last = end ?? prefixSuccessor(prefix)
  const first = start ?? prefix
  if (last === undefined) return { start: first }
  return compareBytes(first, last) > 0 ? { start: first, end: first } : { start: first, end: last }
}

export interface IndexBound {
  readonly datum: Datum
  readonly inclusive: boolean
}

/** Which entries of an index: leading columns fixed, and the column after them optionally bounded. */
export interface IndexBounds {
  /** Values of the leading columns. Default: none. */
  readonly equal?: readonly Datum[]
  /** As values compare, whatever the direction of the column. */
  readonly lower?: IndexBound
  readonly upper?: IndexBound
  /** Per column of the index, true where it is descending. Default: all ascending. */
  readonly descending?: readonly boolean[]
}

/**
 * The slice of the index under `prefix`. With `lower` or `upper` entries whose bounded column is null are left out,
 * as no comparison holds for null. Bounds that exclude each other give an empty range.
 */
export function indexRange(prefix: Uint8Array, bounds: IndexBounds = {}): KeyRange {
  const equal = bounds.equal ?? []
  const base = withDatums(prefix, equal, bounds.descending)
  const { lower, upper } = bounds
  if (lower === undefined && upper === undefined) return prefixRange(base)
  const descending = bounds.descending?.[equal.length] === true
  const low = lower && edge(base, lower, descending)
  const high = upper && edge(base, upper, descending)
  if (descending) {
    const start = high && (upper?.inclusive ? high.before : high.after)
    const end = low ? (lower?.inclusive ? low.after : low.before) : concatBytes(base, Uint8Array.of(0xff))
    return rangeWithin(base, start, end)
  }
  const start = low ? (lower?.inclusive ? low.before : low.after) : concatBytes(base, Uint8Array.of(1))
  const end = high && (upper?.inclusive ? high.after : high.before)
  return rangeWithin(base, start, end)
}

/** Bounds for the texts that begin with `text`, for the column after `equal`. */
export function textPrefixBounds(text: string): { lower: IndexBound; upper?: IndexBound } {
  const lower: IndexBound = { datum: { kind: 'text', value: text }, inclusive: true }
  const end = prefixSuccessor(Buffer.from(text, 'utf8'))
  return end === undefined
    ? { lower }
    : { lower, upper: { datum: { kind: 'bytes', value: end }, inclusive: false } }
}

/** The keys before and after everything that has the bound's value. */
function edge(
  base: Uint8Array,
  bound: IndexBound,
  descending: boolean,
): { before: Uint8Array; after: Uint8Array | undefined } {
  const writer = WRITER.reset()
  writer.bytes(base)
  writeDatum(writer, bound.datum, descending)
  const before = writer.toBytes()
  return { before, after: prefixSuccessor(before) }
}

function withDatums(
  prefix: Uint8Array,
  datums: readonly Datum[],
  descending?: readonly boolean[],
): Uint8Array {
  if (datums.length === 0) return prefix
  const writer = WRITER.reset()
  writer.bytes(prefix)
  writeDatums(writer, datums, descending)
  return writer.toBytes()
}
