/** Dates and times as JSON has them: in ISO 8601's form with a `T`, whatever the session's style. */
import type { ZoneRules } from '../../scalar-context.js'
import { civilFromDays } from '../../temporal/calendar.js'
import { formatTime } from '../../temporal/format-datetime.js'
import { dayOf, isInfinite, shiftTimestamp, timeOf } from '../../temporal/timestamp.js'
import type { Int64 } from '../../value.js'

const two = (value: number): string => String(value).padStart(2, '0')

export function isoDate(day: number): string {
  if (!isFinite(day)) return infinite(day)
  return dateText(day) + eraOf(day)
}

export function isoTimestamp(micros: Int64): string {
  if (isInfinite(micros)) return infinite(micros)
  const day = dayOf(micros)
  return `${dateText(day)}T${formatTime(timeOf(micros))}${eraOf(day)}`
}

export function isoMoment(micros: Int64, zone: ZoneRules): string {
  if (isInfinite(micros)) return infinite(micros)
  const { offsetSeconds } = zone.at(Number(micros) / 1000)
  const local = shiftTimestamp(micros, offsetSeconds * 1_000_000)
  const day = dayOf(local)
  return `${dateText(day)}T${formatTime(timeOf(local))}${offsetText(offsetSeconds)}${eraOf(day)}`
}

function infinite(value: Int64): string {
  return value > 0 ? 'infinity' : '-infinity'
}

function dateText(day: number): string {
  const { year, month, day: dayOfMonth } = civilFromDays(day)
  const shown = year > 0 ? year : 1 - year
  return `${String(shown).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}`
}

function eraOf(day: number): string {
  return civilFromDays(day).year > 0 ? '' : ' BC'
}

/** Hours and minutes always, seconds where there are some. */
function offsetText(offsetSeconds: number): string {
  const magnitude = Math.abs(offsetSeconds)
  const seconds = magnitude % 60 === 0 ? '' : `:${two(magnitude % 60)}`
  const minutes = Math.floor(magnitude / 60)
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}${seconds}`
}
