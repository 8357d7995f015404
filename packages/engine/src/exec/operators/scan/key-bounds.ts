/**
 * Ranges of an index as pairs of places between its entries, so that they can be put in order, merged, and asked whether
 * they hold a key.
 */
import type { Row, Value } from '../../../scalar/value.js'
import type { IndexRange } from '../../../relation/relation.js'
import { compileRowOrder, type CompareRows, type RowKey } from '../../rows/compare-rows.js'

/** The place before (-1) or after (1) all entries that begin with these values. */
interface Place {
  readonly values: readonly Value[]
  readonly side: -1 | 1
}

interface Interval {
  readonly range: IndexRange
  readonly start: Place
  readonly end: Place
}

export class KeyBounds {
  readonly #keys: readonly RowKey[]
  /** By the number of keys compared. */
  readonly #orders: readonly CompareRows[]

  constructor(keys: readonly RowKey[]) {
    this.#keys = keys
    this.#orders = [0, ...keys.map((_key, at) => at + 1)].map((count) =>
      compileRowOrder(keys.slice(0, count)),
    )
  }

  /** The same entries as disjoint ranges in the order of the index. */
  normalize(ranges: readonly IndexRange[]): IndexRange[] {
    const intervals = ranges
      .map((range) => this.#interval(range))
      .filter(({ start, end }) => this.#comparePlaces(start, end) < 0)
      // Of those that begin together the longest comes first, and holds the others.
      .sort((a, b) => this.#comparePlaces(a.start, b.start) || this.#comparePlaces(b.end, a.end))
    const merged: Interval[] = []
    for (const interval of intervals) {
      const last = merged.at(-1)
      if (last === undefined || !this.#meet(last, interval)) merged.push(interval)
      else if (this.#comparePlaces(last.end, interval.end) < 0)
        merged[merged.length - 1] = this.#union(last, interval)
    }
    return merged.map(({ range }) => range)
  }

  /** Whether the second overlaps with the first, or follows it at once below the same prefix. */
  #meet(first: Interval, second: Interval): boolean {
    const order = this.#comparePlaces(first.end, second.start)
    return order > 0 || (order === 0 && first.range.prefix.length === second.range.prefix.length)
  }

  /** Whether an entry with this whole key is in one of the ranges. */
  contains(ranges: readonly IndexRange[], key: Row): boolean {
    return ranges.some((range) => {
      const { start, end } = this.#interval(range)
      return this.#compareToKey(start, key) < 0 && this.#compareToKey(end, key) > 0
    })
  }

  #interval(range: IndexRange): Interval {
    const { prefix } = range
    const key = this.#keys[prefix.length]
    const [first, last] = key?.isDescending === true ? [range.upper, range.lower] : [range.lower, range.upper]
    const leavesNullsOut = range.notNull === true || first !== undefined || last !== undefined
    const nulls: readonly Value[] = [...prefix, null]
    const start: Place =
      first !== undefined
        ? { values: [...prefix, first.value], side: first.isInclusive ? -1 : 1 }
        : leavesNullsOut && key?.nullsFirst === true
          ? { values: nulls, side: 1 }
          : { values: prefix, side: -1 }
    const end: Place =
      last !== undefined
        ? { values: [...prefix, last.value], side: last.isInclusive ? 1 : -1 }
        : leavesNullsOut && key?.nullsFirst === false
          ? { values: nulls, side: -1 }
          : { values: prefix, side: 1 }
    return { range, start, end }
  }

  /** Of two that overlap, the second reaching further: they have the same prefix, or one would hold the other. */
  #union(first: Interval, second: Interval): Interval {
    const isDescending = this.#keys[first.range.prefix.length]?.isDescending === true
    const lower = isDescending ? second.range.lower : first.range.lower
    const upper = isDescending ? first.range.upper : second.range.upper
    const range: IndexRange = {
      prefix: first.range.prefix,
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
      notNull: true,
    }
    return { range, start: first.start, end: second.end }
  }

  #comparePlaces(a: Place, b: Place): number {
    const count = Math.min(a.values.length, b.values.length)
    const order = this.#compare(count, a.values, b.values)
    if (order !== 0) return order
    if (a.values.length === b.values.length) return a.side - b.side
    return a.values.length < b.values.length ? a.side : -b.side
  }

  #compareToKey(place: Place, key: Row): number {
    const order = this.#compare(place.values.length, place.values, key)
    return order === 0 ? place.side : order
  }

  #compare(count: number, a: readonly Value[], b: readonly Value[]): number {
    // Comparing leaves both as they are.
    return this.#orders[count]?.(a as Row, b as Row) ?? 0
  }
}
