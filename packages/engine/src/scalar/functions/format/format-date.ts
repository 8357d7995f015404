/** Dates, times and intervals written after a pattern. */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { daysFromCivil, isoWeek, isoWeekStart, JULIAN_OF_1970 } from '../../temporal/calendar.js'
import { DAYS, MONTHS, ROMAN_MONTHS, ordinalEnding } from './date-names.js'
import { parseDatePattern, type FieldNode, type NameCase } from './date-pattern.js'

/** What there is to write. Of an interval all may be negative, and there is no calendar behind it. */
export interface DateParts {
  readonly isInterval: boolean
  /** Counted through zero; of an interval just a number. */
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly micros: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** From 1. */
  readonly dayOfYear: number
  readonly zone?: { readonly offsetSeconds: number; readonly abbreviation: string }
}

export function formatDateParts(parts: DateParts, pattern: string): string {
  let result = ''
  for (const node of parseDatePattern(pattern)) {
    result += node.kind === 'field' ? fieldText(parts, node) : node.text
  }
  return result
}

function fieldText(parts: DateParts, node: FieldNode): string {
  const text = plainText(parts, node)
  if (node.ordinal === undefined || !/\d$/.test(text)) return text
  const ending = ordinalEnding(text)
  return text + (node.ordinal === 'upper' ? ending.toUpperCase() : ending)
}

function plainText(parts: DateParts, node: FieldNode): string {
  const { isInterval, hour, minute, second, micros } = parts
  switch (node.field) {
    case 'FX':
      return ''
    case 'AM':
    case 'A.M.':
      return meridiem(node, hour % 24 >= 12 ? 'P' : 'A', 'M')
    case 'AD':
    case 'A.D.':
      requireCalendar(parts)
      return parts.year <= 0 ? meridiem(node, 'B', 'C') : meridiem(node, 'A', 'D')
    case 'HH12':
      return number(node, hour % 12 === 0 ? 12 : hour % 12, 2)
    case 'HH24':
      return number(node, hour, 2)
    case 'MI':
      return number(node, minute, 2)
    case 'SS':
      return number(node, second, 2)
    case 'SSSS':
      return String(hour * 3600 + minute * 60 + second)
    case 'MS':
      return fraction(micros, 3)
    case 'US':
      return fraction(micros, 6)
    case 'FF1':
    case 'FF2':
    case 'FF3':
    case 'FF4':
    case 'FF5':
    case 'FF6':
      return fraction(micros, Number(node.field.slice(2)))
    case 'TZ':
    case 'TZH':
    case 'TZM':
    case 'OF':
      requireCalendar(parts)
      return zoneText(parts, node)
    default:
      return isInterval && NEEDS_CALENDAR.has(node.field) ? requireCalendar(parts) : calendarText(parts, node)
  }
}

const NEEDS_CALENDAR: ReadonlySet<string> = new Set(['MONTH', 'MON', 'DAY', 'DY', 'D', 'ID'])

function calendarText(parts: DateParts, node: FieldNode): string {
  const { month, day, weekday, dayOfYear } = parts
  switch (node.field) {
    case 'MONTH':
      return name(node, MONTHS[month - 1] ?? '', 9)
    case 'MON':
      return name(node, (MONTHS[month - 1] ?? '').slice(0, 3), 0)
    case 'MM':
      return number(node, month, 2)
    case 'DAY':
      return name(node, DAYS[weekday] ?? '', 9)
    case 'DY':
      return name(node, (DAYS[weekday] ?? '').slice(0, 3), 0)
    case 'DDD':
      return paddedNumber(node, dayOfYear, 3)
    case 'IDDD':
      return number(node, isoDayOfYear(parts), 3)
    case 'DD':
      return paddedNumber(node, day, 2)
    case 'D':
      return String(weekday + 1)
    case 'ID':
      return String(weekday === 0 ? 7 : weekday)
    case 'WW':
      return paddedNumber(node, Math.trunc((dayOfYear - 1) / 7) + 1, 2)
    case 'IW':
      return number(node, isoWeek(dayNumber(parts)).week, 2)
    case 'Q':
      return month === 0 ? '' : String(Math.trunc((month - 1) / 3) + 1)
    case 'CC':
      return centuryText(parts, node)
    case 'W':
      return String(Math.trunc((day - 1) / 7) + 1)
    case 'J':
      return String(dayNumber(parts) + JULIAN_OF_1970)
    case 'RM':
      return romanMonth(parts, node)
    default:
      return yearText(parts, node)
  }
}

function yearText(parts: DateParts, node: FieldNode): string {
  const isIso = node.field.startsWith('I')
  const year = shownYear(isIso ? isoWeek(dayNumber(parts)).year : parts.year, parts.isInterval)
  switch (node.field) {
    case 'Y,YYY':
      return `${Math.trunc(year / 1000)},${String(Math.abs(year % 1000)).padStart(3, '0')}`
    case 'YYYY':
    case 'IYYY':
      return number(node, year, 4)
    case 'YYY':
    case 'IYY':
      return number(node, year % 1000, 3)
    case 'YY':
    case 'IY':
      return number(node, year % 100, 2)
    default:
      return String(year % 10)
  }
}

/** There is no year zero; which era it is of is said elsewhere. */
function shownYear(year: number, isInterval: boolean): number {
  return isInterval || year > 0 ? year : 1 - year
}

function centuryText({ year, isInterval }: DateParts, node: FieldNode): string {
  const century = isInterval
    ? Math.trunc(year / 100)
    : year > 0
      ? Math.trunc((year - 1) / 100) + 1
      : Math.trunc(year / 100) - 1
  return Math.abs(century) <= 99 ? number(node, century, 2) : String(century)
}

function dayNumber({ year, month, day }: DateParts): number {
  return daysFromCivil(year, month, day)
}

function isoDayOfYear(parts: DateParts): number {
  const day = dayNumber(parts)
  return day - isoWeekStart(isoWeek(day).year, 1) + 1
}

function romanMonth({ month, year, isInterval }: DateParts, node: FieldNode): string {
  if (month === 0 && (year === 0 || !isInterval)) return ''
  // Months of an interval: none is the last of a year, negative ones count back from it.
  const index = month === 0 ? (year >= 0 ? 11 : 0) : month < 0 ? 12 + month : month - 1
  const text = ROMAN_MONTHS[index] ?? ''
  const cased = node.nameCase === 'lower' ? text.toLowerCase() : text
  return node.isFilled ? cased : cased.padEnd(4)
}

function zoneText({ zone }: DateParts, node: FieldNode): string {
  if (node.field === 'TZ') {
    const abbreviation = zone?.abbreviation ?? ''
    return node.nameCase === 'lower' ? abbreviation.toLowerCase() : abbreviation
  }
  const offset = zone?.offsetSeconds ?? 0
  const magnitude = Math.abs(offset)
  const sign = offset < 0 ? '-' : '+'
  const hours = Math.floor(magnitude / 3600)
  const minutes = Math.floor(magnitude / 60) % 60
  const two = (value: number): string => String(value).padStart(2, '0')
  if (node.field === 'TZM') return two(minutes)
  const shownHours = sign + (node.field === 'OF' && node.isFilled ? String(hours) : two(hours))
  return node.field === 'TZH' || minutes === 0 ? shownHours : `${shownHours}:${two(minutes)}`
}

/** @throws invalid_datetime_format for what only dates have */
function requireCalendar({ isInterval }: DateParts): string {
  if (isInterval) throw noCalendar()
  return ''
}

function noCalendar(): OrbitError {
  return queryError('invalid_datetime_format', 'invalid format specification for an interval value', {
    hint: 'Intervals are not tied to specific calendar dates.',
  })
}

/** `AM`, `am`, `A.M.` or `a.m.`: as the field is written. */
function meridiem(node: FieldNode, first: string, second: string): string {
  const text = node.field.includes('.') ? `${first}.${second}.` : first + second
  return node.nameCase === 'lower' ? text.toLowerCase() : text
}

/** Filled up with zeros to a width that does not count the sign. */
function number(node: FieldNode, value: number, width: number): string {
  const digits = String(Math.abs(value))
  return (value < 0 ? '-' : '') + (node.isFilled ? digits : digits.padStart(width, '0'))
}

/** Filled up with zeros to a width that counts the sign. */
function paddedNumber(node: FieldNode, value: number, width: number): string {
  return node.isFilled ? String(value) : zeroPadded(value, width)
}

function zeroPadded(value: number, width: number): string {
  return (value < 0 ? '-' : '') + String(Math.abs(value)).padStart(width - (value < 0 ? 1 : 0), '0')
}

function fraction(micros: number, digits: number): string {
  return zeroPadded(Math.trunc(micros / 10 ** (6 - digits)), digits)
}

function name(node: FieldNode, text: string, width: number): string {
  const cased = inCase(text, node.nameCase)
  return node.isFilled || node.isTranslated ? cased : cased.padEnd(width)
}

function inCase(text: string, nameCase: NameCase): string {
  return nameCase === 'upper' ? text.toUpperCase() : nameCase === 'lower' ? text.toLowerCase() : text
}
