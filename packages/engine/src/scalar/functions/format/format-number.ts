/** Numbers written after a pattern. */
import { queryError } from '../../condition.js'
import { ordinalEnding } from './date-names.js'
import { parseNumberPattern, type NumberNode, type NumberPattern } from './number-pattern.js'

/** A number as a pattern's writer needs it. */
export interface NumberSource {
  /** Rounded to so many digits after the point, with a minus before it where it is negative. Not finite: a word. */
  toFixed(after: number): string
  /** With one digit before the point, and an exponent of two digits at least; undefined when it is not finite. */
  toExponential(after: number): string | undefined
  /** Shifted by so many digits. @throws numeric_value_out_of_range */
  shifted(digits: number): NumberSource
  /** Rounded to a whole number, for Roman numerals. NaN when it is none. */
  toInteger(): number
  /** How many digits after the point are worth showing behind so many before it. */
  digitsAfter(before: number, wanted: number): number
}

export function formatNumber(source: NumberSource, text: string): string {
  const pattern = parseNumberPattern(text)
  if (pattern.isRoman) return new NumberWriter(pattern, romanDigits(pattern, source), '+', 0).write()
  if (pattern.isScientific) return scientific(source, pattern)
  const value = pattern.hasShift ? source.shifted(pattern.shift) : source
  const before = pattern.before + pattern.shift
  const whole = value.toFixed(0).replace('-', '')
  const after = value.digitsAfter(whole.length, pattern.after)
  const fixed = value.toFixed(after)
  const sign = fixed.startsWith('-') ? '-' : '+'
  const digits = sign === '-' ? fixed.slice(1) : fixed
  const size = digits.includes('.') ? digits.indexOf('.') : digits.length
  if (size > before) {
    return new NumberWriter({ ...pattern, before, after }, overflowDigits(before, after), sign, 0).write()
  }
  return new NumberWriter({ ...pattern, before, after }, digits, sign, before - size).write()
}

/** What stands for a number that does not fit. */
function overflowDigits(before: number, after: number): string {
  return `${'#'.repeat(before)}.${'#'.repeat(after)}`
}

function scientific(source: NumberSource, pattern: NumberPattern): string {
  const text = source.toExponential(pattern.after)
  const shown = text ?? ` ${'#'.repeat(pattern.before)}.${'#'.repeat(pattern.after + 4)}`
  const number = text === undefined || text.startsWith('-') ? shown : ` ${shown}`
  return number + pattern.nodes.map((node) => (node.kind === 'text' ? node.text : '')).join('')
}

const ROMAN: readonly (readonly [number, string])[] = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
]

function romanDigits({ isFilled }: NumberPattern, source: NumberSource): string {
  let rest = source.toInteger()
  if (!(rest >= 1 && rest <= 3999)) return '#'.repeat(15)
  let text = ''
  for (const [value, letters] of ROMAN) {
    for (; rest >= value; rest -= value) text += letters
  }
  return isFilled ? text : text.padStart(15)
}

class NumberWriter {
  readonly #pattern: NumberPattern
  /** The digits with their point; what is written is taken from it piece by piece. */
  readonly #digits: string
  readonly #sign: '+' | '-'
  /** Places of the pattern before the number's first digit. */
  readonly #blanks: number
  /** With FM: the last of the digits that is not a zero behind the point; undefined: all count. */
  readonly #lastRelevant: number | undefined
  /** After which place the number ends, and what closes it is written. */
  readonly #lastPlace: number
  readonly #hasBrackets: boolean
  #isSignWritten: boolean
  #place = 0
  #at = 0
  #isInNumber = false
  #result = ''

  constructor(pattern: NumberPattern, digits: string, sign: '+' | '-', blanks: number) {
    this.#pattern = pattern
    this.#digits = digits
    this.#sign = sign
    this.#blanks = blanks
    this.#hasBrackets = pattern.hasBrackets && !(pattern.isFilled && sign === '+')
    this.#isSignWritten = this.#startsWithSign()
    this.#lastRelevant = this.#findLastRelevant()
    let count = pattern.after + pattern.before - 1
    if (!this.#isSignWritten && blanks === 0) count++
    this.#lastPlace = count + (blanks > 0 ? 1 : 0) + (pattern.hasPoint ? 1 : 0) - 1
  }

  write(): string {
    for (const node of this.#pattern.nodes) this.#writeNode(node)
    return this.#result
  }

  /** Whether the sign needs no place of its own. */
  #startsWithSign(): boolean {
    const { hasPlus, hasMinus, isFilled, sign } = this.#pattern
    if (hasPlus || hasMinus) return !(hasPlus && !hasMinus)
    return this.#sign === '+' && isFilled && sign === undefined
  }

  #findLastRelevant(): number | undefined {
    const { isFilled, hasPoint, zeroTo } = this.#pattern
    const point = this.#digits.indexOf('.')
    if (!isFilled || !hasPoint || point < 0) return undefined
    let last = this.#digits.length - 1
    while (last > point && this.#digits[last] === '0') last--
    // Digits that the pattern wants to see stay.
    if (zeroTo > this.#blanks) last = Math.max(last, Math.min(this.#digits.length - 1, zeroTo - this.#blanks))
    return last
  }

  #writeNode(node: NumberNode): void {
    if (node.kind === 'text') {
      this.#result += node.text
      return
    }
    const isRoman = this.#pattern.isRoman
    switch (node.field) {
      case '9':
      case '0':
      case '.':
      case 'D':
        if (!isRoman) this.#writePlace(node.field)
        return
      case ',':
      case 'G':
        this.#result += this.#isInNumber ? ',' : this.#blank()
        return
      case 'L':
        this.#result += ' '
        return
      case 'RN':
        this.#result += node.isLower ? this.#digits.toLowerCase() : this.#digits
        return
      case 'TH':
        this.#writeOrdinal(node.isLower)
        return
      case 'MI':
        this.#result += this.#sign === '-' ? '-' : this.#blank()
        return
      case 'PL':
        this.#result += this.#sign === '+' ? '+' : this.#blank()
        return
      case 'SG':
        this.#result += this.#sign
        return
      default:
      // The others say how the number is written, not what stands in its place.
    }
  }

  #blank(): string {
    return this.#pattern.isFilled ? '' : ' '
  }

  #writeOrdinal(isLower: boolean): void {
    if (this.#pattern.isRoman || this.#digits.startsWith('#') || this.#sign === '-' || this.#pattern.hasPoint)
      return
    if (!/\d$/.test(this.#digits)) {
      throw queryError('invalid_text_representation', `"${this.#digits}" is not a number`)
    }
    const ending = ordinalEnding(this.#digits)
    this.#result += isLower ? ending : ending.toUpperCase()
  }

  /** One place of the number: blank, zero, digit or point, with the sign before the first of them. */
  #writePlace(field: '9' | '0' | '.' | 'D'): void {
    const { zeroFrom } = this.#pattern
    const isZeroPlace = zeroFrom !== undefined && zeroFrom <= this.#place
    if (this.#isSignDue()) this.#writeSign()
    if (this.#place < this.#blanks && !isZeroPlace) this.#result += this.#blank()
    else if (this.#place < this.#blanks) {
      this.#result += '0'
      this.#isInNumber = true
    } else {
      this.#writeDigit(field)
      if (this.#at < this.#digits.length) this.#at++
    }
    const isPastRelevant = this.#lastRelevant !== undefined && this.#lastRelevant === this.#at
    const lastPlace = isPastRelevant ? this.#place - 1 : this.#lastPlace
    if (this.#place === lastPlace) this.#writeClosing()
    this.#place++
  }

  #isSignDue(): boolean {
    if (this.#isSignWritten) return false
    const { zeroFrom } = this.#pattern
    const isAtNumber = this.#place >= this.#blanks || zeroFrom === this.#place
    return isAtNumber && (!this.#isZeroBeforePoint() || this.#endsAtPoint())
  }

  /** `0.1` with the pattern `9.9` has no digit before its point. */
  #isZeroBeforePoint(): boolean {
    const { zeroFrom, after } = this.#pattern
    return zeroFrom === undefined && this.#at === 0 && this.#digits.startsWith('0') && after !== 0
  }

  #endsAtPoint(): boolean {
    return this.#lastRelevant !== undefined && this.#digits[this.#lastRelevant] === '.'
  }

  #writeSign(): void {
    const { sign, isFilled } = this.#pattern
    if (sign === 'before') this.#result += this.#sign
    else if (sign === 'after') return
    else if (this.#hasBrackets) this.#result += this.#sign === '+' ? ' ' : '<'
    else if (this.#sign === '-') this.#result += '-'
    else if (!isFilled) this.#result += ' '
    this.#isSignWritten = true
  }

  #writeDigit(field: string): void {
    const digit = this.#digits[this.#at]
    if (digit === '.') {
      if (!this.#endsAtPoint() || this.#pattern.isFilled) this.#result += '.'
      return
    }
    if (this.#lastRelevant !== undefined && this.#at > this.#lastRelevant && field !== '0') return
    if (this.#isZeroBeforePoint()) {
      if (!this.#pattern.isFilled) this.#result += ' '
      else if (this.#endsAtPoint()) this.#result += '0'
      return
    }
    this.#result += digit ?? ''
    this.#isInNumber = true
  }

  #writeClosing(): void {
    if (this.#isSignWritten && this.#hasBrackets) this.#result += this.#sign === '+' ? ' ' : '>'
    else if (this.#pattern.sign === 'after') this.#result += this.#sign
  }
}
