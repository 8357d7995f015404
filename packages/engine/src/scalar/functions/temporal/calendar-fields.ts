import { civilFromDays, daysFromCivil, isoWeek, JULIAN_OF_1970, weekday } from '../../temporal/calendar.js'
import { epoch, infinite, julian, milliseconds, seconds, whole, type Extracted } from './extracted.js'
import { joinTimestamp } from '../../temporal/timestamp.js'
import type { Unit } from './unit-names.js'

/** A field of a time of day; undefined when it is none. */
export function fieldOfTime(unit: Unit, micros: number): Extracted | undefined {
  const inMinute = micros % 60_000_000
  switch (unit) {
    case 'microseconds':
      return whole(inMinute)
    case 'milliseconds':
      return milliseconds(inMinute)
    case 'second':
      return seconds(inMinute)
    case 'minute':
      return whole(Math.trunc(micros / 60_000_000) % 60)
    case 'hour':
      return whole(Math.trunc(micros / 3_600_000_000))
    default:
      return undefined
  }
}

/** A field of a day, counted from 1970-01-01; undefined when it is none. */
export function fieldOfDay(unit: Unit, day: number): Extracted | undefined {
  const { year, month, day: dayOfMonth } = civilFromDays(day)
  switch (unit) {
    case 'day':
      return whole(dayOfMonth)
    case 'month':
      return whole(month)
    case 'quarter':
      return whole(Math.floor((month - 1) / 3) + 1)
    case 'week':
      return whole(isoWeek(day).week)
    case 'year':
      return whole(historicalYear(year))
    case 'decade':
      return whole(Math.floor(year / 10))
    case 'century':
      return whole(period(year, 100))
    case 'millennium':
      return whole(period(year, 1000))
    case 'isoyear':
      return whole(historicalYear(isoWeek(day).year))
    case 'dow':
      return whole(weekday(day))
    case 'isodow':
      return whole(weekday(day) === 0 ? 7 : weekday(day))
    case 'doy':
      return whole(day - daysFromCivil(year, 1, 1) + 1)
    default:
      return undefined
  }
}

/** A field of a timestamp; undefined when it is none. */
export function fieldOfTimestamp(unit: Unit, day: number, time: number): Extracted | undefined {
  if (unit === 'julian') return julian(day + JULIAN_OF_1970, time)
  if (unit === 'epoch') return epoch(joinTimestamp(day, time))
  return fieldOfTime(unit, time) ?? fieldOfDay(unit, day)
}

/** Of an infinite date or timestamp: infinite for what only grows, null for what comes again. */
export function fieldOfInfinity(unit: Unit, isPositive: boolean): Extracted | null {
  switch (unit) {
    case 'year':
    case 'decade':
    case 'century':
    case 'millennium':
    case 'julian':
    case 'isoyear':
    case 'epoch':
      return infinite(isPositive)
    default:
      return null
  }
}

/** There is no year zero: 1 BC is -1. */
function historicalYear(year: number): number {
  return year > 0 ? year : year - 1
}

/** The first century is that of the years 1 to 100, the one before it is -1. */
function period(year: number, length: number): number {
  return year > 0 ? Math.floor((year + length - 1) / length) : -Math.floor((length - year) / length)
}
