import { compareCodePoints } from '../collation/code-points.js'
import type { JsonNode } from './jsonb.js'

/** An object of entries in any order: of entries with one key the last one counts. */
export function makeJsonObject(
  entries: readonly (readonly [string, JsonNode])[],
): ReadonlyMap<string, JsonNode> {
  if (entries.length < 2 || isOrdered(entries)) return new Map(entries)
  // Sorting keeps the order of equal keys, and of these a map keeps the last one.
  return new Map(entries.toSorted(([a], [b]) => compareKeys(a, b)))
}

function isOrdered(entries: readonly (readonly [string, JsonNode])[]): boolean {
  for (let i = 1; i < entries.length; i++) {
    if (compareKeys(entries[i - 1]?.[0] ?? '', entries[i]?.[0] ?? '') >= 0) return false
  }
  return true
}

/** The order of keys in an object: by length in bytes, then by bytes. */
export function compareKeys(a: string, b: string): number {
  return utf8Length(a) - utf8Length(b) || compareCodePoints(a, b)
}

function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    // Two bytes to U+07FF, three beyond, and four for a pair, that is two for each half.
    length += code < 0x800 || (code & 0xf800) === 0xd800 ? 1 : 2
  }
  return length
}
