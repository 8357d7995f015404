import { defined } from '@orbit-ts/base'
import type { Accumulator, AggregateFunction } from '../functions/function.js'
import { divideNumeric } from '../numeric/arithmetic.js'
import { Numeric } from '../numeric/numeric.js'
import { powerOfTen } from '../numeric/powers-of-ten.js'
import { integerRoot } from '../numeric/transcendental.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Int64, Value } from '../value.js'
import { aggregate } from './define-aggregate.js'
import { NumericSum } from './numeric-sum.js'

interface Measure {
  /** Divides by one less than the number of values. */
  readonly isSample: boolean
  readonly isDeviation: boolean
}

/** Exact sums of values and of their squares. */
class Moments implements Accumulator {
  readonly sizeBytes = 200
  readonly #measure: Measure
  readonly #sum = new NumericSum()
  readonly #squares = new NumericSum()

  constructor(measure: Measure) {
    this.#measure = measure
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#change(args[0] as Numeric | Int64, 1)
  }

  remove(_: ScalarContext, args: readonly Value[]): void {
    this.#change(args[0] as Numeric | Int64, -1)
  }

  merge(other: Moments): void {
    this.#sum.merge(other.#sum)
    this.#squares.merge(other.#squares)
  }

  result(): Value {
    const { isSample, isDeviation } = this.#measure
    const { count } = this.#sum
    if (count === 0 || (isSample && count === 1)) return null
    if (!this.#sum.isFinite) return Numeric.NAN
    const { digits, scale } = this.#sum.exact
    const squares = this.#squares.exact
    // The sums may be larger than any numeric that is a result.
    const spread = new Numeric(
      BigInt(count) * squares.digits * powerOfTen(2 * scale - squares.scale) - digits * digits,
      2 * scale,
    )
    if (spread.sign <= 0) return Numeric.ZERO
    const divisor = new Numeric(BigInt(count) * BigInt(isSample ? count - 1 : count), 0)
    const variance = divideNumeric(spread, divisor)
    return isDeviation ? rootToScale(variance) : variance
  }

  #change(value: Numeric | Int64, sign: 1 | -1): void {
    const exact = value instanceof Numeric ? value : new Numeric(BigInt(value), 0)
    this.#sum.change(exact, sign)
    if (exact.isFinite) this.#squares.change(new Numeric(exact.digits ** 2n, 2 * exact.scale), sign)
  }
}

/** The square root with as many digits after the point as the value has. */
function rootToScale({ digits, scale }: Numeric): Numeric {
  const square = digits * powerOfTen(scale)
  const root = integerRoot(square)
  return new Numeric(square - root * root > root ? root + 1n : root, scale)
}

const MEASURES: Readonly<Record<string, Measure>> = {
  var_pop: { isSample: false, isDeviation: false },
  var_samp: { isSample: true, isDeviation: false },
  variance: { isSample: true, isDeviation: false },
  stddev_pop: { isSample: false, isDeviation: true },
  stddev_samp: { isSample: true, isDeviation: true },
  stddev: { isSample: true, isDeviation: true },
}

const SIGNATURES = `
  2718 var_pop(int8) numeric
  2719 var_pop(int4) numeric
  2720 var_pop(int2) numeric
  2723 var_pop(numeric) numeric
  2641 var_samp(int8) numeric
  2642 var_samp(int4) numeric
  2643 var_samp(int2) numeric
  2646 var_samp(numeric) numeric
  2148 variance(int8) numeric
  2149 variance(int4) numeric
  2150 variance(int2) numeric
  2153 variance(numeric) numeric
  2724 stddev_pop(int8) numeric
  2725 stddev_pop(int4) numeric
  2726 stddev_pop(int2) numeric
  2729 stddev_pop(numeric) numeric
  2712 stddev_samp(int8) numeric
  2713 stddev_samp(int4) numeric
  2714 stddev_samp(int2) numeric
  2717 stddev_samp(numeric) numeric
  2154 stddev(int8) numeric
  2155 stddev(int4) numeric
  2156 stddev(int2) numeric
  2159 stddev(numeric) numeric
`

/** Variances and standard deviations of exact numbers. */
export const varianceAggregates: readonly AggregateFunction[] = SIGNATURES.trim()
  .split('\n')
  .map((signature) => {
    const name = defined(/\w+(?=\()/.exec(signature)?.[0], 'the name of the aggregate')
    const measure = defined(MEASURES[name], 'the measure')
    return aggregate(signature, { bind: () => (): Accumulator => new Moments(measure), isInvertible: true })
  })
