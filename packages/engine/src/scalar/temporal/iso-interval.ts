/** ISO 8601: `P1Y2M3DT4H5M6S`, and its other forms `P0001-02-03T04:05:06` and `P00010203T040506`. */
import type { IntervalUnit } from './datetime-words.js'
import { IntervalFields } from './interval-fields.js'
import type { Interval } from './interval.js'
import { Refused } from './refused.js'

const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy

const DATE_UNITS: Readonly<Record<string, IntervalUnit>> = { Y: 'year', M: 'month', W: 'week', D: 'day' }
const TIME_UNITS: Readonly<Record<string, IntervalUnit>> = { H: 'hour', M: 'minute', S: 'second' }

/** Undefined when it is too long. @throws Refused */
export function parseIsoInterval(text: string): Interval | undefined {
  if (!text.startsWith('P') || text.length < 2) throw new Refused('format')
  return new IsoInterval(text).parse()
}

class IsoInterval {
  readonly #text: string
  readonly #fields = new IntervalFields()
  #at = 1
  #isTime = false
  /** A field has been read in the part, date or time, that is read now. */
  #hasField = false

  constructor(text: string) {
    this.#text = text
  }

  parse(): Interval | undefined {
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === 'T') {
        this.#isTime = true
        this.#hasField = false
        this.#at++
        continue
      }
      const start = this.#at
      const value = this.#number()
      const unit = this.#text[this.#at] ?? ''
      this.#at++
      const known = (this.#isTime ? TIME_UNITS : DATE_UNITS)[unit]
      if (known !== undefined) this.#add(known, value)
      else if (this.#isTime) this.#alternativeTime(value, unit, start)
      else this.#alternativeDate(value, unit, start)
      this.#hasField = true
    }
    return this.#fields.toInterval()
  }

  #number(): { whole: number; fraction: number } {
    NUMBER.lastIndex = this.#at
    const match = NUMBER.exec(this.#text)
    if (match === null) throw new Refused('format')
    this.#at = NUMBER.lastIndex
    const value = Number(match[0])
    if (!Number.isSafeInteger(Math.trunc(value))) throw new Refused('interval overflow')
    const whole = Math.trunc(value)
    return { whole, fraction: value - whole }
  }

  #add(unit: IntervalUnit, { whole, fraction }: { whole: number; fraction: number }): void {
    this.#fields.add(unit, whole, fraction)
  }

  /** Digits before the point of the number that began at `start`. */
  #width(start: number): number {
    return /^-?(\d*)/.exec(this.#text.slice(start))?.[1]?.length ?? 0
  }

  #alternativeDate(value: { whole: number; fraction: number }, unit: string, start: number): void {
    if (unit === 'T' || unit === '') {
      if (this.#width(start) === 8 && !this.#hasField) {
        const { whole, fraction } = value
        this.#fields.add('year', Math.trunc(whole / 10_000), 0)
        this.#fields.add('month', Math.trunc(whole / 100) % 100, 0)
        this.#fields.add('day', whole % 100, fraction)
      } else {
        if (this.#hasField) throw new Refused('format')
        this.#add('year', value)
      }
      if (unit === 'T') this.#beginTime()
      return
    }
    if (unit !== '-' || this.#hasField) throw new Refused('format')
    this.#add('year', value)
    this.#dashed()
  }

  /** What follows the year in `0001-02-03`. */
  #dashed(): void {
    this.#add('month', this.#number())
    if (this.#at >= this.#text.length) return
    if (this.#takeTime()) return
    if (this.#text[this.#at] !== '-') throw new Refused('format')
    this.#at++
    this.#add('day', this.#number())
    if (this.#at < this.#text.length && !this.#takeTime()) throw new Refused('format')
  }

  #takeTime(): boolean {
    if (this.#text[this.#at] !== 'T') return false
    this.#at++
    this.#beginTime()
    return true
  }

  #beginTime(): void {
    this.#isTime = true
    // The loop sets it again; a time part begins without fields.
    this.#at--
    while (this.#text[this.#at] !== 'T') this.#at--
  }

  #alternativeTime(value: { whole: number; fraction: number }, unit: string, start: number): void {
    if (unit === '' && this.#width(start) === 6 && !this.#hasField) {
      const { whole, fraction } = value
      this.#fields.add('hour', Math.trunc(whole / 10_000), 0)
      this.#fields.add('minute', Math.trunc(whole / 100) % 100, 0)
      this.#fields.add('second', whole % 100, fraction)
      return
    }
    if (this.#hasField || (unit !== '' && unit !== ':')) throw new Refused('format')
    this.#add('hour', value)
    if (unit === '') return
    this.#add('minute', this.#number())
    if (this.#at >= this.#text.length) return
    if (this.#text[this.#at] !== ':') throw new Refused('format')
    this.#at++
    this.#add('second', this.#number())
    if (this.#at < this.#text.length) throw new Refused('format')
  }
}
