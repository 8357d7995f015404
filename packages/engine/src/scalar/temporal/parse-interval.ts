/** Intervals from their text, in all of PostgreSQL's styles. */
import { queryError } from '../condition.js'
import type { ScalarContext } from '../scalar-context.js'
import { intervalStyle } from './date-style.js'
import { tokenize, type Token } from './datetime-tokens.js'
import { findIntervalWord, type IntervalUnit } from './datetime-words.js'
import { parseClock } from './decode-clock.js'
import { IntervalFields } from './interval-fields.js'
import { applyIntervalModifier, isMinuteToSecond, rightmostUnit } from './interval-modifier.js'
import { tooManyHours } from './interval-arithmetic.js'
import type { Interval } from './interval.js'
import { parseIsoInterval } from './iso-interval.js'
import { Refused, reading } from './refused.js'

/** @throws invalid_datetime_format, interval_field_overflow, datetime_field_overflow */
export function parseInterval(text: string, modifier: number, context: ScalarContext): Interval {
  const interval = reading('interval', text, () => {
    try {
      return decode(tokenize(text), modifier, context)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (error.reason === 'format') return parseIsoInterval(text)
      throw new Refused(error.reason === 'overflow' ? 'interval overflow' : error.reason)
    }
  })
  if (interval === undefined) throw queryError('datetime_field_overflow', 'interval out of range')
  return applyIntervalModifier(interval, modifier)
}

function decode(tokens: readonly Token[], modifier: number, context: ScalarContext): Interval | undefined {
  const first = tokens[0]
  // In SQL's style a sign at the beginning, alone, is that of all fields.
  const isNegative =
    intervalStyle(context) === 'sql_standard' &&
    first?.text.startsWith('-') === true &&
    !tokens.slice(1).some(({ text }) => /^[+-]/.test(text))
  const decoder = new IntervalDecoder(modifier, isNegative)
  // From the end, so that a unit comes before its number.
  for (const token of tokens.toReversed()) decoder.decode(token)
  return decoder.finish()
}

class IntervalDecoder {
  readonly #modifier: number
  readonly #isNegative: boolean
  readonly #fields = new IntervalFields()
  readonly #seen = new Set<string>()
  /** Of the next number; `ago` says that one has to follow. */
  #unit: IntervalUnit | 'ago' | undefined
  #isAgo = false

  constructor(modifier: number, isNegative: boolean) {
    this.#modifier = modifier
    this.#isNegative = isNegative
  }

  decode({ kind, text }: Token): void {
    switch (kind) {
      case 'time':
        this.#time(text, 1)
        return
      case 'zone':
        if (text.includes(':') && this.#tryTime(text)) return
        this.#number(text)
        return
      case 'date':
      case 'number':
        this.#number(text)
        return
      default:
        this.#word(text)
    }
  }

  finish(): Interval | undefined {
    if (this.#seen.size === 0) throw new Refused('format')
    return this.#fields.toInterval(this.#isAgo)
  }

  #tryTime(text: string): boolean {
    try {
      this.#time(text.slice(1), text.startsWith('-') ? -1 : 1)
      return true
    } catch (error) {
      if (error instanceof Refused) return false
      throw error
    }
  }

  #time(text: string, sign: number): void {
    const { hour, minute, second, micros } = parseClock(text, isMinuteToSecond(this.#modifier))
    const total = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros
    if (!(total < 2 ** 63)) throw new Refused('interval overflow')
    if (!Number.isSafeInteger(total)) throw tooManyHours()
    this.#see('hour', 'minute', 'second', 'millisecond', 'microsecond')
    this.#fields.micros = this.#isNegative ? -total : sign * total
    this.#unit = 'day'
  }

  #word(text: string): void {
    const word = findIntervalWord(text)
    if (word === 'ignored') return
    if (word === undefined) throw new Refused('format')
    if (word === 'ago') this.#isAgo = true
    this.#unit = word
  }

  #number(text: string): void {
    const unit = (this.#unit ??= rightmostUnit(this.#modifier))
    if (unit === 'ago') throw new Refused('format')
    const match = /^([+-]?)(\d*)(?:-(\d*)|(\.\d*))?$/.exec(text)
    if (match === null || text === '' || text === '.') throw new Refused('format')
    const [, sign, whole = '', months, fraction] = match
    const factor = sign === '-' || this.#isNegative ? -1 : 1
    const value = Number(whole)
    if (!Number.isSafeInteger(value)) throw new Refused('overflow')
    if (months !== undefined) {
      if (Number(months) >= 12) throw new Refused('overflow')
      this.#unit = 'month'
      this.#see('month')
      this.#fields.add('month', factor * (value * 12 + Number(months)), 0)
      return
    }
    const rest = fraction === undefined || fraction === '.' ? 0 : Number(`0${fraction}`)
    this.#fields.add(unit, factor * value, factor * rest)
    this.#seeUnit(unit, rest !== 0)
    if (unit === 'hour') this.#unit = 'day'
  }

  #seeUnit(unit: IntervalUnit, hasFraction: boolean): void {
    if (unit === 'second' && hasFraction) this.#see('second', 'millisecond', 'microsecond')
    else this.#see(unit)
  }

  /** Each field may be there once. */
  #see(...units: string[]): void {
    if (units.some((unit) => this.#seen.has(unit))) throw new Refused('format')
    for (const unit of units) this.#seen.add(unit)
  }
}
