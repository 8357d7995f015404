/**
 * Elementary functions of floating-point numbers, rounded correctly, as those of the C library that PostgreSQL calls
 * nearly always are: JavaScript's own differ in the last digit now and then.
 */
import {
  add,
  divide,
  exactly,
  multiply,
  negate,
  polynomial,
  productOf,
  scale,
  squareRoot,
  subtract,
  sumOf,
  type DoubleDouble,
} from './double-double.js'
import { reduceAngle } from './reduce-angle.js'

const LN_2: DoubleDouble = { high: 0.6931471805599453, low: 2.3190468138462996e-17 }

/** 1, 1, 1/2, 1/6, … */
const INVERSE_FACTORIALS: readonly DoubleDouble[] = inverseFactorials(28)

function inverseFactorials(count: number): readonly DoubleDouble[] {
  const all = [exactly(1)]
  let last = exactly(1)
  for (let n = 1; n < count; n++) all.push((last = divide(last, exactly(n))))
  return all
}

/** How often the argument is halved before the series, and the result squared after it. */
const HALVINGS = 8
const EXPONENTIAL_TERMS = INVERSE_FACTORIALS.slice(0, 11)

/** e to a power, as `value * 2 ** exponent`. */
function exponentialParts(x: DoubleDouble): { value: DoubleDouble; exponent: number } {
  const exponent = Math.round(x.high / LN_2.high)
  const rest = subtract(x, multiply(LN_2, exactly(exponent)))
  // Without the 1, which would cost digits while it is squared: (1 + y)² - 1 is y² + 2y.
  const small = scale(rest, 2 ** -HALVINGS)
  let less = multiply(small, polynomial(small, EXPONENTIAL_TERMS.slice(1)))
  for (let i = 0; i < HALVINGS; i++) less = add(multiply(less, less), scale(less, 2))
  return { value: add(less, exactly(1)), exponent }
}

/** Rounded once, where the result is subnormal too. */
function timesPowerOfTwo({ high, low }: DoubleDouble, exponent: number): number {
  if (exponent > 1000) return high * 2 ** 1000 * 2 ** (exponent - 1000)
  if (exponent >= -1000) return high * 2 ** exponent
  // The nearest multiple of the smallest number, by adding and taking away what pushes all below it out.
  const unit = 2 ** (-1074 - exponent)
  const magnet = unit * 2 ** 52
  if (high >= magnet) return high * 2 ** (exponent + 600) * 2 ** -600
  const sum = sumOf(magnet, high)
  const isUp = sum.low + low > unit / 2
  const isDown = sum.low + low < -unit / 2
  const nearest = sum.high + (isUp ? unit : isDown ? -unit : 0)
  return ((nearest - magnet) / unit) * 2 ** -1074
}

export function exponential(value: number): number {
  if (!(value > -746 && value < 710)) return Math.exp(value)
  const { value: mantissa, exponent } = exponentialParts(exactly(value))
  return timesPowerOfTwo(mantissa, exponent)
}

/** 1, 1/3, 1/5, … */
const ODD_INVERSES: readonly DoubleDouble[] = Array.from({ length: 14 }, (_, index) =>
  divide(exactly(1), exactly(2 * index + 1)),
)

/** Of a positive finite number. */
function logarithm(value: number): DoubleDouble {
  const { mantissa, exponent } = takeApart(value)
  const ofExponent = multiply(LN_2, exactly(exponent))
  if (Math.abs(mantissa - 1) < 1 / 64) {
    const less = sumOf(mantissa, -1)
    const ratio = divide(less, add(less, exactly(2)))
    const series = multiply(scale(ratio, 2), polynomial(multiply(ratio, ratio), ODD_INVERSES))
    return exponent === 0 ? series : add(ofExponent, series)
  }
  const guess = Math.log(mantissa)
  const { value: inverse, exponent: shift } = exponentialParts(exactly(-guess))
  const excess = subtract(multiply(exactly(mantissa), scale(inverse, 2 ** shift)), exactly(1))
  const correction = subtract(excess, scale(multiply(excess, excess), 0.5))
  return add(ofExponent, add(exactly(guess), correction))
}

/** As `mantissa * 2 ** exponent`, the mantissa about 1. */
function takeApart(value: number): { mantissa: number; exponent: number } {
  let mantissa = value
  let exponent = 0
  if (mantissa < 2 ** -1000) {
    mantissa *= 2 ** 100
    exponent -= 100
  }
  const shift = Math.round(Math.log2(mantissa))
  const half = Math.trunc(shift / 2)
  return { mantissa: mantissa / 2 ** half / 2 ** (shift - half), exponent: exponent + shift }
}

export function naturalLogarithm(value: number): number {
  return value > 0 && value < Infinity ? logarithm(value).high : Math.log(value)
}

/** By the C library's steps, which are not rounded correctly either. */
export function decimalLogarithm(value: number): number {
  if (!(value > 0 && value < Infinity)) return Math.log10(value)
  const { fraction, exponent } = fractionOf(value)
  // From 1 up to 2, or below 1 from 0.5 up to 1.
  const isBelow = exponent < 1
  const whole = isBelow ? exponent : exponent - 1
  const rest = isBelow ? fraction : fraction * 2
  return whole * LOG_2_LOW + INVERSE_LN_10 * naturalLogarithm(rest) + whole * LOG_2_HIGH
}

const INVERSE_LN_10 = 0.4342944819032518
/** The decimal logarithm of 2, its first part short enough for exact products. */
const LOG_2_HIGH = 0.30102999566361177
const LOG_2_LOW = 3.694239077158931e-13

export function powerOf(base: number, exponent: number): number {
  if (exponent === 2) return base * base
  if (exponent === 0.5 && base > 0) return Math.sqrt(base)
  const plain = base ** exponent
  if (!isFinite(base) || !isFinite(exponent) || base === 0 || exponent === 0 || Math.abs(base) === 1)
    return plain
  if (plain === Infinity || plain === -Infinity || plain === 0) return plain
  const power = multiply(logarithm(Math.abs(base)), exactly(exponent))
  const { value, exponent: binary } = exponentialParts(power)
  const magnitude = timesPowerOfTwo(value, binary)
  return plain < 0 ? -magnitude : magnitude
}

/** Rounded correctly, which C libraries of before 2025 do not do: theirs may differ in the last digit. */
export function cubeRoot(value: number): number {
  const guess = Math.cbrt(value)
  const magnitude = Math.abs(value)
  if (!(magnitude > 2 ** -900 && magnitude < 2 ** 900)) return guess
  const excess = subtract(multiply(productOf(guess, guess), exactly(guess)), exactly(value))
  return guess - excess.high / (3 * guess * guess)
}

/** As `fraction * 2 ** exponent`, the fraction from 0.5 up to 1. */
function fractionOf(value: number): { fraction: number; exponent: number } {
  let exponent = Math.floor(Math.log2(value)) + 1
  const half = Math.trunc(exponent / 2)
  let fraction = value / 2 ** half / 2 ** (exponent - half)
  if (fraction >= 1) {
    fraction /= 2
    exponent++
  } else if (fraction < 0.5) {
    fraction *= 2
    exponent--
  }
  return { fraction, exponent }
}

const SINE_TERMS = INVERSE_FACTORIALS.filter((_, n) => n % 2 === 1).map((term, i) =>
  i % 2 === 0 ? term : negate(term),
)
const COSINE_TERMS = INVERSE_FACTORIALS.filter((_, n) => n % 2 === 0).map((term, i) =>
  i % 2 === 0 ? term : negate(term),
)

interface SineAndCosine {
  readonly sine: DoubleDouble
  readonly cosine: DoubleDouble
}

/** Of an angle of at most a quarter of π, or a little more. */
function seriesOf(angle: DoubleDouble): SineAndCosine {
  const square = multiply(angle, angle)
  return { sine: multiply(angle, polynomial(square, SINE_TERMS)), cosine: polynomial(square, COSINE_TERMS) }
}

function sineAndCosine(angle: number): SineAndCosine {
  const { quarters, rest } = reduceAngle(angle)
  const { sine, cosine } = seriesOf(rest)
  switch (quarters) {
    case 0:
      return { sine, cosine }
    case 1:
      return { sine: cosine, cosine: negate(sine) }
    case 2:
      return { sine: negate(sine), cosine: negate(cosine) }
    default:
      return { sine: negate(cosine), cosine: sine }
  }
}

/** Below it the functions are their argument, or 1. */
const TINY = 2 ** -30

export function sineOf(value: number): number {
  if (!isFinite(value) || Math.abs(value) < TINY) return Math.sin(value)
  return sineAndCosine(value).sine.high
}

export function cosineOf(value: number): number {
  if (!isFinite(value) || Math.abs(value) < TINY) return Math.cos(value)
  return sineAndCosine(value).cosine.high
}

export function tangentOf(value: number): number {
  if (!isFinite(value) || Math.abs(value) < TINY) return Math.tan(value)
  const { sine, cosine } = sineAndCosine(value)
  return divide(sine, cosine).high
}

/** One step from JavaScript's result to the angle with that tangent. */
function arctangent(y: DoubleDouble, x: DoubleDouble): DoubleDouble {
  const guess = Math.atan2(y.high, x.high)
  const { sine, cosine } = sineAndCosine(guess)
  const across = subtract(multiply(y, cosine), multiply(x, sine))
  const along = add(multiply(x, cosine), multiply(y, sine))
  return add(exactly(guess), divide(across, along))
}

export function arctangentOf(value: number): number {
  const magnitude = Math.abs(value)
  if (!isFinite(value) || magnitude < TINY || magnitude > 2 ** 200) return Math.atan(value)
  return arctangent(exactly(value), exactly(1)).high
}

export function arctangentOfRatio(y: number, x: number): number {
  const ratio = Math.abs(y / x)
  if (!(ratio > 2 ** -200 && ratio < 2 ** 200)) return Math.atan2(y, x)
  // Brought near 1 both, which changes nothing but the exponents.
  const { mantissa, exponent } = takeApart(Math.abs(x))
  const shift = Math.max(-1000, Math.min(1000, -exponent))
  const scaledY = y * 2 ** shift
  if (exponent !== -shift || !isFinite(scaledY) || Math.abs(scaledY) < 2 ** -900) return Math.atan2(y, x)
  return arctangent(exactly(scaledY), exactly(x < 0 ? -mantissa : mantissa)).high
}

/** The side of the triangle of which `value` is the other one and 1 the longest. */
function complementOf(value: number): DoubleDouble {
  return squareRoot(subtract(exactly(1), productOf(value, value)))
}

export function arcsineOf(value: number): number {
  const magnitude = Math.abs(value)
  if (!(magnitude < 1) || magnitude < TINY) return Math.asin(value)
  return arctangent(exactly(value), complementOf(value)).high
}

export function arccosineOf(value: number): number {
  const magnitude = Math.abs(value)
  if (!(magnitude < 1) || magnitude < 2 ** -60) return Math.acos(value)
  return arctangent(complementOf(value), exactly(value)).high
}

/** The hyperbolic functions take the C library's steps, which call the exponential and the logarithm. */
export function hyperbolicSineOf(value: number): number {
  const magnitude = Math.abs(value)
  if (!(magnitude >= 22 && magnitude < 709)) return Math.sinh(value)
  return Math.sign(value) * 0.5 * exponential(magnitude)
}

export function hyperbolicCosineOf(value: number): number {
  const magnitude = Math.abs(value)
  if (!(magnitude > 0.5 * LN_2.high && magnitude < 709)) return Math.cosh(value)
  const power = exponential(magnitude)
  return magnitude < 22 ? 0.5 * power + 0.5 / power : 0.5 * power
}

export function inverseHyperbolicSineOf(value: number): number {
  const magnitude = Math.abs(value)
  if (!(magnitude > 2 && magnitude < Infinity)) return Math.asinh(value)
  const result =
    magnitude > 2 ** 28
      ? naturalLogarithm(magnitude) + LN_2.high
      : naturalLogarithm(2 * magnitude + 1 / (Math.sqrt(value * value + 1) + magnitude))
  return Math.sign(value) * result
}

export function inverseHyperbolicCosineOf(value: number): number {
  if (!(value > 2 && value < Infinity)) return Math.acosh(value)
  if (value > 2 ** 28) return naturalLogarithm(value) + LN_2.high
  return naturalLogarithm(2 * value - 1 / (value + Math.sqrt(value * value - 1)))
}
