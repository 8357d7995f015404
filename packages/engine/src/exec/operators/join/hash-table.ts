import type { Row } from '../../../scalar/value.js'
import type { Key } from '../../rows/hash-key.js'

/** What a row costs beyond itself. */
export const TABLE_ENTRY_BYTES = 72
/** A `Map` cannot hold many more keys. */
const ROWS_MAX = 8_000_000

/** Rows by key; those of equal keys form a chain in the order they came. */
export class HashTable {
  readonly rows: Row[] = []
  readonly #heads = new Map<Key, number>()
  readonly #next: number[] = []
  /** At the head of a chain: its last row. */
  readonly #tails: number[] = []

  get isFull(): boolean {
    return this.rows.length >= ROWS_MAX
  }

  /** The key undefined: the row is kept, but no key finds it. */
  add(key: Key | undefined, row: Row): void {
    const index = this.rows.length
    this.rows.push(row)
    this.#next.push(-1)
    this.#tails.push(index)
    if (key === undefined) return
    const head = this.#heads.get(key)
    if (head === undefined) {
      this.#heads.set(key, index)
      return
    }
    // The tail of a chain is one of its rows.
    this.#next[this.#tails[head] as number] = index
    this.#tails[head] = index
  }

  /** The first row of a key, -1 when there is none. */
  first(key: Key | undefined): number {
    return key === undefined ? -1 : (this.#heads.get(key) ?? -1)
  }

  /** The row after it with the same key, -1 after the last. */
  next(index: number): number {
    return this.#next[index] ?? -1
  }
}
