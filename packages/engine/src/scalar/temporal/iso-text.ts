/** The everyday forms, read without taking the text apart: `2024-02-29`, `2024-02-29 12:34:56.789+01`. */
import type { ZoneRules } from '../scalar-context.js'
import { MICROS_PER_DAY, daysFromCivil, daysInMonth } from './calendar.js'

/** Days since 1970; undefined when the text has any other form, or no meaning. */
export function readIsoDate(text: string): number | undefined {
  return text.length === 10 ? dateAt(text) : undefined
}

function dateAt(text: string): number | undefined {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const isDate =
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    year > 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month)
  return isDate ? daysFromCivil(year, month, day) : undefined
}

/** NaN unless there are two digits. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

/**
 * Microseconds since 1970 while that is a safe integer.
 * @param zone the session's, for a timestamp with time zone whose text names none; undefined: zones are passed over
 */
export function readIsoTimestamp(text: string, zone: ZoneRules | undefined): number | undefined {
  const day = dateAt(text)
  if (day === undefined) return undefined
  const time = timeAt(text, 11)
  const separator = text.charCodeAt(10)
  const isTimestamp = text.length === 10 || (time !== undefined && (separator === 32 || separator === 84))
  if (!isTimestamp) return undefined
  const local = day * MICROS_PER_DAY + (time?.micros ?? 0)
  const offset = readOffset(text, time?.end ?? 10)
  if (offset === undefined || !Number.isSafeInteger(local)) return undefined
  if (zone === undefined) return local
  return local - (offset ?? zone.atLocal(Math.floor(local / 1000))) * 1_000_000
}

function timeAt(text: string, start: number): { micros: number; end: number } | undefined {
  const hour = twoDigits(text, start)
  const minute = twoDigits(text, start + 3)
  const second = twoDigits(text, start + 6)
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined
  if (text.charCodeAt(start + 2) !== 58 || text.charCodeAt(start + 5) !== 58) return undefined
  let micros = ((hour * 60 + minute) * 60 + second) * 1_000_000
  let end = start + 8
  if (text.charCodeAt(end) === 46) {
    let unit = 100_000
    for (end++; ; end++) {
      const digit = text.charCodeAt(end) - 48
      if (!(digit >= 0 && digit <= 9)) break
      // More digits would have to be rounded.
      if (unit < 1) return undefined
      micros += digit * unit
      unit = unit === 1 ? 0 : unit / 10
    }
  }
  return { micros, end }
}

/** Seconds east of UTC; null where the text ends; undefined when something else follows. */
function readOffset(text: string, at: number): number | null | undefined {
  if (at === text.length) return null
  const sign = text.charCodeAt(at)
  if (sign === 90 && at + 1 === text.length) return 0
  if (sign !== 43 && sign !== 45) return undefined
  const hours = twoDigits(text, at + 1)
  const hasMinutes = text.length === at + 6 && text.charCodeAt(at + 3) === 58
  const minutes = hasMinutes ? twoDigits(text, at + 4) : 0
  const isOffset = hours <= 15 && minutes <= 59 && (hasMinutes || text.length === at + 3)
  if (!isOffset) return undefined
  const seconds = (hours * 60 + minutes) * 60
  return sign === 45 ? -seconds : seconds
}
