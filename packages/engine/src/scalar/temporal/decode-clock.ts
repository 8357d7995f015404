/** Times of day and offsets from UTC. */
import { TIME_FIELDS, type DatetimeFields } from './datetime-fields.js'
import { Refused } from './refused.js'

const INT_MAX = 0x7fff_ffff

/** @throws Refused for more than C's `int` holds */
export function integer(digits: string): number {
  const value = Number(digits)
  if (value > INT_MAX) throw new Refused('overflow')
  return value
}

/** Digits after the point, as microseconds; halves to even. `fraction` begins with the point. */
export function fractionMicros(fraction: string): number {
  return roundHalfEven(Number(`0${fraction === '.' ? '.0' : fraction}`) * 1_000_000)
}

export function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest < 0.5) return floor
  if (rest > 0.5) return floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

export interface ClockTime {
  hour: number
  minute: number
  second: number
  micros: number
}

const CLOCK = /^(\d+):(\d*)(?::(\d*))?(\.\d*)?$/

/**
 * `hh:mm`, `hh:mm:ss.ffffff`; `mm:ss.ff` too, and `mm:ss` with `isMinutes`. The hour has any size.
 * @throws Refused
 */
export function parseClock(text: string, isMinutes = false): ClockTime {
  const match = CLOCK.exec(text)
  if (match === null) throw new Refused('format')
  const [, first = '', second = '', third, fraction] = match
  const micros = fraction === undefined ? 0 : fractionMicros(fraction)
  const isShort = third === undefined && (fraction !== undefined || isMinutes)
  const time = isShort
    ? { hour: 0, minute: integer(first), second: integer(second), micros }
    : { hour: Number(first), minute: integer(second), second: integer(third ?? ''), micros }
  if (time.minute > 59 || time.second > 60 || time.micros > 1_000_000) throw new Refused('overflow')
  return time
}

/** A time of day as a field of its own. @returns the fields it fills @throws Refused */
export function decodeTime(text: string, fields: DatetimeFields): number {
  const time = parseClock(text)
  if (time.hour > INT_MAX) throw new Refused('overflow')
  Object.assign(fields, time)
  return TIME_FIELDS
}

/** Beyond 24:00:00 there is no time of day. */
export function isTimeTooLate({ hour, minute, second, micros }: ClockTime): boolean {
  if (hour > 24 || minute > 59 || second > 60) return true
  return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros > 86_400_000_000
}

const OFFSET = /^([+-])(\d+)(?::(\d+))?(?::(\d+))?$/
/** Hours. */
const OFFSET_MAX = 15

/** `+hh`, `+hhmm`, `+hh:mm`, `+hh:mm:ss`: seconds east of UTC. @throws Refused */
export function decodeOffset(text: string): number {
  const match = OFFSET.exec(text)
  if (match === null) throw new Refused(/^[+-]\d+:?\d*:?\d*/.test(text) ? offsetReason(text) : 'format')
  let hours = Number(match[2])
  let minutes = Number(match[3] ?? 0)
  const seconds = Number(match[4] ?? 0)
  if (match[3] === undefined && text.length > 3) {
    minutes = hours % 100
    hours = Math.floor(hours / 100)
  }
  if (hours > OFFSET_MAX || minutes > 59 || seconds > 59) throw new Refused('zone overflow')
  const size = (hours * 60 + minutes) * 60 + seconds
  return text.startsWith('-') ? -size : size
}

/** What follows the offset is wrong, but an offset that is too large is said first. */
function offsetReason(text: string): 'format' | 'zone overflow' {
  return Number(/^[+-](\d+)/.exec(text)?.[1]) > 1559 ? 'zone overflow' : 'format'
}
