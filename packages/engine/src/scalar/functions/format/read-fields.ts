/** Reads the fields of a date from a text that follows a pattern. */
import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { DAYS, MONTHS, ROMAN_MONTHS } from './date-names.js'
import {
  isSeparator,
  parseDatePattern,
  type DateField,
  type FieldNode,
  type PatternNode,
} from './date-pattern.js'

/** What was read; a field that did not come up is left out. */
export interface ReadFields {
  hour?: number
  is12Hours?: boolean
  isAfternoon?: boolean
  minute?: number
  second?: number
  secondOfDay?: number
  millis?: number
  micros?: number
  /** 1 is Sunday. */
  weekday?: number
  day?: number
  dayOfYear?: number
  month?: number
  year?: number
  /** How many digits of the year were asked for. */
  yearSize?: number
  isBeforeChrist?: boolean
  week?: number
  weekOfMonth?: number
  century?: number
  julian?: number
  zoneSign?: 1 | -1
  zoneHour?: number
  zoneMinute?: number
  isIso?: boolean
}

export function readFields(text: string, pattern: string): ReadFields {
  return new FieldReader(text, parseDatePattern(pattern)).read()
}

const ISO_FIELDS: ReadonlySet<DateField> = new Set(['IDDD', 'ID', 'IW', 'IYYY', 'IYY', 'IY', 'I'])
const GREGORIAN_FIELDS: ReadonlySet<DateField> = new Set([
  'CC',
  'DAY',
  'DY',
  'DDD',
  'DD',
  'D',
  'MM',
  'MONTH',
  'MON',
  'RM',
  'WW',
  'W',
  'Y,YYY',
  'YYYY',
  'YYY',
  'YY',
  'Y',
  'Q',
])

type NumberField = Exclude<
  keyof ReadFields,
  'is12Hours' | 'isAfternoon' | 'isBeforeChrist' | 'isIso' | 'zoneSign'
>

class FieldReader {
  readonly #text: string
  readonly #nodes: readonly PatternNode[]
  readonly #fields: ReadFields = {}
  #at = 0
  /** Blanks and separators of the text beyond those that the pattern has. */
  #surplus = 0
  #isFixed = false

  constructor(text: string, nodes: readonly PatternNode[]) {
    this.#text = text
    this.#nodes = nodes
  }

  read(): ReadFields {
    for (const [index, node] of this.#nodes.entries()) {
      if (this.#at >= this.#text.length) break
      if (!this.#isFixed && (node.kind === 'field' || (index === 0 && node.kind !== 'character')))
        this.#skipBlanks()
      if (node.kind === 'field') {
        this.#readField(node, index)
        if (!this.#isFixed) {
          this.#surplus = 0
          this.#skipBlanks()
        }
      } else if (node.kind === 'character') this.#passCharacter()
      else this.#passSeparator()
    }
    return this.#fields
  }

  #skipBlanks(): void {
    while (/^\s/.test(this.#text.slice(this.#at, this.#at + 1))) {
      this.#at++
      this.#surplus++
    }
  }

  /** One separator of the text, if there is one; with FX any character. */
  #passSeparator(): void {
    if (this.#isFixed) {
      this.#at += this.#nextLength()
      return
    }
    this.#surplus--
    const next = this.#text[this.#at] ?? ''
    if (/\s/.test(next) || isSeparator(next)) {
      this.#at++
      this.#surplus++
    }
  }

  /** Any character of the text, unless more has been passed already than the pattern has. */
  #passCharacter(): void {
    if (!this.#isFixed && this.#surplus > 0) this.#surplus--
    else this.#at += this.#nextLength()
  }

  #nextLength(): number {
    return String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0).length
  }

  #readField(node: FieldNode, index: number): void {
    this.#checkConvention(node.field)
    const number = (field: NumberField, length: number): number => this.#number(node, index, field, length)
    switch (node.field) {
      case 'FX':
        this.#isFixed = true
        return
      case 'AM':
      case 'A.M.':
        this.#fields.isAfternoon = this.#choice(node, meridiemNames(node, 'AM', 'PM')) === 1
        this.#fields.is12Hours = true
        return
      case 'AD':
      case 'A.D.':
        this.#fields.isBeforeChrist = this.#choice(node, meridiemNames(node, 'AD', 'BC')) === 1
        return
      case 'HH12':
        number('hour', 2)
        this.#fields.is12Hours = true
        return
      case 'HH24':
        number('hour', 2)
        return
      case 'MI':
        number('minute', 2)
        return
      case 'SS':
        number('second', 2)
        return
      case 'MS': {
        const length = number('millis', 3)
        this.#fields.millis = (this.#fields.millis ?? 0) * 10 ** Math.max(3 - length, 0)
        return
      }
      case 'US':
      case 'FF1':
      case 'FF2':
      case 'FF3':
      case 'FF4':
      case 'FF5':
      case 'FF6': {
        const length = number('micros', node.field === 'US' ? 6 : Number(node.field.slice(2)))
        this.#fields.micros = (this.#fields.micros ?? 0) * 10 ** Math.max(6 - length, 0)
        return
      }
      case 'SSSS':
        number('secondOfDay', node.text.length)
        return
      case 'TZ':
      case 'OF':
        throw unsupportedField(node)
      case 'TZH':
        this.#readSign()
        number('zoneHour', 2)
        return
      case 'TZM':
        this.#fields.zoneSign ??= 1
        number('zoneMinute', 2)
        return
      default:
        this.#readCalendarField(node, index)
    }
  }

  #readCalendarField(node: FieldNode, index: number): void {
    const number = (field: NumberField, length: number): number => this.#number(node, index, field, length)
    switch (node.field) {
      case 'MONTH':
        this.#set(node, 'month', this.#choice(node, MONTHS) + 1)
        return
      case 'MON':
        this.#set(node, 'month', this.#choice(node, MONTHS.map(threeLetters)) + 1)
        return
      case 'DAY':
        this.#set(node, 'weekday', this.#choice(node, DAYS) + 1)
        return
      case 'DY':
        this.#set(node, 'weekday', this.#choice(node, DAYS.map(threeLetters)) + 1)
        return
      case 'RM':
        this.#set(node, 'month', 12 - this.#choice(node, ROMAN_MONTHS.toReversed()))
        return
      case 'MM':
        number('month', 2)
        return
      case 'DDD':
      case 'IDDD':
        number('dayOfYear', 3)
        return
      case 'DD':
        number('day', 2)
        return
      case 'D':
        number('weekday', 1)
        return
      case 'ID':
        number('weekday', 1)
        // Sunday, the seventh day, comes first here; so does whatever is no day.
        this.#fields.weekday = (this.#fields.weekday ?? 0) < 7 ? (this.#fields.weekday ?? 0) + 1 : 1
        return
      case 'WW':
      case 'IW':
        number('week', 2)
        return
      case 'Q':
        // Which day of the quarter it should be nobody says.
        this.#integer(node, index, 1)
        return
      case 'CC':
        number('century', 2)
        return
      case 'W':
        number('weekOfMonth', 1)
        return
      case 'J':
        number('julian', node.text.length)
        return
      default:
        this.#readYear(node, index)
    }
  }

  #readYear(node: FieldNode, index: number): void {
    if (node.field === 'Y,YYY') {
      const match = /^\s*([+-]?\d+),(\d{1,3})/.exec(this.#text.slice(this.#at))
      if (match === null) {
        throw queryError('invalid_datetime_format', `invalid input string for "Y,YYY"`)
      }
      this.#at += match[0].length
      this.#set(node, 'year', Number(match[1]) * 1000 + Number(match[2]))
      this.#fields.yearSize = 4
      return
    }
    const size = node.field.length
    const length = this.#number(node, index, 'year', size)
    if (size < 4 && length < 4) this.#fields.year = nearestTo2020(this.#fields.year ?? 0)
    this.#fields.yearSize = size
  }

  #readSign(): void {
    const next = this.#text[this.#at]
    if (next === '+' || next === '-' || next === ' ') {
      this.#fields.zoneSign = next === '-' ? -1 : 1
      this.#at++
    } else {
      // A minus that was taken for a separator still is one.
      this.#fields.zoneSign = this.#surplus > 0 && this.#text[this.#at - 1] === '-' ? -1 : 1
    }
  }

  /** Reads a number and keeps it. Gives how many characters it had. */
  #number(node: FieldNode, index: number, field: NumberField, length: number): number {
    const { value, size } = this.#integer(node, index, length)
    this.#set(node, field, value)
    if (node.ordinal !== undefined) this.#at += 2
    return size
  }

  #set(node: FieldNode, field: NumberField, value: number): void {
    const known = this.#fields[field]
    if (known !== undefined && known !== 0 && known !== value) {
      throw queryError(
        'invalid_datetime_format',
        `conflicting values for "${node.text}" field in formatting string`,
        { detail: 'This value contradicts a previous setting for the same field type.' },
      )
    }
    this.#fields[field] = value
  }

  #integer(node: FieldNode, index: number, length: number): { value: number; size: number } {
    const rest = this.#text.slice(this.#at).trimStart()
    this.#at = this.#text.length - rest.length
    const isOpen = node.isFilled || this.#isFollowedByText(index)
    const source = isOpen ? rest : rest.slice(0, length)
    if (!isOpen && source.length < length) {
      throw queryError(
        'invalid_datetime_format',
        `source string too short for "${node.text}" formatting field`,
        {
          detail: `Field requires ${length} characters, but only ${source.length} remain.`,
          hint: FIXED_HINT,
        },
      )
    }
    const digits = /^\s*[+-]?\d+/.exec(source)?.[0] ?? ''
    if (!isOpen && digits.length > 0 && digits.length < length) {
      throw queryError('invalid_datetime_format', `invalid value "${source}" for "${node.text}"`, {
        detail: `Field requires ${length} characters, but only ${digits.length} could be parsed.`,
        hint: FIXED_HINT,
      })
    }
    if (digits === '') {
      throw queryError(
        'invalid_datetime_format',
        `invalid value "${source.slice(0, length)}" for "${node.text}"`,
        {
          detail: 'Value must be an integer.',
        },
      )
    }
    const value = Number(digits)
    if (value > 0x7fff_ffff || value < -0x8000_0000) {
      throw queryError(
        'datetime_field_overflow',
        `value for "${node.text}" in source string is out of range`,
        {
          detail: 'Value must be in the range -2147483648 to 2147483647.',
        },
      )
    }
    this.#at += digits.length
    return { value, size: digits.length }
  }

  /** Whether what follows in the pattern cannot be a digit, so that a number may be of any length. */
  #isFollowedByText(index: number): boolean {
    const node = this.#nodes[index]
    if (node?.kind === 'field' && node.ordinal !== undefined) return true
    const next = this.#nodes[index + 1]
    if (next === undefined) return true
    if (next.kind === 'field') return !NUMERIC_FIELDS.has(next.field)
    return !/^\d$/.test(next.text)
  }

  /** Which of the names the text goes on with, in any case. */
  #choice(node: FieldNode, names: readonly string[]): number {
    const rest = this.#text.slice(this.#at).toLowerCase()
    const found = names.findIndex((name) => rest.startsWith(name.toLowerCase()))
    if (found < 0) {
      const shown = /^\S*/.exec(this.#text.slice(this.#at))?.[0] ?? ''
      throw queryError('invalid_datetime_format', `invalid value "${shown}" for "${node.text}"`, {
        detail: 'The given value did not match any of the allowed values for this field.',
      })
    }
    this.#at += (names[found] ?? '').length
    return found
  }

  #checkConvention(field: DateField): void {
    const isIso = ISO_FIELDS.has(field)
    if (!isIso && !GREGORIAN_FIELDS.has(field)) return
    if (this.#fields.isIso !== undefined && this.#fields.isIso !== isIso) {
      throw queryError('invalid_datetime_format', 'invalid combination of date conventions', {
        hint: 'Do not mix Gregorian and ISO week date conventions in a formatting template.',
      })
    }
    this.#fields.isIso = isIso
  }
}

const FIXED_HINT = 'If your source string is not fixed-width, try using the "FM" modifier.'

/** Fields that begin with a digit. */
const NUMERIC_FIELDS: ReadonlySet<DateField> = new Set([
  'CC',
  'DDD',
  'DD',
  'D',
  'FF1',
  'FF2',
  'FF3',
  'FF4',
  'FF5',
  'FF6',
  'HH24',
  'HH12',
  'IDDD',
  'ID',
  'IW',
  'IYYY',
  'IYY',
  'IY',
  'I',
  'J',
  'MI',
  'MM',
  'MS',
  'Q',
  'SSSS',
  'SS',
  'US',
  'WW',
  'W',
  'Y,YYY',
  'YYYY',
  'YYY',
  'YY',
  'Y',
] as const)

function meridiemNames(node: FieldNode, first: string, second: string): readonly string[] {
  const dotted = (text: string): string => text.replace(/./g, '$&.')
  return node.field.includes('.') ? [dotted(first), dotted(second)] : [first, second]
}

const threeLetters = (name: string): string => name.slice(0, 3)

/** A year of fewer than four digits is that nearest to 2020. */
function nearestTo2020(year: number): number {
  if (year < 70) return year + 2000
  if (year < 100) return year + 1900
  if (year < 520) return year + 2000
  return year < 1000 ? year + 1000 : year
}

function unsupportedField(node: FieldNode): OrbitError {
  return queryError('feature_not_supported', `formatting field "${node.text}" is only supported in to_char`)
}
