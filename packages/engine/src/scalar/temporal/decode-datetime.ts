/**
 * The fields of a date, a time or both, in whatever order they come: decides what each one means, as PostgreSQL does,
 * whose decisions depend on what has been read before.
 */
import type { ScalarContext, ZoneRules } from '../scalar-context.js'
import { MICROS_PER_DAY, JULIAN_OF_1970, civilFromDays, daysFromCivil } from './calendar.js'
import { DATE_FIELDS, DatetimeFields, FIELD, TIME_FIELDS } from './datetime-fields.js'
import { tokenize, type Token } from './datetime-tokens.js'
import { findDatetimeWord, type DatetimeWord, type SpecialMoment } from './datetime-words.js'
import { dateStyle } from './date-style.js'
import { decodeOffset, decodeTime, integer, isTimeTooLate } from './decode-clock.js'
import { decodeDate, decodeNumber, decodeNumberField, validateDate } from './decode-date.js'
import { Refused } from './refused.js'
import { findTimeZone, findZoneAbbreviation, tryFindTimeZone } from './time-zones.js'
import { dayOf, isDateInRange, timeOf } from './timestamp.js'

export interface DecodedDatetime {
  /** Set instead of all the rest. */
  readonly special?: 'epoch' | 'infinity' | '-infinity'
  /** Days since 1970; 0 when a time was read without a date. */
  readonly day: number
  /** Microseconds since midnight, up to a whole day. */
  readonly micros: number
  /** Seconds east of UTC: what the text says, else what the session's zone has at that time. */
  readonly offsetSeconds: number
}

/** A date, with or without a time. @throws Refused, invalid_parameter_value for an unknown time zone */
export function decodeDatetime(text: string, context: ScalarContext): DecodedDatetime {
  return new DatetimeDecoder(tokenize(text), context, false).decode()
}

/** A time of day; a date is taken where the time zone needs one. @throws as `decodeDatetime` */
export function decodeTimeOfDay(text: string, context: ScalarContext): DecodedDatetime {
  return new DatetimeDecoder(tokenize(text), context, true).decode()
}

class DatetimeDecoder {
  readonly #tokens: readonly Token[]
  readonly #context: ScalarContext
  /** Only a time of day is wanted. */
  readonly #isTime: boolean
  readonly #fields: DatetimeFields
  #seen = 0
  /** What the field before said of the next one. */
  #label: 'none' | 'julian' | 'time' | 'other' = 'none'
  #meridiem: 'none' | 'am' | 'pm' = 'none'
  #isBC = false
  #special: 'epoch' | 'infinity' | '-infinity' | undefined
  #zone: ZoneRules | undefined
  /** The zone was written as an abbreviation, which a date is not needed for. */
  #isZoneAbbreviated = false

  constructor(tokens: readonly Token[], context: ScalarContext, isTime: boolean) {
    this.#tokens = tokens
    this.#context = context
    this.#isTime = isTime
    this.#fields = new DatetimeFields(dateStyle(context).order)
  }

  decode(): DecodedDatetime {
    for (const [index, token] of this.#tokens.entries()) {
      const found = this.#decodeToken(token, index)
      if (found === undefined) continue
      if ((found & this.#seen) !== 0) throw new Refused('format')
      this.#seen |= found
    }
    return this.#finish()
  }

  /** The fields that the token fills; undefined when it is to be ignored. */
  #decodeToken(token: Token, index: number): number | undefined {
    switch (token.kind) {
      case 'date':
        return this.#isTime ? this.#dateInTime(token.text, index) : this.#date(token.text)
      case 'time':
        return this.#time(token.text)
      case 'zone':
        this.#fields.offsetSeconds = decodeOffset(token.text)
        return FIELD.zone
      case 'number':
        return this.#number(token.text, index)
      default:
        return this.#word(token.text, index)
    }
  }

  #date(text: string): number {
    if (this.#label === 'julian') return this.#julianWithZone(text)
    const monthAndDay = FIELD.month | FIELD.day
    if (this.#label === 'none' && (this.#seen & monthAndDay) !== monthAndDay) {
      return decodeDate(text, this.#seen, this.#fields)
    }
    if (this.#label === 'none' && !/^\d/.test(text)) return this.#namedZone(text)
    if (this.#label === 'other') throw new Refused('format')
    this.#label = 'none'
    if ((this.#seen & TIME_FIELDS) === TIME_FIELDS) throw new Refused('format')
    return this.#timeWithZone(text, this.#seen)
  }

  /** `J2451187-08`. */
  #julianWithZone(text: string): number {
    const match = /^(\d+)(.*)$/.exec(text)
    this.#setJulianDay(integer(match?.[1] ?? ''))
    this.#fields.offsetSeconds = decodeOffset(match?.[2] ?? '')
    this.#label = 'none'
    return DATE_FIELDS | TIME_FIELDS | FIELD.zone
  }

  #dateInTime(text: string, index: number): number {
    const last = this.#tokens[this.#tokens.length - 1]
    if (
      index === 0 &&
      this.#tokens.length >= 2 &&
      (last?.kind === 'date' || this.#tokens[1]?.kind === 'time')
    ) {
      return decodeDate(text, this.#seen, this.#fields)
    }
    if (!/^\d/.test(text)) return this.#namedZone(text)
    if ((this.#seen & TIME_FIELDS) === TIME_FIELDS) throw new Refused('format')
    this.#label = 'none'
    return this.#timeWithZone(text, this.#seen | DATE_FIELDS)
  }

  /** `hhmmss-zz`. */
  #timeWithZone(text: string, seen: number): number {
    const at = text.indexOf('-')
    if (at < 0) throw new Refused('format')
    this.#fields.offsetSeconds = decodeOffset(text.slice(at))
    return decodeNumberField(text.slice(0, at), seen, this.#fields) | FIELD.zone
  }

  #namedZone(text: string): number {
    this.#zone = findTimeZone(text)
    this.#isZoneAbbreviated = false
    return FIELD.zone
  }

  #time(text: string): number {
    if (this.#label !== 'none' && this.#label !== 'time') throw new Refused('format')
    this.#label = 'none'
    const found = decodeTime(text, this.#fields)
    if (!this.#isTime && isTimeTooLate(this.#fields)) throw new Refused('overflow')
    return found
  }

  #number(text: string, index: number): number {
    if (this.#label !== 'none') return this.#labelled(text)
    const point = text.indexOf('.')
    return this.#isTime ? this.#numberInTime(text, point, index) : this.#numberInDate(text, point)
  }

  #numberInDate(text: string, point: number): number {
    const hasDate = (this.#seen & DATE_FIELDS) !== 0
    if (point >= 0 && !hasDate) return decodeDate(text, this.#seen, this.#fields)
    const isIncomplete = (this.#seen & DATE_FIELDS) === 0 || (this.#seen & TIME_FIELDS) === 0
    if (point > 2 || (point < 0 && text.length >= 6 && isIncomplete)) {
      return decodeNumberField(text, this.#seen, this.#fields)
    }
    return decodeNumber(text, this.#fields.hasMonthName, this.#seen, this.#fields)
  }

  #numberInTime(text: string, point: number, index: number): number {
    const seen = this.#seen | DATE_FIELDS
    if (point >= 0) {
      const last = this.#tokens[this.#tokens.length - 1]
      if (index === 0 && this.#tokens.length >= 2 && last?.kind === 'date') {
        return decodeDate(text, this.#seen, this.#fields)
      }
      if (point <= 2) throw new Refused('format')
      return decodeNumberField(text, seen, this.#fields)
    }
    if (text.length > 4) return decodeNumberField(text, seen, this.#fields)
    return decodeNumber(text, false, seen, this.#fields)
  }

  #labelled(text: string): number {
    const label = this.#label
    this.#label = 'none'
    if (label === 'time') {
      const found = decodeNumberField(text, this.#seen | DATE_FIELDS, this.#fields)
      if (found !== TIME_FIELDS) throw new Refused('format')
      return found
    }
    if (label !== 'julian') throw new Refused('format')
    const point = text.indexOf('.')
    this.#setJulianDay(integer(point < 0 ? text : text.slice(0, point)))
    if (point < 0) return DATE_FIELDS
    this.#setTime(Math.trunc(Number(`0${text.slice(point)}`) * MICROS_PER_DAY))
    return DATE_FIELDS | TIME_FIELDS
  }

  #setJulianDay(julian: number): void {
    this.#setDay(julian - JULIAN_OF_1970)
    this.#fields.isJulian = true
  }

  #setDay(day: number): void {
    Object.assign(this.#fields, civilFromDays(day))
  }

  #setTime(micros: number): void {
    this.#fields.hour = Math.floor(micros / 3_600_000_000)
    this.#fields.minute = Math.floor(micros / 60_000_000) % 60
    this.#fields.second = Math.floor(micros / 1_000_000) % 60
    this.#fields.micros = micros % 1_000_000
  }

  #word(text: string, index: number): number | undefined {
    const abbreviation = findZoneAbbreviation(text)
    if (abbreviation !== undefined) {
      if (abbreviation.offsetSeconds !== undefined) {
        this.#fields.offsetSeconds += abbreviation.offsetSeconds
        return abbreviation.isSummer ? FIELD.summerZone | FIELD.zone : FIELD.zone
      }
      this.#zone = findTimeZone(abbreviation.zone ?? text)
      this.#isZoneAbbreviated = true
      return FIELD.zone
    }
    const word = findDatetimeWord(text)
    return word === undefined ? this.#unknownWord(text) : this.#knownWord(word, index)
  }

  #unknownWord(text: string): number {
    const zone = tryFindTimeZone(text)
    if (zone === undefined) throw new Refused('format')
    this.#zone = zone
    this.#isZoneAbbreviated = false
    return FIELD.zone
  }

  #knownWord(word: DatetimeWord, index: number): number | undefined {
    switch (word.kind) {
      case 'ignored':
        return undefined
      case 'month':
        if (this.#isTime) throw new Refused('format')
        return this.#monthName(word.value)
      case 'weekday':
        if (this.#isTime) throw new Refused('format')
        return FIELD.weekday
      case 'meridiem':
        this.#meridiem = word.value
        return FIELD.meridiem
      case 'era':
        this.#isBC = word.value === 'bc'
        return FIELD.era
      case 'summer':
        this.#fields.offsetSeconds += 3600
        return FIELD.summer
      case 'label':
        this.#label = word.value
        return 0
      case 'separator':
        return this.#separator(index)
      case 'special':
        return this.#isTime ? this.#specialTime(word.value) : this.#specialMoment(word.value)
    }
  }

  #monthName(month: number): number {
    const { fields, seen } = { fields: this.#fields, seen: this.#seen }
    // A number that was taken for the month was the day.
    const isSwapped =
      (seen & FIELD.month) !== 0 &&
      !fields.hasMonthName &&
      (seen & FIELD.day) === 0 &&
      fields.month >= 1 &&
      fields.month <= 31
    if (isSwapped) fields.day = fields.month
    fields.hasMonthName = true
    fields.month = month
    return isSwapped ? FIELD.day : FIELD.month
  }

  #separator(index: number): number {
    if (!this.#isTime && (this.#seen & DATE_FIELDS) !== DATE_FIELDS) throw new Refused('format')
    const next = this.#tokens[index + 1]?.kind
    if (next !== 'number' && next !== 'time' && next !== 'date') throw new Refused('format')
    this.#label = 'time'
    return 0
  }

  #specialTime(value: SpecialMoment): number {
    switch (value) {
      case 'now':
        this.#setTime(this.#now().micros)
        return TIME_FIELDS
      case 'allballs':
        this.#setTime(0)
        return TIME_FIELDS | FIELD.zone
      default:
        throw new Refused('format')
    }
  }

  #specialMoment(value: SpecialMoment): number {
    switch (value) {
      case 'now': {
        const { day, micros, offsetSeconds } = this.#now()
        this.#setDay(day)
        this.#setTime(micros)
        this.#fields.offsetSeconds = offsetSeconds
        return DATE_FIELDS | TIME_FIELDS | FIELD.zone
      }
      case 'today':
      case 'tomorrow':
      case 'yesterday':
        this.#setDay(this.#now().day + (value === 'today' ? 0 : value === 'tomorrow' ? 1 : -1))
        return DATE_FIELDS
      case 'allballs':
        this.#setTime(0)
        return TIME_FIELDS | FIELD.zone
      default:
        this.#special = value
        return FIELD.special
    }
  }

  /** The transaction's time in the session's zone. */
  #now(): { day: number; micros: number; offsetSeconds: number } {
    const { transactionMicros, timeZone } = this.#context
    const { offsetSeconds } = timeZone.at(Math.floor(transactionMicros / 1000))
    const local = transactionMicros + offsetSeconds * 1_000_000
    return { day: dayOf(local), micros: timeOf(local), offsetSeconds }
  }

  #finish(): DecodedDatetime {
    const fields = this.#fields
    validateDate(this.#seen, this.#isBC, fields)
    this.#applyMeridiem()
    if (this.#isTime) this.#checkTimeOfDay()
    else if (this.#special !== undefined) {
      return { special: this.#special, day: 0, micros: 0, offsetSeconds: 0 }
    } else if ((this.#seen & DATE_FIELDS) !== DATE_FIELDS) throw new Refused('format')
    const hasDate = (this.#seen & DATE_FIELDS) === DATE_FIELDS
    const day = hasDate ? daysFromCivil(fields.year, fields.month, fields.day) : 0
    const micros = ((fields.hour * 60 + fields.minute) * 60 + fields.second) * 1_000_000 + fields.micros
    return { day, micros, offsetSeconds: this.#offset(hasDate ? day : this.#now().day, micros) }
  }

  #applyMeridiem(): void {
    if (this.#meridiem === 'none') return
    const fields = this.#fields
    if (fields.hour > 12) throw new Refused('overflow')
    if (this.#meridiem === 'am' && fields.hour === 12) fields.hour = 0
    else if (this.#meridiem === 'pm' && fields.hour !== 12) fields.hour += 12
  }

  #checkTimeOfDay(): void {
    if (isTimeTooLate(this.#fields)) throw new Refused('overflow')
    if ((this.#seen & TIME_FIELDS) !== TIME_FIELDS) throw new Refused('format')
    const dates = this.#seen & DATE_FIELDS
    const needsNoDate = this.#zone === undefined || this.#isZoneAbbreviated
    if (dates !== DATE_FIELDS && (dates !== 0 || !(needsNoDate || isFixed(this.#zone)))) {
      if (dates === 0 || this.#zone !== undefined || (this.#seen & FIELD.zone) === 0)
        throw new Refused('format')
    }
  }

  #offset(day: number, micros: number): number {
    const zone = this.#zone ?? ((this.#seen & FIELD.zone) === 0 ? this.#context.timeZone : undefined)
    if (zone === undefined) return this.#fields.offsetSeconds
    // There is no such day, which is said later.
    if (!isDateInRange(day + 1)) return 0
    // Summer time is said of offsets and abbreviations, not of zones.
    if ((this.#seen & FIELD.summer) !== 0) throw new Refused('format')
    return zone.atLocal(day * 86_400_000 + Math.floor(micros / 1000))
  }
}

/** Zones that never change need no date. */
function isFixed(zone: ZoneRules | undefined): boolean {
  const moments = [-6e12, 0, 1.5e12, 1.515e12]
  return zone !== undefined && new Set(moments.map((ms) => zone.at(ms).offsetSeconds)).size === 1
}
