import type { IntervalUnit } from './datetime-words.js'
import { roundHalfEven } from './decode-clock.js'
import { tooManyHours } from './interval-arithmetic.js'
import { Interval } from './interval.js'
import { Refused } from './refused.js'

const INT_MAX = 0x7fff_ffff
const DAYS_PER_MONTH = 30

const MICROS: Readonly<Partial<Record<IntervalUnit, number>>> = {
  microsecond: 1,
  millisecond: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
}
const YEARS: Readonly<Partial<Record<IntervalUnit, number>>> = {
  year: 1,
  decade: 10,
  century: 100,
  millennium: 1000,
}

/** An interval while it is put together from values with units. */
export class IntervalFields {
  years = 0
  months = 0
  days = 0
  micros = 0

  /** Adds `value + fraction` of a unit; fractions go down to smaller units. @throws Refused */
  add(unit: IntervalUnit, value: number, fraction: number): void {
    const micros = MICROS[unit]
    const years = YEARS[unit]
    if (micros !== undefined) {
      this.#addMicros(value * micros)
      this.#addFractionOf(fraction, micros)
    } else if (years !== undefined) {
      this.years = this.#inInt(this.years + value * years)
      this.months = this.#inInt(this.months + roundHalfEven(fraction * years * 12))
    } else if (unit === 'month') {
      this.months = this.#inInt(this.months + value)
      this.#addFractionOfDays(fraction * DAYS_PER_MONTH)
    } else {
      const days = unit === 'week' ? 7 : 1
      this.days = this.#inInt(this.days + value * days)
      this.#addFractionOfDays(fraction * days)
    }
  }

  /** Undefined when there are too many months. @throws Refused */
  toInterval(isNegated = false): Interval | undefined {
    const sign = isNegated ? -1 : 1
    const months = sign * (this.years * 12 + this.months)
    if (months > INT_MAX || months < -INT_MAX - 1) return undefined
    // Minus zero is zero.
    return new Interval(months + 0, this.#inInt(sign * this.days) + 0, sign * this.micros + 0)
  }

  #addFractionOfDays(days: number): void {
    const whole = Math.trunc(days)
    this.days = this.#inInt(this.days + whole)
    this.#addFractionOf(days - whole, 86_400_000_000)
  }

  #addFractionOf(fraction: number, micros: number): void {
    const scaled = fraction * micros
    const whole = Math.trunc(scaled)
    const rest = scaled - whole
    this.#addMicros(whole + (rest > 0.5 ? 1 : rest < -0.5 ? -1 : 0))
  }

  #addMicros(micros: number): void {
    this.micros += micros
    if (Math.abs(this.micros) >= 2 ** 63) throw new Refused('interval overflow')
    if (!Number.isSafeInteger(this.micros)) throw tooManyHours()
  }

  #inInt(value: number): number {
    if (value > INT_MAX || value < -INT_MAX - 1) throw new Refused('interval overflow')
    return value
  }
}
