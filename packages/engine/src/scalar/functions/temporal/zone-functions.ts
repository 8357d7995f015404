import { queryError } from '../../condition.js'
import type { ScalarContext, ZoneRules } from '../../scalar-context.js'
import type { Interval } from '../../temporal/interval.js'
import { TimeWithZone } from '../../temporal/time-with-zone.js'
import { findZoneOrAbbreviation, offsetZone } from '../../temporal/time-zones.js'
import { addIntervalToTime, localToMoment, momentToTimestamp } from '../../temporal/timestamp-arithmetic.js'
import { interval as intervalType } from '../../types/system-types.js'
import { isInfinite } from '../../temporal/timestamp.js'
import type { Int64 } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'

function zoneOfInterval(context: ScalarContext, interval: Interval): ZoneRules {
  if (interval.months !== 0 || interval.days !== 0) {
    throw queryError(
      'invalid_parameter_value',
      `interval time zone "${intervalType.format(interval, context)}" must not include months or days`,
    )
  }
  return offsetZone(Math.trunc(interval.micros / 1_000_000))
}

/** A bare offset counts hours to the west, as POSIX has it. */
export function zoneNamed(name: string): ZoneRules {
  const offset = /^([+-]?)(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?$/.exec(name)
  if (offset === null) return findZoneOrAbbreviation(name)
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = offset
  const west = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return offsetZone(sign === '-' ? west : -west)
}

/** A zone of `make_timestamptz`, where a bare number is hours east. */
export function zoneForMaking(name: string): ZoneRules {
  const offset = /^([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?$/.exec(name)
  if (offset === null) {
    if (/^\d/.test(name)) {
      throw queryError(
        'invalid_parameter_value',
        `invalid input syntax for type numeric time zone: "${name}"`,
        {
          hint: 'Numeric time zones must have "-" or "+" as first character.',
        },
      )
    }
    return findZoneOrAbbreviation(name)
  }
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = offset
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  if (Number(hours) > 15 || Number(minutes) > 59) {
    throw queryError('invalid_parameter_value', `numeric time zone "${name}" out of range`)
  }
  return offsetZone(sign === '-' ? -total : total)
}

/** The same moment of the day at another offset: that of the zone now. */
function moveTime(context: ScalarContext, time: TimeWithZone, zone: ZoneRules): TimeWithZone {
  const { offsetSeconds } = zone.at(context.transactionMicros / 1000)
  return new TimeWithZone(
    addIntervalToTime(time.micros, (offsetSeconds - time.offsetSeconds) * 1_000_000),
    offsetSeconds,
  )
}

/** What AT TIME ZONE calls. */
export const zoneFunctions: readonly ScalarFunction[] = [
  scalar('1159 timezone(text,timestamptz) timestamp', (_, zone: string, value: Int64) =>
    isInfinite(value) ? value : momentToTimestamp(value, zoneNamed(zone)),
  ),
  scalar('2069 timezone(text,timestamp) timestamptz', (_, zone: string, value: Int64) =>
    isInfinite(value) ? value : localToMoment(value, zoneNamed(zone)),
  ),
  scalar('2037 timezone(text,timetz) timetz stable', (context, zone: string, time: TimeWithZone) =>
    moveTime(context, time, zoneNamed(zone)),
  ),
  scalar('1026 timezone(interval,timestamptz) timestamp', (context, zone: Interval, value: Int64) =>
    momentToTimestamp(value, zoneOfInterval(context, zone)),
  ),
  scalar('2070 timezone(interval,timestamp) timestamptz', (context, zone: Interval, value: Int64) =>
    localToMoment(value, zoneOfInterval(context, zone)),
  ),
  scalar('2038 timezone(interval,timetz) timetz', (context, zone: Interval, time: TimeWithZone) =>
    moveTime(context, time, zoneOfInterval(context, zone)),
  ),
]
