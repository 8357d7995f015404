import type { ScalarContext } from '../../scalar-context.js'
import { compareInt64, compareNumbers } from '../../types/compare-numbers.js'
import { timetz } from '../../types/system-types.js'
import type { Interval } from '../../temporal/interval.js'
import {
  addIntervalToMoment,
  addIntervalToTime,
  addIntervalToTimestamp,
} from '../../temporal/timestamp-arithmetic.js'
import type { Int64, Value } from '../../value.js'
import { scalar, type TypedImplementation } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

type Compare = (a: Value, b: Value) => number
type Add = (context: ScalarContext, start: Value, interval: Interval) => Value

/**
 * Whether two spans have a point in common. The end is not part of a span, unless it is its start too. Ends may be
 * exchanged, and null where the answer does not depend on them.
 */
function spansOverlap(compare: Compare, s1: Value, e1: Value, s2: Value, e2: Value): boolean | null {
  const first = ordered(compare, s1, e1)
  const second = ordered(compare, s2, e2)
  if (first === undefined || second === undefined) return null
  const [start1, end1] = first
  const [start2, end2] = second
  const order = compare(start1, start2)
  if (order === 0) return end1 === null || end2 === null ? null : true
  const [laterStart, laterEnd, earlierEnd] = order > 0 ? [start1, end1, end2] : [start2, end2, end1]
  if (earlierEnd === null) return null
  if (compare(laterStart, earlierEnd) < 0) return true
  return laterEnd === null ? null : false
}

/** The earlier end first; one of them, if only one is there. */
function ordered(compare: Compare, start: Value, end: Value): readonly [Value, Value] | undefined {
  if (start === null) return end === null ? undefined : [end, null]
  if (end === null) return [start, null]
  return compare(start, end) > 0 ? [end, start] : [start, end]
}

function overlaps(
  compare: Compare,
  add?: Add,
  intervalAt: readonly boolean[] = [false, false],
): TypedImplementation {
  return (context: ScalarContext, s1: Value, e1: Value, s2: Value, e2: Value) =>
    spansOverlap(
      compare,
      s1,
      intervalAt[0] === true ? endOf(context, s1, e1, add) : e1,
      s2,
      intervalAt[1] === true ? endOf(context, s2, e2, add) : e2,
    )
}

function endOf(context: ScalarContext, start: Value, interval: Value, add: Add | undefined): Value {
  return start === null || interval === null || add === undefined
    ? null
    : add(context, start, interval as Interval)
}

const byTime: Compare = (a, b) => compareNumbers(a as number, b as number)
const byMoment: Compare = (a, b) => compareInt64(a as Int64, b as Int64)
const byTimeWithZone: Compare = (a, b) => timetz.compare?.(a, b, undefined) ?? 0
const addToTime: Add = (_, start, interval) => addIntervalToTime(start as number, interval.micros)
const addToTimestamp: Add = (_, start, interval) => addIntervalToTimestamp(start as Int64, interval)
const addToMoment: Add = ({ timeZone }, start, interval) =>
  addIntervalToMoment(start as Int64, interval, timeZone)

const BOTH = [true, true]
const FIRST = [true, false]
const SECOND = [false, true]

/** What OVERLAPS calls. */
export const overlapsFunctions: readonly ScalarFunction[] = [
  scalar('1271 overlaps(timetz,timetz,timetz,timetz) bool nullable', overlaps(byTimeWithZone)),
  scalar('1304 overlaps(timestamptz,timestamptz,timestamptz,timestamptz) bool nullable', overlaps(byMoment)),
  scalar(
    '1305 overlaps(timestamptz,interval,timestamptz,interval) bool nullable stable',
    overlaps(byMoment, addToMoment, BOTH),
  ),
  scalar(
    '1306 overlaps(timestamptz,timestamptz,timestamptz,interval) bool nullable stable',
    overlaps(byMoment, addToMoment, SECOND),
  ),
  scalar(
    '1307 overlaps(timestamptz,interval,timestamptz,timestamptz) bool nullable stable',
    overlaps(byMoment, addToMoment, FIRST),
  ),
  scalar('1308 overlaps(time,time,time,time) bool nullable', overlaps(byTime)),
  scalar('1309 overlaps(time,interval,time,interval) bool nullable', overlaps(byTime, addToTime, BOTH)),
  scalar('1310 overlaps(time,time,time,interval) bool nullable', overlaps(byTime, addToTime, SECOND)),
  scalar('1311 overlaps(time,interval,time,time) bool nullable', overlaps(byTime, addToTime, FIRST)),
  scalar('2041 overlaps(timestamp,timestamp,timestamp,timestamp) bool nullable', overlaps(byMoment)),
  scalar(
    '2042 overlaps(timestamp,interval,timestamp,interval) bool nullable',
    overlaps(byMoment, addToTimestamp, BOTH),
  ),
  scalar(
    '2043 overlaps(timestamp,timestamp,timestamp,interval) bool nullable',
    overlaps(byMoment, addToTimestamp, SECOND),
  ),
  scalar(
    '2044 overlaps(timestamp,interval,timestamp,timestamp) bool nullable',
    overlaps(byMoment, addToTimestamp, FIRST),
  ),
]
