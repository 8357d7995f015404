import { queryError } from '../../condition.js'

/** A field of a date or time that `extract` and `date_trunc` name. */
export type Unit =
  | 'microseconds'
  | 'milliseconds'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'quarter'
  | 'year'
  | 'decade'
  | 'century'
  | 'millennium'
  | 'julian'
  | 'isoyear'
  | 'dow'
  | 'isodow'
  | 'doy'
  | 'epoch'
  | 'timezone'
  | 'timezone_hour'
  | 'timezone_minute'

const NAMES: Readonly<Record<Unit, string>> = {
  microseconds: 'microseconds microsecond us usec usecs usecond useconds',
  milliseconds: 'milliseconds millisecond ms msec msecs msecond mseconds',
  second: 'second seconds s sec secs',
  minute: 'minute minutes m min mins',
  hour: 'hour hours h hr hrs',
  day: 'day days d',
  week: 'week weeks w',
  month: 'month months mon mons',
  quarter: 'quarter qtr',
  year: 'year years y yr yrs',
  decade: 'decade decades dec decs',
  century: 'century centuries cent c',
  millennium: 'millennium millennia mil mils',
  julian: 'julian jd j',
  isoyear: 'isoyear',
  dow: 'dow',
  isodow: 'isodow',
  doy: 'doy',
  epoch: 'epoch',
  timezone: 'timezone',
  timezone_hour: 'timezone_hour timezone_h',
  timezone_minute: 'timezone_minute timezone_m',
}

/** So many characters of a word count. */
const LENGTH_MAX = 10

const UNITS = new Map<string, Unit>()
for (const [unit, names] of Object.entries(NAMES)) {
  for (const name of names.split(' ')) UNITS.set(name.slice(0, LENGTH_MAX), unit as Unit)
}

/** Undefined: not the name of a field. */
export function unitNamed(name: string): Unit | undefined {
  return UNITS.get(name.toLowerCase().slice(0, LENGTH_MAX))
}

/** The error for a field that a type does not have, or for a word that is no field. */
export function unitRefused(name: string, typeName: string, detail?: string): Error {
  if (unitNamed(name) === undefined) return unitUnknown(name, typeName)
  return queryError(
    'feature_not_supported',
    `unit "${name.toLowerCase()}" not supported for type ${typeName}`,
    detail === undefined ? {} : { detail },
  )
}

export function unitUnknown(name: string, typeName: string): Error {
  return queryError(
    'invalid_parameter_value',
    `unit "${name.toLowerCase()}" not recognized for type ${typeName}`,
  )
}
