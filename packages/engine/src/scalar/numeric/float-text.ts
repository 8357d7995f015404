/**
 * Floating-point numbers with a given number of digits, as C writes them: of two texts that are equally near, the one that
 * ends with an even digit. JavaScript takes the larger one.
 */

/** Digits that JavaScript gives at most; a number halfway between two texts has fewer. */
const DIGITS_MAX = 100

/** One digit before the point and so many after it, then the exponent: `1.5e+3`. */
export function exponentialText(value: number, after: number): string {
  const text = value.toExponential(after)
  if (!/[13579]e/.test(text)) return text
  const [mantissa = '', exponent = ''] = value.toExponential(DIGITS_MAX).split('e')
  const point = mantissa.indexOf('.')
  if (!/^50*$/.test(mantissa.slice(point + 1 + after))) return text
  return `${mantissa.slice(0, after === 0 ? point : point + 1 + after)}e${exponent}`
}

/** So many digits after the point, of a number below 1e21. */
export function fixedText(value: number, after: number): string {
  const text = value.toFixed(after)
  if (!/[13579]$/.test(text)) return text
  const exact = value.toFixed(DIGITS_MAX)
  const point = exact.indexOf('.')
  if (!/^50*$/.test(exact.slice(point + 1 + after))) return text
  return exact.slice(0, after === 0 ? point : point + 1 + after)
}
