/**
 * What ranges of one type are to each other. Bounds are compared with what they are: a lower bound that is left out of
 * the range lies after one that is in it, an upper one before.
 */
import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import { int64, type Int64, type Value } from '../value.js'
import { EMPTY_RANGE, MultirangeValue, RangeValue } from './range-value.js'

type Side = 'lower' | 'upper'

interface Bound {
  readonly value: Value
  readonly isInclusive: boolean
  readonly side: Side
}

/** The successor of a value of a type whose values are counted; undefined: of other types. Null past the last one. */
type Next = (value: Value) => Value

/** Ranges of one type of values. */
export class RangeAlgebra {
  readonly subtype: ScalarType
  readonly #compare: (a: Value, b: Value) => number
  readonly #next: Next | undefined

  constructor(subtype: ScalarType) {
    this.subtype = subtype
    const { compare } = subtype
    this.#compare = (a, b) => compare?.(a, b, undefined) ?? 0
    this.#next = NEXT[subtype.name]
  }

  /** @throws data_exception when the lower bound is above the upper one */
  make(lower: Value, upper: Value, lowerInclusive: boolean, upperInclusive: boolean): RangeValue {
    if (lower !== null && upper !== null && this.#compare(lower, upper) > 0) {
      throw queryError('data_exception', 'range lower bound must be less than or equal to range upper bound')
    }
    return this.#canonical(lower, upper, lower !== null && lowerInclusive, upper !== null && upperInclusive)
  }

  /** Ranges of counted values begin with a value that is in them and end before one that is not. */
  #canonical(lower: Value, upper: Value, lowerInclusive: boolean, upperInclusive: boolean): RangeValue {
    if (this.#isEmpty(lower, upper, lowerInclusive, upperInclusive)) return EMPTY_RANGE
    const next = this.#next
    if (next === undefined) return new RangeValue(false, lower, upper, lowerInclusive, upperInclusive)
    const movesLower = lower !== null && !lowerInclusive && isCounted(lower)
    const movesUpper = upper !== null && upperInclusive && isCounted(upper)
    const first = movesLower ? next(lower) : lower
    const end = movesUpper ? next(upper) : upper
    const [startsIn, endsIn] = [movesLower || lowerInclusive, !movesUpper && upperInclusive]
    if (this.#isEmpty(first, end, startsIn, endsIn)) return EMPTY_RANGE
    return new RangeValue(false, first, end, startsIn, endsIn)
  }

  #isEmpty(lower: Value, upper: Value, lowerInclusive: boolean, upperInclusive: boolean): boolean {
    if (lower === null || upper === null) return false
    const order = this.#compare(lower, upper)
    return order > 0 || (order === 0 && !(lowerInclusive && upperInclusive))
  }

  compare(a: RangeValue, b: RangeValue): number {
    if (a.isEmpty || b.isEmpty) return Number(b.isEmpty) - Number(a.isEmpty)
    return this.#order(low(a), low(b)) || this.#order(high(a), high(b))
  }

  containsValue(range: RangeValue, value: Value): boolean {
    if (range.isEmpty) return false
    const { lower, upper } = range
    if (lower !== null) {
      const order = this.#compare(lower, value)
      if (order > 0 || (order === 0 && !range.lowerInclusive)) return false
    }
    if (upper === null) return true
    const order = this.#compare(upper, value)
    return order > 0 || (order === 0 && range.upperInclusive)
  }

  contains(a: RangeValue, b: RangeValue): boolean {
    if (b.isEmpty) return true
    return !a.isEmpty && this.#order(low(a), low(b)) <= 0 && this.#order(high(a), high(b)) >= 0
  }

  overlaps(a: RangeValue, b: RangeValue): boolean {
    if (a.isEmpty || b.isEmpty) return false
    return this.#order(low(a), high(b)) <= 0 && this.#order(low(b), high(a)) <= 0
  }

  isBefore(a: RangeValue, b: RangeValue): boolean {
    return !a.isEmpty && !b.isEmpty && this.#order(high(a), low(b)) < 0
  }

  /** `a` does not reach beyond the end of `b`. */
  endsWithin(a: RangeValue, b: RangeValue): boolean {
    return !a.isEmpty && !b.isEmpty && this.#order(high(a), high(b)) <= 0
  }

  startsWithin(a: RangeValue, b: RangeValue): boolean {
    return !a.isEmpty && !b.isEmpty && this.#order(low(a), low(b)) >= 0
  }

  isAdjacent(a: RangeValue, b: RangeValue): boolean {
    return this.isFollowedBy(a, b) || this.isFollowedBy(b, a)
  }

  /** `b` begins where `a` ends. */
  isFollowedBy(a: RangeValue, b: RangeValue): boolean {
    return !a.isEmpty && !b.isEmpty && this.#touch(high(a), low(b))
  }

  /** Whether nothing is between an upper and a lower bound, and nothing in both. */
  #touch(upper: Bound, lower: Bound): boolean {
    if (upper.value === null || lower.value === null) return false
    const order = this.#compare(upper.value, lower.value)
    if (order === 0) return upper.isInclusive !== lower.isInclusive
    if (order > 0 || this.#next === undefined) return false
    return this.#canonical(upper.value, lower.value, !upper.isInclusive, !lower.isInclusive).isEmpty
  }

  /** @throws data_exception where there would be a gap, unless it is to be filled */
  union(a: RangeValue, b: RangeValue, fillsGaps = false): RangeValue {
    if (a.isEmpty) return b
    if (b.isEmpty) return a
    if (!fillsGaps && !this.overlaps(a, b) && !this.isAdjacent(a, b)) {
      throw queryError('data_exception', 'result of range union would not be contiguous')
    }
    const lower = this.#order(low(a), low(b)) <= 0 ? a : b
    const upper = this.#order(high(a), high(b)) >= 0 ? a : b
    return new RangeValue(false, lower.lower, upper.upper, lower.lowerInclusive, upper.upperInclusive)
  }

  intersection(a: RangeValue, b: RangeValue): RangeValue {
    if (!this.overlaps(a, b)) return EMPTY_RANGE
    const lower = this.#order(low(a), low(b)) >= 0 ? a : b
    const upper = this.#order(high(a), high(b)) <= 0 ? a : b
    return this.#canonical(lower.lower, upper.upper, lower.lowerInclusive, upper.upperInclusive)
  }

  /** What is left of `a` on both sides of `b`. */
  parts(a: RangeValue, b: RangeValue): RangeValue[] {
    if (!this.overlaps(a, b)) return a.isEmpty ? [] : [a]
    const left =
      b.lower === null ? EMPTY_RANGE : this.#between(low(a), b.lower, !b.lowerInclusive, 'upper', a)
    const right =
      b.upper === null ? EMPTY_RANGE : this.#between(high(a), b.upper, !b.upperInclusive, 'lower', a)
    return [left, right].filter(({ isEmpty }) => !isEmpty)
  }

  #between(kept: Bound, value: Value, isInclusive: boolean, side: Side, of: RangeValue): RangeValue {
    if (side === 'upper') {
      return this.#order(kept, { value, isInclusive, side }) > 0
        ? EMPTY_RANGE
        : this.#canonical(of.lower, value, of.lowerInclusive, isInclusive)
    }
    return this.#order({ value, isInclusive, side }, kept) > 0
      ? EMPTY_RANGE
      : this.#canonical(value, of.upper, isInclusive, of.upperInclusive)
  }

  /** @throws data_exception where two ranges would be left */
  minus(a: RangeValue, b: RangeValue): RangeValue {
    const [first = EMPTY_RANGE, second] = this.parts(a, b)
    if (second === undefined) return first
    throw queryError('data_exception', 'result of range difference would not be contiguous')
  }

  /** The ranges in order, those that touch or overlap put together. */
  multirange(ranges: readonly RangeValue[]): MultirangeValue {
    const sorted = ranges.filter(({ isEmpty }) => !isEmpty).sort((a, b) => this.compare(a, b))
    const joined: RangeValue[] = []
    for (const range of sorted) {
      const last = joined.at(-1)
      if (last !== undefined && (this.overlaps(last, range) || this.isAdjacent(last, range))) {
        joined[joined.length - 1] = this.union(last, range)
      } else joined.push(range)
    }
    return new MultirangeValue(joined)
  }

  #order(a: Bound, b: Bound): number {
    if (a.value === null || b.value === null) {
      const place = (bound: Bound): number => (bound.value !== null ? 0 : bound.side === 'lower' ? -1 : 1)
      return place(a) - place(b)
    }
    return this.#compare(a.value, b.value) || nudge(a) - nudge(b)
  }
}

/** Which side of its value a bound lies on: a lower one that is left out begins after it, an upper one ends before. */
function nudge({ isInclusive, side }: Bound): number {
  return isInclusive ? 0 : side === 'lower' ? 1 : -1
}

function low({ lower, lowerInclusive }: RangeValue): Bound {
  return { value: lower, isInclusive: lowerInclusive, side: 'lower' }
}

function high({ upper, upperInclusive }: RangeValue): Bound {
  return { value: upper, isInclusive: upperInclusive, side: 'upper' }
}

/** Dates before and after all others have no neighbours. */
function isCounted(value: Value): boolean {
  return value !== Infinity && value !== -Infinity
}

const INT4_LAST = 2 ** 31 - 1
const INT8_LAST = 2n ** 63n - 1n
const DATE_LAST = 2_147_483_493 - 1

const NEXT: Readonly<Record<string, Next>> = {
  int4: (value) => {
    if (value === INT4_LAST) throw queryError('numeric_value_out_of_range', 'integer out of range')
    return Number(value) + 1
  },
  int8: (value) => {
    const whole = BigInt(value as Int64)
    if (whole === INT8_LAST) throw queryError('numeric_value_out_of_range', 'bigint out of range')
    return int64(whole + 1n)
  },
  date: (value) => {
    if (Number(value) >= DATE_LAST) throw queryError('datetime_field_overflow', 'date out of range')
    return Number(value) + 1
  },
}
