import type { Row } from '../../../scalar/value.js'
import type { Account } from '../../rows/account.js'
import type { CompareRows } from '../../rows/compare-rows.js'
import { ExternalSorter } from '../../rows/external-sorter.js'
import type { SizeOf } from '../../rows/row-size.js'
import type { Batches, Run } from '../../run.js'

/** More are better sorted as a whole. */
export const TOP_ROWS_MAX = 8192

/**
 * The first rows of an order; of equal ones those that came first. A row that is not before the last of those kept costs
 * one comparison; the others are gathered, and from time to time sorted and cut. Where even those do not fit into memory
 * they are sorted on disk.
 */
export async function* topRows(
  input: Batches,
  count: number,
  compare: CompareRows,
  sizeOf: SizeOf,
  account: Account,
  run: Run,
): Batches {
  const sorter = new ExternalSorter(run, account, compare, sizeOf)
  try {
    if (count > 0) yield* new TopRows(count, compare, sizeOf, account, sorter).of(input, run)
  } finally {
    sorter.clear()
  }
}

class TopRows {
  readonly #count: number
  readonly #compare: CompareRows
  readonly #sizeOf: SizeOf
  readonly #account: Account
  readonly #sorter: ExternalSorter
  #kept: Row[] = []
  #last: Row | undefined
  #isTooMuch = false

  constructor(count: number, compare: CompareRows, sizeOf: SizeOf, account: Account, sorter: ExternalSorter) {
    this.#count = count
    this.#compare = compare
    this.#sizeOf = sizeOf
    this.#account = account
    this.#sorter = sorter
  }

  async *of(input: Batches, run: Run): Batches {
    for await (const batch of input) {
      const rows = this.#last === undefined ? batch : batch.filter((row) => this.#isBeforeLast(row))
      if (this.#isTooMuch) await this.#sorter.add(rows)
      else await this.#gather(rows)
    }
    if (this.#isTooMuch) {
      yield* this.#fromSorter()
      return
    }
    this.#cut()
    for (let at = 0; at < this.#kept.length; at += run.batchSize)
      yield this.#kept.slice(at, at + run.batchSize)
  }

  #isBeforeLast(row: Row): boolean {
    return this.#last === undefined || this.#compare(row, this.#last) < 0
  }

  async #gather(rows: readonly Row[]): Promise<void> {
    for (const [at, row] of rows.entries()) {
      if (!this.#account.tryGrow(this.#sizeOf(row))) {
        this.#isTooMuch = true
        this.#account.clear()
        await this.#sorter.add(this.#kept.splice(0))
        return this.#sorter.add(rows.slice(at))
      }
      this.#kept.push(row)
      if (this.#kept.length >= Math.max(2 * this.#count, 64)) this.#cut()
    }
  }

  #cut(): void {
    this.#kept.sort(this.#compare)
    if (this.#kept.length < this.#count) return
    for (const row of this.#kept.splice(this.#count)) this.#account.shrink(this.#sizeOf(row))
    this.#last = this.#kept.at(-1)
  }

  async *#fromSorter(): Batches {
    let left = this.#count
    for await (const batch of this.#sorter.sorted()) {
      yield batch.slice(0, left)
      left -= batch.length
      if (left <= 0) return
    }
  }
}
