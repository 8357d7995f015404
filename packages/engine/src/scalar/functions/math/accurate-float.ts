/** Elementary functions of floating-point numbers. */

export function exponential(value: number): number {
  return Math.exp(value)
}

export function naturalLogarithm(value: number): number {
  return Math.log(value)
}

export function powerOf(base: number, exponent: number): number {
  if (exponent === 2) return base * base
  return base ** exponent
}

export function cubeRoot(value: number): number {
  return Math.cbrt(value)
}
