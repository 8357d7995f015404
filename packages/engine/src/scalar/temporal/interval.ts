/** A span of time as PostgreSQL keeps it: months, days and microseconds apart, each with a sign of its own. Immutable. */
export class Interval {
  static readonly ZERO: Interval = new Interval(0, 0, 0)

  readonly months: number
  readonly days: number
  /** A safe integer. */
  readonly micros: number

  constructor(months: number, days: number, micros: number) {
    this.months = months
    this.days = days
    this.micros = micros
  }
}
