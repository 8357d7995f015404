/**
 * Finds the literals of a statement without parsing it: texts that differ in their literals only have one shape.
 *
 * Invariant: two texts of one shape are parsed to trees that differ in the values of these literals only. Whatever
 * could break that (comments, dollar quotes, escapes, several statements, odd numbers) is not scanned at all.
 */

/** How a literal is written: an integer of 31 or 63 bits, another number, or a quoted text. */
export type LiteralKind = 'integer' | 'long' | 'number' | 'text'

export interface Literal {
  readonly kind: LiteralKind
  /** Where it begins in the text. */
  readonly index: number
  /** Digits as written, or the text without its quotes. */
  readonly value: string
}

export interface ScannedText {
  /** The text with a sign in place of each literal. */
  readonly shape: string
  readonly literals: readonly Literal[]
}

/** Longer texts are not worth it, and neither are those with more literals. */
const LENGTH_MAX = 4096
const LITERALS_MAX = 64

const PLACES: Readonly<Record<LiteralKind, string>> = {
  integer: '\u0001',
  long: '\u0002',
  number: '\u0003',
  text: '\u0004',
}

const INTEGER_MAX = 2 ** 31 - 1
/** Every number of so many digits has 63 bits. */
const LONG_DIGITS_MAX = 18

const QUERY = /^\s*(?:select|insert|update|delete)\b/i

/** Undefined for what is no query, has no literals, or cannot be told apart without the parser. */
export function scanLiterals(text: string): ScannedText | undefined {
  if (text.length > LENGTH_MAX || !QUERY.test(text)) return undefined
  return new LiteralScanner(text).scan()
}

const SIGN = {
  quote: 39,
  doubleQuote: 34,
  dollar: 36,
  amp: 38,
  dash: 45,
  dot: 46,
  slash: 47,
  star: 42,
  semicolon: 59,
} as const

class LiteralScanner {
  readonly #text: string
  readonly #literals: Literal[] = []
  #shape = ''
  /** What comes before it stands in the shape. */
  #taken = 0

  constructor(text: string) {
    this.#text = text
  }

  scan(): ScannedText | undefined {
    let at = 0
    while (at < this.#text.length) {
      const next = this.#step(at)
      if (next === undefined || this.#literals.length > LITERALS_MAX) return undefined
      at = next
    }
    if (this.#literals.length === 0) return undefined
    return { shape: this.#shape + this.#text.slice(this.#taken), literals: this.#literals }
  }

  /** The index after what begins at `at`; undefined when that is not for us. */
  #step(at: number): number | undefined {
    const text = this.#text
    const code = text.charCodeAt(at)
    if (isLetter(code)) return this.#afterWord(at)
    if (isDigit(code)) return this.#number(at)
    switch (code) {
      case SIGN.quote:
        // U&'…' is one token.
        return text.charCodeAt(at - 1) === SIGN.amp ? undefined : this.#quoted(at)
      case SIGN.doubleQuote:
        return text.charCodeAt(at - 1) === SIGN.amp ? undefined : this.#afterQuotedName(at)
      case SIGN.dollar:
        return undefined
      case SIGN.dash:
        return text.charCodeAt(at + 1) === SIGN.dash ? undefined : at + 1
      case SIGN.slash:
        return text.charCodeAt(at + 1) === SIGN.star ? undefined : at + 1
      case SIGN.dot:
        return isDigit(text.charCodeAt(at + 1)) ? undefined : at + 1
      case SIGN.semicolon:
        return text.slice(at + 1).trim() === '' ? text.length : undefined
      default:
        // Control characters could be taken for our signs.
        return code < 32 && !isSpace(code) ? undefined : at + 1
    }
  }

  #afterWord(at: number): number | undefined {
    const text = this.#text
    let end = at + 1
    for (;;) {
      const code = text.charCodeAt(end)
      if (!isLetter(code) && !isDigit(code) && code !== SIGN.dollar) break
      end++
    }
    // E'…', B'…', X'…', N'…'
    return text.charCodeAt(end) === SIGN.quote ? undefined : end
  }

  #afterQuotedName(at: number): number | undefined {
    const end = this.#text.indexOf('"', at + 1)
    return end < 0 ? undefined : end + 1
  }

  #quoted(at: number): number | undefined {
    const text = this.#text
    let value = ''
    let from = at + 1
    for (;;) {
      const end = text.indexOf("'", from)
      if (end < 0) return undefined
      value += text.slice(from, end)
      if (text.charCodeAt(end + 1) !== SIGN.quote)
        return UNLIKELY.test(value) ? undefined : this.#take('text', at, end + 1, value)
      value += "'"
      from = end + 2
    }
  }

  #number(at: number): number | undefined {
    NUMBER.lastIndex = at
    const value = NUMBER.exec(this.#text)?.[0]
    if (value === undefined) return undefined
    const end = at + value.length
    const next = this.#text.charCodeAt(end)
    if (isLetter(next) || isDigit(next) || next === SIGN.dot || next === SIGN.dollar) return undefined
    const kind = numberKind(value)
    return kind === undefined ? undefined : this.#take(kind, at, end, value)
  }

  #take(kind: LiteralKind, start: number, end: number, value: string): number {
    this.#shape += this.#text.slice(this.#taken, start) + PLACES[kind]
    this.#taken = end
    this.#literals.push({ kind, index: start, value })
    return end
  }
}

const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const DIGITS = /^\d+$/

/** What may be no character, which the parser is to judge. */
const UNLIKELY = /[\0\ud800-\udfff]/

/** Undefined where the sign before it would decide. */
function numberKind(value: string): LiteralKind | undefined {
  if (!DIGITS.test(value)) return 'number'
  if (value.length > LONG_DIGITS_MAX) return undefined
  const number = Number(value)
  if (number <= INTEGER_MAX) return 'integer'
  return number === INTEGER_MAX + 1 ? undefined : 'long'
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** What names are made of, beside digits. */
function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}
