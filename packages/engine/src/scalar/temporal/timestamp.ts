/** Moments as microseconds: taken apart into days and time of day, put together, kept within PostgreSQL's range. */
import { queryError } from '../condition.js'
import { int64, type Int64 } from '../value.js'
import { MICROS_PER_DAY, daysFromCivil } from './calendar.js'

const DAY = BigInt(MICROS_PER_DAY)
/** 4713-11-24 BC, Julian day 0, is the first day that there is. */
export const FIRST_DAY: number = daysFromCivil(-4713, 11, 24)
/** The first day after the last timestamp's: 294277-01-01. */
const TIMESTAMP_END_DAY = daysFromCivil(294_277, 1, 1)
/** The first day after the last date: 5874898-01-01. */
const DATE_END_DAY = daysFromCivil(5_874_898, 1, 1)

/** Of a finite timestamp. */
export function dayOf(micros: Int64): number {
  if (typeof micros === 'number') return Math.floor(micros / MICROS_PER_DAY)
  const day = micros / DAY
  return Number(micros % DAY < 0n ? day - 1n : day)
}

/** Microseconds since midnight of a finite timestamp. */
export function timeOf(micros: Int64): number {
  if (typeof micros === 'number') {
    const rest = micros % MICROS_PER_DAY
    // Minus zero is no time.
    return rest < 0 ? rest + MICROS_PER_DAY : rest + 0
  }
  const rest = micros % DAY
  return Number(rest < 0n ? rest + DAY : rest)
}

/** Any time is taken, negative ones and those of more than a day too. */
export function joinTimestamp(day: number, time: number): Int64 {
  const micros = day * MICROS_PER_DAY + time
  if (Number.isSafeInteger(micros)) return micros
  return int64(BigInt(day) * DAY + BigInt(time))
}

/** A finite timestamp moved by microseconds. */
export function shiftTimestamp(micros: Int64, by: number): Int64 {
  if (typeof micros === 'number') {
    const sum = micros + by
    if (Number.isSafeInteger(sum)) return sum
  }
  return int64(BigInt(micros) + BigInt(by))
}

export function isInfinite(micros: Int64): boolean {
  return micros === Infinity || micros === -Infinity
}

export function isTimestampInRange(micros: Int64): boolean {
  const day = dayOf(micros)
  return day >= FIRST_DAY && day < TIMESTAMP_END_DAY
}

/** @throws datetime_field_overflow */
export function checkTimestamp(micros: Int64): Int64 {
  if (typeof micros === 'number' && micros > -6e16 && micros < 9e15) return micros
  if (isInfinite(micros) || isTimestampInRange(micros)) return micros
  throw timestampOutOfRange()
}

export function timestampOutOfRange(): Error {
  return queryError('datetime_field_overflow', 'timestamp out of range')
}

export function isDateInRange(day: number): boolean {
  return day >= FIRST_DAY && day < DATE_END_DAY
}

/** @throws datetime_field_overflow */
export function checkDate(day: number): number {
  if (day === Infinity || day === -Infinity || isDateInRange(day)) return day
  throw queryError('datetime_field_overflow', 'date out of range')
}
