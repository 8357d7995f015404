/** The binary forms, which count from 2000-01-01. */
import { asBuffer } from '@orbit-ts/base'
import type { ByteWriter } from '@orbit-ts/storage'
import { queryError } from '../condition.js'
import { requireSize } from '../types/bad-input.js'
import { int64, type Int64 } from '../value.js'
import { DAYS_TO_2000, MICROS_PER_DAY } from './calendar.js'
import { Interval } from './interval.js'
import { TimeWithZone } from './time-with-zone.js'
import { isDateInRange, isTimestampInRange, timestampOutOfRange } from './timestamp.js'

const INT32_MAX = 0x7fff_ffff
const INT64_MAX = 0x7fff_ffff_ffff_ffffn
const EPOCH = DAYS_TO_2000 * MICROS_PER_DAY

export function encodeDate(writer: ByteWriter, day: number): void {
  const at = writer.reserve(4)
  const value = day === Infinity ? INT32_MAX : day === -Infinity ? -INT32_MAX - 1 : day - DAYS_TO_2000
  writer.view.setInt32(at, value)
}

export function decodeDate(bytes: Uint8Array): number {
  requireSize(bytes, 4)
  const value = asBuffer(bytes).readInt32BE(0)
  if (value === INT32_MAX) return Infinity
  if (value === -INT32_MAX - 1) return -Infinity
  const day = value + DAYS_TO_2000
  if (!isDateInRange(day)) throw queryError('datetime_field_overflow', 'date out of range')
  return day
}

export function encodeTimestamp(writer: ByteWriter, micros: Int64): void {
  const at = writer.reserve(8)
  if (micros === Infinity) writer.view.setBigInt64(at, INT64_MAX)
  else if (micros === -Infinity) writer.view.setBigInt64(at, -INT64_MAX - 1n)
  else writer.view.setBigInt64(at, BigInt(micros) - BigInt(EPOCH))
}

export function decodeTimestamp(bytes: Uint8Array): Int64 {
  requireSize(bytes, 8)
  const value = asBuffer(bytes).readBigInt64BE(0)
  if (value === INT64_MAX) return Infinity
  if (value === -INT64_MAX - 1n) return -Infinity
  const micros = int64(value + BigInt(EPOCH))
  if (!isTimestampInRange(micros)) throw timestampOutOfRange()
  return micros
}

export function encodeTime(writer: ByteWriter, micros: number): void {
  const at = writer.reserve(8)
  writer.view.setBigInt64(at, BigInt(micros))
}

export function decodeTime(bytes: Uint8Array): number {
  requireSize(bytes, 8)
  return timeWithin(asBuffer(bytes).readBigInt64BE(0))
}

function timeWithin(value: bigint): number {
  if (value < 0n || value > BigInt(MICROS_PER_DAY)) {
    throw queryError('datetime_field_overflow', 'time out of range')
  }
  return Number(value)
}

/** The offset is written west of UTC. */
export function encodeTimeWithZone(writer: ByteWriter, value: TimeWithZone): void {
  encodeTime(writer, value.micros)
  const at = writer.reserve(4)
  writer.view.setInt32(at, -value.offsetSeconds)
}

const OFFSET_END = 16 * 3600

export function decodeTimeWithZone(bytes: Uint8Array): TimeWithZone {
  requireSize(bytes, 12)
  const buffer = asBuffer(bytes)
  const west = buffer.readInt32BE(8)
  if (Math.abs(west) >= OFFSET_END) {
    throw queryError('invalid_time_zone_displacement_value', 'time zone displacement out of range')
  }
  return new TimeWithZone(timeWithin(buffer.readBigInt64BE(0)), -west + 0)
}

export function encodeInterval(writer: ByteWriter, value: Interval): void {
  const at = writer.reserve(16)
  writer.view.setBigInt64(at, BigInt(value.micros))
  writer.view.setInt32(at + 8, value.days)
  writer.view.setInt32(at + 12, value.months)
}

export function decodeInterval(bytes: Uint8Array): Interval {
  requireSize(bytes, 16)
  const buffer = asBuffer(bytes)
  const micros = int64(buffer.readBigInt64BE(0))
  if (typeof micros === 'bigint') throw queryError('datetime_field_overflow', 'interval out of range')
  return new Interval(buffer.readInt32BE(12), buffer.readInt32BE(8), micros)
}
