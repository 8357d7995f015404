/** `numeric(precision, scale)`. */
import { queryError } from '../condition.js'
import type { Numeric } from './numeric.js'
import { countDigits, magnitudeOf } from './powers-of-ten.js'
import { roundNumeric } from './round-numeric.js'

const PRECISION_MAX = 1000
const HEADER = 4

export function makeNumericModifier(values: readonly number[]): number {
  const [precision, scale = 0] = values
  if (precision === undefined || values.length > 2) {
    throw queryError('invalid_parameter_value', 'invalid NUMERIC type modifier')
  }
  if (precision < 1 || precision > PRECISION_MAX) {
    throw queryError(
      'invalid_parameter_value',
      `NUMERIC precision ${precision} must be between 1 and ${PRECISION_MAX}`,
    )
  }
  if (values.length === 2 && (scale < -PRECISION_MAX || scale > PRECISION_MAX)) {
    throw queryError('invalid_parameter_value', `NUMERIC scale ${scale} must be between -1000 and 1000`)
  }
  return ((precision << 16) | (scale & 0x7ff)) + HEADER
}

export function numericPrecision(modifier: number): number {
  return ((modifier - HEADER) >> 16) & 0xffff
}

/** May be negative: digits before the point that are zero. */
export function numericScale(modifier: number): number {
  return (((modifier - HEADER) & 0x7ff) ^ 1024) - 1024
}

export function formatNumericModifier(modifier: number): string {
  return modifier < 0 ? '' : `(${numericPrecision(modifier)},${numericScale(modifier)})`
}

/** @throws numeric_value_out_of_range */
export function applyNumericModifier(value: Numeric, modifier: number): Numeric {
  if (modifier < 0 || value.isNaN) return value
  const precision = numericPrecision(modifier)
  const scale = numericScale(modifier)
  if (value.special !== undefined) {
    throw fieldOverflow(`A field with precision ${precision}, scale ${scale} cannot hold an infinite value.`)
  }
  const rounded = roundNumeric(value, scale)
  const wholeDigits = precision - scale
  if (rounded.digits !== 0n && wholeDigitsOf(rounded) > wholeDigits) {
    const limit = wholeDigits === 0 ? '1' : `10^${wholeDigits}`
    throw fieldOverflow(
      `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${limit}.`,
    )
  }
  return rounded
}

/** Negative for numbers below one tenth. */
function wholeDigitsOf(value: Numeric): number {
  return countDigits(magnitudeOf(value.digits)) - value.scale
}

function fieldOverflow(detail: string): Error {
  return queryError('numeric_value_out_of_range', 'numeric field overflow', { detail })
}
