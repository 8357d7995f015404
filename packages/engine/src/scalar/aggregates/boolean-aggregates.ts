import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

class BooleanCount implements Accumulator {
  readonly sizeBytes = 0
  readonly #isAnd: boolean
  #trues = 0
  #falses = 0

  constructor(isAnd: boolean) {
    this.#isAnd = isAnd
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    if (args[0] === true) this.#trues++
    else this.#falses++
  }

  remove(_: ScalarContext, args: readonly Value[]): void {
    if (args[0] === true) this.#trues--
    else this.#falses--
  }

  merge(other: BooleanCount): void {
    this.#trues += other.#trues
    this.#falses += other.#falses
  }

  result(): Value {
    if (this.#trues + this.#falses === 0) return null
    return this.#isAnd ? this.#falses === 0 : this.#trues > 0
  }
}

const and = { bind: () => (): Accumulator => new BooleanCount(true), isInvertible: true }
const or = { bind: () => (): Accumulator => new BooleanCount(false), isInvertible: true }

export const booleanAggregates: readonly AggregateFunction[] = [
  aggregate('2517 bool_and(bool) bool', and),
  aggregate('2519 every(bool) bool', and),
  aggregate('2518 bool_or(bool) bool', or),
]
