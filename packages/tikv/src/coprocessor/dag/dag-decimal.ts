/**
 * Decimals as MySQL, TiDB and TiKV lay them out: precision and scale, one byte each, then the digits, nine in four
 * bytes, fewer in as few as hold them; complemented when negative, the first bit flipped. Read and written as exact text.
 */
import { OrbitError } from '@orbit-ts/base'

const WORD_DIGITS = 9
/** Bytes that hold so many digits. */
const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const
/** Nine words: what sums and products may have on their way. */
const DIGITS_MAX = 81

/** A decimal as an integer and how many of its digits stand after the point. */
export interface ScaledInteger {
  readonly digits: bigint
  readonly scale: number
}

const TEXT = /^([+-]?)(\d*)(?:\.(\d*))?$/

/** Undefined when the text is no decimal number. */
export function parseDecimal(text: string): ScaledInteger | undefined {
  const [, sign, whole, fraction = ''] = TEXT.exec(text) ?? []
  if (whole === undefined || whole.length + fraction.length === 0) return undefined
  const digits = BigInt(whole + fraction)
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length }
}

export function formatDecimal({ digits, scale }: ScaledInteger): string {
  const sign = digits < 0n ? '-' : ''
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  if (scale === 0) return sign + text
  return `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}

/** With more digits after the point, or with fewer when those left out are zero; otherwise undefined. */
export function rescale({ digits, scale }: ScaledInteger, to: number): ScaledInteger | undefined {
  if (to >= scale) return { digits: digits * 10n ** BigInt(to - scale), scale: to }
  const cut = 10n ** BigInt(scale - to)
  return digits % cut === 0n ? { digits: digits / cut, scale: to } : undefined
}

/** How many digits stand before the point; none for zero. */
export function wholeDigits({ digits, scale }: ScaledInteger): number {
  const length = digits === 0n ? 0 : (digits < 0n ? -digits : digits).toString().length
  return Math.max(0, length - scale)
}

/** Precision, scale and digits. Needs `precision` to hold the value at its scale, and to be 1 or more. */
export function encodeDecimal(value: ScaledInteger, precision: number): Uint8Array {
  const { digits, scale } = value
  const whole = precision - scale
  const text = (digits < 0n ? -digits : digits).toString().padStart(precision, '0')
  const bytes = [precision, scale]
  const first = whole % WORD_DIGITS
  if (first > 0) pushWord(bytes, text.slice(0, first))
  for (let at = first; at < whole; at += WORD_DIGITS) pushWord(bytes, text.slice(at, at + WORD_DIGITS))
  for (let at = whole; at < precision; at += WORD_DIGITS)
    pushWord(bytes, text.slice(at, Math.min(at + WORD_DIGITS, precision)))
  const flip = digits < 0n ? 0xff : 0
  // The first digits' byte is there: precision is 1 or more.
  return Uint8Array.from(bytes, (byte, at) => (at < 2 ? byte : byte ^ flip ^ (at === 2 ? 0x80 : 0)))
}

function pushWord(bytes: number[], digits: string): void {
  const value = Number(digits)
  const size = bytesOf(digits.length)
  for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) bytes.push((value >>> shift) & 0xff)
}

/** How many bytes the decimal that begins at `at` takes. */
export function decimalSize(bytes: Uint8Array, at: number): number {
  const [precision, scale] = [bytes[at], bytes[at + 1]]
  if (precision === undefined || scale === undefined || scale > precision || precision > DIGITS_MAX)
    throw malformed()
  const size = 2 + partSize(precision - scale) + partSize(scale)
  if (at + size > bytes.length) throw malformed()
  return size
}

/** The text of the decimal that begins at `at`, with exactly `scale` digits after the point. */
export function decimalText(bytes: Uint8Array, at: number): string {
  // `decimalSize` has seen both.
  const [precision, scale] = [bytes[at] as number, bytes[at + 1] as number]
  const whole = precision - scale
  const negative = ((bytes[at + 2] ?? 0x80) & 0x80) === 0
  const flip = negative ? 0xff : 0
  let position = at + 2
  let sign = 0x80
  const word = (digits: number): string => {
    let value = 0
    for (const end = position + bytesOf(digits); position < end; position++) {
      value = value * 0x100 + ((bytes[position] as number) ^ flip ^ sign)
      sign = 0
    }
    return String(value).padStart(digits, '0')
  }
  let text = whole % WORD_DIGITS > 0 ? word(whole % WORD_DIGITS) : ''
  for (let left = whole - (whole % WORD_DIGITS); left > 0; left -= WORD_DIGITS) text += word(WORD_DIGITS)
  text = withoutZeros(text)
  let fraction = ''
  for (let left = scale; left > 0; left -= WORD_DIGITS) fraction += word(Math.min(left, WORD_DIGITS))
  const plain = scale === 0 ? text : `${text}.${fraction}`
  return negative && /[1-9]/.test(plain) ? `-${plain}` : plain
}

function withoutZeros(digits: string): string {
  let at = 0
  while (at < digits.length - 1 && digits.charCodeAt(at) === 0x30) at++
  return digits.length === 0 ? '0' : digits.slice(at)
}

const partSize = (digits: number): number =>
  Math.floor(digits / WORD_DIGITS) * 4 + bytesOf(digits % WORD_DIGITS)

// At most nine digits are passed.
const bytesOf = (digits: number): number => BYTES_OF_DIGITS[digits] as number

const malformed = (): OrbitError => new OrbitError('PROTOCOL_VIOLATION', 'Coprocessor: a value is no decimal')
