/** Between dates, times, timestamps and intervals. Those that depend on the session's time zone are stable. */
import type { Cast } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import { Interval } from '../temporal/interval.js'
import { TimeWithZone } from '../temporal/time-with-zone.js'
import {
  dateToTimestamp,
  dateToTimestampWithZone,
  intervalToTime,
  localToMoment,
  momentToLocal,
  momentToTimestamp,
  timestampToDate,
} from '../temporal/timestamp-arithmetic.js'
import { dayOf, isInfinite, timeOf } from '../temporal/timestamp.js'
import { date, interval, time, timestamp, timestamptz, timetz } from '../types/temporal-types.js'
import type { Int64 } from '../value.js'
import { castBy } from './define-cast.js'

/** The time of day takes the offset that holds at it today. */
function withSessionZone(micros: number, { timeZone, transactionMicros }: ScalarContext): TimeWithZone {
  const today = dayOf(momentToLocal(transactionMicros, timeZone))
  const offset = timeZone.atLocal(today * 86_400_000 + Math.floor(micros / 1000))
  return new TimeWithZone(micros, offset)
}

function momentToTimeWithZone(value: Int64, { timeZone }: ScalarContext): TimeWithZone | null {
  if (isInfinite(value)) return null
  const { offsetSeconds } = timeZone.at(Number(value) / 1000)
  return new TimeWithZone(timeOf(momentToLocal(value, timeZone)), offsetSeconds)
}

const timeOfTimestamp = (value: Int64): number | null => (isInfinite(value) ? null : timeOf(value))

export const temporalCasts: readonly Cast[] = [
  castBy<number>(date, timestamp, 'implicit', dateToTimestamp),
  castBy<number>(
    date,
    timestamptz,
    'implicit',
    (value, { timeZone }) => dateToTimestampWithZone(value, timeZone),
    'stable',
  ),
  castBy<number>(time, interval, 'implicit', (value) => new Interval(0, 0, value)),
  castBy<number>(time, timetz, 'implicit', withSessionZone, 'stable'),
  castBy<TimeWithZone>(timetz, time, 'assignment', ({ micros }) => micros),
  castBy<Interval>(interval, time, 'assignment', intervalToTime),
  castBy<Int64>(timestamp, date, 'assignment', timestampToDate),
  castBy<Int64>(timestamp, time, 'assignment', timeOfTimestamp),
  castBy<Int64>(
    timestamp,
    timestamptz,
    'implicit',
    (value, { timeZone }) => localToMoment(value, timeZone),
    'stable',
  ),
  castBy<Int64>(
    timestamptz,
    timestamp,
    'assignment',
    (value, { timeZone }) => momentToTimestamp(value, timeZone),
    'stable',
  ),
  castBy<Int64>(
    timestamptz,
    date,
    'assignment',
    (value, { timeZone }) => timestampToDate(momentToLocal(value, timeZone)),
    'stable',
  ),
  castBy<Int64>(
    timestamptz,
    time,
    'assignment',
    (value, { timeZone }) => timeOfTimestamp(momentToLocal(value, timeZone)),
    'stable',
  ),
  castBy<Int64>(timestamptz, timetz, 'assignment', momentToTimeWithZone, 'stable'),
]
