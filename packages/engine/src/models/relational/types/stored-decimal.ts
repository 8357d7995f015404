/** Exact decimals between the bytes of rows and the values of queries. */
import { OrbitError } from '@orbit-ts/base'
import { Numeric } from '../../../scalar/numeric/numeric.js'

const WORD_DIGITS = 9
/** Bytes that hold so many digits. */
const BYTES_OF_DIGITS = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const
/** So many digits are safe in a `number`. */
const SAFE_DIGITS = 15

const SPECIAL: Readonly<Record<string, Numeric>> = {
  NaN: Numeric.NAN,
  Infinity: Numeric.INFINITY,
  '-Infinity': Numeric.NEGATIVE_INFINITY,
}

/** A decimal of fixed precision and scale, as `writeFixedDecimal` lays it out. @throws STORAGE_CORRUPT */
export function readDecimal(bytes: Buffer, start: number, end: number): Numeric {
  const precision = bytes[start] ?? 0
  const scale = bytes[start + 1] ?? 0
  const isNegative = ((bytes[start + 2] ?? 0) & 0x80) === 0
  const reader = new WordReader(bytes, start + 2, isNegative)
  const digits =
    precision <= SAFE_DIGITS ? BigInt(reader.small(precision, scale)) : reader.large(precision, scale)
  if (precision === 0 || scale > precision || reader.at !== end)
    throw new OrbitError('STORAGE_CORRUPT', `${end - start} bytes are no decimal(${precision}, ${scale})`)
  return new Numeric(isNegative ? -digits : digits, scale)
}

class WordReader {
  at: number
  readonly #bytes: Buffer
  readonly #flip: number
  #sign = 0x80

  constructor(bytes: Buffer, at: number, isNegative: boolean) {
    this.#bytes = bytes
    this.at = at
    this.#flip = isNegative ? 0xff : 0
  }

  small(precision: number, scale: number): number {
    let value = 0
    for (const digits of wordsOf(precision, scale)) value = value * 10 ** digits + this.#word(digits)
    return value
  }

  large(precision: number, scale: number): bigint {
    let value = 0n
    for (const digits of wordsOf(precision, scale))
      value = value * 10n ** BigInt(digits) + BigInt(this.#word(digits))
    return value
  }

  #word(digits: number): number {
    let value = 0
    for (let left = BYTES_OF_DIGITS[digits] ?? 0; left > 0; left--) {
      value = value * 256 + ((this.#bytes[this.at++] ?? 0) ^ this.#flip ^ this.#sign)
      this.#sign = 0
    }
    return value
  }
}

const WORDS = new Map<number, readonly number[]>()

/** How many digits each word has: odd ones first before the point, last after it. */
function wordsOf(precision: number, scale: number): readonly number[] {
  const id = precision * 256 + scale
  let words = WORDS.get(id)
  if (words === undefined) {
    const whole = precision - scale
    const odd = whole % WORD_DIGITS
    words = [
      ...(odd > 0 ? [odd] : []),
      ...new Array<number>((whole - odd) / WORD_DIGITS).fill(WORD_DIGITS),
      ...new Array<number>(Math.floor(scale / WORD_DIGITS)).fill(WORD_DIGITS),
      ...(scale % WORD_DIGITS > 0 ? [scale % WORD_DIGITS] : []),
    ]
    WORDS.set(id, words)
  }
  return words
}

/** The value of decimal text as `decimalText` and the typed API write it: no exponent. */
export function numericOfText(text: string): Numeric {
  const special = SPECIAL[text]
  if (special !== undefined) return special
  const point = text.indexOf('.')
  return point < 0
    ? new Numeric(BigInt(text), 0)
    : new Numeric(BigInt(text.slice(0, point) + text.slice(point + 1)), text.length - point - 1)
}

export function decimalText({ digits, scale, special }: Numeric): string {
  if (special !== undefined)
    return special === 'nan' ? 'NaN' : special === 'infinity' ? 'Infinity' : '-Infinity'
  if (scale === 0) return String(digits)
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  const point = text.length - scale
  return `${digits < 0n ? '-' : ''}${text.slice(0, point)}.${text.slice(point)}`
}
