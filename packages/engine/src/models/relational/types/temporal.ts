/** Dates and times as integers: days or microseconds since 1970, microseconds since midnight. No time zones but offsets. */

export const MICROS_PER_DAY = 86_400_000_000
const MS_PER_DAY = 86_400_000
/** What `Date` can hold, days either side of 1970. */
const DAYS_MAX = 100_000_000

const DATE = /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)$/
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/
const TIMESTAMP = /^([+-]\d{6}-\d\d-\d\d|\d{4}-\d\d-\d\d)(?:[T ]([\d:.]+?))?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?$/

/** Days since 1970-01-01, or undefined when the text is no date of the proleptic Gregorian calendar. */
export function parseDate(text: string): number | undefined {
  const match = DATE.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return date.getTime() / MS_PER_DAY
}

export function formatDate(days: number): string {
  const text = new Date(days * MS_PER_DAY).toISOString()
  return text.slice(0, text.indexOf('T'))
}

/** Microseconds since midnight, rounded to `precision` digits after the second; undefined when the text is no time. */
export function parseTime(text: string, precision: number): number | undefined {
  const match = TIME.exec(text)
  if (match === null) return undefined
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const whole = ((hour * 60 + minute) * 60 + second) * 1_000_000
  const fraction = Number((match[4] ?? '0').padEnd(9, '0')) / 1000
  return whole + roundTo(fraction, precision)
}

/** With as many digits after the second as are needed. */
export function formatTime(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const fraction = micros % 1_000_000
  const digits = fraction === 0 ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`
  return parts.map((part) => String(part).padStart(2, '0')).join(':') + digits
}

/**
 * Microseconds since 1970, rounded to `precision` digits after the second. `zoned`: an offset is applied, and UTC is
 * meant where there is none; otherwise it is ignored, as PostgreSQL does.
 */
export function parseTimestamp(text: string, precision: number, zoned: boolean): bigint | undefined {
  const match = TIMESTAMP.exec(text.trim())
  if (match === null) return undefined
  const days = parseDate(match[1] ?? '')
  const time = match[2] === undefined ? 0 : parseTime(match[2], precision)
  const offset = zoned && match[3] !== undefined ? parseOffset(match[3]) : 0
  if (days === undefined || time === undefined || offset === undefined) return undefined
  return inRange(BigInt(days) * BigInt(MICROS_PER_DAY) + BigInt(time - offset))
}

/** Microseconds since 1970 of a `Date`, rounded to `precision` digits after the second. */
export function dateToMicros(date: Date, precision: number): bigint | undefined {
  const ms = date.getTime()
  if (Number.isNaN(ms)) return undefined
  const step = 10 ** Math.max(0, 3 - precision)
  return inRange(BigInt(Math.round(ms / step) * step) * 1000n)
}

/** ISO 8601 with six digits after the second, `Z` at the end where `zoned`. */
export function formatTimestamp(micros: bigint, zoned: boolean): string {
  const ms = floorDivide(micros, 1000n)
  const rest = String(micros - ms * 1000n).padStart(3, '0')
  return new Date(Number(ms)).toISOString().replace('Z', `${rest}${zoned ? 'Z' : ''}`)
}

export function microsToDate(micros: number | bigint): Date {
  return new Date(typeof micros === 'bigint' ? Number(floorDivide(micros, 1000n)) : Math.floor(micros / 1000))
}

function parseOffset(text: string): number | undefined {
  if (text === 'Z' || text === 'z') return 0
  const digits = text.slice(1).replace(':', '')
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2) || 0)]
  if (hours > 15 || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000_000
}

function roundTo(micros: number, precision: number): number {
  const step = 10 ** (6 - precision)
  return Math.round(micros / step) * step
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by < 0n ? quotient - 1n : quotient
}

const RANGE = BigInt(DAYS_MAX) * BigInt(MICROS_PER_DAY)

function inRange(micros: bigint): bigint | undefined {
  return micros >= -RANGE && micros <= RANGE ? micros : undefined
}
