/** Digits after the second. */
import { queryError } from '../condition.js'
import type { Int64 } from '../value.js'
import { DAYS_TO_2000, MICROS_PER_DAY } from './calendar.js'
import { isInfinite, shiftTimestamp } from './timestamp.js'

export const PRECISION_MAX = 6

/** Of `time(3)` and the like; more than six digits are six. @throws invalid_parameter_value */
export function makePrecisionModifier(name: string, suffix = ''): (values: readonly number[]) => number {
  return (values) => {
    const [precision] = values
    if (precision === undefined || values.length > 1) {
      throw queryError('invalid_parameter_value', 'invalid type modifier')
    }
    if (precision < 0) {
      throw queryError(
        'invalid_parameter_value',
        `${name}(${precision})${suffix} precision must not be negative`,
      )
    }
    return Math.min(precision, PRECISION_MAX)
  }
}

/** To so many digits, halves away from zero. */
export function roundMicros(micros: number, precision: number): number {
  if (precision >= PRECISION_MAX || precision < 0) return micros
  const step = 10 ** (PRECISION_MAX - precision)
  const rounded = Math.floor((Math.abs(micros) + step / 2) / step) * step
  return micros < 0 ? -rounded + 0 : rounded
}

const EPOCH_2000 = DAYS_TO_2000 * MICROS_PER_DAY

/** As PostgreSQL does, halves go away from 2000-01-01. */
export function roundTimestamp(micros: Int64, precision: number): Int64 {
  if (precision < 0 || precision >= PRECISION_MAX || isInfinite(micros)) return micros
  if (typeof micros === 'number' && micros > -9e15) {
    return roundMicros(micros - EPOCH_2000, precision) + EPOCH_2000
  }
  const step = 10n ** BigInt(PRECISION_MAX - precision)
  const value = BigInt(micros) - BigInt(EPOCH_2000)
  const size = (((value < 0n ? -value : value) + step / 2n) / step) * step
  const rounded = value < 0n ? -size : size
  return shiftTimestamp(micros, Number(rounded - value))
}
