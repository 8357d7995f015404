import { Numeric } from '../../numeric/numeric.js'
import { powerOfTen } from '../../numeric/powers-of-ten.js'
import { roundNumeric } from '../../numeric/round-numeric.js'
import { multiplyNumeric } from '../../numeric/arithmetic.js'
import { roundHalfEven } from '../math/round-half-even.js'
import { numericToInt4 } from '../../numeric/convert-numeric.js'
import { exponentialText, fixedText } from '../../numeric/float-text.js'
import type { Int64 } from '../../value.js'
import type { NumberSource } from './format-number.js'

export class NumericSource implements NumberSource {
  readonly #value: Numeric

  constructor(value: Numeric) {
    this.#value = value
  }

  toFixed(after: number): string {
    if (!this.#value.isFinite) return this.#value.toString()
    return roundNumeric(this.#value, after).toString()
  }

  toExponential(after: number): string | undefined {
    if (!this.#value.isFinite) return undefined
    const { digits, scale } = this.#value
    const magnitude = digits < 0n ? -digits : digits
    const size = magnitude.toString().length
    const exponent = magnitude === 0n ? 0 : size - 1 - scale
    // A mantissa that is rounded up to ten stays as it is, as in PostgreSQL.
    const mantissa = roundNumeric(shift(new Numeric(magnitude, scale), -exponent), after)
    return `${digits < 0n ? '-' : ''}${mantissa.toString()}${exponentText(exponent)}`
  }

  shifted(digits: number): NumberSource {
    return new NumericSource(this.#value.isFinite ? shift(this.#value, digits) : this.#value)
  }

  toInteger(): number {
    return numericToInt4(this.#value)
  }

  digitsAfter(_: number, wanted: number): number {
    return wanted
  }
}

/** An integer, which stays within its type's range when it is shifted. */
export class IntegerSource extends NumericSource {
  readonly #value: Int64
  readonly #check: (value: bigint) => Int64

  constructor(value: Int64, check: (value: bigint) => Int64) {
    super(new Numeric(BigInt(value), 0))
    this.#value = value
    this.#check = check
  }

  override shifted(digits: number): NumberSource {
    return new IntegerSource(this.#check(BigInt(this.#value) * powerOfTen(digits)), this.#check)
  }
}

function shift(value: Numeric, digits: number): Numeric {
  if (digits >= 0) return multiplyNumeric(value, new Numeric(powerOfTen(digits), 0))
  return new Numeric(value.digits, value.scale - digits)
}

function exponentText(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** A floating-point number, of which only so many digits are known. */
export class FloatSource implements NumberSource {
  readonly #value: number
  readonly #precision: number

  constructor(value: number, precision: number) {
    this.#value = value
    this.#precision = precision
  }

  toFixed(after: number): string {
    if (!Number.isFinite(this.#value)) return String(this.#value)
    const sign = this.#value < 0 || Object.is(this.#value, -0) ? '-' : ''
    return sign + wholeText(Math.abs(this.#value), after)
  }

  toExponential(after: number): string | undefined {
    if (!Number.isFinite(this.#value)) return undefined
    const [mantissa = '', exponent = '0'] = exponentialText(this.#value, Math.min(after, 100)).split('e')
    return mantissa + exponentText(Number(exponent))
  }

  shifted(digits: number): NumberSource {
    return new FloatSource(this.#value * 10 ** digits, this.#precision)
  }

  toInteger(): number {
    return roundHalfEven(this.#value)
  }

  digitsAfter(before: number, wanted: number): number {
    return before >= this.#precision ? 0 : Math.min(wanted, this.#precision - before)
  }
}

/** As C's `%.*f` writes it: the double's exact value, rounded. */
function wholeText(value: number, after: number): string {
  if (value < 1e21) return fixedText(value, Math.min(after, 100))
  return after > 0 ? `${BigInt(value)}.${'0'.repeat(after)}` : String(BigInt(value))
}
