import { queryError } from '../../condition.js'
import type { ScalarContext } from '../../scalar-context.js'
import { MICROS_PER_DAY } from '../../temporal/calendar.js'
import {
  addIntervals,
  divideInterval,
  multiplyInterval,
  negateInterval,
  subtractIntervals,
} from '../../temporal/interval-arithmetic.js'
import { Interval } from '../../temporal/interval.js'
import { TimeWithZone } from '../../temporal/time-with-zone.js'
import {
  addIntervalToMoment,
  addIntervalToTime,
  addIntervalToTimestamp,
  dateToTimestamp,
  subtractTimestamps,
} from '../../temporal/timestamp-arithmetic.js'
import { checkDate, checkTimestamp, isInfinite, shiftTimestamp } from '../../temporal/timestamp.js'
import type { Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

function shiftDate(day: number, by: number): number {
  return checkDate(day + by)
}

function subtractDates(a: number, b: number): number {
  if (!isFinite(a) || !isFinite(b)) {
    throw queryError('datetime_field_overflow', 'cannot subtract infinite dates')
  }
  return a - b
}

/** A day and a time of day. */
function dateAndTime(day: number, time: number): Int64 {
  const midnight = dateToTimestamp(day)
  return isInfinite(midnight) ? midnight : checkTimestamp(shiftTimestamp(midnight, time))
}

function dateAndTimeWithZone(day: number, { micros, offsetSeconds }: TimeWithZone): Int64 {
  const midnight = dateToTimestamp(day)
  if (isInfinite(midnight)) return midnight
  return checkTimestamp(shiftTimestamp(midnight, micros - offsetSeconds * 1_000_000))
}

function shiftTimeWithZone({ micros, offsetSeconds }: TimeWithZone, by: number): TimeWithZone {
  return new TimeWithZone(addIntervalToTime(micros, by), offsetSeconds)
}

/** The opposite of an interval, which may be out of range by itself. */
function opposite({ months, days, micros }: Interval): Interval {
  return new Interval(-months, -days, -micros)
}

const dateAndInterval = (day: number, interval: Interval): Int64 =>
  addIntervalToTimestamp(dateToTimestamp(day), interval)
const moment = (context: ScalarContext, value: Int64, interval: Interval): Int64 =>
  addIntervalToMoment(value, interval, context.timeZone)
/** Intervals move times by less than a day, as whole days lead back to the same time. */
const withinDay = (interval: Interval): number => interval.micros % MICROS_PER_DAY

/** What `+`, `-`, `*` and `/` do with dates and times. */
export const temporalArithmetic: readonly ScalarFunction[] = [
  scalar('1141 date_pli(date,int4) date', (_, day: number, by: number) => shiftDate(day, by)),
  scalar('2550 integer_pl_date(int4,date) date', (_, by: number, day: number) => shiftDate(day, by)),
  scalar('1142 date_mii(date,int4) date', (_, day: number, by: number) => shiftDate(day, -by)),
  scalar('1140 date_mi(date,date) int4', (_, a: number, b: number) => subtractDates(a, b)),
  scalar('2071 date_pl_interval(date,interval) timestamp', (_, day: number, interval: Interval) =>
    dateAndInterval(day, interval),
  ),
  scalar('2546 interval_pl_date(interval,date) timestamp', (_, interval: Interval, day: number) =>
    dateAndInterval(day, interval),
  ),
  scalar('2072 date_mi_interval(date,interval) timestamp', (_, day: number, interval: Interval) =>
    dateAndInterval(day, opposite(interval)),
  ),
  scalar('1272 datetime_pl(date,time) timestamp', (_, day: number, time: number) => dateAndTime(day, time)),
  scalar('1296 timedate_pl(time,date) timestamp', (_, time: number, day: number) => dateAndTime(day, time)),
  scalar('2025 timestamp(date,time) timestamp', (_, day: number, time: number) => dateAndTime(day, time)),
  scalar('1297 datetimetz_pl(date,timetz) timestamptz', (_, day: number, time: TimeWithZone) =>
    dateAndTimeWithZone(day, time),
  ),
  scalar('1298 timetzdate_pl(timetz,date) timestamptz', (_, time: TimeWithZone, day: number) =>
    dateAndTimeWithZone(day, time),
  ),
  scalar('1359 timestamptz(date,timetz) timestamptz', (_, day: number, time: TimeWithZone) =>
    dateAndTimeWithZone(day, time),
  ),

  scalar('2032 timestamp_pl_interval(timestamp,interval) timestamp', (_, value: Int64, interval: Interval) =>
    addIntervalToTimestamp(value, interval),
  ),
  scalar('2548 interval_pl_timestamp(interval,timestamp) timestamp', (_, interval: Interval, value: Int64) =>
    addIntervalToTimestamp(value, interval),
  ),
  scalar('2033 timestamp_mi_interval(timestamp,interval) timestamp', (_, value: Int64, interval: Interval) =>
    addIntervalToTimestamp(value, opposite(interval)),
  ),
  scalar('2031 timestamp_mi(timestamp,timestamp) interval', (_, a: Int64, b: Int64) =>
    subtractTimestamps(a, b),
  ),
  scalar('1189 timestamptz_pl_interval(timestamptz,interval) timestamptz stable', moment),
  scalar(
    '2549 interval_pl_timestamptz(interval,timestamptz) timestamptz stable',
    (context, interval: Interval, value: Int64) => moment(context, value, interval),
  ),
  scalar(
    '1190 timestamptz_mi_interval(timestamptz,interval) timestamptz stable',
    (context, value: Int64, interval: Interval) => moment(context, value, opposite(interval)),
  ),
  scalar('1188 timestamptz_mi(timestamptz,timestamptz) interval', (_, a: Int64, b: Int64) =>
    subtractTimestamps(a, b),
  ),

  scalar('1747 time_pl_interval(time,interval) time', (_, time: number, interval: Interval) =>
    addIntervalToTime(time, withinDay(interval)),
  ),
  scalar('1848 interval_pl_time(interval,time) time', (_, interval: Interval, time: number) =>
    addIntervalToTime(time, withinDay(interval)),
  ),
  scalar('1748 time_mi_interval(time,interval) time', (_, time: number, interval: Interval) =>
    addIntervalToTime(time, -withinDay(interval)),
  ),
  scalar('1690 time_mi_time(time,time) interval', (_, a: number, b: number) => new Interval(0, 0, a - b)),
  scalar('1749 timetz_pl_interval(timetz,interval) timetz', (_, time: TimeWithZone, interval: Interval) =>
    shiftTimeWithZone(time, withinDay(interval)),
  ),
  scalar('2547 interval_pl_timetz(interval,timetz) timetz', (_, interval: Interval, time: TimeWithZone) =>
    shiftTimeWithZone(time, withinDay(interval)),
  ),
  scalar('1750 timetz_mi_interval(timetz,interval) timetz', (_, time: TimeWithZone, interval: Interval) =>
    shiftTimeWithZone(time, -withinDay(interval)),
  ),

  scalar('1169 interval_pl(interval,interval) interval', (_, a: Interval, b: Interval) => addIntervals(a, b)),
  scalar('1170 interval_mi(interval,interval) interval', (_, a: Interval, b: Interval) =>
    subtractIntervals(a, b),
  ),
  scalar('1168 interval_um(interval) interval', (_, a: Interval) => negateInterval(a)),
  scalar('1618 interval_mul(interval,float8) interval', (_, a: Interval, factor: number) =>
    multiplyInterval(a, factor),
  ),
  scalar('1624 mul_d_interval(float8,interval) interval', (_, factor: number, a: Interval) =>
    multiplyInterval(a, factor),
  ),
  scalar('1326 interval_div(interval,float8) interval', (_, a: Interval, divisor: number) =>
    divideInterval(a, divisor),
  ),
]
