/** `interval(3)`, `interval day to second(0)`: the fields that are kept, and the digits after the second. */
import { queryError } from '../condition.js'
import { MICROS_PER_HOUR, MICROS_PER_MINUTE } from './calendar.js'
import { Interval } from './interval.js'
import { roundMicros } from './precision.js'

/** Bits of the fields in a modifier, as PostgreSQL has them. */
const YEAR = 1 << 2
const MONTH = 1 << 1
const DAY = 1 << 3
const HOUR = 1 << 10
const MINUTE = 1 << 11
const SECOND = 1 << 12
/** All fields. */
const FULL_RANGE = 0x7fff
const FULL_PRECISION = 0xffff

const RANGES = new Map<number, string>([
  [YEAR, 'year'],
  [MONTH, 'month'],
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [SECOND, 'second'],
  [YEAR | MONTH, 'year to month'],
  [DAY | HOUR, 'day to hour'],
  [DAY | HOUR | MINUTE, 'day to minute'],
  [DAY | HOUR | MINUTE | SECOND, 'day to second'],
  [HOUR | MINUTE, 'hour to minute'],
  [HOUR | MINUTE | SECOND, 'hour to second'],
  [MINUTE | SECOND, 'minute to second'],
])

/** @param values the fields' bits, then perhaps the digits: as the grammar gives them */
export function makeIntervalModifier(values: readonly number[]): number {
  const [range, precision] = values
  if (range === undefined || values.length > 2 || (range !== FULL_RANGE && !RANGES.has(range))) {
    throw queryError('invalid_parameter_value', 'invalid INTERVAL type modifier')
  }
  if (precision === undefined) return range === FULL_RANGE ? -1 : range * 0x10000 + FULL_PRECISION
  if (precision < 0) {
    throw queryError('invalid_parameter_value', `INTERVAL(${precision}) precision must not be negative`)
  }
  return range * 0x10000 + Math.min(precision, 6)
}

/** Whether the fields of a modifier, which is not negative, are ones that there are. */
export function isIntervalModifier(modifier: number): boolean {
  const range = modifier >> 16
  return range === FULL_RANGE || RANGES.has(range)
}

export type RightmostUnit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

/** What a number without a unit at the end of an interval's text means. */
export function rightmostUnit(modifier: number): RightmostUnit {
  const name = modifier < 0 ? undefined : RANGES.get(modifier >> 16)
  return (name?.split(' ').at(-1) ?? 'second') as RightmostUnit
}

/** Whether `1:02` means minutes and seconds. */
export function isMinuteToSecond(modifier: number): boolean {
  return modifier >= 0 && modifier >> 16 === (MINUTE | SECOND)
}

export function formatIntervalModifier(modifier: number): string {
  if (modifier < 0) return ''
  const range = RANGES.get(modifier >> 16)
  const digits = (modifier & 0xffff) === FULL_PRECISION ? '' : `(${modifier & 0xffff})`
  return range === undefined ? digits : `interval ${range}${digits}`
}

export function applyIntervalModifier(value: Interval, modifier: number): Interval {
  if (modifier < 0) return value
  const cut = cutToRange(value, RANGES.get(modifier >> 16))
  const precision = modifier & 0xffff
  return precision > 6 ? cut : new Interval(cut.months, cut.days, roundMicros(cut.micros, precision))
}

/** Without what is smaller than the range's last field. */
function cutToRange(value: Interval, range: string | undefined): Interval {
  const { months, days, micros } = value
  switch (range?.split(' ').at(-1)) {
    case 'year':
      return new Interval(Math.trunc(months / 12) * 12, 0, 0)
    case 'month':
      return new Interval(months, 0, 0)
    case 'day':
      return new Interval(months, days, 0)
    case 'hour':
      return new Interval(months, days, Math.trunc(micros / MICROS_PER_HOUR) * MICROS_PER_HOUR + 0)
    case 'minute':
      return new Interval(months, days, Math.trunc(micros / MICROS_PER_MINUTE) * MICROS_PER_MINUTE + 0)
    default:
      return value
  }
}
