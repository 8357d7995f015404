import type { Value } from '../value.js'

/**
 * The values between two bounds. A bound that is null is none: the range goes on without end. Immutable; made by
 * `makeRange`, which brings it into the form that equal ranges have in common.
 */
export class RangeValue {
  readonly isEmpty: boolean
  readonly lower: Value
  readonly upper: Value
  readonly lowerInclusive: boolean
  readonly upperInclusive: boolean

  constructor(
    isEmpty: boolean,
    lower: Value,
    upper: Value,
    lowerInclusive: boolean,
    upperInclusive: boolean,
  ) {
    this.isEmpty = isEmpty
    this.lower = lower
    this.upper = upper
    this.lowerInclusive = lowerInclusive
    this.upperInclusive = upperInclusive
  }
}

export const EMPTY_RANGE = new RangeValue(true, null, null, false, false)

/** Ranges in order that neither touch nor are empty. Immutable; made by `makeMultirange`. */
export class MultirangeValue {
  readonly ranges: readonly RangeValue[]

  constructor(ranges: readonly RangeValue[]) {
    this.ranges = ranges
  }
}
