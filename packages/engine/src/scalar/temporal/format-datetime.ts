/** Dates and times as DateStyle writes them. */
import type { ScalarContext } from '../scalar-context.js'
import type { Int64 } from '../value.js'
import { DAY_NAMES, MONTH_NAMES, civilFromDays, weekday, type CivilDate } from './calendar.js'
import { dateStyle, type DateStyle } from './date-style.js'
import type { TimeWithZone } from './time-with-zone.js'
import { dayOf, shiftTimestamp, timeOf } from './timestamp.js'
import { formatOffset } from './zone-offset.js'

const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))

/** Of a number below one hundred. */
function two(value: number): string {
  return TWO_DIGITS[value] ?? String(value)
}

/** At least four digits; years before 1 are counted from there. */
function yearText(year: number): string {
  const shown = year > 0 ? year : 1 - year
  return shown >= 1000 ? String(shown) : String(shown).padStart(4, '0')
}

const era = (year: number): string => (year > 0 ? '' : ' BC')

/** `12:34:56.789`: as many digits after the second as are needed. */
export function formatTime(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  const minutes = Math.floor(seconds / 60)
  const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`
  return clock + fractionText(micros - seconds * 1_000_000)
}

/** The point and the digits after it; nothing for zero. */
export function fractionText(micros: number): string {
  if (micros === 0) return ''
  if (micros % 1000 === 0) return `.${trimZeros(String(micros / 1000 + 1000).slice(1))}`
  return `.${trimZeros(String(micros + 1_000_000).slice(1))}`
}

function trimZeros(digits: string): string {
  let end = digits.length
  while (digits.charCodeAt(end - 1) === 48) end--
  return end === digits.length ? digits : digits.slice(0, end)
}

export function formatTimeWithZone(value: TimeWithZone): string {
  return formatTime(value.micros) + formatOffset(value.offsetSeconds)
}

export function formatDate(day: number, context: ScalarContext): string {
  if (day === Infinity) return 'infinity'
  if (day === -Infinity) return '-infinity'
  const date = civilFromDays(day)
  return dateText(date, dateStyle(context)) + era(date.year)
}

/** Without the era. */
function dateText(date: CivilDate, { output, order }: DateStyle): string {
  const year = yearText(date.year)
  const month = two(date.month)
  const day = two(date.day)
  switch (output) {
    case 'ISO':
      return `${year}-${month}-${day}`
    case 'SQL':
      return order === 'DMY' ? `${day}/${month}/${year}` : `${month}/${day}/${year}`
    case 'German':
      return `${day}.${month}.${year}`
    case 'Postgres':
      return order === 'DMY' ? `${day}-${month}-${year}` : `${month}-${day}-${year}`
  }
}

export function formatTimestamp(micros: Int64, context: ScalarContext): string {
  if (micros === Infinity) return 'infinity'
  if (micros === -Infinity) return '-infinity'
  return timestampText(micros, dateStyle(context), undefined)
}

/** In the session's time zone, which is named or given as an offset after it. */
export function formatTimestampWithZone(micros: Int64, context: ScalarContext): string {
  if (micros === Infinity) return 'infinity'
  if (micros === -Infinity) return '-infinity'
  const zone = context.timeZone.at(Number(micros) / 1000)
  return timestampText(shiftTimestamp(micros, zone.offsetSeconds * 1_000_000), dateStyle(context), zone)
}

function timestampText(
  local: Int64,
  style: DateStyle,
  zone: { readonly offsetSeconds: number; readonly abbreviation: string } | undefined,
): string {
  const day = dayOf(local)
  const date = civilFromDays(day)
  const time = formatTime(timeOf(local))
  if (style.output === 'ISO') {
    const offset = zone === undefined ? '' : formatOffset(zone.offsetSeconds)
    return `${dateText(date, style)} ${time}${offset}${era(date.year)}`
  }
  const suffix = (zone === undefined ? '' : ` ${zone.abbreviation}`) + era(date.year)
  if (style.output !== 'Postgres') return `${dateText(date, style)} ${time}${suffix}`
  const month = MONTH_NAMES[date.month - 1] ?? ''
  const monthAndDay = style.order === 'DMY' ? `${two(date.day)} ${month}` : `${month} ${two(date.day)}`
  return `${DAY_NAMES[weekday(day)] ?? ''} ${monthAndDay} ${time} ${yearText(date.year)}${suffix}`
}
