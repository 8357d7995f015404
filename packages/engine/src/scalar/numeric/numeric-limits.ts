import { queryError } from '../condition.js'
import { Numeric } from './numeric.js'
import { countDigits, divideRounded, magnitudeOf, powerOfTen } from './powers-of-ten.js'

/** Digits before the point. */
export const WHOLE_DIGITS_MAX = 131_072
/** Digits after the point. */
export const SCALE_MAX = 16_383

export function numericOverflow(): Error {
  return queryError('numeric_value_out_of_range', 'value overflows numeric format')
}

/** The value, rounded where it has too many digits after the point. @throws numeric_value_out_of_range */
export function limited(digits: bigint, scale: number): Numeric {
  if (scale > SCALE_MAX) return limited(divideRounded(digits, powerOfTen(scale - SCALE_MAX)), SCALE_MAX)
  // No number with fewer bits than this can be too large, and counting digits costs.
  if (digits > -SMALL && digits < SMALL) return new Numeric(digits, scale)
  if (countDigits(magnitudeOf(digits)) - scale > WHOLE_DIGITS_MAX) throw numericOverflow()
  return new Numeric(digits, scale)
}

const SMALL = 1n << 256n
