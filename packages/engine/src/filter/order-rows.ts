/**
 * Sorting in memory, bounded.
 *
 * Invariants of `RowSorter`:
 * 1. It holds at most `rowsMax` rows, or `offset + limit` when that is less.
 * 2. Rows that compare equal keep the order in which they came.
 * 3. With a limit, `#rows` is a heap whose root is the row that would leave first.
 */
import { OrbitError } from '@orbit-ts/base'
import { compareValues } from './compare-values.js'
import type { OrderBy } from './filter.js'
import { parsePath, readSingle, type Step } from './path.js'

export const SORT_ROWS_MAX = 100_000

export interface OrderOptions {
  readonly orderBy: readonly Required<OrderBy>[]
  /** Default: all. */
  readonly limit?: number
  /** Default 0. */
  readonly offset?: number
  /** Rows held at most. Default {@link SORT_ROWS_MAX}. */
  readonly rowsMax?: number
  /** What is sorted, for messages: `table "airports"`. */
  readonly what?: string
  /** Ascending order of two field values. Default `compareValues`. */
  readonly compare?: (a: unknown, b: unknown) => number
}

interface Held<T> {
  readonly row: T
  readonly keys: readonly unknown[]
  readonly arrival: number
}

interface SortField {
  readonly steps: readonly Step[]
  readonly sign: 1 | -1
}

export class RowSorter<T> {
  readonly #options: OrderOptions
  readonly #fields: readonly SortField[]
  readonly #compareKeys: (a: unknown, b: unknown) => number
  readonly #offset: number
  readonly #keep: number
  readonly #rowsMax: number
  readonly #rows: Held<T>[] = []
  #arrivals = 0

  constructor(options: OrderOptions) {
    this.#options = options
    this.#fields = options.orderBy.map(({ field, direction }) => ({
      steps: parsePath(field).steps,
      sign: direction === 'desc' ? -1 : 1,
    }))
    this.#compareKeys = options.compare ?? compareValues
    this.#rowsMax = options.rowsMax ?? SORT_ROWS_MAX
    this.#offset = options.offset ?? 0
    this.#keep = options.limit === 0 ? 0 : this.#offset + (options.limit ?? Infinity)
  }

  /** @throws LIMIT_EXCEEDED when more rows would have to be held than allowed. */
  add(row: T): void {
    if (this.#keep === 0) return
    const held: Held<T> = {
      row,
      keys: this.#fields.map(({ steps }) => readSingle(row, steps)),
      arrival: this.#arrivals++,
    }
    if (this.#rows.length < this.#keep) this.#push(held)
    // With `keep` rows there is a root.
    else if (this.#compare(held, this.#rows[0] as Held<T>) < 0) this.#replaceRoot(held)
  }

  addAll(rows: Iterable<T>): void {
    for (const row of rows) this.add(row)
  }

  /** The rows after the offset, in order. */
  finish(): T[] {
    this.#rows.sort((a, b) => this.#compare(a, b))
    return this.#rows.slice(this.#offset).map(({ row }) => row)
  }

  #push(held: Held<T>): void {
    const rows = this.#rows
    if (rows.length >= this.#rowsMax) throw this.#tooMany()
    rows.push(held)
    if (this.#keep !== Infinity) this.#siftUp(rows.length - 1)
  }

  #siftUp(from: number): void {
    const rows = this.#rows
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1
      if (this.#compare(this.#at(at), this.#at(parent)) <= 0) return
      ;[rows[at], rows[parent]] = [this.#at(parent), this.#at(at)]
      at = parent
    }
  }

  #replaceRoot(held: Held<T>): void {
    const rows = this.#rows
    rows[0] = held
    for (let at = 0; ;) {
      const left = 2 * at + 1
      if (left >= rows.length) return
      const right = left + 1
      const child = right < rows.length && this.#compare(this.#at(right), this.#at(left)) > 0 ? right : left
      if (this.#compare(this.#at(child), this.#at(at)) <= 0) return
      ;[rows[at], rows[child]] = [this.#at(child), this.#at(at)]
      at = child
    }
  }

  #at(index: number): Held<T> {
    // Callers stay within the heap.
    return this.#rows[index] as Held<T>
  }

  #compare(a: Held<T>, b: Held<T>): number {
    let index = 0
    for (const { sign } of this.#fields) {
      const order = this.#compareKeys(a.keys[index], b.keys[index])
      if (order !== 0) return order * sign
      index++
    }
    return a.arrival - b.arrival
  }

  #tooMany(): OrbitError {
    const { orderBy, what } = this.#options
    const fields = orderBy.map(({ field }) => field).join(', ')
    const limit = this.#rowsMax
    const held =
      this.#keep === Infinity
        ? `more than ${limit} rows`
        : `offset + limit = ${this.#keep} rows, more than ${limit},`
    return new OrbitError(
      'LIMIT_EXCEEDED',
      `${what === undefined ? '' : `${what}: `}orderBy ${fields} would sort ${held} in memory; add an index on ${fields}, narrow the filter or pass a smaller limit`,
      { limit, fields: orderBy.map(({ field }) => field) },
    )
  }
}

/**
 * The rows in order, without the first `offset`, at most `limit`.
 * @throws LIMIT_EXCEEDED beyond `rowsMax` rows (with a limit: beyond `offset + limit` rows held).
 */
export function orderRows<T>(rows: Iterable<T>, options: OrderOptions): T[] {
  const sorter = new RowSorter<T>(options)
  sorter.addAll(rows)
  return sorter.finish()
}
