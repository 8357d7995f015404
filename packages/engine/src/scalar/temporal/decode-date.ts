/** Dates from fields with separators and from numbers, as PostgreSQL tells them apart. */
import { FIELD, DATE_FIELDS, TIME_FIELDS, type DatetimeFields } from './datetime-fields.js'
import { findDatetimeWord } from './datetime-words.js'
import { civilFromDays, daysFromCivil, daysInMonth } from './calendar.js'
import { fractionMicros, integer } from './decode-clock.js'
import { Refused } from './refused.js'

/** A date with separators. @param seen what has been read before @returns the fields it fills @throws Refused */
export function decodeDate(text: string, seen: number, fields: DatetimeFields): number {
  const parts = text.match(/\d+|[a-z]+/g) ?? []
  if (/[^a-z0-9]$/.test(text) && parts.length === 0) throw new Refused('format')
  // A text that ends with two separators has an empty field.
  if (/[^a-z0-9]{2}$/.test(text)) throw new Refused('format')
  let found = 0
  let hasMonthName = false
  const numbers: string[] = []
  for (const part of parts) {
    if (/\d/.test(part)) {
      numbers.push(part)
      continue
    }
    const word = findDatetimeWord(part)
    if (word?.kind === 'ignored') continue
    if (word?.kind !== 'month' || ((seen | found) & FIELD.month) !== 0) throw new Refused('format')
    fields.month = word.value
    hasMonthName = true
    found |= FIELD.month
  }
  for (const number of numbers) {
    const filled = decodeNumber(number, hasMonthName, seen | found, fields)
    if (((seen | found) & filled) !== 0) throw new Refused('format')
    found |= filled
  }
  if (((seen | found) & ~(FIELD.dayOfYear | FIELD.zone)) !== DATE_FIELDS) throw new Refused('format')
  return found
}

/** A number by itself: what it is depends on what has been read. @throws Refused */
export function decodeNumber(
  text: string,
  hasMonthName: boolean,
  seen: number,
  fields: DatetimeFields,
): number {
  const point = text.indexOf('.')
  const value = integer(point < 0 ? text : text.slice(0, point))
  if (point >= 0) {
    if (point > 2) return decodeNumberField(text, seen | DATE_FIELDS, fields)
    if (point === 0) throw new Refused('format')
    fields.micros = fractionMicros(text.slice(point))
  }
  if (text.length === 3 && (seen & DATE_FIELDS) === FIELD.year && value >= 1 && value <= 366) {
    fields.dayOfYear = value
    return FIELD.dayOfYear | FIELD.month | FIELD.day
  }
  const isLong = text.length >= 3
  const field = nextField(isLong, hasMonthName, seen & DATE_FIELDS, fields)
  switch (field) {
    case 'time':
      return decodeNumberField(text, seen, fields)
    case 'swap':
      // What was taken for a year of two digits was the day.
      fields.day = fields.year
      fields.year = value
      fields.hasTwoDigitYear = false
      return FIELD.day
    case 'year':
      fields.hasTwoDigitYear = text.length <= 2
      break
    default:
  }
  fields[field] = value
  return FIELD[field]
}

function nextField(
  isLong: boolean,
  hasMonthName: boolean,
  seen: number,
  fields: DatetimeFields,
): 'year' | 'month' | 'day' | 'swap' | 'time' {
  const { order } = fields
  switch (seen) {
    case 0:
      return isLong || order === 'YMD' ? 'year' : order === 'DMY' ? 'day' : 'month'
    case FIELD.year:
    case FIELD.day:
      return 'month'
    case FIELD.month:
      return hasMonthName && (isLong || order === 'YMD') ? 'year' : 'day'
    case FIELD.year | FIELD.month:
      return hasMonthName && isLong && fields.hasTwoDigitYear ? 'swap' : 'day'
    case FIELD.month | FIELD.day:
      return 'year'
    case DATE_FIELDS:
      return 'time'
    default:
      throw new Refused('format')
  }
}

/** Digits run together: `yyyymmdd`, `yymmdd`, `hhmmss.ffffff`, `hhmm`. @throws Refused */
export function decodeNumberField(text: string, seen: number, fields: DatetimeFields): number {
  const point = text.indexOf('.')
  const digits = point < 0 ? text : text.slice(0, point)
  if (point >= 0) {
    fields.micros = fractionMicros(text.slice(point))
  } else if ((seen & DATE_FIELDS) !== DATE_FIELDS && digits.length >= 6) {
    fields.day = Number(digits.slice(-2))
    fields.month = Number(digits.slice(-4, -2))
    fields.year = integer(digits.slice(0, -4))
    if (digits.length === 6) fields.hasTwoDigitYear = true
    return DATE_FIELDS
  }
  if ((seen & TIME_FIELDS) !== TIME_FIELDS && (digits.length === 6 || digits.length === 4)) {
    fields.hour = Number(digits.slice(0, 2))
    fields.minute = Number(digits.slice(2, 4))
    fields.second = Number(digits.slice(4) || 0)
    return TIME_FIELDS
  }
  throw new Refused('format')
}

/** Brings the year to four digits, finds the day of the year, and checks the rest. @throws Refused */
export function validateDate(seen: number, isBC: boolean, fields: DatetimeFields): void {
  if ((seen & FIELD.year) !== 0 && !fields.isJulian) fields.year = fullYear(isBC, fields)
  if ((seen & FIELD.dayOfYear) !== 0) {
    const { year, month, day } = civilFromDays(daysFromCivil(fields.year, 1, 1) + fields.dayOfYear - 1)
    Object.assign(fields, { year, month, day })
  }
  if ((seen & FIELD.month) !== 0 && (fields.month < 1 || fields.month > 12)) {
    throw new Refused('month-day overflow')
  }
  if ((seen & FIELD.day) !== 0 && (fields.day < 1 || fields.day > 31)) throw new Refused('month-day overflow')
  if ((seen & DATE_FIELDS) === DATE_FIELDS && fields.day > daysInMonth(fields.year, fields.month)) {
    throw new Refused('overflow')
  }
}

function fullYear(isBC: boolean, { year, hasTwoDigitYear }: DatetimeFields): number {
  if (isBC || !hasTwoDigitYear) {
    // There is no year zero.
    if (year <= 0) throw new Refused('overflow')
    return isBC ? 1 - year : year
  }
  return year < 70 ? year + 2000 : year < 100 ? year + 1900 : year
}
