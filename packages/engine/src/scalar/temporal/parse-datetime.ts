/** Values of the date and time types from their text. */
import { queryError } from '../condition.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Int64 } from '../value.js'
import { decodeDatetime, decodeTimeOfDay } from './decode-datetime.js'
import { reading } from './refused.js'
import { TimeWithZone } from './time-with-zone.js'
import { isDateInRange, isTimestampInRange, joinTimestamp } from './timestamp.js'
import { readIsoDate, readIsoTimestamp } from './iso-text.js'

const SPECIAL = { epoch: 0, infinity: Infinity, '-infinity': -Infinity } as const

/** @throws invalid_datetime_format, datetime_field_overflow, invalid_time_zone_displacement_value, invalid_parameter_value */
export function parseDate(text: string, context: ScalarContext): number {
  const quick = readIsoDate(text)
  if (quick !== undefined) return quick
  const decoded = reading('date', text, () => decodeDatetime(text, context))
  if (decoded.special !== undefined) return SPECIAL[decoded.special]
  if (!isDateInRange(decoded.day)) throw outOfRange('date', text)
  return decoded.day
}

/** Microseconds since midnight. */
export function parseTime(text: string, context: ScalarContext): number {
  return reading('time', text, () => decodeTimeOfDay(text, context)).micros
}

export function parseTimeWithZone(text: string, context: ScalarContext): TimeWithZone {
  const decoded = reading('time with time zone', text, () => decodeTimeOfDay(text, context))
  return new TimeWithZone(decoded.micros, decoded.offsetSeconds)
}

/** A time zone in the text is passed over. */
export function parseTimestamp(text: string, context: ScalarContext): Int64 {
  return readIsoTimestamp(text, undefined) ?? parse('timestamp', text, context, false)
}

export function parseTimestampWithZone(text: string, context: ScalarContext): Int64 {
  return readIsoTimestamp(text, context.timeZone) ?? parse('timestamp with time zone', text, context, true)
}

function parse(typeName: string, text: string, context: ScalarContext, isZoned: boolean): Int64 {
  const decoded = reading(typeName, text, () => decodeDatetime(text, context))
  if (decoded.special !== undefined) return SPECIAL[decoded.special]
  const offset = isZoned ? decoded.offsetSeconds : 0
  const micros = joinTimestamp(decoded.day, decoded.micros - offset * 1_000_000)
  if (!isTimestampInRange(micros)) throw outOfRange('timestamp', text)
  return micros
}

function outOfRange(what: string, text: string): Error {
  return queryError('datetime_field_overflow', `${what} out of range: "${text}"`)
}
