/**
 * Exponentials and natural logarithms to any precision. Numbers are integers that count units of 2^-bits; results are
 * off by a few units, so callers ask for more bits than they show.
 */

const constants = { bits: 0, ln2: 0n }

/** ln 2, from three quickly converging series. */
function ln2(bits: number): bigint {
  if (constants.bits < bits) {
    const inner = bits + 32
    constants.ln2 =
      18n * atanhInverse(26n, inner) - 2n * atanhInverse(4801n, inner) + 8n * atanhInverse(8749n, inner)
    constants.bits = inner
  }
  return constants.ln2 >> BigInt(constants.bits - bits)
}

/** The inverse hyperbolic tangent of `1 / divisor`. */
function atanhInverse(divisor: bigint, bits: number): bigint {
  const square = divisor * divisor
  let power = (1n << BigInt(bits)) / divisor
  let sum = power
  for (let i = 3n; power !== 0n; i += 2n) {
    power /= square
    sum += power / i
  }
  return sum
}

/** e to the power of `value`, where the power of two that it is near to has been taken out: `mantissa · 2^exponent`. */
export function expFixed(value: bigint, bits: number): { mantissa: bigint; exponent: number } {
  const unit = ln2(bits)
  const exponent = Number(value / unit)
  const rest = value - BigInt(exponent) * unit
  // The series is short for small arguments, and squaring is cheap.
  const halvings = Math.ceil(Math.sqrt(bits) / 3)
  const shift = BigInt(bits + halvings * 2)
  const small = (rest << BigInt(halvings * 2)) >> BigInt(halvings)
  const one = 1n << shift
  let term = one
  let sum = one
  for (let i = 1n; term !== 0n && term !== -1n; i++) {
    term = ((term * small) >> shift) / i
    sum += term
  }
  for (let i = 0; i < halvings; i++) sum = (sum * sum) >> shift
  return { mantissa: sum >> BigInt(halvings * 2), exponent }
}

/** The natural logarithm of `numerator / denominator`, both positive. */
export function lnFixed(numerator: bigint, denominator: bigint, bits: number): bigint {
  // numerator / denominator = ratio · 2^power with the ratio between about 3/4 and 3/2.
  let power = bitLength(numerator) - bitLength(denominator)
  let [top, bottom] =
    power >= 0 ? [numerator, denominator << BigInt(power)] : [numerator << BigInt(-power), denominator]
  if (top * 4n < bottom * 3n) {
    top <<= 1n
    power--
  } else if (top * 2n > bottom * 3n) {
    bottom <<= 1n
    power++
  }
  const inner = bits + 32
  const shift = BigInt(inner)
  const ratio = ((top - bottom) << shift) / (top + bottom)
  const square = (ratio * ratio) >> shift
  let term = ratio
  let sum = ratio
  for (let i = 3n; term !== 0n && term !== -1n; i += 2n) {
    term = (term * square) >> shift
    sum += term / i
  }
  return (2n * sum + BigInt(power) * ln2(inner)) >> 32n
}

function bitLength(value: bigint): number {
  const hex = value.toString(16)
  return (hex.length - 1) * 4 + (32 - Math.clz32(parseInt(hex.charAt(0), 16)))
}
