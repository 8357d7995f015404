/**
 * Strings as sequences of characters, that is of code points: PostgreSQL counts them, JavaScript counts UTF-16 units.
 * Strings without surrogates, nearly all, take the short way.
 */

const SURROGATE = /[\ud800-\udfff]/

export function hasSurrogates(text: string): boolean {
  return SURROGATE.test(text)
}

export function characterCount(text: string): number {
  if (!hasSurrogates(text)) return text.length
  let count = 0
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++
  return count
}

/** Where the character at a position (from 0) begins, in UTF-16 units; the string's length when it has fewer. */
export function unitOffset(text: string, character: number): number {
  if (!hasSurrogates(text)) return Math.min(character, text.length)
  let unit = 0
  for (let left = character; left > 0 && unit < text.length; left--) unit += unitsAt(text, unit)
  return unit
}

/** How many UTF-16 units the character there takes: 1 or 2. */
export function unitsAt(text: string, unit: number): number {
  return (text.charCodeAt(unit) & 0xfc00) === 0xd800 ? 2 : 1
}

/** The characters from `start` up to `end`, both from 0 and not below it. */
export function sliceCharacters(text: string, start: number, end: number): string {
  if (start >= end) return ''
  if (!hasSurrogates(text)) return text.slice(start, end)
  const from = unitOffset(text, start)
  const rest = text.slice(from)
  return rest.slice(0, unitOffset(rest, end - start))
}
