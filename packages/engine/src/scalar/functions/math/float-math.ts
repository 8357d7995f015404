import type { OrbitError } from '@orbit-ts/base'
import { queryError } from '../../condition.js'
import { divideFloat, floatOverflow, floatUnderflow, multiplyFloat } from '../arithmetic/checked-float.js'
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { cubeRoot, decimalLogarithm, exponential, naturalLogarithm, powerOf } from './accurate-float.js'
import { roundHalfEven } from './round-half-even.js'

const RADIANS_PER_DEGREE = 0.017453292519943295

function squareRoot(_: unknown, value: number): number {
  if (value < 0) {
    throw queryError('invalid_argument_for_power_function', 'cannot take square root of a negative number')
  }
  return Math.sqrt(value)
}

function power(_: unknown, base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1
  if (base !== base || exponent !== exponent) return NaN
  if (base === 0 && exponent < 0) throw powerError('zero raised to a negative power is undefined')
  if (base < 0 && isFinite(exponent) && !Number.isInteger(exponent)) {
    throw powerError('a negative number raised to a non-integer power yields a complex result')
  }
  if (!isFinite(exponent) && base === -1) return 1
  const result = powerOf(base, exponent)
  if (isFinite(base) && isFinite(exponent)) {
    if (!isFinite(result)) throw floatOverflow()
    if (result === 0 && base !== 0) throw floatUnderflow()
  }
  return result
}

function powerError(message: string): OrbitError {
  return queryError('invalid_argument_for_power_function', message)
}

function exponentialOf(_: unknown, value: number): number {
  const result = exponential(value)
  if (isFinite(value)) {
    if (result === Infinity) throw floatOverflow()
    if (result === 0) throw floatUnderflow()
  }
  return result
}

function logarithm(compute: (value: number) => number): (_: unknown, value: number) => number {
  return (_, value) => {
    if (value === 0) {
      throw queryError('invalid_argument_for_logarithm', 'cannot take logarithm of zero')
    }
    if (value < 0) {
      throw queryError('invalid_argument_for_logarithm', 'cannot take logarithm of a negative number')
    }
    return compute(value)
  }
}

const ln = logarithm(naturalLogarithm)
const log10 = logarithm(decimalLogarithm)

const ceil = (_: unknown, value: number): number => Math.ceil(value)
const round = (_: unknown, value: number): number => roundHalfEven(value)
const truncate = (_: unknown, value: number): number => Math.trunc(value)
const cbrt = (_: unknown, value: number): number => cubeRoot(value)

export const floatMath: readonly ScalarFunction[] = [
  scalar('1344 sqrt(float8) float8', squareRoot),
  scalar('230 dsqrt(float8) float8', squareRoot),
  scalar('1345 cbrt(float8) float8', cbrt),
  scalar('231 dcbrt(float8) float8', cbrt),
  scalar('1346 pow(float8,float8) float8', power),
  scalar('1368 power(float8,float8) float8', power),
  scalar('232 dpow(float8,float8) float8', power),
  scalar('1347 exp(float8) float8', exponentialOf),
  scalar('233 dexp(float8) float8', exponentialOf),
  scalar('1341 ln(float8) float8', ln),
  scalar('234 dlog1(float8) float8', ln),
  scalar('1340 log(float8) float8', log10),
  scalar('1194 log10(float8) float8', log10),
  scalar('1339 dlog10(float8) float8', log10),
  scalar('2308 ceil(float8) float8', ceil),
  scalar('2320 ceiling(float8) float8', ceil),
  scalar('2309 floor(float8) float8', (_, value: number) => Math.floor(value)),
  scalar('1342 round(float8) float8', round),
  scalar('228 dround(float8) float8', round),
  scalar('1343 trunc(float8) float8', truncate),
  scalar('229 dtrunc(float8) float8', truncate),
  scalar('2310 sign(float8) float8', (_, value: number) => (value > 0 ? 1 : value < 0 ? -1 : 0)),
  scalar('1608 degrees(float8) float8', (_, value: number) => divideFloat(value, RADIANS_PER_DEGREE)),
  scalar('1609 radians(float8) float8', (_, value: number) => multiplyFloat(value, RADIANS_PER_DEGREE)),
  scalar('1610 pi() float8', () => Math.PI),
]
