import type { DateOrder } from './date-style.js'

/** Bits for what has been read. */
export const FIELD = {
  year: 1,
  month: 2,
  day: 4,
  hour: 8,
  minute: 16,
  second: 32,
  zone: 64,
  summer: 128,
  summerZone: 256,
  dayOfYear: 512,
  meridiem: 1024,
  era: 2048,
  weekday: 4096,
  special: 8192,
} as const
export const DATE_FIELDS: number = FIELD.year | FIELD.month | FIELD.day
export const TIME_FIELDS: number = FIELD.hour | FIELD.minute | FIELD.second

/** What has been read of a date and time, while it is read. */
export class DatetimeFields {
  readonly order: DateOrder
  year = 0
  month = 0
  day = 0
  dayOfYear = 0
  hour = 0
  minute = 0
  second = 0
  micros = 0
  /** Seconds east of UTC. */
  offsetSeconds = 0
  hasTwoDigitYear = false
  isJulian = false
  hasMonthName = false

  constructor(order: DateOrder) {
    this.order = order
  }
}
