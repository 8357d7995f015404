import { add, exactly, productOf, subtract, type DoubleDouble } from './double-double.js'

export interface ReducedAngle {
  /** How many quarters of a turn were taken away, modulo 4. */
  readonly quarters: number
  /** What is left, at most an eighth of a turn in size. */
  readonly rest: DoubleDouble
}

/** An angle, in radians, without its whole quarters of a turn. */
export function reduceAngle(angle: number): ReducedAngle {
  const magnitude = Math.abs(angle)
  if (magnitude <= Math.PI / 4) return { quarters: 0, rest: exactly(angle) }
  return magnitude < 2 ** 30 ? reduceSmall(angle) : reduceLarge(angle)
}

/** Half of π: each part is what those before it leave. */
const HALF_PI_PARTS = [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33] as const

function reduceSmall(angle: number): ReducedAngle {
  const count = Math.round(angle / HALF_PI_PARTS[0])
  let rest = exactly(angle)
  for (const part of HALF_PI_PARTS) rest = subtract(rest, productOf(count, part))
  return { quarters: ((count % 4) + 4) % 4, rest }
}

/** Bits behind the point, enough for the largest double. */
const BITS = 1280
let knownHalfPi: bigint | undefined

function reduceLarge(angle: number): ReducedAngle {
  knownHalfPi ??= computeHalfPi()
  const exact = fixedPoint(angle)
  const half = knownHalfPi / 2n
  const count = (exact + (exact < 0n ? -half : half)) / knownHalfPi
  return { quarters: Number(((count % 4n) + 4n) % 4n), rest: partsOf(exact - count * knownHalfPi) }
}

/** By Machin's formula, in units of 2 ** -BITS. */
function computeHalfPi(): bigint {
  const guard = 64
  const one = 1n << BigInt(BITS + guard)
  return (2n * (4n * inverseTangent(one, 5n) - inverseTangent(one, 239n))) >> BigInt(guard)
}

function inverseTangent(one: bigint, inverse: bigint): bigint {
  let sum = 0n
  let power = one / inverse
  for (let n = 1n; power !== 0n; n += 4n) {
    sum += power / n
    power /= inverse * inverse
    sum -= power / (n + 2n)
    power /= inverse * inverse
  }
  return sum
}

/** A double in units of 2 ** -BITS. */
function fixedPoint(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(value))
  const bits = view.getBigUint64(0)
  const mantissa = (bits & 0xf_ffff_ffff_ffffn) | 0x10_0000_0000_0000n
  const exact = mantissa << (BigInt(BITS - 1075) + (bits >> 52n))
  return value < 0 ? -exact : exact
}

/** From units of 2 ** -BITS, to more bits than count. */
function partsOf(value: bigint): DoubleDouble {
  const kept = 128
  const magnitude = value >> BigInt(BITS - kept)
  const high = Number(magnitude)
  const low = Number(magnitude - BigInt(high))
  return add(exactly(high * 2 ** -kept), exactly(low * 2 ** -kept))
}
