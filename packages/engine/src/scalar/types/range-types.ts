/** Ranges and multiranges of the types that PostgreSQL brings them for: their text and binary forms. */
import { asBuffer } from '@orbit-ts/base'
import { ByteWriter } from '@orbit-ts/storage'
import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import { RangeAlgebra } from '../ranges/range-algebra.js'
import { EMPTY_RANGE, type MultirangeValue, type RangeValue } from '../ranges/range-value.js'
import { readMultirangeText, readRangeText, type RangeText } from '../ranges/range-text.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { invalidBinary } from './bad-input.js'
import { defineType } from './define-type.js'
import { int4, int8 } from './integer-types.js'
import { numeric } from './numeric-type.js'
import { date, timestamp, timestamptz } from './temporal-types.js'

const EMPTY = 0x01
const LOWER_INCLUSIVE = 0x02
const UPPER_INCLUSIVE = 0x04
const LOWER_INFINITE = 0x08
const UPPER_INFINITE = 0x10

const algebras = new Map<number, RangeAlgebra>()

/** @param type a range type, or a multirange type */
export function algebraOf(type: ScalarType | undefined): RangeAlgebra {
  const subtype = type?.range?.subtype ?? type?.subtype
  const algebra = subtype === undefined ? undefined : algebras.get(subtype.oid)
  if (algebra === undefined)
    throw queryError('feature_not_supported', `ranges of ${type?.displayName ?? 'nothing'}`)
  return algebra
}

function formatRange(range: RangeValue, subtype: ScalarType, context: ScalarContext): string {
  if (range.isEmpty) return 'empty'
  const bound = (value: Value): string => (value === null ? '' : quoted(subtype.format(value, context)))
  const { lower, upper, lowerInclusive, upperInclusive } = range
  return `${lowerInclusive ? '[' : '('}${bound(lower)},${bound(upper)}${upperInclusive ? ']' : ')'}`
}

/** Within quotes where the text is empty or could be taken for a part of the range. */
function quoted(text: string): string {
  return text === '' || /["\\()[\],\s]/.test(text) ? `"${text.replace(/["\\]/g, '$&$&')}"` : text
}

function rangeOf(parts: RangeText, subtype: ScalarType, context: ScalarContext): RangeValue {
  if (parts === 'empty') return EMPTY_RANGE
  const bound = (text: string | undefined): Value =>
    text === undefined ? null : subtype.parse(text, -1, context)
  const lower = bound(parts.lower)
  const upper = bound(parts.upper)
  return new RangeAlgebra(subtype).make(lower, upper, parts.lowerInclusive, parts.upperInclusive)
}

function encodeRange(
  writer: ByteWriter,
  range: RangeValue,
  subtype: ScalarType,
  context: ScalarContext,
): void {
  const { isEmpty, lower, upper, lowerInclusive, upperInclusive } = range
  let flags = isEmpty ? EMPTY : 0
  if (lowerInclusive) flags |= LOWER_INCLUSIVE
  if (upperInclusive) flags |= UPPER_INCLUSIVE
  if (!isEmpty && lower === null) flags |= LOWER_INFINITE
  if (!isEmpty && upper === null) flags |= UPPER_INFINITE
  writer.byte(flags)
  for (const bound of [lower, upper]) {
    if (bound !== null) writeSized(writer, (inner) => subtype.encode(inner, bound, context))
  }
}

function writeSized(writer: ByteWriter, write: (inner: ByteWriter) => void): void {
  const inner = new ByteWriter()
  write(inner)
  const bytes = inner.toBytes()
  writer.uint32BE(bytes.length)
  writer.bytes(bytes)
}

function decodeRange(bytes: Uint8Array, subtype: ScalarType, context: ScalarContext): RangeValue {
  const [flags = 0] = bytes
  if ((flags & EMPTY) !== 0) return EMPTY_RANGE
  let at = 1
  const bound = (infinite: number): Value => {
    if ((flags & infinite) !== 0) return null
    const { part, end } = sized(bytes, at)
    at = end
    return subtype.decode(part, -1, context)
  }
  const lower = bound(LOWER_INFINITE)
  const upper = bound(UPPER_INFINITE)
  if (at !== bytes.length) throw invalidBinary('incorrect binary data format')
  return new RangeAlgebra(subtype).make(
    lower,
    upper,
    (flags & LOWER_INCLUSIVE) !== 0,
    (flags & UPPER_INCLUSIVE) !== 0,
  )
}

function sized(bytes: Uint8Array, at: number): { readonly part: Uint8Array; readonly end: number } {
  if (bytes.length < at + 4) throw queryError('protocol_violation', 'insufficient data left in message')
  const start = at + 4
  const end = start + asBuffer(bytes).readUInt32BE(at)
  if (end > bytes.length) throw queryError('protocol_violation', 'insufficient data left in message')
  return { part: bytes.subarray(start, end), end }
}

function hashOf(range: RangeValue, subtype: ScalarType): string {
  const bound = (value: Value): string =>
    value === null ? '' : JSON.stringify(String(subtype.hashKey?.(value)))
  return range.isEmpty
    ? 'empty'
    : `${range.lowerInclusive ? '[' : '('}${bound(range.lower)},${bound(range.upper)}${range.upperInclusive ? ']' : ')'}`
}

function rangeType(oid: number, name: string, subtype: ScalarType): ScalarType {
  const algebra = new RangeAlgebra(subtype)
  algebras.set(subtype.oid, algebra)
  return defineType<RangeValue>({
    oid,
    name,
    category: 'R',
    subtype,
    parse: (text, _, context) => rangeOf(readRangeText(text), subtype, context),
    format: (value, context) => formatRange(value, subtype, context),
    encode: (writer, value, context) => encodeRange(writer, value, subtype, context),
    decode: (bytes, _, context) => decodeRange(bytes, subtype, context),
    compare: (a, b) => algebra.compare(a, b),
    hashKey: (value) => hashOf(value, subtype),
  })
}

function multirangeType(oid: number, name: string, range: ScalarType, subtype: ScalarType): ScalarType {
  const algebra = algebraOf(range)
  return defineType<MultirangeValue>({
    oid,
    name,
    category: 'R',
    range,
    parse: (text, _, context) =>
      algebra.multirange(readMultirangeText(text).map((parts) => rangeOf(parts, subtype, context))),
    format: ({ ranges }, context) =>
      `{${ranges.map((each) => formatRange(each, subtype, context)).join(',')}}`,
    encode: (writer, { ranges }, context) => {
      writer.uint32BE(ranges.length)
      for (const each of ranges) writeSized(writer, (inner) => encodeRange(inner, each, subtype, context))
    },
    decode: (bytes, _, context) => {
      if (bytes.length < 4) throw queryError('protocol_violation', 'insufficient data left in message')
      const ranges: RangeValue[] = []
      let at = 4
      for (let left = asBuffer(bytes).readUInt32BE(0); left > 0; left--) {
        const { part, end } = sized(bytes, at)
        ranges.push(decodeRange(part, subtype, context))
        at = end
      }
      return algebra.multirange(ranges)
    },
    compare: (a, b) => compareAll(a.ranges, b.ranges, algebra),
    hashKey: ({ ranges }) => ranges.map((each) => hashOf(each, subtype)).join(),
  })
}

function compareAll(a: readonly RangeValue[], b: readonly RangeValue[], algebra: RangeAlgebra): number {
  for (const [at, range] of a.entries()) {
    const other = b[at]
    if (other === undefined) return 1
    const order = algebra.compare(range, other)
    if (order !== 0) return order
  }
  return a.length - b.length
}

export const int4range = rangeType(3904, 'int4range', int4)
export const numrange = rangeType(3906, 'numrange', numeric)
export const tsrange = rangeType(3908, 'tsrange', timestamp)
export const tstzrange = rangeType(3910, 'tstzrange', timestamptz)
export const daterange = rangeType(3912, 'daterange', date)
export const int8range = rangeType(3926, 'int8range', int8)
export const int4multirange = multirangeType(4451, 'int4multirange', int4range, int4)
export const nummultirange = multirangeType(4532, 'nummultirange', numrange, numeric)
export const tsmultirange = multirangeType(4533, 'tsmultirange', tsrange, timestamp)
export const tstzmultirange = multirangeType(4534, 'tstzmultirange', tstzrange, timestamptz)
export const datemultirange = multirangeType(4535, 'datemultirange', daterange, date)
export const int8multirange = multirangeType(4536, 'int8multirange', int8range, int8)

/** Each range type with what its multiranges are. */
export const RANGE_TYPES: readonly (readonly [range: ScalarType, multirange: ScalarType])[] = [
  [int4range, int4multirange],
  [numrange, nummultirange],
  [tsrange, tsmultirange],
  [tstzrange, tstzmultirange],
  [daterange, datemultirange],
  [int8range, int8multirange],
]

export function multirangeOf(range: ScalarType): ScalarType | undefined {
  return RANGE_TYPES.find(([each]) => each === range)?.[1]
}
