/** Numbers from a text that follows a pattern. */
import { queryError } from '../../condition.js'
import { divideNumeric } from '../../numeric/arithmetic.js'
import { Numeric } from '../../numeric/numeric.js'
import { parseNumeric } from '../../numeric/parse-numeric.js'
import { powerOfTen } from '../../numeric/powers-of-ten.js'
import { parseNumberPattern, type NumberNode, type NumberPattern } from './number-pattern.js'

export function readNumber(text: string, patternText: string): Numeric | null {
  if (patternText === '') return null
  const pattern = parseNumberPattern(patternText)
  if (pattern.isScientific) throw queryError('feature_not_supported', '"EEEE" not supported for input')
  if (pattern.isRoman) throw queryError('feature_not_supported', '"RN" not supported for input')
  const value = parseNumeric(new NumberReader(text, pattern).read())
  if (!pattern.hasShift) return value
  return divideNumeric(value, new Numeric(powerOfTen(pattern.shift), 0))
}

class NumberReader {
  readonly #text: string
  readonly #pattern: NumberPattern
  #at = 0
  #sign = ''
  #digits = ''
  #hasPoint = false
  #digitsAfter = 0

  constructor(text: string, pattern: NumberPattern) {
    this.#text = text
    this.#pattern = pattern
  }

  /** The number's text, as numeric is read. */
  read(): string {
    for (const node of this.#pattern.nodes) {
      if (this.#at >= this.#text.length) break
      if (node.kind === 'text') this.#at++
      else this.#readField(node)
    }
    const digits = this.#digits.endsWith('.') ? this.#digits.slice(0, -1) : this.#digits
    return (this.#sign === '-' ? '-' : '') + (digits === '' ? ' ' : digits)
  }

  #readField(node: NumberNode & { kind: 'field' }): void {
    switch (node.field) {
      case '9':
      case '0':
      case '.':
      case 'D':
        this.#readPlace(node.field)
        return
      case ',':
      case 'G':
        if (this.#text[this.#at] === ',' && this.#digits !== '') this.#at++
        else if (this.#digits === '' && this.#text[this.#at] === ',') this.#at++
        return
      case 'L':
        if (!this.#isNumberPart()) this.#at++
        return
      case 'MI':
      case 'SG':
      case 'PL':
      case 'S':
        this.#readSign(node.field)
        return
      case 'TH':
        this.#at += 2
        return
      default:
      // The others take up no place in the text.
    }
  }

  #readPlace(field: string): void {
    if (this.#text[this.#at] === ' ') this.#at++
    if (this.#digits === '' && this.#sign === '' && (field === '9' || field === '0')) this.#readLeadingSign()
    const next = this.#text[this.#at] ?? ''
    if (/\d/.test(next)) {
      if (this.#hasPoint && this.#digitsAfter === this.#pattern.after) return
      this.#digits += next
      if (this.#hasPoint) this.#digitsAfter++
      this.#at++
    } else if (next === '.' && this.#pattern.hasPoint && !this.#hasPoint) {
      this.#digits += '.'
      this.#hasPoint = true
      this.#at++
    } else return
    this.#readTrailingSign()
  }

  #readLeadingSign(): void {
    const next = this.#text[this.#at]
    if (next === '-' || next === '+' || (next === '<' && this.#pattern.hasBrackets)) {
      this.#sign = next === '+' ? '+' : '-'
      this.#at++
    }
  }

  /** A sign directly behind the last digit. */
  #readTrailingSign(): void {
    const next = this.#text[this.#at]
    if (this.#sign !== '' || this.#pattern.sign === undefined || (next !== '-' && next !== '+')) return
    if (/\d/.test(this.#text[this.#at + 1] ?? '')) return
    this.#sign = next
    this.#at++
  }

  #readSign(field: string): void {
    const next = this.#text[this.#at]
    const isSign =
      field === 'MI' ? next === '-' : field === 'PL' ? next === '+' : next === '-' || next === '+'
    if (isSign) {
      this.#sign = next ?? ''
      this.#at++
    }
  }

  #isNumberPart(): boolean {
    return /[\d.,+-]/.test(this.#text[this.#at] ?? '')
  }
}
