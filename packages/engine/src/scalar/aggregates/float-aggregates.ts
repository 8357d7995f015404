import type { Accumulator, AggregateFunction } from '../functions/function.js'
import { addFloat, floatOverflow } from '../functions/arithmetic/checked-float.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

/** Sums of floating-point numbers depend on the order in which they are added: there is no `merge`. */
class FloatSum implements Accumulator {
  readonly sizeBytes = 0
  readonly #isSingle: boolean
  #sum: number | null = null

  constructor(isSingle: boolean) {
    this.#isSingle = isSingle
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#take(args[0] as number)
  }

  result(): Value {
    return this.#sum
  }

  #take(value: number): void {
    if (this.#sum === null) this.#sum = value
    else if (!this.#isSingle) this.#sum = addFloat(this.#sum, value)
    else {
      const sum = Math.fround(this.#sum + value)
      if (!isFinite(sum) && isFinite(this.#sum) && isFinite(value)) throw floatOverflow()
      this.#sum = sum
    }
  }
}

/** Number, sum and sum of squared differences from the mean, kept up by Youngs' and Cramer's method. */
class FloatMoments implements Accumulator {
  readonly sizeBytes = 0
  readonly #finish: (count: number, sum: number, squares: number) => number | null
  #count = 0
  #sum = 0
  #squares = 0

  constructor(finish: (count: number, sum: number, squares: number) => number | null) {
    this.#finish = finish
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    const value = args[0] as number
    const before = this.#sum
    this.#count++
    this.#sum += value
    if (this.#count > 1) {
      const deviation = value * this.#count - this.#sum
      this.#squares += (deviation * deviation) / (this.#count * (this.#count - 1))
      if (!isFinite(this.#sum) || !isFinite(this.#squares)) this.#overflow(before, value)
    } else if (!isFinite(value)) this.#squares = NaN
  }

  result(): Value {
    return this.#count === 0 ? null : this.#finish(this.#count, this.#sum, this.#squares)
  }

  #overflow(before: number, value: number): void {
    if (isFinite(before) && isFinite(value)) throw floatOverflow()
    this.#squares = NaN
  }
}

function moments(
  finish: (count: number, sum: number, squares: number) => number | null,
): Pick<AggregateFunction, 'bind'> {
  return { bind: () => (): Accumulator => new FloatMoments(finish) }
}

const average = moments((count, sum) => sum / count)
const populationVariance = moments((count, _, squares) => squares / count)
const sampleVariance = moments((count, _, squares) => (count <= 1 ? null : squares / (count - 1)))
const populationDeviation = moments((count, _, squares) => Math.sqrt(squares / count))
const sampleDeviation = moments((count, _, squares) => (count <= 1 ? null : Math.sqrt(squares / (count - 1))))

export const floatAggregates: readonly AggregateFunction[] = [
  aggregate('2110 sum(float4) float4', { bind: () => (): Accumulator => new FloatSum(true) }),
  aggregate('2111 sum(float8) float8', { bind: () => (): Accumulator => new FloatSum(false) }),
  aggregate('2104 avg(float4) float8', average),
  aggregate('2105 avg(float8) float8', average),
  aggregate('2721 var_pop(float4) float8', populationVariance),
  aggregate('2722 var_pop(float8) float8', populationVariance),
  aggregate('2644 var_samp(float4) float8', sampleVariance),
  aggregate('2645 var_samp(float8) float8', sampleVariance),
  aggregate('2151 variance(float4) float8', sampleVariance),
  aggregate('2152 variance(float8) float8', sampleVariance),
  aggregate('2727 stddev_pop(float4) float8', populationDeviation),
  aggregate('2728 stddev_pop(float8) float8', populationDeviation),
  aggregate('2715 stddev_samp(float4) float8', sampleDeviation),
  aggregate('2716 stddev_samp(float8) float8', sampleDeviation),
  aggregate('2157 stddev(float4) float8', sampleDeviation),
  aggregate('2158 stddev(float8) float8', sampleDeviation),
]
