import { queryError, type Condition } from '../condition.js'

/** Why a text is no date, time or interval. */
export type RefusalReason =
  'format' | 'overflow' | 'month-day overflow' | 'interval overflow' | 'zone overflow'

/** Thrown while a text is read; whoever began the reading turns it into the error that names the text. */
export class Refused extends Error {
  readonly reason: RefusalReason

  constructor(reason: RefusalReason) {
    super(reason)
    this.reason = reason
  }
}

const OUT_OF_RANGE: Readonly<
  Record<Exclude<RefusalReason, 'format'>, readonly [condition: Condition, what: string]>
> = {
  overflow: ['datetime_field_overflow', 'date/time field value out of range'],
  'month-day overflow': ['datetime_field_overflow', 'date/time field value out of range'],
  'interval overflow': ['interval_field_overflow', 'interval field value out of range'],
  'zone overflow': ['invalid_time_zone_displacement_value', 'time zone displacement out of range'],
}

/** Runs `read`; what it refuses becomes an error about the text. */
export function reading<T>(typeName: string, text: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof Refused ? refusalError(error.reason, typeName, text) : error
  }
}

function refusalError(reason: RefusalReason, typeName: string, text: string): Error {
  if (reason === 'format') {
    return queryError('invalid_datetime_format', `invalid input syntax for type ${typeName}: "${text}"`)
  }
  const [condition, what] = OUT_OF_RANGE[reason]
  const hint =
    reason === 'month-day overflow' ? { hint: 'Perhaps you need a different "datestyle" setting.' } : {}
  return queryError(condition, `${what}: "${text}"`, hint)
}
