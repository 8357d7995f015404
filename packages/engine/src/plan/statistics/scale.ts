import { Numeric } from '../../scalar/numeric/numeric.js'
import type { DataType } from '../../scalar/data-type.js'
import type { Value } from '../../scalar/value.js'

/** Characters of a text that are looked at. */
const TEXT_PREFIX = 12

/** Where a value is on a line, for estimating shares of a range; undefined where values have no such place. */
export function positionOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Numeric) return numericPosition(value)
  return undefined
}

function numericPosition(value: Numeric): number {
  if (value.special === 'nan' || value.special === 'infinity') return Infinity
  if (value.special === '-infinity') return -Infinity
  return Number(value.digits) / 10 ** value.scale
}

/** How far a value is from `low` to `high`, 0 to 1; a half where that cannot be told. */
export function shareBetween(value: Value, low: Value, high: Value): number {
  if (typeof value === 'string' && typeof low === 'string' && typeof high === 'string') {
    return textShare(value, low, high)
  }
  const [at, from, to] = [positionOf(value), positionOf(low), positionOf(high)]
  if (at === undefined || from === undefined || to === undefined) return 0.5
  return clampedShare(at, from, to)
}

/** By the characters after what both bounds begin with, read as digits of a fraction. */
function textShare(value: string, low: string, high: string): number {
  let common = 0
  while (common < low.length && common < high.length && low[common] === high[common]) common++
  const fraction = (text: string): number => {
    let sum = 0
    let weight = 1
    for (let at = common; at < Math.min(text.length, common + TEXT_PREFIX); at++) {
      weight /= 256
      sum += weight * Math.min(text.charCodeAt(at), 255)
    }
    return sum
  }
  return clampedShare(fraction(value), fraction(low), fraction(high))
}

function clampedShare(at: number, from: number, to: number): number {
  if (!(to > from)) return 0.5
  const share = (at - from) / (to - from)
  return Number.isNaN(share) ? 0.5 : Math.min(1, Math.max(0, share))
}

/** Compares two values of a type; undefined where they have no order, or are not of the type after all. */
export function compareValues(a: Value, b: Value, type: DataType): number | undefined {
  if (a === null || b === null || type.scalar.compare === undefined) return undefined
  try {
    return type.scalar.compare(a, b, type.collation)
  } catch {
    return undefined
  }
}
