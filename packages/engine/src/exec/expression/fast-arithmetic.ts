/**
 * Arithmetic of integers and floats where the result is plainly right; everything else (overflow, big integers,
 * underflow) is left to the function itself, which knows the errors.
 */
import type { Implementation } from '../../scalar/functions/function.js'
import type { Evaluator } from './evaluator.js'

type Combine = (a: number, b: number) => number
type Accept = (result: number) => boolean

const plus: Combine = (a, b) => a + b
const minus: Combine = (a, b) => a - b
/** Adding zero turns -0, which no integer is, into 0. */
const times: Combine = (a, b) => a * b + 0

const isInt4: Accept = (result) => result === (result | 0)
const isFinite: Accept = (result) => result !== 0 && Number.isFinite(result)

/** By `pg_proc.oid`. Each pair has closures of its own, which the compiler of the runtime can then inline. */
const FAST: ReadonlyMap<number, (a: Evaluator, b: Evaluator, slow: Implementation) => Evaluator> = new Map([
  [177, (a, b, slow) => fast(a, b, slow, plus, isInt4)], // int4 + int4
  [181, (a, b, slow) => fast(a, b, slow, minus, isInt4)],
  [141, (a, b, slow) => fast(a, b, slow, times, isInt4)],
  [463, (a, b, slow) => fast(a, b, slow, plus, Number.isSafeInteger)], // int8 + int8
  [464, (a, b, slow) => fast(a, b, slow, minus, Number.isSafeInteger)],
  [465, (a, b, slow) => fast(a, b, slow, times, Number.isSafeInteger)],
  [1274, (a, b, slow) => fast(a, b, slow, plus, Number.isSafeInteger)], // int8 + int4
  [1275, (a, b, slow) => fast(a, b, slow, minus, Number.isSafeInteger)],
  [1276, (a, b, slow) => fast(a, b, slow, times, Number.isSafeInteger)],
  [1278, (a, b, slow) => fast(a, b, slow, plus, Number.isSafeInteger)], // int4 + int8
  [1279, (a, b, slow) => fast(a, b, slow, minus, Number.isSafeInteger)],
  [1280, (a, b, slow) => fast(a, b, slow, times, Number.isSafeInteger)],
  [218, (a, b, slow) => fast(a, b, slow, plus, isFinite)], // float8 + float8
  [219, (a, b, slow) => fast(a, b, slow, minus, isFinite)],
  [216, (a, b, slow) => fast(a, b, slow, (x, y) => x * y, isFinite)],
] as const)

export function compileArithmetic(
  oid: number,
  args: readonly Evaluator[],
  slow: Implementation,
): Evaluator | undefined {
  const [left, right] = args
  if (left === undefined || right === undefined) return undefined
  return FAST.get(oid)?.(left, right, slow)
}

function fast(
  left: Evaluator,
  right: Evaluator,
  slow: Implementation,
  combine: Combine,
  accept: Accept,
): Evaluator {
  return (row, run) => {
    const a = left(row, run)
    const b = right(row, run)
    if (typeof a === 'number' && typeof b === 'number') {
      const result = combine(a, b)
      if (accept(result)) return result
    }
    return a === null || b === null ? null : slow(run.scalar, a, b)
  }
}
