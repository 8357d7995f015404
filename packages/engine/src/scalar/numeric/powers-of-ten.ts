/** Powers of ten and numbers of digits of big integers. */

const CACHED = 512
const powers: bigint[] = [1n]

/** 10 to a power of zero or more. */
export function powerOfTen(exponent: number): bigint {
  if (exponent >= CACHED) return 10n ** BigInt(exponent)
  for (let i = powers.length; i <= exponent; i++) powers.push((powers[i - 1] ?? 1n) * 10n)
  return powers[exponent] ?? 1n
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** How many decimal digits an integer of zero or more has; 1 for zero. */
export function countDigits(magnitude: bigint): number {
  if (magnitude <= SAFE) {
    let count = 1
    for (let rest = Number(magnitude); rest >= 10; rest = Math.floor(rest / 10)) count++
    return count
  }
  return magnitude.toString().length
}

export function magnitudeOf(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** `value / divisor`, halves away from zero. */
export function divideRounded(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  const rest = value - quotient * divisor
  if (magnitudeOf(rest) * 2n < magnitudeOf(divisor)) return quotient
  return value < 0n === divisor < 0n ? quotient + 1n : quotient - 1n
}
