import type { RegexMatch } from './regex-matcher.js'
import type { RegexSubject } from './regex-subject.js'

/** A replacement text taken apart: texts, and numbers of groups (0: the whole match). */
export type Replacement = readonly (string | number)[]

/** `\1` … `\9` stand for groups, `\&` for the whole match, `\\` for a backslash. */
export function parseReplacement(text: string): Replacement {
  const parts: (string | number)[] = []
  let literal = ''
  for (let at = 0; at < text.length; at++) {
    const next = text[at + 1]
    if (text[at] !== '\\' || next === undefined) {
      literal += text.charAt(at)
      continue
    }
    if (next === '&' || (next >= '1' && next <= '9')) {
      parts.push(literal, next === '&' ? 0 : Number(next))
      literal = ''
      at++
    } else if (next === '\\') {
      literal += '\\'
      at++
    } else literal += '\\'
  }
  return [...parts, literal]
}

/** What stands in for a match. */
export function replacementFor(replacement: Replacement, subject: RegexSubject, match: RegexMatch): string {
  let result = ''
  for (const part of replacement) {
    if (typeof part === 'string') result += part
    else result += subject.textOf(part === 0 ? match : match.groups[part - 1]) ?? ''
  }
  return result
}
