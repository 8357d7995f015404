import type { ScalarContext } from '../../scalar-context.js'
import { type Interval } from '../../temporal/interval.js'
import type { TimeWithZone } from '../../temporal/time-with-zone.js'
import { JULIAN_OF_1970 } from '../../temporal/calendar.js'
import { dateToTimestamp, momentToLocal } from '../../temporal/timestamp-arithmetic.js'
import { dayOf, isInfinite, timeOf } from '../../temporal/timestamp.js'
import { Numeric } from '../../numeric/numeric.js'
import type { Int64 } from '../../value.js'
import { scalar, type TypedImplementation } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { fieldOfDay, fieldOfInfinity, fieldOfTime, fieldOfTimestamp } from './calendar-fields.js'
import { epoch, whole, type Extracted } from './extracted.js'
import { unitNamed, unitRefused, type Unit } from './unit-names.js'

/** A field of a value; undefined where the type has no such field. */
type FieldOf<V> = (unit: Unit, value: V, context: ScalarContext) => Extracted | null | undefined

function ofTimestamp(unit: Unit, value: Int64): Extracted | null | undefined {
  if (isInfinite(value)) return fieldOfInfinity(unit, value > 0)
  return fieldOfTimestamp(unit, dayOf(value), timeOf(value))
}

function ofMoment(unit: Unit, value: Int64, { timeZone }: ScalarContext): Extracted | null | undefined {
  if (isInfinite(value)) return fieldOfInfinity(unit, value > 0)
  if (unit === 'epoch') return epoch(value)
  const { offsetSeconds } = timeZone.at(Number(value) / 1000)
  const local = momentToLocal(value, timeZone)
  return ofOffset(unit, offsetSeconds) ?? fieldOfTimestamp(unit, dayOf(local), timeOf(local))
}

function ofOffset(unit: Unit, offsetSeconds: number): Extracted | undefined {
  switch (unit) {
    case 'timezone':
      return whole(offsetSeconds)
    case 'timezone_hour':
      return whole(Math.trunc(offsetSeconds / 3600))
    case 'timezone_minute':
      return whole(Math.trunc((offsetSeconds % 3600) / 60))
    default:
      return undefined
  }
}

function ofDate(unit: Unit, day: number): Extracted | null | undefined {
  const isDateUnit = unit === 'julian' || unit === 'epoch' || fieldOfDay(unit, 0) !== undefined
  if (!isDateUnit) return undefined
  if (!isFinite(day)) return fieldOfInfinity(unit, day > 0)
  if (unit === 'julian') return whole(day + JULIAN_OF_1970)
  if (unit === 'epoch') return whole(day * 86_400)
  return fieldOfDay(unit, day)
}

function ofTime(unit: Unit, micros: number): Extracted | undefined {
  return unit === 'epoch' ? epoch(micros) : fieldOfTime(unit, micros)
}

function ofTimeWithZone(unit: Unit, { micros, offsetSeconds }: TimeWithZone): Extracted | undefined {
  if (unit === 'epoch') return epoch(micros - offsetSeconds * 1_000_000)
  return ofOffset(unit, offsetSeconds) ?? fieldOfTime(unit, micros)
}

function ofInterval(unit: Unit, { months, days, micros }: Interval): Extracted | undefined {
  const years = Math.trunc(months / 12)
  switch (unit) {
    case 'day':
      return whole(days)
    case 'month':
      return whole(months % 12)
    case 'quarter':
      return whole(Math.trunc((months % 12) / 3) + 1)
    case 'year':
      return whole(years)
    case 'decade':
      return whole(Math.trunc(years / 10))
    case 'century':
      return whole(Math.trunc(years / 100))
    case 'millennium':
      return whole(Math.trunc(years / 1000))
    case 'epoch':
      return intervalEpoch(years, months % 12, days, micros)
    default:
      return fieldOfTime(unit, micros)
  }
}

/** A year counts 365.25 days, a month 30. */
function intervalEpoch(years: number, months: number, days: number, micros: number): Extracted {
  const quarterDays = years * 1461 + months * 120 + days * 4
  return {
    numeric: new Numeric(BigInt(quarterDays) * 21_600_000_000n + BigInt(micros), 6),
    float: micros / 1_000_000 + 365.25 * 86_400 * years + 30 * 86_400 * months + 86_400 * days,
  }
}

function reader<V>(
  typeName: string,
  fieldOf: FieldOf<V>,
  result: 'numeric' | 'float',
): (context: ScalarContext, unitName: string, value: V) => Numeric | number | null {
  let lastName: string | undefined
  let lastUnit: Unit | undefined
  return (context, unitName, value) => {
    if (unitName !== lastName) {
      lastUnit = unitNamed(unitName)
      lastName = unitName
    }
    const field = lastUnit === undefined ? undefined : fieldOf(lastUnit, value, context)
    if (field === undefined) throw unitRefused(unitName, typeName)
    return field === null ? null : field[result]
  }
}

function exact<V>(typeName: string, fieldOf: FieldOf<V>): TypedImplementation {
  return reader(typeName, fieldOf, 'numeric')
}

function inexact<V>(typeName: string, fieldOf: FieldOf<V>): TypedImplementation {
  return reader(typeName, fieldOf, 'float')
}

const TIMESTAMP = 'timestamp without time zone'
const MOMENT = 'timestamp with time zone'
const TIME = 'time without time zone'
const TIME_WITH_ZONE = 'time with time zone'

/** `extract`, which is exact, and `date_part`, which is not. */
export const extractFunctions: readonly ScalarFunction[] = [
  scalar('6199 extract(text,date) numeric', exact('date', ofDate)),
  scalar('6200 extract(text,time) numeric', exact(TIME, ofTime)),
  scalar('6201 extract(text,timetz) numeric', exact(TIME_WITH_ZONE, ofTimeWithZone)),
  scalar('6202 extract(text,timestamp) numeric', exact(TIMESTAMP, ofTimestamp)),
  scalar('6203 extract(text,timestamptz) numeric stable', exact(MOMENT, ofMoment)),
  scalar('6204 extract(text,interval) numeric', exact('interval', ofInterval)),
  scalar(
    '1384 date_part(text,date) float8',
    inexact(TIMESTAMP, (unit, day: number) => ofTimestamp(unit, dateToTimestamp(day))),
  ),
  scalar('1385 date_part(text,time) float8', inexact(TIME, ofTime)),
  scalar('1273 date_part(text,timetz) float8', inexact(TIME_WITH_ZONE, ofTimeWithZone)),
  scalar('2021 date_part(text,timestamp) float8', inexact(TIMESTAMP, ofTimestamp)),
  scalar('1171 date_part(text,timestamptz) float8 stable', inexact(MOMENT, ofMoment)),
  scalar('1172 date_part(text,interval) float8', inexact('interval', ofInterval)),
]
