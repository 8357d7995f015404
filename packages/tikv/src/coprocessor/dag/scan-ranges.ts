import { concatBytes } from '@orbit-ts/base'
import type { KeyRange } from '../../key-range.js'
import type { DagSource } from './dag-plan.js'

const ZERO = new Uint8Array(1)

/**
 * The ranges as servers understand them. Of the rows of a table they take `[key, key + 1)` for that very key, even where
 * the key is a mere prefix: such a range is cut behind its first key. Indexes and tables with a `primaryKey` are always
 * scanned, and a range of a table with an integer handle is left alone where its start is a whole key.
 */
export function scanRanges(source: DagSource, ranges: readonly KeyRange[]): KeyRange[] {
  if (source.kind === 'index' || (source.primaryKey ?? []).length > 0) return [...ranges]
  const hasHandle = source.columns.some(({ isHandle }) => isHandle === true)
  return ranges.flatMap((range) => {
    const { start, end } = range
    if (!isPrefixNext(start, end) || (hasHandle && start.length === ROW_KEY_SIZE)) return [range]
    const second = concatBytes(start, ZERO)
    return [
      { start, end: second },
      { start: second, end },
    ]
  })
}

/** `t`, the table, `_r` and the handle. */
const ROW_KEY_SIZE = 19

/** Whether `end` follows on `start` as a number of as many digits would. */
export function isPrefixNext(start: Uint8Array, end: Uint8Array): boolean {
  if (start.length !== end.length) return false
  let at = start.length - 1
  while (at >= 0 && start[at] === 0xff && end[at] === 0) at--
  // Both have a byte there.
  if (at < 0 || (start[at] as number) + 1 !== end[at]) return false
  return Buffer.compare(start.subarray(0, at), end.subarray(0, at)) === 0
}
