/**
 * Patterns of LIKE. A pattern is taken apart at its `%` into pieces; between them the leftmost match of each piece is
 * the right one to take, so that matching never goes back and takes length × length of the pattern at worst.
 */
import { queryError } from '../../condition.js'
import { workMeter } from '../../work-meter.js'
import { unitsAt } from './characters.js'

/** What stands for any one character within a piece. */
const ANY = ''

/** Characters that are compared in a unit of work. */
const CHARACTERS_PER_UNIT = 16

/** Characters, {@link ANY} for `_`. */
type Piece = readonly string[]

export class LikePattern {
  readonly #pieces: readonly Piece[]
  readonly #endsWithEscape: boolean
  /** For pieces without `_`: their text. */
  readonly #texts: readonly (string | undefined)[]

  /** @param pattern with backslash as its escape character */
  constructor(pattern: string) {
    const pieces: string[][] = [[]]
    let piece: string[] = pieces[0] ?? []
    let isEscaped = false
    for (const character of pattern) {
      if (isEscaped) {
        piece.push(character)
        isEscaped = false
      } else if (character === '\\') isEscaped = true
      else if (character === '%') pieces.push((piece = []))
      else piece.push(character === '_' ? ANY : character)
    }
    this.#endsWithEscape = isEscaped
    // An escape character at the end is an error as soon as there is a character to compare with it.
    if (isEscaped) {
      piece.push(ANY)
      pieces.push([])
    }
    this.#pieces = pieces
    this.#texts = this.#pieces.map((each) => (each.includes(ANY) ? undefined : each.join('')))
  }

  /** @throws invalid_escape_sequence when it comes to an escape character at the pattern's end */
  matches(text: string): boolean {
    const isMatch = this.#matches(text)
    if (isMatch && this.#endsWithEscape) {
      throw queryError('invalid_escape_sequence', 'LIKE pattern must not end with escape character')
    }
    return isMatch
  }

  #matches(text: string): boolean {
    const last = this.#pieces.length - 1
    let at = this.#matchAt(text, 0, 0)
    if (at < 0) return false
    if (last === 0) return at === text.length
    for (let index = 1; index < last; index++) {
      at = this.#find(text, at, index)
      if (at < 0) return false
    }
    return this.#endsWith(text, at, last)
  }

  /** Where the piece ends that begins at `at`, or -1. */
  #matchAt(text: string, at: number, index: number): number {
    const literal = this.#texts[index]
    if (literal !== undefined) return text.startsWith(literal, at) ? at + literal.length : -1
    for (const character of this.#pieces[index] ?? []) {
      if (at >= text.length) return -1
      if (character === ANY) at += unitsAt(text, at)
      else if (text.startsWith(character, at)) at += character.length
      else return -1
    }
    return at
  }

  /** Where the first match of the piece from `at` on ends, or -1. */
  #find(text: string, at: number, index: number): number {
    const literal = this.#texts[index]
    if (literal !== undefined) {
      const found = text.indexOf(literal, at)
      return found < 0 ? -1 : found + literal.length
    }
    const piece = this.#pieces[index] ?? []
    for (let start = at; start < text.length; start += unitsAt(text, start)) {
      const end = this.#matchAt(text, start, index)
      if (end >= 0) return end
      workMeter.workOn(piece.length / CHARACTERS_PER_UNIT)
    }
    return -1
  }

  /** Whether the text from `at` on ends with the piece. */
  #endsWith(text: string, at: number, index: number): boolean {
    const literal = this.#texts[index]
    if (literal !== undefined) return text.length - at >= literal.length && text.endsWith(literal)
    let start = text.length
    for (let left = this.#pieces[index]?.length ?? 0; left > 0; left--) {
      start -= start > 1 && unitsAt(text, start - 2) === 2 ? 2 : 1
      if (start < at) return false
    }
    return this.#matchAt(text, start, index) === text.length
  }
}
