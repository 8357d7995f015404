import type { Accumulator } from '../../../scalar/functions/function.js'
import type { Account } from '../../rows/account.js'
import type { CallRows } from './frame-aggregate.js'

const ACCUMULATOR_BYTES = 100

/**
 * Aggregates of stretches of a partition: node n has what nodes 2n and 2n + 1 have; the leaves, from `size` on, have one
 * row each. Any stretch is the sum of as many nodes as twice the number of digits of its length, at most.
 */
export class SegmentTree {
  readonly #nodes: Accumulator[]
  readonly #size: number

  constructor(rows: CallRows, account: Account) {
    this.#size = rows.size
    account.grow(2 * rows.size * ACCUMULATOR_BYTES)
    this.#nodes = Array.from({ length: 2 * rows.size }, () => rows.create())
    for (let position = 0; position < rows.size; position++)
      rows.add(this.#at(rows.size + position), position)
    for (let node = rows.size - 1; node > 0; node--) {
      this.#at(node).merge?.(this.#at(2 * node))
      this.#at(node).merge?.(this.#at(2 * node + 1))
    }
  }

  mergeInto(accumulator: Accumulator, first: number, last: number): void {
    let left = first + this.#size
    let right = last + 1 + this.#size
    for (; left < right; left >>= 1, right >>= 1) {
      if (left % 2 === 1) accumulator.merge?.(this.#at(left++))
      if (right % 2 === 1) accumulator.merge?.(this.#at(--right))
    }
  }

  #at(node: number): Accumulator {
    // Callers stay within the tree.
    return this.#nodes[node] as Accumulator
  }
}
