import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { characterCount } from './characters.js'
import { requireLength } from '../../value-limits.js'
import { workMeter } from '../../work-meter.js'
import { quoteIdentifier, quoteLiteral } from './quote-identifier.js'

/** One `%…` of a format: `%2$-10s`. */
interface Directive {
  readonly position: number | undefined
  readonly isLeft: boolean
  readonly width: number | '*' | { readonly position: number } | undefined
  readonly kind: string
  readonly end: number
}

/** The arguments of a call: their texts, `null` for null. */
export interface FormatArguments {
  readonly count: number
  text(index: number): string | null
  /** As a whole number, for a width. */
  integer(index: number): number | null
}

/** The text of a format with its arguments put in, as SQL's `format`. */
export function formatText(format: string, args: FormatArguments): string {
  let result = ''
  let next = 0
  let at = 0
  for (;;) {
    const percent = format.indexOf('%', at)
    if (percent < 0) return result + format.slice(at)
    result += format.slice(at, percent)
    if (format[percent + 1] === '%') {
      result += '%'
      at = percent + 2
      continue
    }
    const directive = parseDirective(format, percent + 1)
    at = directive.end
    let width = directive.width
    let isLeft = directive.isLeft
    if (width === '*' || typeof width === 'object') {
      const index = width === '*' ? next++ : width.position - 1
      if (width !== '*') next = width.position
      width = argument(args, index).integer(index) ?? 0
      if (width < -WIDTH_MAX) throw queryError('numeric_value_out_of_range', 'number is out of range')
      if (width < 0) {
        isLeft = true
        width = -width
      }
    }
    const index = directive.position === undefined ? next : directive.position - 1
    next = index + 1
    workMeter.workOn(1)
    requireLength(result.length)
    result += padTo(convert(argument(args, index).text(index), directive.kind), width ?? 0, isLeft)
  }
}

function argument(args: FormatArguments, index: number): FormatArguments {
  if (index >= args.count) throw queryError('invalid_parameter_value', 'too few arguments for format()')
  return args
}

function convert(text: string | null, kind: string): string {
  if (kind === 's') return text ?? ''
  if (kind === 'L') return text === null ? 'NULL' : quoteLiteral(text)
  if (text === null) {
    throw queryError('null_value_not_allowed', 'null values cannot be formatted as an SQL identifier')
  }
  return quoteIdentifier(text)
}

const WIDTH_MAX = 0x7fff_ffff

function padTo(text: string, width: number, isLeft: boolean): string {
  const missing = width - characterCount(text)
  if (missing > 0) requireLength(text.length + missing)
  if (missing <= 0) return text
  return isLeft ? text + ' '.repeat(missing) : ' '.repeat(missing) + text
}

function parseDirective(format: string, start: number): Directive {
  const reader = new DirectiveReader(format, start)
  let position: number | undefined
  let width: Directive['width']
  const number = reader.number()
  if (number !== undefined) {
    if (reader.take('$')) position = checkPosition(number)
    else width = number
  }
  let isLeft = false
  if (width === undefined) {
    while (reader.take('-')) isLeft = true
    if (reader.take('*')) width = reader.widthPosition()
    else width = reader.number()
  }
  return { position, isLeft, width, kind: reader.kind(), end: reader.at }
}

function checkPosition(position: number): number {
  if (position === 0) {
    throw queryError(
      'invalid_parameter_value',
      'format specifies argument 0, but arguments are numbered from 1',
    )
  }
  return position
}

class DirectiveReader {
  readonly #format: string
  at: number

  constructor(format: string, start: number) {
    this.#format = format
    this.at = start
    this.#requireMore()
  }

  take(character: string): boolean {
    if (this.#format[this.at] !== character) return false
    this.at++
    this.#requireMore()
    return true
  }

  number(): number | undefined {
    const digits = /^\d+/.exec(this.#format.slice(this.at))?.[0]
    if (digits === undefined) return undefined
    const value = Number(digits)
    if (value > 0x7fff_ffff) throw queryError('numeric_value_out_of_range', 'number is out of range')
    this.at += digits.length
    this.#requireMore()
    return value
  }

  /** What follows the star of a width: the position of the argument that has it, if any. */
  widthPosition(): Directive['width'] {
    const position = this.number()
    if (position === undefined) return '*'
    checkPosition(position)
    if (!this.take('$')) {
      throw queryError('invalid_parameter_value', 'width argument position must be ended by "$"')
    }
    return { position }
  }

  kind(): string {
    const kind = String.fromCodePoint(this.#format.codePointAt(this.at) ?? 0)
    if (!'sIL'.includes(kind)) {
      throw queryError('invalid_parameter_value', `unrecognized format() type specifier "${kind}"`, HINT)
    }
    this.at++
    return kind
  }

  #requireMore(): void {
    if (this.at >= this.#format.length) throw unterminated()
  }
}

const HINT = { hint: 'For a single "%" use "%%".' }

function unterminated(): OrbitError {
  return queryError('invalid_parameter_value', 'unterminated format() type specifier', HINT)
}
