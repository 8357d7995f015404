/** The texts of ranges taken apart, without looking at what their bounds are. */
import { queryError } from '../condition.js'

/** A bound that is undefined is not there. */
export type RangeText =
  | 'empty'
  | {
      readonly lower: string | undefined
      readonly upper: string | undefined
      readonly lowerInclusive: boolean
      readonly upperInclusive: boolean
    }

class Reader {
  readonly #text: string
  readonly #kind: string
  at = 0

  constructor(text: string, kind: 'range' | 'multirange') {
    this.#text = text
    this.#kind = kind
  }

  get next(): string {
    return this.#text.charAt(this.at)
  }

  skipSpace(): void {
    while (/\s/.test(this.next)) this.at++
  }

  /** Takes a word in any case, when it is there. */
  takes(word: string): boolean {
    if (this.#text.slice(this.at, this.at + word.length).toLowerCase() !== word) return false
    this.at += word.length
    return true
  }

  refuse(detail: string): never {
    throw queryError('invalid_text_representation', `malformed ${this.#kind} literal: "${this.#text}"`, {
      detail,
    })
  }

  range(): RangeText {
    const start = this.at
    if (this.takes('empty')) return 'empty'
    this.at = start
    const lowerInclusive = this.takes('[')
    if (!lowerInclusive && !this.takes('(')) this.refuse('Missing left parenthesis or bracket.')
    const lower = this.#bound()
    if (!this.takes(',')) this.refuse('Missing comma after lower bound.')
    const upper = this.#bound()
    const upperInclusive = this.takes(']')
    if (!upperInclusive && !this.takes(')'))
      this.refuse(this.next === ',' ? 'Too many commas.' : 'Unexpected end of input.')
    return { lower, upper, lowerInclusive, upperInclusive }
  }

  /** Up to what may follow a bound; quotes and backslashes hide what they stand before. */
  #bound(): string | undefined {
    if (',)]'.includes(this.next) && this.next !== '') return undefined
    let text = ''
    let isQuoted = false
    for (; isQuoted || !',)]'.includes(this.next) || this.next === ''; this.at++) {
      const character = this.next
      if (character === '') this.refuse('Unexpected end of input.')
      if (character === '\\') {
        this.at++
        if (this.next === '') this.refuse('Unexpected end of input.')
        text += this.next
      } else if (character === '"') {
        if (isQuoted && this.#text.charAt(this.at + 1) === '"') {
          text += '"'
          this.at++
        } else isQuoted = !isQuoted
      } else text += character
    }
    return text
  }
}

export function readRangeText(text: string): RangeText {
  const reader = new Reader(text, 'range')
  reader.skipSpace()
  const parts = reader.range()
  reader.skipSpace()
  if (reader.next !== '')
    reader.refuse(
      parts === 'empty' ? 'Junk after "empty" key word.' : 'Junk after right parenthesis or bracket.',
    )
  return parts
}

export function readMultirangeText(text: string): RangeText[] {
  const reader = new Reader(text, 'multirange')
  reader.skipSpace()
  if (!reader.takes('{')) reader.refuse('Missing left brace.')
  const ranges: RangeText[] = []
  reader.skipSpace()
  if (!reader.takes('}')) {
    for (;;) {
      reader.skipSpace()
      if (reader.next === '') reader.refuse('Unexpected end of input.')
      if (!/[[(eE]/.test(reader.next)) reader.refuse('Expected range start.')
      ranges.push(reader.range())
      reader.skipSpace()
      if (reader.takes('}')) break
      if (reader.next === '') reader.refuse('Unexpected end of input.')
      if (!reader.takes(',')) reader.refuse('Expected comma or end of multirange.')
    }
  }
  reader.skipSpace()
  if (reader.next !== '') reader.refuse('Junk after closing right brace.')
  return ranges
}
