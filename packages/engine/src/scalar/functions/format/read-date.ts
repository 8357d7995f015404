/** Dates and moments from a text that follows a pattern. */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import type { ZoneRules } from '../../scalar-context.js'
import {
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  isoWeekStart,
  JULIAN_OF_1970,
  type CivilDate,
} from '../../temporal/calendar.js'
import { localToMoment } from '../../temporal/timestamp-arithmetic.js'
import { isDateInRange, isTimestampInRange, joinTimestamp, shiftTimestamp } from '../../temporal/timestamp.js'
import type { Int64 } from '../../value.js'
import { readFields, type ReadFields } from './read-fields.js'

export function readDate(text: string, pattern: string): number {
  const day = dayOfFields(readFields(text, pattern), text)
  if (!isDateInRange(day)) throw queryError('datetime_field_overflow', `date out of range: "${text}"`)
  return day
}

export function readMoment(text: string, pattern: string, zone: ZoneRules): Int64 {
  const fields = readFields(text, pattern)
  const local = joinTimestamp(dayOfFields(fields, text), timeOfFields(fields, text))
  if (!isTimestampInRange(local)) throw queryError('datetime_field_overflow', 'timestamp out of range')
  const offset = offsetOfFields(fields, text)
  return offset === undefined ? localToMoment(local, zone) : shiftTimestamp(local, -offset * 1_000_000)
}

function outOfRange(text: string): OrbitError {
  return queryError('datetime_field_overflow', `date/time field value out of range: "${text}"`)
}

function timeOfFields(fields: ReadFields, text: string): number {
  const { secondOfDay } = fields
  const fromDay =
    secondOfDay === undefined
      ? [0, 0, 0]
      : [Math.trunc(secondOfDay / 3600), Math.trunc(secondOfDay / 60) % 60, secondOfDay % 60]
  const minute = nonZero(fields.minute) ?? fromDay[1] ?? 0
  const second = nonZero(fields.second) ?? fromDay[2] ?? 0
  const hour = hourOfFields(fields, fromDay[0] ?? 0)
  const micros = (fields.millis ?? 0) * 1000 + (fields.micros ?? 0)
  if (
    hour < 0 ||
    hour >= 24 ||
    minute < 0 ||
    minute >= 60 ||
    second < 0 ||
    second >= 60 ||
    micros < 0 ||
    micros >= 1_000_000
  ) {
    throw outOfRange(text)
  }
  return hour * 3_600_000_000 + minute * 60_000_000 + second * 1_000_000 + micros
}

/** A zero counts as not given. */
function nonZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value
}

function hourOfFields({ hour: given, is12Hours, isAfternoon }: ReadFields, otherwise: number): number {
  const hour = nonZero(given) ?? otherwise
  if (is12Hours !== true) return hour
  if (hour < 1 || hour > 12) {
    throw queryError('invalid_datetime_format', `hour "${hour}" is invalid for the 12-hour clock`, {
      hint: 'Use the 24-hour clock, or give an hour between 1 and 12.',
    })
  }
  if (isAfternoon === true) return hour === 12 ? 12 : hour + 12
  return hour === 12 ? 0 : hour
}

function offsetOfFields(
  { zoneSign, zoneHour = 0, zoneMinute = 0 }: ReadFields,
  text: string,
): number | undefined {
  if (zoneSign === undefined) return undefined
  if (zoneHour < 0 || zoneHour > 15 || zoneMinute < 0 || zoneMinute >= 60) {
    throw queryError('invalid_time_zone_displacement_value', `time zone displacement out of range: "${text}"`)
  }
  return zoneSign * (zoneHour * 3600 + zoneMinute * 60)
}

function dayOfFields(fields: ReadFields, text: string): number {
  timeOfFields(fields, text)
  const date: CivilDate = { year: yearOfFields(fields) ?? 0, month: 1, day: 1 }
  const hasYear = yearOfFields(fields) !== undefined
  let isDated = hasYear
  let { dayOfYear, day } = fields
  if (nonZero(fields.julian) !== undefined) {
    Object.assign(date, civilFromDays((fields.julian ?? 0) - JULIAN_OF_1970))
    isDated = true
  }
  if (nonZero(fields.week) !== undefined) {
    const week = fields.week ?? 1
    if (fields.isIso === true) {
      Object.assign(date, civilFromDays(isoWeekStart(date.year, week) + isoWeekday(fields.weekday)))
      isDated = true
    } else dayOfYear = (week - 1) * 7 + 1
  }
  if (nonZero(fields.weekOfMonth) !== undefined) day = ((fields.weekOfMonth ?? 1) - 1) * 7 + 1
  if (nonZero(day) !== undefined) date.day = day ?? 1
  if (nonZero(fields.month) !== undefined) date.month = fields.month ?? 1
  if (nonZero(dayOfYear) !== undefined && (date.month <= 1 || date.day <= 1)) {
    applyDayOfYear(date, dayOfYear ?? 1, fields, hasYear)
  }
  check(date, isDated || day !== undefined || fields.month !== undefined, text)
  return daysFromCivil(date.year, date.month, date.day)
}

/** Days after Monday; none when there is no weekday. */
function isoWeekday(weekday: number | undefined): number {
  return weekday === undefined || weekday === 0 ? 0 : (weekday + 5) % 7
}

/** Undefined when there is nothing about the year. */
function yearOfFields({ year, century, yearSize = 0, isBeforeChrist }: ReadFields): number | undefined {
  const signedCentury = isBeforeChrist === true ? -(century ?? 0) : (century ?? 0)
  if (nonZero(year) === undefined) {
    if (signedCentury === 0) return undefined
    return signedCentury > 0 ? (signedCentury - 1) * 100 + 1 : signedCentury * 100 + 1
  }
  if (signedCentury !== 0 && yearSize <= 2) return yearInCentury((year ?? 0) % 100, signedCentury)
  const signed = isBeforeChrist === true ? -(year ?? 0) : (year ?? 0)
  return signed < 0 ? signed + 1 : signed
}

function yearInCentury(year: number, century: number): number {
  if (year === 0) return century * 100 + (century >= 0 ? 0 : 1)
  return century >= 0 ? year + (century - 1) * 100 : (century + 1) * 100 - year + 1
}

function applyDayOfYear(date: CivilDate, dayOfYear: number, fields: ReadFields, hasYear: boolean): void {
  if (!hasYear && fields.isBeforeChrist !== true) {
    throw queryError('invalid_datetime_format', 'cannot calculate day of year without year information')
  }
  const first = fields.isIso === true ? isoWeekStart(date.year, 1) : daysFromCivil(date.year, 1, 1)
  const found = civilFromDays(first + dayOfYear - 1)
  if (fields.isIso === true) Object.assign(date, found)
  else {
    if (date.month <= 1) date.month = found.year > date.year ? 13 : found.month
    if (date.day <= 1) date.day = found.day
  }
}

function check({ year, month, day }: CivilDate, isDated: boolean, text: string): void {
  if (!isDated) return
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) throw outOfRange(text)
}
