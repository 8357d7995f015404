import { codePoints, type Range, type RegexMatch, type RegexMatcher } from './regex-matcher.js'

/** A text that matches are looked for in. */
export class RegexSubject {
  readonly codes: readonly number[]
  readonly #text: string
  readonly #isSimple: boolean

  constructor(text: string) {
    this.codes = codePoints(text)
    this.#text = text
    this.#isSimple = this.codes.length === text.length
  }

  slice(start: number, end: number): string {
    if (this.#isSimple) return this.#text.slice(start, end)
    let result = ''
    for (let at = start; at < end; at++) result += String.fromCodePoint(this.codes[at] ?? 0)
    return result
  }

  textOf(range: Range | undefined): string | null {
    return range === undefined ? null : this.slice(range.start, range.end)
  }

  /** Matches one after another. After an empty match the search goes on one character further. */
  *matches(matcher: RegexMatcher, from = 0): Iterable<RegexMatch> {
    for (let at = from; at <= this.codes.length;) {
      const match = matcher.find(this.codes, at)
      if (match === undefined) return
      yield match
      at = match.end > match.start ? match.end : match.end + 1
    }
  }

  /**
   * Matches that split a text: empty ones at its end, and directly behind another match, do not.
   */
  *separators(matcher: RegexMatcher): Iterable<RegexMatch> {
    let last = 0
    for (let at = 0; at <= this.codes.length;) {
      const match = matcher.find(this.codes, at)
      if (match === undefined) return
      if (match.start < this.codes.length && match.end > last) {
        yield match
        last = match.end
      }
      at = match.end > match.start ? match.end : match.end + 1
    }
  }
}
