import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testScalarContext } from '../scalar-context.test.data.js'
import { interval, timestamp, timestamptz } from '../types/system-types.js'
import { outcome } from '../types/text-facts.test.data.js'
import type { Int64 } from '../value.js'
import { arithmeticFacts } from './arithmetic-facts.test.data.js'
import {
  addIntervals,
  divideInterval,
  justifyDays,
  justifyHours,
  justifyInterval,
  multiplyInterval,
  subtractIntervals,
} from './interval-arithmetic.js'
import type { Interval } from './interval.js'
import {
  addIntervalToMoment,
  addIntervalToTime,
  addIntervalToTimestamp,
  subtractTimestamps,
} from './timestamp-arithmetic.js'

const context = testScalarContext({ timezone: 'America/New_York' })
const span = (text: string): Interval => interval.parse(text, -1, context) as Interval
const local = (text: string): Int64 => timestamp.parse(text, -1, context) as Int64
const moment = (text: string): Int64 => timestamptz.parse(text, -1, context) as Int64
const shown = (value: Interval): string => interval.format(value, context)

const OPERATIONS: Readonly<Record<string, (a: string, b: string) => string>> = {
  'interval * float8': (a, b) => shown(multiplyInterval(span(a), Number(b))),
  'interval / float8': (a, b) => shown(divideInterval(span(a), Number(b))),
  'interval + interval': (a, b) => shown(addIntervals(span(a), span(b))),
  'interval - interval': (a, b) => shown(subtractIntervals(span(a), span(b))),
  justify_days: (a) => shown(justifyDays(span(a))),
  justify_hours: (a) => shown(justifyHours(span(a))),
  justify_interval: (a) => shown(justifyInterval(span(a))),
  'timestamp - timestamp': (a, b) => shown(subtractTimestamps(local(a), local(b))),
  'timestamp + interval': (a, b) => timestamp.format(addIntervalToTimestamp(local(a), span(b)), context),
  'timestamptz + interval': (a, b) =>
    timestamptz.format(addIntervalToMoment(moment(a), span(b), context.timeZone), context),
}

describe('arithmetic of intervals and timestamps', () => {
  it('gives what PostgreSQL gives', () => {
    for (const [operation, a, b, result] of arithmeticFacts) {
      const found = outcome(() => OPERATIONS[operation]?.(a, b) ?? 'no such operation')
      assert.equal(found, result, `${operation}: ${a}, ${b}`)
    }
  })

  it('goes around the clock with times of day', () => {
    assert.equal(addIntervalToTime(82_800_000_000, 7_200_000_000), 3_600_000_000)
    assert.equal(addIntervalToTime(0, -1), 86_399_999_999)
  })
})
