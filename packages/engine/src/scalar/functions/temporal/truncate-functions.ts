import { queryError } from '../../condition.js'
import type { ZoneRules } from '../../scalar-context.js'
import { MICROS_PER_DAY, civilFromDays, daysFromCivil, weekday } from '../../temporal/calendar.js'
import { makeInterval } from '../../temporal/interval-arithmetic.js'
import type { Interval } from '../../temporal/interval.js'
import { localToMoment, momentToLocal } from '../../temporal/timestamp-arithmetic.js'
import {
  checkTimestamp,
  dayOf,
  isInfinite,
  joinTimestamp,
  shiftTimestamp,
  timeOf,
} from '../../temporal/timestamp.js'
import { int64, type Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { unitNamed, unitRefused, unitUnknown, type Unit } from './unit-names.js'
import { zoneNamed } from './zone-functions.js'

/** Units of a constant length, up to which a truncation keeps the offset of the moment. */
const TIME_STEPS: Partial<Record<Unit, number>> = {
  microseconds: 1,
  milliseconds: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
}

/** The first day of the period that a day lies in; undefined when the unit is no such period. */
function startOfPeriod(unit: Unit, day: number): number | undefined {
  const { year, month } = civilFromDays(day)
  switch (unit) {
    case 'day':
      return day
    case 'week':
      return day - ((weekday(day) + 6) % 7)
    case 'month':
      return daysFromCivil(year, month, 1)
    case 'quarter':
      return daysFromCivil(year, month - ((month - 1) % 3), 1)
    case 'year':
      return daysFromCivil(year, 1, 1)
    case 'decade':
      return daysFromCivil(Math.floor(year / 10) * 10, 1, 1)
    case 'century':
      return daysFromCivil(firstYear(year, 100), 1, 1)
    case 'millennium':
      return daysFromCivil(firstYear(year, 1000), 1, 1)
    default:
      return undefined
  }
}

/** Centuries begin with the years 1, 101, … and, before them, -99, -199, … */
function firstYear(year: number, length: number): number {
  return Math.floor((year - 1) / length) * length + 1
}

/** Fields that are no units to cut off at. */
const ONLY_EXTRACTED: ReadonlySet<Unit> = new Set([
  'julian',
  'isoyear',
  'dow',
  'isodow',
  'doy',
  'epoch',
] as const)

const ZONES: ReadonlySet<Unit> = new Set(['timezone', 'timezone_hour', 'timezone_minute'] as const)

function checkUnit(unitName: string, typeName: string): Unit {
  const unit = unitNamed(unitName)
  if (unit === undefined || ONLY_EXTRACTED.has(unit)) throw unitUnknown(unitName, typeName)
  if (ZONES.has(unit)) throw unitRefused(unitName, typeName)
  return unit
}

function truncate(unitName: string, value: Int64, typeName: string): Int64 {
  if (isInfinite(value)) return value
  const unit = checkUnit(unitName, typeName)
  const step = TIME_STEPS[unit]
  const day = dayOf(value)
  if (step !== undefined) {
    const time = timeOf(value)
    return joinTimestamp(day, time - (time % step))
  }
  const start = startOfPeriod(unit, day)
  if (start === undefined) throw unitRefused(unitName, typeName)
  return joinTimestamp(start, 0)
}

function truncateMoment(unitName: string, value: Int64, zone: ZoneRules): Int64 {
  if (isInfinite(value)) return truncate(unitName, value, 'timestamp with time zone')
  checkUnit(unitName, 'timestamp with time zone')
  const local = momentToLocal(value, zone)
  const truncated = truncate(unitName, local, 'timestamp with time zone')
  const unit = unitNamed(unitName)
  if (unit === undefined || TIME_STEPS[unit] === undefined) return localToMoment(truncated, zone)
  return checkTimestamp(shiftTimestamp(value, Number(BigInt(truncated) - BigInt(local))))
}

function truncateInterval(_: unknown, unitName: string, { months, days, micros }: Interval): Interval {
  const unit = unitNamed(unitName)
  const step = unit === undefined ? undefined : TIME_STEPS[unit]
  if (step !== undefined) return makeInterval(months, days, micros - (micros % step))
  const monthStep = unit === undefined ? undefined : MONTH_STEPS[unit]
  if (monthStep !== undefined) return makeInterval(months - (months % monthStep), 0, 0)
  if (unit === 'day') return makeInterval(months, days, 0)
  if (unit !== undefined && ONLY_EXTRACTED.has(unit)) throw unitUnknown(unitName, 'interval')
  throw unitRefused(
    unitName,
    'interval',
    unit === 'week' ? 'Months usually have fractional weeks.' : undefined,
  )
}

const MONTH_STEPS: Partial<Record<Unit, number>> = {
  month: 1,
  quarter: 3,
  year: 12,
  decade: 120,
  century: 1200,
  millennium: 12_000,
}

const isOver = (micros: bigint): boolean => BigInt.asIntN(64, micros) !== micros

/** The begin of the bin of a constant width that a moment lies in, counted from an origin. */
function bin(_: unknown, { months, days, micros }: Interval, value: Int64, origin: Int64): Int64 {
  if (isInfinite(value)) return value
  if (isInfinite(origin)) throw queryError('datetime_field_overflow', 'origin out of range')
  if (months !== 0) {
    throw queryError(
      'feature_not_supported',
      'timestamps cannot be binned into intervals containing months or years',
    )
  }
  const width = BigInt(days) * BigInt(MICROS_PER_DAY) + BigInt(micros)
  if (width <= 0n) throw queryError('datetime_field_overflow', 'stride must be greater than zero')
  const distance = BigInt(value) - BigInt(origin)
  if (isOver(width) || isOver(distance)) throw queryError('datetime_field_overflow', 'interval out of range')
  const rest = distance % width
  return checkTimestamp(int64(BigInt(value) - (rest < 0n ? rest + width : rest)))
}

/** `date_trunc` and `date_bin`. */
export const truncateFunctions: readonly ScalarFunction[] = [
  scalar('2020 date_trunc(text,timestamp) timestamp', (_, unit: string, value: Int64) =>
    checkTimestamp(truncate(unit, value, 'timestamp without time zone')),
  ),
  scalar('1217 date_trunc(text,timestamptz) timestamptz stable', ({ timeZone }, unit: string, value: Int64) =>
    truncateMoment(unit, value, timeZone),
  ),
  scalar(
    '1284 date_trunc(text,timestamptz,text) timestamptz stable',
    (_, unit: string, value: Int64, zone: string) =>
      isInfinite(value) ? value : truncateMoment(unit, value, zoneNamed(zone)),
  ),
  scalar('1218 date_trunc(text,interval) interval', truncateInterval),
  scalar('6177 date_bin(interval,timestamp,timestamp) timestamp', bin),
  scalar('6178 date_bin(interval,timestamptz,timestamptz) timestamptz', bin),
]
