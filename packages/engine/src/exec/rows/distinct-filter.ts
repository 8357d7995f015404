/**
 * Lets one of each set of equal rows through, as far as memory goes at once, the others later.
 *
 * Invariants:
 * 1. A row is let through by `add` only when its key was not seen before and is remembered now.
 * 2. From the first row on for which there is no memory nothing more is remembered: rows with unknown keys are put aside,
 *    so no row put aside equals one that was let through.
 */
import type { Row } from '../../scalar/value.js'
import type { Batches, Run } from '../run.js'
import type { Account } from './account.js'
import type { Key, KeyOf } from './hash-key.js'
import { PARTITION_COUNT, PARTITION_DEPTH_MAX, Partitions } from './partitions.js'

const ENTRY_BYTES = 48
/** Remembered whatever the memory, so that each part that is gone through leaves less to be done. */
const KEYS_MIN = 8
/** A `Set` cannot hold many more. */
const KEYS_MAX = 8_000_000

export class DistinctFilter {
  readonly #run: Run
  readonly #account: Account
  readonly #keyOf: KeyOf
  readonly #depth: number
  readonly #seen = new Set<Key>()
  #seenBytes = 0
  #aside: Partitions | undefined

  constructor(run: Run, account: Account, keyOf: KeyOf, depth = 0) {
    this.#run = run
    this.#account = account
    this.#keyOf = keyOf
    this.#depth = depth
  }

  /** The rows of the batch that are let through now. */
  async add(rows: readonly Row[]): Promise<Row[]> {
    const fresh: Row[] = []
    for (const row of rows) if (this.#isNew(row)) fresh.push(row)
    if (this.#aside !== undefined) await this.#aside.flush()
    return fresh
  }

  /** One of each set of equal rows among those put aside. To be read after the last `add`, to its end. */
  async *rest(): Batches {
    const aside = this.#aside
    this.#forget()
    if (aside === undefined) return
    for (let index = 0; index < PARTITION_COUNT; index++) {
      if (aside.rowCount(index) === 0) continue
      const filter = new DistinctFilter(this.#run, this.#account, this.#keyOf, this.#depth + 1)
      try {
        for await (const batch of aside.read(index, this.#run)) {
          const fresh = await filter.add(batch)
          if (fresh.length > 0) yield fresh
        }
        yield* filter.rest()
      } finally {
        filter.close()
        aside.drop(index)
      }
    }
  }

  close(): void {
    this.#forget()
    this.#aside?.close()
    this.#aside = undefined
  }

  #isNew(row: Row): boolean {
    const key = this.#keyOf(row, this.#run)
    if (this.#seen.has(key)) return false
    if (this.#aside === undefined && this.#remember(key)) return true
    this.#aside ??= new Partitions(this.#account, this.#depth)
    this.#aside.add(key, row)
    return false
  }

  #remember(key: Key): boolean {
    const bytes = ENTRY_BYTES + (typeof key === 'string' ? key.length : 0)
    if (this.#seen.size < KEYS_MIN) this.#account.growAnyway(bytes)
    else if (this.#depth >= PARTITION_DEPTH_MAX) this.#account.grow(bytes)
    else if (this.#seen.size >= KEYS_MAX || !this.#account.tryGrow(bytes)) return false
    this.#seen.add(key)
    this.#seenBytes += bytes
    return true
  }

  #forget(): void {
    this.#seen.clear()
    this.#account.shrink(this.#seenBytes)
    this.#seenBytes = 0
  }
}
