import { queryError } from '../condition.js'
import { SCALE_MAX, WHOLE_DIGITS_MAX, limited, numericOverflow } from './numeric-limits.js'
import { Numeric } from './numeric.js'
import { powerOfTen } from './powers-of-ten.js'

const NUMERIC = /^[ \t\n\v\f\r]*([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d+))?[ \t\n\v\f\r]*$/
const SPECIAL = /^[ \t\n\v\f\r]*(?:([+-]?)(?:inf|infinity)|nan)[ \t\n\v\f\r]*$/i
/** Half of C's largest `int`. */
const EXPONENT_MAX = 1_073_741_823

/** @throws invalid_text_representation, numeric_value_out_of_range */
export function parseNumeric(text: string): Numeric {
  return parseShort(text) ?? parseAny(text)
}

/** The everyday case: up to fifteen digits, perhaps a sign and a point. */
function parseShort(text: string): Numeric | undefined {
  const length = text.length
  if (length === 0 || length > 16) return undefined
  const isNegative = text.charCodeAt(0) === 45
  let value = 0
  let scale = -1
  let count = 0
  for (let at = isNegative ? 1 : 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) {
      value = value * 10 + code - 48
      count++
    } else if (code === 46 && scale < 0) scale = length - at - 1
    else return undefined
  }
  if (count === 0 || count > 15) return undefined
  return new Numeric(BigInt(isNegative ? -value : value), scale < 0 ? 0 : scale)
}

function parseAny(text: string): Numeric {
  const match = NUMERIC.exec(text)
  if (match === null) return parseSpecial(text)
  const [, sign, before = '', after = '', alone, exponentText] = match
  const fraction = alone ?? after
  const magnitude = BigInt(before + fraction)
  const digits = sign === '-' ? -magnitude : magnitude
  if (exponentText === undefined && fraction.length <= SCALE_MAX) return limited(digits, fraction.length)
  return scaled(digits, fraction.length, Number(exponentText ?? 0))
}

function scaled(digits: bigint, scale: number, exponent: number): Numeric {
  const shifted = scale - exponent
  if (Math.abs(exponent) >= EXPONENT_MAX || shifted > SCALE_MAX) throw numericOverflow()
  if (digits === 0n) return new Numeric(0n, Math.max(shifted, 0))
  if (shifted < -WHOLE_DIGITS_MAX) throw numericOverflow()
  return shifted <= 0 ? limited(digits * powerOfTen(-shifted), 0) : limited(digits, shifted)
}

function parseSpecial(text: string): Numeric {
  const match = SPECIAL.exec(text)
  if (match === null) {
    throw queryError('invalid_text_representation', `invalid input syntax for type numeric: "${text}"`)
  }
  if (match[1] === undefined) return Numeric.NAN
  return match[1] === '-' ? Numeric.NEGATIVE_INFINITY : Numeric.INFINITY
}
