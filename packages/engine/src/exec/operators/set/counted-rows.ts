/**
 * INTERSECT and EXCEPT: how often each row occurs on the right, and what that means for the rows of the left.
 *
 * Invariants:
 * 1. From the first row on for which there is no memory no key is added: right rows with unknown keys are put aside. Left
 *    rows with keys that are not known here may be equal to those, so they are put aside too, by the same hash.
 * 2. What was put aside is gone through part by part, as if each were all there is.
 */
import type { Row } from '../../../scalar/value.js'
import type { Account } from '../../rows/account.js'
import { DistinctFilter } from '../../rows/distinct-filter.js'
import type { Key, KeyOf } from '../../rows/hash-key.js'
import { PARTITION_COUNT, PARTITION_DEPTH_MAX, Partitions } from '../../rows/partitions.js'
import type { Batches, Run } from '../../run.js'

export interface PairOperation {
  /** INTERSECT: left rows that are on the right stay; otherwise those that are not. */
  readonly keepsFound: boolean
  readonly isAll: boolean
  readonly keyOf: KeyOf
}

const ENTRY_BYTES = 56
/** Kept whatever the memory, so that each part that is gone through leaves less to be done. */
const KEYS_MIN = 8
/** A `Map` cannot hold many more. */
const KEYS_MAX = 8_000_000

export class CountedRows {
  readonly #operation: PairOperation
  readonly #run: Run
  readonly #account: Account
  readonly #depth: number
  /** Rows of the right that are left to be matched. */
  readonly #counts = new Map<Key, number>()
  #usedBytes = 0
  #rightAside: Partitions | undefined
  #leftAside: Partitions | undefined
  /** Of EXCEPT without ALL, which gives each row once. */
  readonly #once: DistinctFilter | undefined

  constructor(operation: PairOperation, run: Run, account: Account, depth = 0) {
    this.#operation = operation
    this.#run = run
    this.#account = account
    this.#depth = depth
    const givesOnce = !operation.keepsFound && !operation.isAll
    this.#once = givesOnce ? new DistinctFilter(run, account, operation.keyOf, depth) : undefined
  }

  async addRight(rows: readonly Row[]): Promise<void> {
    const counts = this.#counts
    for (const row of rows) {
      const key = this.#operation.keyOf(row, this.#run)
      const count = counts.get(key)
      if (count !== undefined) counts.set(key, count + 1)
      else if (this.#rightAside === undefined && this.#hasRoomFor(key)) counts.set(key, 1)
      else {
        this.#rightAside ??= new Partitions(this.#account, this.#depth)
        this.#rightAside.add(key, row)
      }
    }
    if (this.#rightAside !== undefined) await this.#rightAside.flush()
  }

  /** The rows that stay. To be called when all right rows are there. */
  async addLeft(rows: readonly Row[]): Promise<Row[]> {
    const stay: Row[] = []
    for (const row of rows) {
      const key = this.#operation.keyOf(row, this.#run)
      const count = this.#counts.get(key)
      if (count !== undefined) {
        if (this.#stays(key, count)) stay.push(row)
      } else if (this.#rightAside !== undefined) {
        this.#leftAside ??= new Partitions(this.#account, this.#depth)
        this.#leftAside.add(key, row)
      } else if (!this.#operation.keepsFound) stay.push(row)
    }
    if (this.#leftAside !== undefined) await this.#leftAside.flush()
    return this.#once === undefined ? stay : this.#once.add(stay)
  }

  /** What becomes of the rows put aside. */
  async *rest(): Batches {
    if (this.#once !== undefined) yield* this.#once.rest()
    this.#forget()
    const left = this.#leftAside
    if (left === undefined) return
    for (let index = 0; index < PARTITION_COUNT; index++) {
      if (left.rowCount(index) > 0) yield* this.#restOf(left, index)
    }
  }

  close(): void {
    this.#forget()
    this.#once?.close()
    this.#rightAside?.close()
    this.#leftAside?.close()
  }

  async *#restOf(left: Partitions, index: number): Batches {
    const part = new CountedRows(this.#operation, this.#run, this.#account, this.#depth + 1)
    try {
      for await (const batch of this.#rightAside?.read(index, this.#run) ?? []) await part.addRight(batch)
      this.#rightAside?.drop(index)
      for await (const batch of left.read(index, this.#run)) {
        const rows = await part.addLeft(batch)
        if (rows.length > 0) yield rows
      }
      left.drop(index)
      yield* part.rest()
    } finally {
      part.close()
    }
  }

  /** Of a row that is on the right, `count` times or, all of them being used up, no more. */
  #stays(key: Key, count: number): boolean {
    const { keepsFound, isAll } = this.#operation
    if (!keepsFound && !isAll) return false
    if (count === 0) return !keepsFound
    this.#counts.set(key, isAll ? count - 1 : 0)
    return keepsFound
  }

  #hasRoomFor(key: Key): boolean {
    const bytes = ENTRY_BYTES + (typeof key === 'string' ? key.length : 0)
    if (this.#counts.size < KEYS_MIN) this.#account.growAnyway(bytes)
    else if (this.#depth >= PARTITION_DEPTH_MAX) this.#account.grow(bytes)
    else if (this.#counts.size >= KEYS_MAX || !this.#account.tryGrow(bytes)) return false
    this.#usedBytes += bytes
    return true
  }

  #forget(): void {
    this.#counts.clear()
    this.#account.shrink(this.#usedBytes)
    this.#usedBytes = 0
  }
}
