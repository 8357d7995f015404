import type { Region } from '../gen/metapb.js'
import type { KeyRange } from '../key-range.js'
import { compareKeys } from './compare-keys.js'

/**
 * Whether the regions, in key order, leave a part of the ranges (in order, not overlapping) uncovered. When there are
 * `limit` regions, what comes after the last one is not looked at.
 */
export function regionsHaveGaps(
  ranges: readonly KeyRange[],
  regions: readonly Region[],
  limit: number,
): boolean {
  const left = uncoveredRanges(ranges, regions)
  const first = left[0]
  if (first === undefined) return false
  const last = regions.at(-1)
  if (last === undefined || regions.length < limit || last.endKey.byteLength === 0) return true
  return compareKeys(first.start, last.endKey) < 0
}

/** What the regions, in key order, do not cover of the ranges. */
function uncoveredRanges(ranges: readonly KeyRange[], regions: readonly Region[]): KeyRange[] {
  const uncovered: KeyRange[] = []
  let index = 0
  for (const { start: rangeStart, end } of ranges) {
    let start: Uint8Array | undefined = rangeStart
    while (start !== undefined && regions[index] !== undefined) {
      const region = regions[index] as Region
      if (region.endKey.byteLength > 0 && compareKeys(region.endKey, start) <= 0) {
        index += 1
        continue
      }
      if (compareKeys(region.startKey, start) > 0) break
      start = rangeAfter(region.endKey, end)
    }
    if (start !== undefined) uncovered.push({ start, end })
  }
  return uncovered
}

/** Where a range that ends at `end` goes on after `key`; undefined when it does not. */
function rangeAfter(key: Uint8Array, end: Uint8Array): Uint8Array | undefined {
  if (key.byteLength === 0) return undefined
  return end.byteLength > 0 && compareKeys(key, end) >= 0 ? undefined : key
}

/** The ranges from `key` on. An empty key is the end of everything. */
export function rangesAfterKey(ranges: readonly KeyRange[], key: Uint8Array): KeyRange[] {
  const rest: KeyRange[] = []
  for (const { start, end } of ranges) {
    const from = rangeAfter(key, end)
    if (from !== undefined) rest.push({ start: compareKeys(from, start) > 0 ? from : start, end })
  }
  return rest
}

export function isEmptyRange({ start, end }: KeyRange): boolean {
  return end.byteLength > 0 && compareKeys(start, end) >= 0
}

/** In order, with overlaps joined. */
export function disjoint(ranges: readonly KeyRange[]): KeyRange[] {
  const inOrder = [...ranges].sort((a, b) => compareKeys(a.start, b.start))
  const joined: KeyRange[] = []
  for (const range of inOrder) {
    const last = joined.at(-1)
    if (last === undefined) joined.push(range)
    else if (last.end.byteLength === 0) break
    else if (compareKeys(range.start, last.end) > 0) joined.push(range)
    else if (range.end.byteLength === 0 || compareKeys(range.end, last.end) > 0)
      joined[joined.length - 1] = { start: last.start, end: range.end }
  }
  return joined
}
