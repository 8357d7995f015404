/** Intervals as IntervalStyle writes them. */
import type { ScalarContext } from '../scalar-context.js'
import { intervalStyle, type IntervalStyle } from './date-style.js'
import { fractionText } from './format-datetime.js'
import type { Interval } from './interval.js'

/** All with the signs that they have. */
interface Parts {
  readonly years: number
  readonly months: number
  readonly days: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  readonly micros: number
}

export function formatInterval(interval: Interval, context: ScalarContext): string {
  return intervalText(interval, intervalStyle(context))
}

export function intervalText(interval: Interval, style: IntervalStyle): string {
  const parts = partsOf(interval)
  switch (style) {
    case 'postgres':
      return postgresText(parts)
    case 'postgres_verbose':
      return verboseText(parts)
    case 'sql_standard':
      return standardText(parts)
    case 'iso_8601':
      return isoText(parts)
  }
}

function partsOf({ months, days, micros }: Interval): Parts {
  const seconds = Math.trunc(micros / 1_000_000)
  const minutes = Math.trunc(seconds / 60)
  return {
    years: Math.trunc(months / 12),
    months: months % 12,
    days,
    hours: Math.trunc(minutes / 60),
    minutes: minutes % 60,
    seconds: seconds % 60,
    micros: micros % 1_000_000,
  }
}

const two = (value: number): string => String(Math.abs(value)).padStart(2, '0')

/** Without sign; two digits before the point where `isPadded`. */
function secondsText({ seconds, micros }: Parts, isPadded: boolean): string {
  const whole = isPadded ? two(seconds) : String(Math.abs(seconds))
  return whole + fractionText(Math.abs(micros))
}

function isTimeNegative({ hours, minutes, seconds, micros }: Parts): boolean {
  return hours < 0 || minutes < 0 || seconds < 0 || micros < 0
}

function hasTime({ hours, minutes, seconds, micros }: Parts): boolean {
  return hours !== 0 || minutes !== 0 || seconds !== 0 || micros !== 0
}

/** `1 year 2 mons -3 days +04:05:06`: a plus sign only after something negative. */
function postgresText(parts: Parts): string {
  const words: string[] = []
  let isAfterNegative = false
  for (const [value, unit] of [
    [parts.years, 'year'],
    [parts.months, 'mon'],
    [parts.days, 'day'],
  ] as const) {
    if (value === 0) continue
    words.push(`${isAfterNegative && value > 0 ? '+' : ''}${value} ${unit}${value === 1 ? '' : 's'}`)
    isAfterNegative = value < 0
  }
  if (words.length === 0 || hasTime(parts)) {
    const sign = isTimeNegative(parts) ? '-' : isAfterNegative ? '+' : ''
    words.push(`${sign}${two(parts.hours)}:${two(parts.minutes)}:${secondsText(parts, true)}`)
  }
  return words.join(' ')
}

/** `@ 1 year 2 mons 3 days ago`: the first sign is that of the whole, written as `ago`. */
function verboseText(parts: Parts): string {
  let text = '@'
  let isAgo: boolean | undefined
  for (const [value, unit] of [
    [parts.years, 'year'],
    [parts.months, 'mon'],
    [parts.days, 'day'],
    [parts.hours, 'hour'],
    [parts.minutes, 'min'],
  ] as const) {
    if (value === 0) continue
    isAgo ??= value < 0
    const shown = isAgo ? -value : value
    text += ` ${shown} ${unit}${shown === 1 ? '' : 's'}`
  }
  if (parts.seconds !== 0 || parts.micros !== 0) {
    const isNegative = parts.seconds < 0 || parts.micros < 0
    isAgo ??= isNegative
    const isOne = Math.abs(parts.seconds) === 1 && parts.micros === 0
    text += ` ${isNegative === isAgo ? '' : '-'}${secondsText(parts, false)} sec${isOne ? '' : 's'}`
  }
  if (isAgo === undefined) return `${text} 0`
  return isAgo ? `${text} ago` : text
}

/** `1-2`, `3 4:05:06`, `+1-2 -3 +4:05:06`. */
function standardText(parts: Parts): string {
  const values = Object.values(parts) as number[]
  const hasNegative = values.some((value) => value < 0)
  const hasPositive = values.some((value) => value > 0)
  if (!hasNegative && !hasPositive) return '0'
  const { years, months, days, hours, minutes } = parts
  const hasMonths = years !== 0 || months !== 0
  const clock = `${Math.abs(hours)}:${two(minutes)}:${secondsText(parts, true)}`
  const isStandard = !(hasNegative && hasPositive) && !(hasMonths && (days !== 0 || hasTime(parts)))
  if (!isStandard) {
    const sign = (isNegative: boolean): string => (isNegative ? '-' : '+')
    const yearText = `${sign(years < 0 || months < 0)}${Math.abs(years)}-${Math.abs(months)}`
    return `${yearText} ${sign(days < 0)}${Math.abs(days)} ${sign(isTimeNegative(parts))}${clock}`
  }
  const sign = hasNegative ? '-' : ''
  if (hasMonths) return `${sign}${Math.abs(years)}-${Math.abs(months)}`
  return days === 0 ? sign + clock : `${sign}${Math.abs(days)} ${clock}`
}

function isoText(parts: Parts): string {
  const part = (value: number, unit: string): string => (value === 0 ? '' : `${value}${unit}`)
  const date = part(parts.years, 'Y') + part(parts.months, 'M') + part(parts.days, 'D')
  if (!hasTime(parts)) return date === '' ? 'PT0S' : `P${date}`
  const sign = parts.seconds < 0 || parts.micros < 0 ? '-' : ''
  const seconds = parts.seconds === 0 && parts.micros === 0 ? '' : `${sign}${secondsText(parts, false)}S`
  return `P${date}T${part(parts.hours, 'H')}${part(parts.minutes, 'M')}${seconds}`
}
