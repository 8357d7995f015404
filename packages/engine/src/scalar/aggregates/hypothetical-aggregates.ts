import { defined } from '@orbit-ts/base'
import type { DataType } from '../data-type.js'
import { orderOf } from '../functions/comparison/comparison-implementations.js'
import type { Accumulator, AggregateFunction, SortDirection } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

/** How many rows there are, and how they stand to the row that is thought to be there too. */
interface Standing {
  readonly count: number
  readonly before: number
  readonly equal: number
  /** Different rows before it. */
  readonly groupsBefore: number
}

type Finish = (standing: Standing) => number

/** Rows come in order; the first half of the arguments is the row that is thought to be there. */
class HypotheticalRow implements Accumulator {
  readonly sizeBytes = 0
  readonly #compare: (a: readonly Value[], b: readonly Value[]) => number
  readonly #finish: Finish
  #standing = { count: 0, before: 0, equal: 0, groupsBefore: 0 }
  #previous: readonly Value[] | undefined

  constructor(compare: (a: readonly Value[], b: readonly Value[]) => number, finish: Finish) {
    this.#compare = compare
    this.#finish = finish
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    const row = args.slice(args.length / 2)
    const order = this.#compare(row, args.slice(0, args.length / 2))
    this.#standing.count++
    if (order === 0) this.#standing.equal++
    if (order >= 0) return
    this.#standing.before++
    if (this.#previous === undefined || this.#compare(this.#previous, row) !== 0)
      this.#standing.groupsBefore++
    this.#previous = row
  }

  result(): Value {
    return this.#finish(this.#standing)
  }
}

/** Compares rows as the order of the aggregate does. */
function rowOrder(
  types: readonly DataType[],
  directions: readonly SortDirection[],
): (a: readonly Value[], b: readonly Value[]) => number {
  const half = types.length / 2
  const orders = types.slice(half).map((type) => orderOf([type]))
  return (a, b) => {
    for (const [index, order] of orders.entries()) {
      const x = a[index] ?? null
      const y = b[index] ?? null
      const { isDescending, nullsFirst } = defined(directions[index], 'the direction of a key')
      if (x === null || y === null) {
        if (x === y) continue
        return (x === null) === nullsFirst ? -1 : 1
      }
      const result = order(x, y)
      if (result !== 0) return isDescending ? -result : result
    }
    return 0
  }
}

const ASCENDING: SortDirection = { isDescending: false, nullsFirst: false }

function hypothetical(signature: string, empty: number, finish: Finish): AggregateFunction {
  return aggregate(signature, {
    empty,
    orderedSet: { directCount: 1, isHypothetical: true },
    bind: (types, _, order) => {
      const compare = rowOrder(types, order ?? types.map(() => ASCENDING))
      return () => new HypotheticalRow(compare, finish)
    },
  })
}

export const hypotheticalAggregates: readonly AggregateFunction[] = [
  hypothetical('3986 rank(variadic any) int8 nullable', 1, ({ before }) => before + 1),
  hypothetical('3992 dense_rank(variadic any) int8 nullable', 1, ({ groupsBefore }) => groupsBefore + 1),
  hypothetical('3988 percent_rank(variadic any) float8 nullable', 0, ({ count, before }) =>
    count === 0 ? 0 : before / count,
  ),
  hypothetical(
    '3990 cume_dist(variadic any) float8 nullable',
    1,
    ({ count, before, equal }) => (before + equal + 1) / (count + 1),
  ),
]
