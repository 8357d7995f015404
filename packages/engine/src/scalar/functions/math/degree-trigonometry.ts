/**
 * Trigonometry in degrees, which gives exact results where there are some (`sind(30)` is 0.5): the angle is brought into
 * the first quadrant, and functions are scaled so that they are exact at 30 and 60 degrees.
 */
import { scalar } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import {
  arccosineOf,
  arcsineOf,
  arctangentOf,
  arctangentOfRatio,
  cosineOf,
  sineOf,
} from './accurate-float.js'
import { outOfRange } from './trigonometry.js'

const RADIANS_PER_DEGREE = 0.017453292519943295
const SIN_30 = sineOf(30 * RADIANS_PER_DEGREE)
const ONE_MINUS_COS_60 = 1 - cosineOf(60 * RADIANS_PER_DEGREE)
const ASIN_HALF = arcsineOf(0.5)
const ACOS_HALF = arccosineOf(0.5)
const ATAN_ONE = arctangentOf(1)

const sineUpTo30 = (degrees: number): number => sineOf(degrees * RADIANS_PER_DEGREE) / SIN_30 / 2

const cosineUpTo60 = (degrees: number): number =>
  1 - (1 - cosineOf(degrees * RADIANS_PER_DEGREE)) / ONE_MINUS_COS_60 / 2

/** Up to 90 degrees. */
const sine = (degrees: number): number => (degrees <= 30 ? sineUpTo30(degrees) : cosineUpTo60(90 - degrees))
const cosine = (degrees: number): number => (degrees <= 60 ? cosineUpTo60(degrees) : sineUpTo30(90 - degrees))

const TAN_45 = sine(45) / cosine(45)
const COT_45 = cosine(45) / sine(45)

interface Reduced {
  /** 0 to 90. */
  readonly degrees: number
  readonly sineSign: 1 | -1
  readonly cosineSign: 1 | -1
}

function reduce(angle: number): Reduced {
  let degrees = angle % 360
  let sineSign: 1 | -1 = 1
  let cosineSign: 1 | -1 = 1
  if (degrees < 0) {
    degrees = -degrees
    sineSign = -1
  }
  if (degrees > 180) {
    degrees = 360 - degrees
    sineSign = sineSign === 1 ? -1 : 1
  }
  if (degrees > 90) {
    degrees = 180 - degrees
    cosineSign = -1
  }
  return { degrees, sineSign, cosineSign }
}

function reducing(compute: (reduced: Reduced) => number): (_: unknown, angle: number) => number {
  return (_, angle) => {
    if (angle !== angle) return NaN
    if (!isFinite(angle)) throw outOfRange()
    return compute(reduce(angle))
  }
}

/** Of values from 0 to 1. */
const arcsine = (value: number): number =>
  value <= 0.5 ? (arcsineOf(value) / ASIN_HALF) * 30 : 90 - (arccosineOf(value) / ACOS_HALF) * 60
const arccosine = (value: number): number =>
  value <= 0.5 ? 90 - (arcsineOf(value) / ASIN_HALF) * 30 : (arccosineOf(value) / ACOS_HALF) * 60

function ofUnit(compute: (value: number) => number): (_: unknown, value: number) => number {
  return (_, value) => {
    if (value < -1 || value > 1) throw outOfRange()
    return compute(value)
  }
}

export const degreeTrigonometry: readonly ScalarFunction[] = [
  scalar(
    '2735 sind(float8) float8',
    reducing(({ degrees, sineSign }) => sineSign * sine(degrees)),
  ),
  scalar(
    '2736 cosd(float8) float8',
    reducing(({ degrees, cosineSign }) => cosineSign * cosine(degrees)),
  ),
  scalar(
    '2737 tand(float8) float8',
    reducing(
      ({ degrees, sineSign, cosineSign }) =>
        sineSign * cosineSign * (sine(degrees) / cosine(degrees) / TAN_45) + 0,
    ),
  ),
  scalar(
    '2738 cotd(float8) float8',
    reducing(
      ({ degrees, sineSign, cosineSign }) =>
        sineSign * cosineSign * (cosine(degrees) / sine(degrees) / COT_45) + 0,
    ),
  ),
  scalar(
    '2731 asind(float8) float8',
    ofUnit((value) => (value >= 0 ? arcsine(value) : -arcsine(-value))),
  ),
  scalar(
    '2732 acosd(float8) float8',
    ofUnit((value) => (value >= 0 ? arccosine(value) : 90 + arcsine(-value))),
  ),
  scalar('2733 atand(float8) float8', (_, value: number) => (arctangentOf(value) / ATAN_ONE) * 45),
  scalar(
    '2734 atan2d(float8,float8) float8',
    (_, y: number, x: number) => (arctangentOfRatio(y, x) / ATAN_ONE) * 45,
  ),
]
