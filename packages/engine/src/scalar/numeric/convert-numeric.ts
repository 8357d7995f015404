/** Numerics from and to the other numbers. */
import { exponentialText } from './float-text.js'
import { queryError } from '../condition.js'
import { int64, type Int64 } from '../value.js'
import { roundToSingle } from './round-to-single.js'
import { Numeric } from './numeric.js'
import { parseNumeric } from './parse-numeric.js'
import { divideRounded, powerOfTen } from './powers-of-ten.js'

/** From any integer. */
export function numericFromInt(value: Int64): Numeric {
  return new Numeric(BigInt(value), 0)
}

/** As far as a double is exact: 15 digits. */
export function numericFromFloat8(value: number): Numeric {
  return fromFloat(value, 15)
}

/** As far as a single is exact: 6 digits. */
export function numericFromFloat4(value: number): Numeric {
  return fromFloat(value, 6)
}

function fromFloat(value: number, digits: number): Numeric {
  if (Number.isNaN(value)) return Numeric.NAN
  if (!Number.isFinite(value)) return value > 0 ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY
  // Without zeros at the end of the fraction, which `%g` leaves out too.
  const text = exponentialText(value, digits - 1)
  const [mantissa = '0', exponent = '0'] = text.split('e')
  return parseNumeric(`${mantissa.replace(/\.?0+$/, '')}e${exponent}`)
}

/** The nearest double. @throws numeric_value_out_of_range */
export function numericToFloat8(value: Numeric): number {
  if (value.special !== undefined) return specialFloat(value)
  const { digits, scale } = value
  if (scale === 0 && digits < SAFE && digits > -SAFE) return Number(digits)
  if (scale <= 22 && digits < SAFE && digits > -SAFE) return Number(digits) / 10 ** scale
  const result = Number(value.toString())
  if (!Number.isFinite(result) || (result === 0 && digits !== 0n)) {
    throw queryError(
      'numeric_value_out_of_range',
      `"${value.toString()}" is out of range for type double precision`,
    )
  }
  return result
}

/** The nearest single. @throws numeric_value_out_of_range */
export function numericToFloat4(value: Numeric): number {
  if (value.special !== undefined) return specialFloat(value)
  const text = value.toString()
  const result = roundToSingle(text, Number(text))
  if (!Number.isFinite(result) || (result === 0 && value.digits !== 0n)) {
    throw queryError('numeric_value_out_of_range', `"${text}" is out of range for type real`)
  }
  return result
}

function specialFloat(value: Numeric): number {
  return value.special === 'nan' ? NaN : value.special === 'infinity' ? Infinity : -Infinity
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** Rounded, halves away from zero. @throws numeric_value_out_of_range, feature_not_supported for NaN and infinities */
export function numericToInt8(value: Numeric): Int64 {
  const whole = toBigInt(value, 'bigint')
  if (BigInt.asIntN(64, whole) !== whole) throw intOutOfRange('bigint')
  return int64(whole)
}

export function numericToInt4(value: Numeric): number {
  const whole = toBigInt(value, 'integer')
  if (BigInt.asIntN(32, whole) !== whole) throw intOutOfRange('integer')
  return Number(whole)
}

export function numericToInt2(value: Numeric): number {
  const whole = toBigInt(value, 'smallint')
  if (BigInt.asIntN(16, whole) !== whole) throw intOutOfRange('smallint')
  return Number(whole)
}

function toBigInt(value: Numeric, typeName: string): bigint {
  if (value.special !== undefined) {
    const what = value.special === 'nan' ? 'NaN' : 'infinity'
    throw queryError('feature_not_supported', `cannot convert ${what} to ${typeName}`)
  }
  return value.scale === 0 ? value.digits : divideRounded(value.digits, powerOfTen(value.scale))
}

function intOutOfRange(typeName: string): Error {
  return queryError('numeric_value_out_of_range', `${typeName} out of range`)
}
