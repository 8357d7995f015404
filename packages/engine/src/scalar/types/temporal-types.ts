import { compareIntervals, intervalHashKey } from '../temporal/interval-arithmetic.js'
import {
  applyIntervalModifier,
  formatIntervalModifier,
  makeIntervalModifier,
} from '../temporal/interval-modifier.js'
import { formatInterval } from '../temporal/format-interval.js'
import {
  formatDate,
  formatTime,
  formatTimeWithZone,
  formatTimestamp,
  formatTimestampWithZone,
} from '../temporal/format-datetime.js'
import type { Interval } from '../temporal/interval.js'
import {
  parseDate,
  parseTime,
  parseTimeWithZone,
  parseTimestamp,
  parseTimestampWithZone,
} from '../temporal/parse-datetime.js'
import { parseInterval } from '../temporal/parse-interval.js'
import { makePrecisionModifier, roundMicros, roundTimestamp } from '../temporal/precision.js'
import {
  decodeDate,
  decodeInterval,
  decodeTime,
  decodeTimeWithZone,
  decodeTimestamp,
  encodeDate,
  encodeInterval,
  encodeTime,
  encodeTimeWithZone,
  encodeTimestamp,
} from '../temporal/temporal-binary.js'
import { TimeWithZone } from '../temporal/time-with-zone.js'
import type { Int64 } from '../value.js'
import { compareInt64, compareNumbers, identity } from './compare-numbers.js'
import { defineType } from './define-type.js'

export const date = defineType<number>({
  oid: 1082,
  name: 'date',
  category: 'D',
  length: 4,
  parse: (text, _, context) => parseDate(text, context),
  format: formatDate,
  encode: encodeDate,
  decode: decodeDate,
  compare: compareNumbers,
  hashKey: identity,
})

/** The digits inside the name: `time(3) without time zone`. */
function precisionInside(name: string, rest: string): (modifier: number) => string {
  return (modifier) => (modifier < 0 ? '' : `${name}(${modifier}) ${rest}`)
}

export const time = defineType<number>({
  oid: 1083,
  name: 'time',
  displayName: 'time without time zone',
  category: 'D',
  length: 8,
  parse: (text, modifier, context) => roundMicros(parseTime(text, context), modifier),
  format: formatTime,
  encode: encodeTime,
  decode: (bytes, modifier) => roundMicros(decodeTime(bytes), modifier),
  compare: compareNumbers,
  hashKey: identity,
  applyModifier: roundMicros,
  makeModifier: makePrecisionModifier('TIME'),
  formatModifier: precisionInside('time', 'without time zone'),
})

function roundTimeWithZone(value: TimeWithZone, modifier: number): TimeWithZone {
  if (modifier < 0) return value
  return new TimeWithZone(roundMicros(value.micros, modifier), value.offsetSeconds)
}

/** By the moment on one day, then from east to west. */
function compareTimesWithZone(a: TimeWithZone, b: TimeWithZone): number {
  const x = a.micros - a.offsetSeconds * 1_000_000
  const y = b.micros - b.offsetSeconds * 1_000_000
  if (x !== y) return x < y ? -1 : 1
  return b.offsetSeconds - a.offsetSeconds
}

export const timetz = defineType<TimeWithZone>({
  oid: 1266,
  name: 'timetz',
  displayName: 'time with time zone',
  category: 'D',
  length: 12,
  parse: (text, modifier, context) => roundTimeWithZone(parseTimeWithZone(text, context), modifier),
  format: formatTimeWithZone,
  encode: encodeTimeWithZone,
  decode: (bytes, modifier) => roundTimeWithZone(decodeTimeWithZone(bytes), modifier),
  compare: compareTimesWithZone,
  hashKey: (value) => `${value.micros}/${value.offsetSeconds}`,
  applyModifier: roundTimeWithZone,
  makeModifier: makePrecisionModifier('TIME', ' WITH TIME ZONE'),
  formatModifier: precisionInside('time', 'with time zone'),
})

export const timestamp = defineType<Int64>({
  oid: 1114,
  name: 'timestamp',
  displayName: 'timestamp without time zone',
  category: 'D',
  length: 8,
  parse: (text, modifier, context) => roundTimestamp(parseTimestamp(text, context), modifier),
  format: formatTimestamp,
  encode: encodeTimestamp,
  decode: (bytes, modifier) => roundTimestamp(decodeTimestamp(bytes), modifier),
  compare: compareInt64,
  hashKey: identity,
  applyModifier: roundTimestamp,
  makeModifier: makePrecisionModifier('TIMESTAMP'),
  formatModifier: precisionInside('timestamp', 'without time zone'),
})

export const timestamptz = defineType<Int64>({
  oid: 1184,
  name: 'timestamptz',
  displayName: 'timestamp with time zone',
  category: 'D',
  isPreferred: true,
  length: 8,
  parse: (text, modifier, context) => roundTimestamp(parseTimestampWithZone(text, context), modifier),
  format: formatTimestampWithZone,
  encode: encodeTimestamp,
  decode: (bytes, modifier) => roundTimestamp(decodeTimestamp(bytes), modifier),
  compare: compareInt64,
  hashKey: identity,
  applyModifier: roundTimestamp,
  makeModifier: makePrecisionModifier('TIMESTAMP', ' WITH TIME ZONE'),
  formatModifier: precisionInside('timestamp', 'with time zone'),
})

export const interval = defineType<Interval>({
  oid: 1186,
  name: 'interval',
  category: 'T',
  isPreferred: true,
  length: 16,
  parse: parseInterval,
  format: formatInterval,
  encode: encodeInterval,
  decode: (bytes, modifier) => applyIntervalModifier(decodeInterval(bytes), modifier),
  compare: compareIntervals,
  hashKey: intervalHashKey,
  applyModifier: applyIntervalModifier,
  makeModifier: makeIntervalModifier,
  formatModifier: formatIntervalModifier,
})
