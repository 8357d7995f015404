/**
 * Decimals of any precision, sorting as numbers: Orbit's own layout for `numeric` columns that declare none, or more
 * than TiDB's fixed layout holds, and for their NaN and infinities. It is stored as a byte string, which TiKV can cut
 * and compare without knowing it.
 *
 *     class  1 byte   -Infinity < negative < zero < positive < Infinity < NaN, PostgreSQL's order
 *     then, for negative (complemented) and positive numbers 0.d1d2d3… × 10^exponent with d1 not zero:
 *     exponent  3 bytes, offset by 2^23
 *     digits    pairs, one byte each, plus one; a single last digit counts as a pair ending in zero
 *     end       00
 *
 * Trailing zeros are not kept: 1.5 and 1.50 are one key.
 */
import { OrbitError } from '@orbit-ts/base'
import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { DECIMAL_INTEGER_DIGITS_MAX, type DecimalParts, formatDecimal, parseDecimal } from './decimal-text.js'
import { type Mask, complement } from './memcomparable.js'

const WRITER = new ByteWriter(64)

const NEGATIVE_INFINITY = 1
const NEGATIVE = 2
const ZERO = 3
const POSITIVE = 4
const INFINITY = 5
const NAN = 6
const EXPONENT_OFFSET = 0x80_0000
/** The smallest fraction has the larger distance from the point on PostgreSQL's other side, so one bound does for both. */
const EXPONENT_MAX = DECIMAL_INTEGER_DIGITS_MAX

const SPECIAL_CLASSES: Readonly<Record<string, number>> = {
  '-Infinity': NEGATIVE_INFINITY,
  Infinity: INFINITY,
  NaN: NAN,
}
const SPECIAL_NAMES: Readonly<Record<number, string>> = {
  [NEGATIVE_INFINITY]: '-Infinity',
  [ZERO]: '0',
  [INFINITY]: 'Infinity',
  [NAN]: 'NaN',
}

/** @throws INVALID_ARGUMENT when the text is neither a decimal nor `NaN`, `Infinity` or `-Infinity`. */
export function writeSortableDecimal(writer: ByteWriter, text: string): void {
  const special = SPECIAL_CLASSES[text]
  if (special !== undefined) {
    writer.byte(special)
    return
  }
  const parts = parseDecimal(text)
  if (parts === undefined)
    throw new OrbitError('INVALID_ARGUMENT', `"${text.slice(0, 60)}" is not a decimal number`)
  writeSortableDecimalParts(writer, parts)
}

function writeSortableDecimalParts(writer: ByteWriter, parts: DecimalParts): void {
  const all = parts.integer + parts.fraction
  const first = all.search(/[1-9]/)
  if (first < 0) {
    writer.byte(ZERO)
    return
  }
  writer.byte(parts.negative ? NEGATIVE : POSITIVE)
  const start = writer.length
  const exponent = parts.integer.length - first + EXPONENT_OFFSET
  writer.byte(exponent >>> 16)
  writer.byte((exponent >>> 8) & 0xff)
  writer.byte(exponent & 0xff)
  const digits = all.slice(first).replace(/0+$/, '')
  for (let i = 0; i < digits.length; i += 2) writer.byte(Number(digits.slice(i, i + 2).padEnd(2, '0')) + 1)
  writer.byte(0)
  if (parts.negative) complement(writer, start)
}

/** The sorting bytes of a decimal's text. @throws INVALID_ARGUMENT as `writeSortableDecimal`. */
export function encodeSortableDecimal(text: string): Uint8Array {
  writeSortableDecimal(WRITER.reset(), text)
  return WRITER.toBytes()
}

/** The text of the sorting bytes, without trailing zeros. @throws STORAGE_CORRUPT */
export function decodeSortableDecimal(bytes: Uint8Array): string {
  const reader = new ByteReader(bytes, 'decimal')
  const text = readSortableDecimal(reader)
  reader.finish()
  return text
}

/** The number without trailing zeros after the point. */
export function readSortableDecimal(reader: ByteReader): string {
  const kind = reader.byte()
  const name = SPECIAL_NAMES[kind]
  if (name !== undefined) return name
  if (kind !== NEGATIVE && kind !== POSITIVE) reader.fail(`${kind} is no class of decimals`)
  const mask: Mask = kind === NEGATIVE ? 0xff : 0
  const exponent =
    (((reader.byte() ^ mask) << 16) | ((reader.byte() ^ mask) << 8) | (reader.byte() ^ mask)) -
    EXPONENT_OFFSET
  let digits = ''
  for (let pair = reader.byte() ^ mask; pair !== 0; pair = reader.byte() ^ mask) {
    if (pair > 100) reader.fail(`${pair} is no pair of digits`)
    digits += String(pair - 1).padStart(2, '0')
  }
  if (digits === '' || Math.abs(exponent) > EXPONENT_MAX)
    reader.fail('a decimal has no digits or is out of range')
  return formatDecimal(place(digits.replace(/0+$/, ''), exponent, kind === NEGATIVE))
}

function place(digits: string, exponent: number, negative: boolean): DecimalParts {
  if (exponent <= 0) return { negative, integer: '', fraction: '0'.repeat(-exponent) + digits }
  return {
    negative,
    integer: digits.slice(0, exponent).padEnd(exponent, '0'),
    fraction: digits.slice(exponent),
  }
}
