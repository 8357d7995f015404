import type { ScalarContext } from '../../scalar-context.js'
import { civilFromDays, daysFromCivil, weekday } from '../../temporal/calendar.js'
import type { Interval } from '../../temporal/interval.js'
import { momentToLocal } from '../../temporal/timestamp-arithmetic.js'
import { dayOf, isInfinite, timeOf } from '../../temporal/timestamp.js'
import type { Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { formatDateParts, type DateParts } from './format-date.js'
import { readDate, readMoment } from './read-date.js'

function partsOf(local: Int64, zone?: DateParts['zone']): DateParts {
  const dayNumber = dayOf(local)
  const { year, month, day } = civilFromDays(dayNumber)
  return {
    isInterval: false,
    year,
    month,
    day,
    ...clockOf(timeOf(local)),
    weekday: weekday(dayNumber),
    dayOfYear: dayNumber - daysFromCivil(year, 1, 1) + 1,
    ...(zone === undefined ? {} : { zone }),
  }
}

function clockOf(micros: number): Pick<DateParts, 'hour' | 'minute' | 'second' | 'micros'> {
  const seconds = Math.trunc(micros / 1_000_000)
  return {
    hour: Math.trunc(seconds / 3600) + 0,
    minute: (Math.trunc(seconds / 60) % 60) + 0,
    second: (seconds % 60) + 0,
    micros: (micros % 1_000_000) + 0,
  }
}

/** The day of the year is how many days the interval comes to. */
function intervalParts({ months, days, micros }: Interval): DateParts {
  return {
    isInterval: true,
    year: Math.trunc(months / 12) + 0,
    month: (months % 12) + 0,
    day: days,
    ...clockOf(micros),
    weekday: 0,
    dayOfYear: months * 30 + days,
  }
}

/** Nothing for a pattern of nothing, nor for an infinite date. */
function isBlank(value: Int64, pattern: string): boolean {
  return pattern === '' || isInfinite(value)
}

function momentText({ timeZone }: ScalarContext, value: Int64, pattern: string): string | null {
  if (isBlank(value, pattern)) return null
  return formatDateParts(partsOf(momentToLocal(value, timeZone), timeZone.at(Number(value) / 1000)), pattern)
}

export const dateFormatFunctions: readonly ScalarFunction[] = [
  scalar('2049 to_char(timestamp,text) text stable', (_, value: Int64, pattern: string) =>
    isBlank(value, pattern) ? null : formatDateParts(partsOf(value), pattern),
  ),
  scalar('1770 to_char(timestamptz,text) text stable', momentText),
  scalar('1768 to_char(interval,text) text stable', (_, value: Interval, pattern: string) =>
    pattern === '' ? null : formatDateParts(intervalParts(value), pattern),
  ),
  scalar('1780 to_date(text,text) date stable', (_, text: string, pattern: string) =>
    readDate(text, pattern),
  ),
  scalar('1778 to_timestamp(text,text) timestamptz stable', ({ timeZone }, text: string, pattern: string) =>
    readMoment(text, pattern, timeZone),
  ),
]
