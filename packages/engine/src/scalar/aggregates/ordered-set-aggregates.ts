import { SqlArray } from '../array/sql-array.js'
import { queryError } from '../condition.js'
import type { DataType } from '../data-type.js'
import { orderOf } from '../functions/comparison/comparison-implementations.js'
import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import { addIntervals, multiplyInterval, subtractIntervals } from '../temporal/interval-arithmetic.js'
import type { Interval } from '../temporal/interval.js'
import type { Value } from '../value.js'
import { sizeOfValue } from '../value-size.js'
import { aggregate } from './define-aggregate.js'

/** What is picked of the values in their order, for one fraction. */
type Pick = (values: readonly Value[], fraction: number) => Value

/** Keeps the values, which come in order, and picks what the direct argument asks for. */
class OrderedValues implements Accumulator {
  readonly #pick: Pick
  readonly #values: Value[] = []
  #fraction: Value = null
  sizeBytes = 0

  constructor(pick: Pick) {
    this.#pick = pick
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#fraction = args[0] ?? null
    const value = args[1] ?? null
    if (value === null) return
    this.#values.push(value)
    this.sizeBytes += sizeOfValue(value)
  }

  result(): Value {
    const fraction = this.#fraction
    if (fraction instanceof SqlArray) {
      if (this.#values.length === 0) return null
      return new SqlArray(
        fraction.elements.map((each) => (each === null ? null : this.#pickAt(each as number))),
        fraction.dimensions,
      )
    }
    return fraction === null ? null : this.#pickAt(fraction as number)
  }

  #pickAt(fraction: number): Value {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw queryError('numeric_value_out_of_range', `percentile value ${fraction} is not between 0 and 1`)
    }
    return this.#values.length === 0 ? null : this.#pick(this.#values, fraction)
  }
}

const discrete: Pick = (values, fraction) =>
  values[Math.max(Math.ceil(fraction * values.length), 1) - 1] ?? null

/** Between two neighbours as far as the fraction lies between their places. */
function continuous(between: (low: Value, high: Value, share: number) => Value): Pick {
  return (values, fraction) => {
    const place = fraction * (values.length - 1)
    const low = values[Math.floor(place)] ?? null
    const high = values[Math.ceil(place)] ?? null
    return Math.floor(place) === Math.ceil(place) ? low : between(low, high, place - Math.floor(place))
  }
}

const floats = continuous(
  (low, high, share) => (low as number) + share * ((high as number) - (low as number)),
)
const intervals = continuous((low, high, share) =>
  addIntervals(
    low as Interval,
    multiplyInterval(subtractIntervals(high as Interval, low as Interval), share),
  ),
)

function percentile(signature: string, pick: Pick): AggregateFunction {
  return aggregate(signature, {
    bind: () => (): Accumulator => new OrderedValues(pick),
    orderedSet: { directCount: 1, isHypothetical: false },
  })
}

/** The value that is there most often; of several the first in order. */
class Mode implements Accumulator {
  readonly sizeBytes = 0
  readonly #isSame: (a: Value, b: Value) => boolean
  #current: Value = null
  #currentCount = 0
  #best: Value = null
  #bestCount = 0

  constructor(isSame: (a: Value, b: Value) => boolean) {
    this.#isSame = isSame
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    const value = args[0] ?? null
    if (value === null) return
    if (this.#currentCount > 0 && this.#isSame(this.#current, value)) this.#currentCount++
    else {
      this.#current = value
      this.#currentCount = 1
    }
    if (this.#currentCount > this.#bestCount) {
      this.#best = this.#current
      this.#bestCount = this.#currentCount
    }
  }

  result(): Value {
    return this.#best
  }
}

function bindMode(types: readonly DataType[]): () => Accumulator {
  const order = orderOf(types)
  return () => new Mode((a, b) => order(a, b) === 0)
}

export const orderedSetAggregates: readonly AggregateFunction[] = [
  percentile('3972 percentile_disc(float8,anyelement) anyelement nullable', discrete),
  percentile('3978 percentile_disc(_float8,anyelement) anyarray nullable', discrete),
  percentile('3974 percentile_cont(float8,float8) float8 nullable', floats),
  percentile('3980 percentile_cont(_float8,float8) _float8 nullable', floats),
  percentile('3976 percentile_cont(float8,interval) interval nullable', intervals),
  percentile('3982 percentile_cont(_float8,interval) _interval nullable', intervals),
  aggregate('3984 mode(anyelement) anyelement nullable', {
    bind: bindMode,
    orderedSet: { directCount: 0, isHypothetical: false },
  }),
]
