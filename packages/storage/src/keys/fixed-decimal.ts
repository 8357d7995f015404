/**
 * Decimals of a fixed precision and scale, laid out as MySQL and TiDB do: nine digits in four bytes, fewer in as few
 * bytes as hold them, complemented when negative, the first bit flipped. They sort as numbers as long as precision and
 * scale are the same, which one column sees to.
 */
import { OrbitError } from '@orbit-ts/base'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { type DecimalParts, formatDecimal, parseDecimal } from './decimal-text.js'
import type { Mask } from './memcomparable.js'

export const FIXED_DECIMAL_PRECISION_MAX = 65
export const FIXED_DECIMAL_SCALE_MAX = 30

const WORD_DIGITS = 9
/** Bytes that hold so many digits. */
const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const
const SIGN_BIT = 0x80

/** True when TiDB's layout can hold numbers of this precision and scale. */
export function isFixedDecimal(precision: number, scale: number): boolean {
  return (
    Number.isInteger(precision) &&
    Number.isInteger(scale) &&
    precision >= 1 &&
    precision <= FIXED_DECIMAL_PRECISION_MAX &&
    scale >= 0 &&
    scale <= Math.min(precision, FIXED_DECIMAL_SCALE_MAX)
  )
}

/**
 * Writes precision, scale and the digits.
 * @throws INVALID_ARGUMENT when the text is no decimal or needs more digits than there are.
 */
export function writeFixedDecimal(writer: ByteWriter, text: string, precision: number, scale: number): void {
  const parts = parseDecimal(text)
  if (parts === undefined)
    throw new OrbitError('INVALID_ARGUMENT', `"${text.slice(0, 60)}" is not a decimal number`)
  writeFixedDecimalParts(writer, parts, precision, scale)
}

function writeFixedDecimalParts(
  writer: ByteWriter,
  parts: DecimalParts,
  precision: number,
  scale: number,
): void {
  checkFits(parts, precision, scale)
  writer.byte(precision)
  writer.byte(scale)
  const start = writer.length
  writeInteger(writer, parts.integer.padStart(precision - scale, '0'))
  writeFraction(writer, parts.fraction.padEnd(scale, '0').slice(0, scale))
  const { buffer, length } = writer
  if (parts.negative) for (let i = start; i < length; i++) buffer[i] = ~(buffer[i] as number)
  buffer[start] = (buffer[start] as number) ^ SIGN_BIT
}

function checkFits(parts: DecimalParts, precision: number, scale: number): void {
  if (!isFixedDecimal(precision, scale)) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `decimal(${precision}, ${scale}): the precision must be 1 to ${FIXED_DECIMAL_PRECISION_MAX}, the scale 0 to ${FIXED_DECIMAL_SCALE_MAX} and no more than the precision`,
    )
  }
  const tooFine = parts.fraction.length > scale && /[1-9]/.test(parts.fraction.slice(scale))
  if (parts.integer.length > precision - scale || tooFine) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${formatDecimal(parts).slice(0, 60)} does not fit decimal(${precision}, ${scale}); round it first`,
    )
  }
}

/** The odd digits come first. */
function writeInteger(writer: ByteWriter, digits: string): void {
  let at = digits.length % WORD_DIGITS
  if (at > 0) writeWord(writer, digits.slice(0, at))
  for (; at < digits.length; at += WORD_DIGITS) writeWord(writer, digits.slice(at, at + WORD_DIGITS))
}

/** The odd digits come last. */
function writeFraction(writer: ByteWriter, digits: string): void {
  for (let at = 0; at < digits.length; at += WORD_DIGITS)
    writeWord(writer, digits.slice(at, at + WORD_DIGITS))
}

function writeWord(writer: ByteWriter, digits: string): void {
  const size = bytesOf(digits.length)
  const at = writer.reserve(size)
  let value = Number(digits)
  for (let i = size - 1; i >= 0; i--) {
    writer.buffer[at + i] = value & 0xff
    value >>>= 8
  }
}

export interface FixedDecimal {
  readonly kind: 'decimal'
  readonly value: string
  readonly precision: number
  readonly scale: number
}

/** Reads precision, scale and digits; exactly `scale` digits stand after the point. */
export function readFixedDecimal(reader: ByteReader, mask: Mask = 0): FixedDecimal {
  const precision = reader.byte() ^ mask
  const scale = reader.byte() ^ mask
  if (!isFixedDecimal(precision, scale))
    reader.fail(`no decimal has precision ${precision} and scale ${scale}`)
  const integerDigits = precision - scale
  const flip = readSign(reader, mask)
  let first = SIGN_BIT
  const word = (digits: number): string => {
    const text = readWord(reader, digits, flip, first)
    first = 0
    return text
  }
  let integer = ''
  const odd = integerDigits % WORD_DIGITS
  if (odd > 0) integer = word(odd)
  for (let left = integerDigits - odd; left > 0; left -= WORD_DIGITS) integer += word(WORD_DIGITS)
  let fraction = ''
  for (let left = scale; left > 0; left -= WORD_DIGITS) fraction += word(Math.min(left, WORD_DIGITS))
  return { kind: 'decimal', value: decimalText(flip !== mask, integer, fraction), precision, scale }
}

/** What every byte is to be combined with: the mask, turned round for negative numbers. */
function readSign(reader: ByteReader, mask: Mask): Mask {
  const first = reader.peek()
  if (first < 0) reader.fail('a decimal has no digits')
  const positive = ((first ^ mask) & SIGN_BIT) !== 0
  return positive ? mask : mask === 0 ? 0xff : 0
}

function readWord(reader: ByteReader, digits: number, flip: Mask, signBit: number): string {
  const size = bytesOf(digits)
  const at = reader.take(size)
  let value = 0
  for (let i = 0; i < size; i++) {
    const byte = (reader.buffer[at + i] as number) ^ flip ^ (i === 0 ? signBit : 0)
    value = value * 0x100 + byte
  }
  const text = String(value)
  if (text.length > digits) reader.fail(`${text} where a decimal has ${digits} digits`)
  return text.padStart(digits, '0')
}

function decimalText(negative: boolean, integer: string, fraction: string): string {
  const whole = integer.replace(/^0+/, '')
  return formatDecimal({ negative, integer: whole, fraction })
}

function bytesOf(digits: number): number {
  // At most nine digits are passed.
  return BYTES_OF_DIGITS[digits] as number
}
