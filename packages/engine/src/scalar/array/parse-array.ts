/** Arrays from their text: `{1,2}`, `{{a,"b c"},{NULL,d}}`, `[0:1]={x,y}`. */
import { queryError } from '../condition.js'
import type { Value } from '../value.js'
import { SqlArray, type ArrayDimension } from './sql-array.js'

export const DIMENSIONS_MAX = 6
const SPACE = ' \t\n\v\f\r'

/** @throws invalid_text_representation, array_subscript_error, program_limit_exceeded; what `parseElement` throws */
export function parseArray(text: string, delimiter: string, parseElement: (text: string) => Value): SqlArray {
  const parser = new ArrayParser(text, delimiter, parseElement)
  return parser.parse()
}

export function tooManyDimensions(count: number): Error {
  return queryError(
    'program_limit_exceeded',
    `number of array dimensions (${count}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
  )
}

class ArrayParser {
  readonly #text: string
  readonly #delimiter: string
  readonly #parseElement: (text: string) => Value
  readonly #elements: Value[] = []
  /** How many items each level has; -1 until the first of its lists has ended. */
  readonly #lengths: number[] = []
  #depthOfElements = -1
  #at = 0

  constructor(text: string, delimiter: string, parseElement: (text: string) => Value) {
    this.#text = text
    this.#delimiter = delimiter
    this.#parseElement = parseElement
  }

  parse(): SqlArray {
    const bounds = this.#bounds()
    if (this.#peek() !== '{') {
      throw this.#malformed(
        bounds.length === 0
          ? 'Array value must start with "{" or dimension information.'
          : 'Array contents must start with "{".',
      )
    }
    this.#list(0)
    this.#skipSpace()
    if (this.#at < this.#text.length) throw this.#malformed('Junk after closing right brace.')
    if (this.#elements.length === 0) {
      if (bounds.length > 0) throw this.#malformed('Specified array dimensions do not match array contents.')
      return new SqlArray([])
    }
    return new SqlArray(this.#elements, this.#dimensions(bounds))
  }

  #dimensions(bounds: readonly ArrayDimension[]): readonly ArrayDimension[] {
    if (bounds.length === 0) return this.#lengths.map((length) => ({ length, lower: 1 }))
    const matches =
      bounds.length === this.#lengths.length &&
      bounds.every(({ length }, index) => length === this.#lengths[index])
    if (!matches) throw this.#malformed('Specified array dimensions do not match array contents.')
    return bounds
  }

  /** `[0:1][3]=` before the contents. */
  #bounds(): ArrayDimension[] {
    const bounds: ArrayDimension[] = []
    this.#skipSpace()
    while (this.#peek() === '[') {
      this.#at++
      if (bounds.length >= DIMENSIONS_MAX) throw tooManyDimensions(bounds.length + 1)
      bounds.push(this.#bound())
      this.#skipSpace()
    }
    if (bounds.length === 0) return bounds
    if (this.#peek() !== '=') throw this.#malformed('Missing "=" after array dimensions.')
    this.#at++
    this.#skipSpace()
    return bounds
  }

  #bound(): ArrayDimension {
    const first = this.#integer('"[" must introduce explicitly-specified array dimensions.')
    let lower = 1
    let upper = first
    if (this.#peek() === ':') {
      this.#at++
      lower = first
      upper = this.#integer('Missing array dimension value.')
    }
    if (this.#peek() !== ']') throw this.#malformed('Missing "]" after array dimensions.')
    this.#at++
    if (upper < lower) {
      throw queryError('array_subscript_error', 'upper bound cannot be less than lower bound')
    }
    return { lower, length: upper - lower + 1 }
  }

  #integer(missing: string): number {
    const pattern = /\s*([+-]?\d+)/y
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) throw this.#malformed(missing)
    this.#at = pattern.lastIndex
    return Number(match[1])
  }

  /** A list in braces; the position is at the opening one. */
  #list(depth: number): void {
    if (depth >= DIMENSIONS_MAX) throw tooManyDimensions(depth + 1)
    this.#at++
    let count = 0
    if (this.#lengths.length === depth) this.#lengths.push(-1)
    this.#skipSpace()
    if (this.#peek() === '}' && depth === 0) {
      this.#at++
      return
    }
    for (;;) {
      this.#item(depth)
      count++
      this.#skipSpace()
      const next = this.#peek()
      this.#at++
      if (next === '}') break
      if (next !== this.#delimiter) throw this.#unexpected(next)
      this.#skipSpace()
    }
    if (this.#lengths[depth] === -1) this.#lengths[depth] = count
    else if (this.#lengths[depth] !== count) throw this.#ragged()
  }

  #item(depth: number): void {
    const next = this.#peek()
    if (next === '{') {
      if (this.#depthOfElements >= 0 && depth >= this.#depthOfElements) throw this.#unexpected(next)
      this.#list(depth + 1)
      return
    }
    if (this.#depthOfElements >= 0 && this.#depthOfElements !== depth) {
      throw this.#malformed('Unexpected array element.')
    }
    this.#depthOfElements = depth
    this.#elements.push(this.#element())
  }

  #element(): Value {
    if (this.#peek() === '"') return this.#parseElement(this.#quoted())
    const start = this.#at
    let text = ''
    let kept = 0
    let isEscaped = false
    for (;;) {
      const next = this.#peek()
      if (next === undefined) throw this.#malformed('Unexpected end of input.')
      if (next === this.#delimiter || next === '}') break
      if (next === '"') throw this.#malformed('Unexpected array element.')
      if (next === '{') throw this.#unexpected(next)
      if (next === '\\') {
        isEscaped = true
        this.#at++
        text += this.#text[this.#at] ?? ''
        kept = text.length
        if (this.#at >= this.#text.length) throw this.#malformed('Unexpected end of input.')
      } else {
        text += next
        if (!SPACE.includes(next)) kept = text.length
      }
      this.#at++
    }
    if (this.#at === start) throw this.#unexpected(this.#peek())
    const element = text.slice(0, kept)
    if (!isEscaped && element.length === 4 && element.toUpperCase() === 'NULL') return null
    return this.#parseElement(element)
  }

  #quoted(): string {
    let text = ''
    for (this.#at++; ; this.#at++) {
      let next = this.#peek()
      if (next === '"') break
      if (next === '\\') {
        this.#at++
        next = this.#peek()
      }
      if (next === undefined) throw this.#malformed('Unexpected end of input.')
      text += next
    }
    this.#at++
    this.#skipSpace()
    const after = this.#peek()
    if (after !== this.#delimiter && after !== '}') {
      throw after === undefined || after === '{'
        ? this.#unexpected(after)
        : this.#malformed('Unexpected array element.')
    }
    return text
  }

  #peek(): string | undefined {
    return this.#text[this.#at]
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && SPACE.includes(this.#text.charAt(this.#at))) this.#at++
  }

  #unexpected(character: string | undefined): Error {
    return this.#malformed(
      character === undefined ? 'Unexpected end of input.' : `Unexpected "${character}" character.`,
    )
  }

  #ragged(): Error {
    return this.#malformed('Multidimensional arrays must have sub-arrays with matching dimensions.')
  }

  #malformed(detail: string): Error {
    return queryError('invalid_text_representation', `malformed array literal: "${this.#text}"`, { detail })
  }
}
