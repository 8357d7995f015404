/** Dates, times and timestamps turned into each other and moved by intervals. */
import { queryError } from '../condition.js'
import type { ZoneRules } from '../scalar-context.js'
import type { Int64 } from '../value.js'
import { MICROS_PER_DAY, civilFromDays, daysFromCivil, daysInMonth } from './calendar.js'
import { makeInterval } from './interval-arithmetic.js'
import type { Interval } from './interval.js'
import {
  checkTimestamp,
  dayOf,
  isInfinite,
  isTimestampInRange,
  joinTimestamp,
  shiftTimestamp,
  timeOf,
} from './timestamp.js'

/** Midnight of the day. @throws datetime_field_overflow */
export function dateToTimestamp(day: number): Int64 {
  if (!Number.isFinite(day)) return day
  const micros = joinTimestamp(day, 0)
  if (!isTimestampInRange(micros)) {
    throw queryError('datetime_field_overflow', 'date out of range for timestamp')
  }
  return micros
}

/** Midnight of the day in the zone. @throws datetime_field_overflow */
export function dateToTimestampWithZone(day: number, zone: ZoneRules): Int64 {
  if (!Number.isFinite(day)) return day
  const micros = dateToTimestamp(day)
  return localToMoment(micros, zone)
}

export function timestampToDate(micros: Int64): number {
  return isInfinite(micros) ? Number(micros) : dayOf(micros)
}

/** The moment at which clocks in the zone show a timestamp. @throws datetime_field_overflow */
export function localToMoment(micros: Int64, zone: ZoneRules): Int64 {
  return isInfinite(micros) ? micros : checkTimestamp(localToAnyMoment(micros, zone))
}

/** As {@link localToMoment}; at the ends of the range of timestamps that may be beyond it. */
export function localToAnyMoment(micros: Int64, zone: ZoneRules): Int64 {
  if (isInfinite(micros)) return micros
  const offset = zone.atLocal(Math.floor(Number(micros) / 1000))
  return shiftTimestamp(micros, -offset * 1_000_000)
}

/** What clocks in the zone show at a moment; at the ends of the range of timestamps that may be beyond it. */
export function momentToLocal(micros: Int64, zone: ZoneRules): Int64 {
  if (isInfinite(micros)) return micros
  const { offsetSeconds } = zone.at(Number(micros) / 1000)
  return shiftTimestamp(micros, offsetSeconds * 1_000_000)
}

/** As {@link momentToLocal}. @throws datetime_field_overflow beyond the range */
export function momentToTimestamp(micros: Int64, zone: ZoneRules): Int64 {
  const local = momentToLocal(micros, zone)
  return isInfinite(local) ? local : checkTimestamp(local)
}

/** Months first (the day is cut to the month's length), then days, then microseconds. @throws datetime_field_overflow */
export function addIntervalToTimestamp(micros: Int64, { months, days, micros: time }: Interval): Int64 {
  if (isInfinite(micros)) return micros
  return checkTimestamp(shiftTimestamp(addDays(addMonths(micros, months), days), time))
}

/**
 * Months and days are those of the zone's calendar: a day is longer or shorter where clocks change. Each step ends at a
 * time that the zone has.
 */
export function addIntervalToMoment(
  micros: Int64,
  { months, days, micros: time }: Interval,
  zone: ZoneRules,
): Int64 {
  if (isInfinite(micros)) return micros
  let moment = micros
  if (months !== 0) moment = localToMoment(addMonths(momentToLocal(moment, zone), months), zone)
  if (days !== 0) moment = localToMoment(addDays(momentToLocal(moment, zone), days), zone)
  return checkTimestamp(shiftTimestamp(moment, time))
}

function addMonths(micros: Int64, months: number): Int64 {
  if (months === 0) return micros
  const date = civilFromDays(dayOf(micros))
  const count = date.year * 12 + date.month - 1 + months
  const year = Math.floor(count / 12)
  const month = count - year * 12 + 1
  const day = daysFromCivil(year, month, Math.min(date.day, daysInMonth(year, month)))
  return checkTimestamp(joinTimestamp(day, timeOf(micros)))
}

function addDays(micros: Int64, days: number): Int64 {
  return days === 0 ? micros : checkTimestamp(joinTimestamp(dayOf(micros) + days, timeOf(micros)))
}

/** Days of which a 64-bit integer holds the microseconds. */
const DAYS_MAX = 106_751_990

/** Days, and microseconds of the same sign. @throws datetime_field_overflow for infinite ones */
export function subtractTimestamps(a: Int64, b: Int64): Interval {
  if (isInfinite(a) || isInfinite(b)) {
    throw queryError('datetime_field_overflow', 'cannot subtract infinite timestamps')
  }
  let days = dayOf(a) - dayOf(b)
  let micros = timeOf(a) - timeOf(b)
  if (Math.abs(days) >= DAYS_MAX) {
    // PostgreSQL subtracts 64-bit integers, and lets them overflow.
    const wrapped = BigInt.asIntN(64, BigInt(a) - BigInt(b))
    days = Number(wrapped / BigInt(MICROS_PER_DAY))
    micros = Number(wrapped % BigInt(MICROS_PER_DAY))
  }
  if (days > 0 && micros < 0) {
    days--
    micros += MICROS_PER_DAY
  } else if (days < 0 && micros > 0) {
    days++
    micros -= MICROS_PER_DAY
  }
  return makeInterval(0, days, micros)
}

/** A time of day moved by an interval's microseconds, around the clock. */
export function addIntervalToTime(time: number, micros: number): number {
  const sum = (time + micros) % MICROS_PER_DAY
  return sum < 0 ? sum + MICROS_PER_DAY : sum + 0
}

/** The time of day that an interval's microseconds come to. */
export function intervalToTime({ micros }: Interval): number {
  return addIntervalToTime(0, micros)
}
