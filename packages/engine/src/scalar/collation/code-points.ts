/** Strings by code point, which is also the order of their bytes in UTF-8. */

/** Most texts differ within so many units, which a loop finds sooner than anything else. */
const LOOP_UNITS = 8
/** What the order by UTF-16 units puts in the wrong place, or next to it. A text of Latin letters is passed at once. */
const SURROGATE_OR_ABOVE = /[\ud800-\uffff]/

/**
 * The order of the collation `C`. JavaScript's own `<` compares UTF-16 units, which puts characters beyond U+FFFF before
 * U+E000 to U+FFFF. Allocates nothing.
 */
export function compareCodePoints(a: string, b: string): number {
  const length = a.length < b.length ? a.length : b.length
  const looped = length < LOOP_UNITS ? length : LOOP_UNITS
  for (let i = 0; i < looped; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return compareUnits(x, y)
  }
  if (length <= LOOP_UNITS) return a.length === b.length ? 0 : a.length < b.length ? -1 : 1
  if (a === b) return 0
  if (!SURROGATE_OR_ABOVE.test(a) || !SURROGATE_OR_ABOVE.test(b)) return a < b ? -1 : 1
  return compareFrom(a, b, looped, length)
}

function compareFrom(a: string, b: string, start: number, length: number): number {
  for (let i = start; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return compareUnits(x, y)
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1
}

/** Of different units at the same place after equal ones. */
function compareUnits(x: number, y: number): number {
  return x < 0xd800 || y < 0xd800 ? (x < y ? -1 : 1) : fixUp(x) < fixUp(y) ? -1 : 1
}

/** Moves surrogates above the rest: a pair stands for a character beyond U+FFFF. */
function fixUp(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}

/** How many characters a text has. */
export function countCodePoints(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800) count--
  }
  return count
}

/** Where the character number `count` (from 0) begins in the string; its end when there are fewer. */
export function indexOfCodePoint(text: string, count: number): number {
  if (count <= 0) return 0
  let seen = 0
  for (let i = 0; i < text.length; i++) {
    if (seen === count) return i
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800) i++
    seen++
  }
  return text.length
}

/** The first `count` characters. */
export function firstCodePoints(text: string, count: number): string {
  return text.length <= count ? text : text.slice(0, indexOfCodePoint(text, count))
}
