import { comparisons, type ComparisonImplementations } from '../comparison/comparisons.js'
import type { ScalarFunction } from '../function.js'
import type { ZoneRules } from '../../scalar-context.js'
import { MICROS_PER_DAY } from '../../temporal/calendar.js'
import { localToAnyMoment } from '../../temporal/timestamp-arithmetic.js'
import { joinTimestamp } from '../../temporal/timestamp.js'
import type { Int64 } from '../../value.js'

type ToCommon = (value: Int64, zone: ZoneRules) => Int64

const same: ToCommon = (value) => value

/** Midnight of a day, also of days that are beyond all timestamps. */
const dayAsTimestamp: ToCommon = (day) => {
  const days = Number(day)
  return Number.isFinite(days) ? joinTimestamp(days, 0) : days * MICROS_PER_DAY
}

/** Values at the ends of the range are there to be compared, though they may lie outside of it in the zone. */
const localAsMoment: ToCommon = (value, zone) => localToAnyMoment(value, zone)

const dayAsMoment: ToCommon = (day, zone) => localAsMoment(dayAsTimestamp(day, zone), zone)

/** Compares values of two types after both have been converted. */
function mixed(left: ToCommon, right: ToCommon): ComparisonImplementations {
  const test = (decide: (a: Int64, b: Int64) => boolean | number): ComparisonImplementations['eq'] => {
    return () =>
      ({ timeZone }, a: Int64, b: Int64) =>
        decide(left(a, timeZone), right(b, timeZone))
  }
  return {
    eq: test((a, b) => a === b),
    ne: test((a, b) => a !== b),
    lt: test((a, b) => a < b),
    le: test((a, b) => a <= b),
    gt: test((a, b) => a > b),
    ge: test((a, b) => a >= b),
    cmp: test((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    larger: test((a, b) => a > b),
    smaller: test((a, b) => a < b),
  }
}

/** Dates, timestamps and moments compared with each other. */
export const temporalComparisons: readonly ScalarFunction[] = [
  ...comparisons(
    mixed(dayAsTimestamp, same),
    `
    cmp 2344 date_cmp_timestamp(date,timestamp) int4
    eq 2340 date_eq_timestamp(date,timestamp) bool
    ge 2342 date_ge_timestamp(date,timestamp) bool
    gt 2341 date_gt_timestamp(date,timestamp) bool
    le 2339 date_le_timestamp(date,timestamp) bool
    lt 2338 date_lt_timestamp(date,timestamp) bool
    ne 2343 date_ne_timestamp(date,timestamp) bool
`,
  ),
  ...comparisons(
    mixed(dayAsMoment, same),
    `
    cmp 2357 date_cmp_timestamptz(date,timestamptz) int4 stable
    eq 2353 date_eq_timestamptz(date,timestamptz) bool stable
    ge 2355 date_ge_timestamptz(date,timestamptz) bool stable
    gt 2354 date_gt_timestamptz(date,timestamptz) bool stable
    le 2352 date_le_timestamptz(date,timestamptz) bool stable
    lt 2351 date_lt_timestamptz(date,timestamptz) bool stable
    ne 2356 date_ne_timestamptz(date,timestamptz) bool stable
`,
  ),
  ...comparisons(
    mixed(same, dayAsTimestamp),
    `
    cmp 2370 timestamp_cmp_date(timestamp,date) int4
    eq 2366 timestamp_eq_date(timestamp,date) bool
    ge 2368 timestamp_ge_date(timestamp,date) bool
    gt 2367 timestamp_gt_date(timestamp,date) bool
    le 2365 timestamp_le_date(timestamp,date) bool
    lt 2364 timestamp_lt_date(timestamp,date) bool
    ne 2369 timestamp_ne_date(timestamp,date) bool
`,
  ),
  ...comparisons(
    mixed(localAsMoment, same),
    `
    cmp 2526 timestamp_cmp_timestamptz(timestamp,timestamptz) int4 stable
    eq 2522 timestamp_eq_timestamptz(timestamp,timestamptz) bool stable
    ge 2524 timestamp_ge_timestamptz(timestamp,timestamptz) bool stable
    gt 2523 timestamp_gt_timestamptz(timestamp,timestamptz) bool stable
    le 2521 timestamp_le_timestamptz(timestamp,timestamptz) bool stable
    lt 2520 timestamp_lt_timestamptz(timestamp,timestamptz) bool stable
    ne 2525 timestamp_ne_timestamptz(timestamp,timestamptz) bool stable
`,
  ),
  ...comparisons(
    mixed(same, dayAsMoment),
    `
    cmp 2383 timestamptz_cmp_date(timestamptz,date) int4 stable
    eq 2379 timestamptz_eq_date(timestamptz,date) bool stable
    ge 2381 timestamptz_ge_date(timestamptz,date) bool stable
    gt 2380 timestamptz_gt_date(timestamptz,date) bool stable
    le 2378 timestamptz_le_date(timestamptz,date) bool stable
    lt 2377 timestamptz_lt_date(timestamptz,date) bool stable
    ne 2382 timestamptz_ne_date(timestamptz,date) bool stable
`,
  ),
  ...comparisons(
    mixed(same, localAsMoment),
    `
    cmp 2533 timestamptz_cmp_timestamp(timestamptz,timestamp) int4 stable
    eq 2529 timestamptz_eq_timestamp(timestamptz,timestamp) bool stable
    ge 2531 timestamptz_ge_timestamp(timestamptz,timestamp) bool stable
    gt 2530 timestamptz_gt_timestamp(timestamptz,timestamp) bool stable
    le 2528 timestamptz_le_timestamp(timestamptz,timestamp) bool stable
    lt 2527 timestamptz_lt_timestamp(timestamptz,timestamp) bool stable
    ne 2532 timestamptz_ne_timestamp(timestamptz,timestamp) bool stable
`,
  ),
]
