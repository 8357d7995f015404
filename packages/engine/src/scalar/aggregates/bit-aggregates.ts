import { andBits, exclusiveOrBits, orBits } from '../functions/bits/bit-functions.js'
import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import { int64, type Int64, type Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

/** Combines all values two by two, in any order. */
class Fold<V extends Int64 | string> implements Accumulator {
  readonly sizeBytes = 0
  readonly #combine: (a: V, b: V) => V
  #total: V | null = null

  constructor(combine: (a: V, b: V) => V) {
    this.#combine = combine
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#take(args[0] as V)
  }

  merge(other: Fold<V>): void {
    if (other.#total !== null) this.#take(other.#total)
  }

  result(): Value {
    return this.#total
  }

  #take(value: V): void {
    this.#total = this.#total === null ? value : this.#combine(this.#total, value)
  }
}

function fold<V extends Int64 | string = Int64>(combine: (a: V, b: V) => V): Pick<AggregateFunction, 'bind'> {
  return { bind: () => (): Accumulator => new Fold(combine) }
}

const and = fold((a, b) => Number(a) & Number(b))
const or = fold((a, b) => Number(a) | Number(b))
const exclusiveOr = fold((a, b) => Number(a) ^ Number(b))

export const bitAggregates: readonly AggregateFunction[] = [
  aggregate('2236 bit_and(int2) int2', and),
  aggregate('2238 bit_and(int4) int4', and),
  aggregate(
    '2240 bit_and(int8) int8',
    fold((a, b) => int64(BigInt(a) & BigInt(b))),
  ),
  aggregate('2237 bit_or(int2) int2', or),
  aggregate('2239 bit_or(int4) int4', or),
  aggregate(
    '2241 bit_or(int8) int8',
    fold((a, b) => int64(BigInt(a) | BigInt(b))),
  ),
  aggregate(
    '2242 bit_and(bit) bit',
    fold<string>((a, b) => andBits(undefined, a, b)),
  ),
  aggregate(
    '2243 bit_or(bit) bit',
    fold<string>((a, b) => orBits(undefined, a, b)),
  ),
  aggregate(
    '6167 bit_xor(bit) bit',
    fold<string>((a, b) => exclusiveOrBits(undefined, a, b)),
  ),
  aggregate('6164 bit_xor(int2) int2', exclusiveOr),
  aggregate('6165 bit_xor(int4) int4', exclusiveOr),
  aggregate(
    '6166 bit_xor(int8) int8',
    fold((a, b) => int64(BigInt(a) ^ BigInt(b))),
  ),
]
