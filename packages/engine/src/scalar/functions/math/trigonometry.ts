import { queryError } from '../../condition.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import {
  arccosineOf,
  arcsineOf,
  arctangentOf,
  arctangentOfRatio,
  cosineOf,
  hyperbolicCosineOf,
  hyperbolicSineOf,
  inverseHyperbolicCosineOf,
  inverseHyperbolicSineOf,
  sineOf,
  tangentOf,
} from './accurate-float.js'

type FloatFunction = (value: number) => number

/** A function that is there for the values of `accepts`, and for NaN. */
function within(
  accepts: (value: number) => boolean,
  compute: FloatFunction,
): (_: unknown, value: number) => number {
  return (_, value) => {
    if (value === value && !accepts(value)) throw outOfRange()
    return compute(value)
  }
}

export function outOfRange(): Error {
  return queryError('numeric_value_out_of_range', 'input is out of range')
}

const isUnit = (value: number): boolean => value >= -1 && value <= 1
const finite = (compute: FloatFunction): ReturnType<typeof within> => within(isFinite, compute)
const unit = (compute: FloatFunction): ReturnType<typeof within> => within(isUnit, compute)

export const trigonometry: readonly ScalarFunction[] = [
  scalar('1604 sin(float8) float8', finite(sineOf)),
  scalar('1605 cos(float8) float8', finite(cosineOf)),
  scalar('1606 tan(float8) float8', finite(tangentOf)),
  scalar(
    '1607 cot(float8) float8',
    finite((value) => 1 / tangentOf(value)),
  ),
  scalar('1600 asin(float8) float8', unit(arcsineOf)),
  scalar('1601 acos(float8) float8', unit(arccosineOf)),
  scalar('1602 atan(float8) float8', (_, value: number) => arctangentOf(value)),
  scalar('1603 atan2(float8,float8) float8', (_, y: number, x: number) => arctangentOfRatio(y, x)),
  scalar('2462 sinh(float8) float8', (_, value: number) => hyperbolicSineOf(value)),
  scalar('2463 cosh(float8) float8', (_, value: number) => hyperbolicCosineOf(value)),
  scalar('2464 tanh(float8) float8', (_, value: number) => Math.tanh(value)),
  scalar('2465 asinh(float8) float8', (_, value: number) => inverseHyperbolicSineOf(value)),
  scalar(
    '2466 acosh(float8) float8',
    within((value) => value >= 1, inverseHyperbolicCosineOf),
  ),
  scalar('2467 atanh(float8) float8', unit(Math.atanh)),
]
