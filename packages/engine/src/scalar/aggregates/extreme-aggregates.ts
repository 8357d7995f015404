import { orderOf } from '../functions/comparison/comparison-implementations.js'
import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

/** The last of the smallest values, or of the largest with `sign` -1. */
class Extreme implements Accumulator {
  readonly #order: (a: Value, b: Value) => number
  readonly #sign: 1 | -1
  #best: Value = null

  constructor(order: (a: Value, b: Value) => number, sign: 1 | -1) {
    this.#order = order
    this.#sign = sign
  }

  get sizeBytes(): number {
    return typeof this.#best === 'string' ? 2 * this.#best.length : 0
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#take(args[0] ?? null)
  }

  merge(other: Extreme): void {
    if (other.#best !== null) this.#take(other.#best)
  }

  result(): Value {
    return this.#best
  }

  #take(value: Value): void {
    if (this.#best === null || this.#order(this.#best, value) * this.#sign >= 0) this.#best = value
  }
}

const min = (signature: string): AggregateFunction => extreme(signature, 1)
const max = (signature: string): AggregateFunction => extreme(signature, -1)

function extreme(signature: string, sign: 1 | -1): AggregateFunction {
  return aggregate(signature, {
    bind: (types) => {
      const order = orderOf(types)
      return () => new Extreme(order, sign)
    },
  })
}

export const extremeAggregates: readonly AggregateFunction[] = [
  min('2051 min(anyarray) anyarray'),
  min('2131 min(int8) int8'),
  min('2132 min(int4) int4'),
  min('2133 min(int2) int2'),
  min('2134 min(oid) oid'),
  min('2135 min(float4) float4'),
  min('2136 min(float8) float8'),
  min('2138 min(date) date'),
  min('2139 min(time) time'),
  min('2140 min(timetz) timetz'),
  min('2142 min(timestamp) timestamp'),
  min('2143 min(timestamptz) timestamptz'),
  min('2144 min(interval) interval'),
  min('2145 min(text) text'),
  min('2146 min(numeric) numeric'),
  min('2245 min(bpchar) bpchar'),
  min('3527 min(anyenum) anyenum'),
  min('2141 min(money) money'),
  min('3565 min(inet) inet'),
  min('5100 min(xid8) xid8'),
  max('2050 max(anyarray) anyarray'),
  max('2115 max(int8) int8'),
  max('2116 max(int4) int4'),
  max('2117 max(int2) int2'),
  max('2118 max(oid) oid'),
  max('2119 max(float4) float4'),
  max('2120 max(float8) float8'),
  max('2122 max(date) date'),
  max('2123 max(time) time'),
  max('2124 max(timetz) timetz'),
  max('2126 max(timestamp) timestamp'),
  max('2127 max(timestamptz) timestamptz'),
  max('2128 max(interval) interval'),
  max('2129 max(text) text'),
  max('2130 max(numeric) numeric'),
  max('2244 max(bpchar) bpchar'),
  max('3526 max(anyenum) anyenum'),
  max('2125 max(money) money'),
  max('3564 max(inet) inet'),
  max('5099 max(xid8) xid8'),
]
