/** Numbers from a text that follows a pattern. */
import { queryError } from '../../condition.js'
import { multiplyNumeric } from '../../numeric/arithmetic.js'
import { applyNumericModifier } from '../../numeric/numeric-modifier.js'
import { Numeric } from '../../numeric/numeric.js'
import { parseNumeric } from '../../numeric/parse-numeric.js'
import { powerNumeric } from '../../numeric/power.js'
import { parseNumberPattern, type NumberField, type NumberPattern } from './number-pattern.js'

/** @throws invalid_text_representation without any digit, numeric_value_out_of_range for more digits than the pattern has */
export function readNumber(text: string, patternText: string): Numeric | null {
  if (patternText === '') return null
  const pattern = parseNumberPattern(patternText)
  if (pattern.isScientific) throw queryError('feature_not_supported', '"EEEE" not supported for input')
  if (pattern.isRoman) throw queryError('feature_not_supported', '"RN" not supported for input')
  const reader = new NumberReader(text, pattern)
  const digits = reader.read()
  const precision = pattern.before + pattern.shift + reader.digitsAfter
  // As `numeric(precision, scale)` has them.
  const modifier = precision * 0x10000 + reader.digitsAfter + 4
  const value = applyNumericModifier(parseNumeric(digits), modifier)
  if (!pattern.hasShift) return value
  return multiplyNumeric(value, powerNumeric(new Numeric(10n, 0), new Numeric(BigInt(-pattern.shift), 0)))
}

class NumberReader {
  /** One character for each byte of the text: what is no digit takes up as many places as it has bytes. */
  readonly #text: string
  readonly #pattern: NumberPattern
  #at = 0
  #sign = ''
  #digits = ''
  #hasPoint = false
  #digitsBefore = 0
  digitsAfter = 0

  constructor(text: string, pattern: NumberPattern) {
    this.#text = Buffer.from(text).toString('latin1')
    this.#pattern = pattern
  }

  /** The number's text, as numeric is read. */
  read(): string {
    for (const node of this.#pattern.nodes) {
      if (this.#isAtEnd()) break
      if (node.kind === 'text') this.#at += this.#characterSize()
      else if (this.#readField(node.field)) this.#at++
    }
    return (this.#sign === '' ? ' ' : this.#sign) + this.#digits.replace(/\.$/, '')
  }

  /** Whether the place that the reader stands at is done with. */
  #readField(field: NumberField): boolean {
    switch (field) {
      case '9':
      case '0':
      case '.':
      case 'D':
        this.#readPlace(field)
        return true
      case ',':
      case 'G':
        return !this.#pattern.isFilled && this.#next() === ','
      case 'L':
        this.#passOther(1)
        return false
      case 'TH':
        if (!this.#pattern.hasPoint) this.#passOther(2)
        return false
      case 'MI':
        return this.#readSign('-')
      case 'PL':
        return this.#readSign('+')
      case 'SG':
        return this.#readSign('+-')
      default:
        return false
    }
  }

  #readPlace(field: string): void {
    if (this.#next() === ' ') this.#at++
    if (this.#isAtEnd()) return
    const isFirst = this.#digitsBefore + this.digitsAfter === 0
    if (this.#sign === '' && isFirst && (field === '9' || field === '0')) this.#readLeadingSign()
    if (this.#isAtEnd()) return
    const isRead = this.#readDigitOrPoint()
    if (isRead === undefined || this.#isAtEnd()) return
    if (this.#sign === '' && this.#digitsBefore + this.digitsAfter > 0) this.#readTrailingSign(isRead)
  }

  #readLeadingSign(): void {
    const next = this.#next()
    if (next === '-' || next === '+' || (next === '<' && this.#pattern.hasBrackets)) {
      this.#sign = next === '+' ? '+' : '-'
      this.#at++
    }
  }

  /** Undefined: a digit too many behind the point. */
  #readDigitOrPoint(): boolean | undefined {
    const next = this.#next()
    if (/\d/.test(next)) {
      if (this.#hasPoint && this.digitsAfter === this.#pattern.after) return undefined
      this.#digits += next
      if (this.#hasPoint) this.digitsAfter++
      else this.#digitsBefore++
      return true
    }
    if (next !== '.' || !this.#pattern.hasPoint || this.#hasPoint) return false
    this.#digits += '.'
    this.#hasPoint = true
    return true
  }

  /** A sign behind the last digit; the reader ends at it. */
  #readTrailingSign(isRead: boolean): void {
    const { sign, hasPlus, hasMinus } = this.#pattern
    if (sign !== undefined && isRead) {
      const next = this.#text[this.#at + 1] ?? ''
      if (next !== '-' && next !== '+') return
      this.#at++
      this.#sign = next
    } else if (sign === undefined && !isRead && (hasPlus || hasMinus)) {
      const next = this.#next()
      if (next === '-' || next === '+') this.#sign = next
    }
  }

  #readSign(signs: string): boolean {
    const next = this.#next()
    if (next !== '' && signs.includes(next)) {
      this.#sign = next
      return true
    }
    this.#passOther(1)
    return false
  }

  /** Passes so many characters as long as they are no part of a number. */
  #passOther(count: number): void {
    for (let left = count; left > 0 && !this.#isAtEnd() && !/[\d.,+-]/.test(this.#next()); left--) {
      this.#at += this.#characterSize()
    }
  }

  #isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  #next(): string {
    return this.#text[this.#at] ?? ''
  }

  /** Bytes of the character that begins here. */
  #characterSize(): number {
    const lead = this.#text.charCodeAt(this.#at)
    return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  }
}
