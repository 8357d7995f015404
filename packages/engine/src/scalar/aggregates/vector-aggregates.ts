import type { Accumulator, AggregateFunction } from '../functions/function.js'
import { floatOverflow } from '../functions/arithmetic/checked-float.js'
import { requireSameSize } from '../functions/vector/vector-distance.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

/** Vectors added up in double precision. */
class VectorTotal implements Accumulator {
  readonly #isAverage: boolean
  #count = 0
  #sum: Float64Array | undefined
  #first: Float32Array = new Float32Array(0)

  constructor(isAverage: boolean) {
    this.#isAverage = isAverage
  }

  get sizeBytes(): number {
    return 12 * this.#first.length
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#take(args[0] as Float32Array)
    this.#count++
  }

  merge(other: VectorTotal): void {
    if (other.#sum === undefined) return
    if (this.#sum === undefined) {
      this.#first = other.#first
      this.#sum = Float64Array.from(other.#sum)
    } else {
      requireSameSize(this.#first, other.#first)
      for (const [index, x] of other.#sum.entries()) this.#sum[index] = (this.#sum[index] ?? 0) + x
    }
    this.#count += other.#count
  }

  result(): Value {
    if (this.#sum === undefined) return null
    const divisor = this.#isAverage ? this.#count : 1
    const result = Float32Array.from(this.#sum, (x) => x / divisor)
    if (result.some((x) => !Number.isFinite(x))) throw floatOverflow()
    return result
  }

  #take(vector: Float32Array): void {
    if (this.#sum === undefined) {
      this.#first = vector
      this.#sum = Float64Array.from(vector)
      return
    }
    requireSameSize(this.#first, vector)
    for (let index = 0; index < vector.length; index++) {
      this.#sum[index] = (this.#sum[index] ?? 0) + (vector[index] ?? 0)
    }
  }
}

export const vectorAggregates: readonly AggregateFunction[] = [
  aggregate('90130 sum(vector) vector', { bind: () => (): Accumulator => new VectorTotal(false) }),
  aggregate('90131 avg(vector) vector', { bind: () => (): Accumulator => new VectorTotal(true) }),
]
