/**
 * Finds matches as PostgreSQL does: the leftmost one, of those the longest (or the shortest where the expression prefers
 * that); within it, each part of the expression takes as much (or as little) as it can, earlier parts first.
 */
import { queryError } from '../../condition.js'
import { Automaton } from './automaton.js'
import { GroupFinder } from './group-finder.js'
import { parseRegex } from './parse-regex.js'
import { preference, type Regex } from './regex-node.js'
import type { RegexOptions } from './regex-options.js'
import { RegexSearch } from './regex-search.js'

/** Characters of a text, taken apart. */
const CODES_MAX = 16_777_216

/** Positions in code points. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface RegexMatch extends Range {
  /** Of the capturing groups in order; undefined where one took no part. */
  readonly groups: readonly (Range | undefined)[]
}

export class RegexMatcher {
  readonly #regex: Regex
  readonly #automaton: Automaton
  readonly #groups: GroupFinder
  readonly #search: RegexSearch | undefined

  /** @throws invalid_regular_expression */
  constructor(pattern: string, options: RegexOptions) {
    this.#regex = parseRegex(pattern, options)
    this.#automaton = new Automaton(this.#regex.root)
    this.#groups = new GroupFinder(this.#automaton, this.#regex)
    this.#search = RegexSearch.supports(this.#regex.root)
      ? new RegexSearch(this.#automaton, this.#regex.root)
      : undefined
  }

  /** How large the expression is. */
  get stateCount(): number {
    return this.#automaton.steps.length
  }

  get groupCount(): number {
    return this.#regex.groupCount
  }

  /** Whether there is a match anywhere. */
  test(text: string): boolean {
    if (this.#search !== undefined) return this.#search.occursIn(text)
    const codes = codePoints(text)
    if (!this.#regex.hasBackReferences) return this.#automaton.firstStart(this.#regex.root, codes, 0) >= 0
    return this.find(codes, 0) !== undefined
  }

  /** The first match that begins at `from` or later. */
  find(text: readonly number[], from: number): RegexMatch | undefined {
    const { root, groupCount, hasBackReferences } = this.#regex
    for (
      let start = this.#automaton.firstStart(root, text, from);
      start >= 0;
      start = start < text.length ? this.#automaton.firstStart(root, text, start + 1) : -1
    ) {
      const ends = this.#automaton.ends(root, text, start, text.length)
      if (preference(root) !== true) ends.reverse()
      for (const end of ends) {
        if (groupCount === 0) return { start, end, groups: [] }
        const groups = this.#groups.find(text, start, end)
        if (groups !== undefined) return { start, end, groups }
        if (!hasBackReferences) break
      }
    }
    return undefined
  }
}

/** @throws program_limit_exceeded for texts that would not fit into the memory so taken apart */
export function codePoints(text: string): number[] {
  if (text.length > CODES_MAX) {
    throw queryError(
      'program_limit_exceeded',
      `regular expressions take texts of at most ${CODES_MAX} characters`,
    )
  }
  const codes: number[] = []
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) ?? 0
    if (code > 0xffff) at++
    codes.push(code)
  }
  return codes
}
