import { queryError } from '../../condition.js'
import { DAYS_TO_2000, daysFromCivil, daysInMonth } from '../../temporal/calendar.js'
import { makeInterval } from '../../temporal/interval-arithmetic.js'
import type { Interval } from '../../temporal/interval.js'
import { localToMoment } from '../../temporal/timestamp-arithmetic.js'
import {
  checkTimestamp,
  isDateInRange,
  isTimestampInRange,
  joinTimestamp,
  shiftTimestamp,
} from '../../temporal/timestamp.js'
import { int64, type Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { roundHalfEven } from '../math/round-half-even.js'
import { zoneForMaking } from './zone-functions.js'

const two = (value: number): string => (value < 0 ? String(value) : String(value).padStart(2, '0'))

/** Negative years are those before Christ; there is no year zero. */
function makeDate(year: number, month: number, day: number, shownYear = year < 0 ? year + 1 : year): number {
  const calendarYear = year < 0 ? year + 1 : year
  const refuse = (message: string): Error =>
    queryError('datetime_field_overflow', `${message}: ${shownYear}-${two(month)}-${two(day)}`)
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(calendarYear, month)) {
    throw refuse('date field value out of range')
  }
  const result = daysFromCivil(calendarYear, month, day)
  if (!isDateInRange(result)) throw refuse('date out of range')
  return result
}

function makeTime(hour: number, minute: number, second: number): number {
  const micros = roundHalfEven(second * 1_000_000)
  const isClock = hour >= 0 && minute >= 0 && minute <= 59 && micros >= 0 && micros <= 60_000_000
  const total = hour * 3_600_000_000 + minute * 60_000_000 + micros
  if (!isClock || total > 86_400_000_000) {
    throw queryError(
      'datetime_field_overflow',
      `time field value out of range: ${hour}:${two(minute)}:${secondText(second)}`,
    )
  }
  return total
}

/** As C's `%02g` shows it. */
function secondText(second: number): string {
  const text = String(Number(second.toPrecision(6)))
  return text.length < 2 ? `0${text}` : text
}

function makeTimestamp(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): Int64 {
  const timestamp = joinTimestamp(makeDate(year, month, day, year), makeTime(hour, minute, second))
  if (isTimestampInRange(timestamp)) return timestamp
  throw queryError(
    'datetime_field_overflow',
    `timestamp out of range: ${year}-${two(month)}-${two(day)} ${hour}:${two(minute)}:${secondText(second)}`,
  )
}

function makeIntervalOf(
  _: unknown,
  years: number,
  months: number,
  weeks: number,
  days: number,
  hours: number,
  minutes: number,
  seconds: number,
): Interval {
  if (!isFinite(seconds)) throw queryError('datetime_field_overflow', 'interval out of range')
  return makeInterval(
    years * 12 + months,
    weeks * 7 + days,
    hours * 3_600_000_000 + minutes * 60_000_000 + roundHalfEven(seconds * 1_000_000),
  )
}

const SECONDS_TO_2000 = DAYS_TO_2000 * 86_400

/** A moment from seconds since 1970. */
function fromEpoch(seconds: number): Int64 {
  if (isNaN(seconds)) throw queryError('datetime_field_overflow', 'timestamp cannot be NaN')
  if (!isFinite(seconds)) return seconds
  // Counted from 2000, as PostgreSQL does, which decides what is lost to rounding.
  const micros = roundHalfEven((seconds - SECONDS_TO_2000) * 1_000_000)
  const since2000 = Number.isSafeInteger(micros) ? micros : int64(BigInt(micros))
  try {
    return checkTimestamp(shiftTimestamp(since2000, SECONDS_TO_2000 * 1_000_000))
  } catch {
    throw queryError('datetime_field_overflow', `timestamp out of range: "${shortest(seconds)}"`)
  }
}

/** As C's `%g` shows it. */
function shortest(value: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(5).split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(6)))
  const sign = power < 0 ? '-' : '+'
  return `${Number(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, '0')}`
}

export const makeFunctions: readonly ScalarFunction[] = [
  scalar(
    '3846 make_date(year int4,month int4,day int4) date',
    (_, year: number, month: number, day: number) => makeDate(year, month, day),
  ),
  scalar(
    '3847 make_time(hour int4,min int4,sec float8) time',
    (_, hour: number, minute: number, second: number) => makeTime(hour, minute, second),
  ),
  scalar(
    '3461 make_timestamp(year int4,month int4,mday int4,hour int4,min int4,sec float8) timestamp',
    (_, year: number, month: number, day: number, hour: number, minute: number, second: number) =>
      makeTimestamp(year, month, day, hour, minute, second),
  ),
  scalar(
    '3462 make_timestamptz(year int4,month int4,mday int4,hour int4,min int4,sec float8) timestamptz stable',
    ({ timeZone }, year: number, month: number, day: number, hour: number, minute: number, second: number) =>
      localToMoment(makeTimestamp(year, month, day, hour, minute, second), timeZone),
  ),
  scalar(
    '3463 make_timestamptz(year int4,month int4,mday int4,hour int4,min int4,sec float8,timezone text) timestamptz stable',
    (
      _,
      year: number,
      month: number,
      day: number,
      hour: number,
      minute: number,
      second: number,
      zone: string,
    ) => localToMoment(makeTimestamp(year, month, day, hour, minute, second), zoneForMaking(zone)),
  ),
  scalar(
    '3464 make_interval(years int4,months int4,weeks int4,days int4,hours int4,mins int4,secs float8) interval',
    makeIntervalOf,
    { defaults: [0, 0, 0, 0, 0, 0, 0] },
  ),
  scalar('1158 to_timestamp(float8) timestamptz', (_, seconds: number) => fromEpoch(seconds)),
]
