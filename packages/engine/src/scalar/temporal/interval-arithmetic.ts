/** Intervals compared, added, multiplied; months count 30 days and days 24 hours where they have to be compared. */
import { queryError, unsupported } from '../condition.js'
import { MICROS_PER_DAY } from './calendar.js'
import { roundHalfEven } from './decode-clock.js'
import { Interval } from './interval.js'

const INT_MAX = 0x7fff_ffff
const DAYS_PER_MONTH = 30

/** The days and the microseconds left over, which have the sign of at least zero. */
function inDays({ months, days, micros }: Interval): { days: number; micros: number } {
  const whole = Math.floor(micros / MICROS_PER_DAY)
  return { days: months * DAYS_PER_MONTH + days + whole, micros: micros - whole * MICROS_PER_DAY }
}

export function compareIntervals(a: Interval, b: Interval): number {
  const x = inDays(a)
  const y = inDays(b)
  if (x.days !== y.days) return x.days < y.days ? -1 : 1
  return x.micros === y.micros ? 0 : x.micros < y.micros ? -1 : 1
}

/** Equal for intervals that are as long: `1 mon` and `30 days`. */
export function intervalHashKey(interval: Interval): number | bigint {
  const { days, micros } = inDays(interval)
  const total = days * MICROS_PER_DAY + micros
  if (Number.isSafeInteger(total)) return total
  return BigInt(days) * BigInt(MICROS_PER_DAY) + BigInt(micros)
}

/** @throws datetime_field_overflow */
export function makeInterval(months: number, days: number, micros: number): Interval {
  const fits = Math.abs(months + 0.5) < INT_MAX + 1 && Math.abs(days + 0.5) < INT_MAX + 1
  if (!fits || !(Math.abs(micros) < 2 ** 63)) throw intervalOutOfRange()
  if (!Number.isSafeInteger(micros)) throw tooManyHours()
  // Minus zero is zero.
  return new Interval(months + 0, days + 0, micros + 0)
}

/** Between 285 years and the 292,000 that PostgreSQL has room for. */
export function tooManyHours(): Error {
  return unsupported('an interval of more than 285 years in hours, minutes and seconds')
}

function intervalOutOfRange(): Error {
  return queryError('datetime_field_overflow', 'interval out of range')
}

export function addIntervals(a: Interval, b: Interval): Interval {
  return makeInterval(a.months + b.months, a.days + b.days, a.micros + b.micros)
}

export function subtractIntervals(a: Interval, b: Interval): Interval {
  return makeInterval(a.months - b.months, a.days - b.days, a.micros - b.micros)
}

export function negateInterval({ months, days, micros }: Interval): Interval {
  return makeInterval(-months, -days, -micros)
}

/** Fractions of months become days, those of days microseconds. @throws datetime_field_overflow */
export function multiplyInterval(interval: Interval, factor: number): Interval {
  return scale(interval, (value) => value * factor)
}

/** @throws division_by_zero, datetime_field_overflow */
export function divideInterval(interval: Interval, divisor: number): Interval {
  if (divisor === 0) throw queryError('division_by_zero', 'division by zero')
  return scale(interval, (value) => value / divisor)
}

function scale({ months, days, micros }: Interval, by: (value: number) => number): Interval {
  const exactMonths = by(months)
  const exactDays = by(days)
  const wholeMonths = toInt(exactMonths)
  const wholeDays = toInt(exactDays)
  let moreDays = roundToMicro((exactMonths - wholeMonths) * DAYS_PER_MONTH)
  let seconds = roundToMicro((exactDays - wholeDays + moreDays - Math.trunc(moreDays)) * 86_400)
  // What makes a whole day by rounding is one.
  if (Math.abs(seconds) >= 86_400) {
    moreDays += Math.trunc(seconds / 86_400)
    seconds -= Math.trunc(seconds / 86_400) * 86_400
  }
  const total = roundHalfEven(by(micros) + seconds * 1_000_000)
  return makeInterval(wholeMonths, wholeDays + Math.trunc(moreDays), total)
}

function toInt(value: number): number {
  if (!(value < INT_MAX + 1 && value >= -INT_MAX - 1)) throw intervalOutOfRange()
  return Math.trunc(value) + 0
}

/** To six digits after the point, which takes away what is only lost precision. */
function roundToMicro(value: number): number {
  return roundHalfEven(value * 1_000_000) / 1_000_000
}

/** Thirty days become a month. */
export function justifyDays({ months, days, micros }: Interval): Interval {
  const whole = Math.trunc(days / DAYS_PER_MONTH)
  return alignDays(months + whole, days - whole * DAYS_PER_MONTH, micros)
}

function alignDays(months: number, days: number, micros: number): Interval {
  if (months > 0 && days < 0) return makeInterval(months - 1, days + DAYS_PER_MONTH, micros)
  if (months < 0 && days > 0) return makeInterval(months + 1, days - DAYS_PER_MONTH, micros)
  return makeInterval(months, days, micros)
}

/** Twenty-four hours become a day. */
export function justifyHours({ months, days, micros }: Interval): Interval {
  const whole = Math.trunc(micros / MICROS_PER_DAY)
  const [wholeDays, rest] = [days + whole, micros - whole * MICROS_PER_DAY]
  if (wholeDays > 0 && rest < 0) return makeInterval(months, wholeDays - 1, rest + MICROS_PER_DAY)
  if (wholeDays < 0 && rest > 0) return makeInterval(months, wholeDays + 1, rest - MICROS_PER_DAY)
  return makeInterval(months, wholeDays, rest)
}

/** Both, and all fields get one sign. */
export function justifyInterval(interval: Interval): Interval {
  let { months, days, micros } = interval
  const wholeDays = Math.trunc(micros / MICROS_PER_DAY)
  days += wholeDays
  micros -= wholeDays * MICROS_PER_DAY
  const wholeMonths = Math.trunc(days / DAYS_PER_MONTH)
  months += wholeMonths
  days -= wholeMonths * DAYS_PER_MONTH
  if (months > 0 && (days < 0 || (days === 0 && micros < 0))) {
    days += DAYS_PER_MONTH
    months--
  } else if (months < 0 && (days > 0 || (days === 0 && micros > 0))) {
    days -= DAYS_PER_MONTH
    months++
  }
  if (days > 0 && micros < 0) {
    micros += MICROS_PER_DAY
    days--
  } else if (days < 0 && micros > 0) {
    micros -= MICROS_PER_DAY
    days++
  }
  return makeInterval(months, days, micros)
}
