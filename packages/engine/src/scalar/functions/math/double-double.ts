/**
 * Numbers of about 105 bits: the unevaluated sum of two doubles, the second at most half a unit in the last place of the
 * first, so that the first alone is the sum correctly rounded. Only for finite values far from the ends of the range.
 */
export interface DoubleDouble {
  readonly high: number
  readonly low: number
}

export const exactly = (value: number): DoubleDouble => ({ high: value, low: 0 })

/** Of parts of any size. */
export function sumOf(a: number, b: number): DoubleDouble {
  const high = a + b
  const bb = high - a
  return { high, low: a - (high - bb) + (b - bb) }
}

/** Of parts of which the first is the larger one. */
function quickSum(a: number, b: number): DoubleDouble {
  const high = a + b
  return { high, low: b - (high - a) }
}

/** Splits a double into two of 26 bits. */
const SPLITTER = 2 ** 27 + 1

export function productOf(a: number, b: number): DoubleDouble {
  const high = a * b
  const scaledA = SPLITTER * a
  const aHigh = scaledA - (scaledA - a)
  const aLow = a - aHigh
  const scaledB = SPLITTER * b
  const bHigh = scaledB - (scaledB - b)
  const bLow = b - bHigh
  return { high, low: aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow }
}

export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const high = sumOf(a.high, b.high)
  const low = sumOf(a.low, b.low)
  const middle = quickSum(high.high, high.low + low.high)
  return quickSum(middle.high, middle.low + low.low)
}

export const negate = ({ high, low }: DoubleDouble): DoubleDouble => ({ high: -high, low: -low })

export const subtract = (a: DoubleDouble, b: DoubleDouble): DoubleDouble => add(a, negate(b))

export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const product = productOf(a.high, b.high)
  return quickSum(product.high, product.low + (a.high * b.low + a.low * b.high))
}

export function divide(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const first = a.high / b.high
  let rest = subtract(a, multiply(b, exactly(first)))
  const second = rest.high / b.high
  rest = subtract(rest, multiply(b, exactly(second)))
  const sum = quickSum(first, second)
  return add(sum, exactly(rest.high / b.high))
}

export function squareRoot(a: DoubleDouble): DoubleDouble {
  if (a.high <= 0) return exactly(0)
  const root = Math.sqrt(a.high)
  const rest = subtract(a, productOf(root, root))
  return quickSum(root, rest.high / (2 * root))
}

/** Exact as long as nothing overflows or underflows. */
export const scale = ({ high, low }: DoubleDouble, power: number): DoubleDouble => ({
  high: high * power,
  low: low * power,
})

/** A sum of terms from the last one to the first. */
export function polynomial(x: DoubleDouble, coefficients: readonly DoubleDouble[]): DoubleDouble {
  let sum = exactly(0)
  for (const coefficient of coefficients.toReversed()) sum = add(multiply(sum, x), coefficient)
  return sum
}
