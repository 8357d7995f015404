import { Interval } from '../../temporal/interval.js'
import { dateToTimestamp, localToMoment } from '../../temporal/timestamp-arithmetic.js'
import { checkTimestamp, isInfinite, shiftTimestamp } from '../../temporal/timestamp.js'
import type { Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { ageFunctions } from './age-functions.js'
import { clockFunctions } from './clock-functions.js'
import { extractFunctions } from './extract-functions.js'
import { makeFunctions } from './make-functions.js'
import { overlapsFunctions } from './overlaps-functions.js'
import { temporalArithmetic } from './temporal-arithmetic.js'
import { temporalComparisons } from './temporal-comparisons.js'
import { truncateFunctions } from './truncate-functions.js'
import { zoneFunctions } from './zone-functions.js'

const isFiniteMoment = (_: unknown, value: Int64): boolean => !isInfinite(value)

/** Functions of dates, times, timestamps and intervals. */
export const temporalFunctions: readonly ScalarFunction[] = [
  ...temporalComparisons,
  ...temporalArithmetic,
  ...clockFunctions,
  ...extractFunctions,
  ...truncateFunctions,
  ...ageFunctions,
  ...makeFunctions,
  ...zoneFunctions,
  ...overlapsFunctions,
  scalar('1373 isfinite(date) bool', (_, day: number) => isFinite(day)),
  scalar('2048 isfinite(timestamp) bool', isFiniteMoment),
  scalar('1389 isfinite(timestamptz) bool', isFiniteMoment),
  scalar('1390 isfinite(interval) bool', (_, value: Interval) => value instanceof Interval),
  scalar('1176 timestamptz(date,time) timestamptz stable', ({ timeZone }, day: number, time: number) =>
    isFinite(day) ? localToMoment(checkTimestamp(shiftTimestamp(dateToTimestamp(day), time)), timeZone) : day,
  ),
]
