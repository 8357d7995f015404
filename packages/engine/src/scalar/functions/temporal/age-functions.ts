import type { ScalarContext } from '../../scalar-context.js'
import { civilFromDays, daysInMonth } from '../../temporal/calendar.js'
import {
  justifyDays,
  justifyHours,
  justifyInterval,
  makeInterval,
} from '../../temporal/interval-arithmetic.js'
import type { Interval } from '../../temporal/interval.js'
import { momentToLocal } from '../../temporal/timestamp-arithmetic.js'
import { dayOf, isInfinite, joinTimestamp, timeOf } from '../../temporal/timestamp.js'
import { MICROS_PER_DAY } from '../../temporal/calendar.js'
import { queryError } from '../../condition.js'
import type { Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

/** The difference in years, months, days and time, as people count it. */
function age(a: Int64, b: Int64): Interval {
  if (isInfinite(a) || isInfinite(b)) throw queryError('datetime_field_overflow', 'timestamp out of range')
  return a < b ? negated(distance(a, b)) : distance(b, a, true)
}

/** From the earlier to the later one. Days are borrowed from the month of the first argument when it is the earlier. */
function distance(earlier: Int64, later: Int64, borrowsFromEarlier = false): Interval {
  const from = civilFromDays(dayOf(earlier))
  const to = civilFromDays(dayOf(later))
  let months = (to.year - from.year) * 12 + to.month - from.month
  let days = to.day - from.day
  let micros = timeOf(later) - timeOf(earlier)
  if (micros < 0) {
    micros += MICROS_PER_DAY
    days--
  }
  if (days < 0) {
    const lender = borrowsFromEarlier ? from : from
    days += daysInMonth(lender.year, lender.month)
    months--
  }
  return makeInterval(months, days, micros)
}

function negated({ months, days, micros }: Interval): Interval {
  return makeInterval(-months, -days, -micros)
}

/** Midnight today in the session's zone. */
function today({ transactionMicros, timeZone }: ScalarContext): Int64 {
  return joinTimestamp(dayOf(momentToLocal(transactionMicros, timeZone)), 0)
}

export const ageFunctions: readonly ScalarFunction[] = [
  scalar('2058 age(timestamp,timestamp) interval', (_, a: Int64, b: Int64) => age(a, b)),
  scalar('2059 age(timestamp) interval stable', (context, value: Int64) => age(today(context), value)),
  scalar('1199 age(timestamptz,timestamptz) interval', ({ timeZone }, a: Int64, b: Int64) =>
    age(momentToLocal(a, timeZone), momentToLocal(b, timeZone)),
  ),
  scalar('1386 age(timestamptz) interval stable', (context, value: Int64) =>
    age(today(context), momentToLocal(value, context.timeZone)),
  ),
  scalar('1295 justify_days(interval) interval', (_, value: Interval) => justifyDays(value)),
  scalar('1175 justify_hours(interval) interval', (_, value: Interval) => justifyHours(value)),
  scalar('2711 justify_interval(interval) interval', (_, value: Interval) => justifyInterval(value)),
]
