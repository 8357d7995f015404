import type { KeyRange } from '../key-range.js'

/** What of the ranges lies at or after `key`. */
export function rangesFrom(ranges: readonly KeyRange[], key: Uint8Array): KeyRange[] {
  return ranges.flatMap(({ start, end }) => {
    if (end.length > 0 && Buffer.compare(end, key) <= 0) return []
    return [Buffer.compare(start, key) < 0 ? { start: key, end } : { start, end }]
  })
}

/** What of the ranges lies before `key`. */
export function rangesBefore(ranges: readonly KeyRange[], key: Uint8Array): KeyRange[] {
  return ranges.flatMap(({ start, end }) => {
    if (Buffer.compare(start, key) >= 0) return []
    return [end.length === 0 || Buffer.compare(end, key) > 0 ? { start, end: key } : { start, end }]
  })
}

/** What is left of the ranges after a page that covered `covered`. A page without an end covered everything. */
export function remainingRanges(
  ranges: readonly KeyRange[],
  covered: KeyRange,
  descending: boolean,
): KeyRange[] {
  if (descending) return rangesBefore(ranges, covered.start)
  return covered.end.length === 0 ? [] : rangesFrom(ranges, covered.end)
}
