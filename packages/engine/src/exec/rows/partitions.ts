import type { Row } from '../../scalar/value.js'
import type { SpillRun } from '../spill-space.js'
import type { Batches, Run } from '../run.js'
import type { Account } from './account.js'
import { hashOfKey, type Key } from './hash-key.js'

export const PARTITION_COUNT = 16
/** Rows that could not be told apart by so many different hashes are of few different keys. */
export const PARTITION_DEPTH_MAX = 6

/** Rows on disk, in parts by the hash of their keys: equal keys are in the same part. */
export class Partitions {
  readonly #account: Account
  readonly #depth: number
  readonly #pending: Row[][] = Array.from({ length: PARTITION_COUNT }, () => [])
  #rowCount = 0
  readonly #runs: (SpillRun | undefined)[] = []

  /** @param depth how many times these rows have been parted before; each time goes by another hash. */
  constructor(account: Account, depth: number) {
    this.#account = account
    this.#depth = depth
  }

  indexOf(key: Key): number {
    return hashOfKey(key, this.#depth) % PARTITION_COUNT
  }

  /** The row is on its way; `flush` puts it there. */
  add(key: Key, row: Row): void {
    this.#pending[this.indexOf(key)]?.push(row)
    this.#rowCount++
  }

  /** To be called about every batch. */
  async flush(): Promise<void> {
    for (const [index, rows] of this.#pending.entries()) {
      if (rows.length === 0) continue
      this.#pending[index] = []
      await (this.#runs[index] ??= this.#account.createRun()).append(rows)
    }
  }

  rowCount(index: number): number {
    return this.#runs[index]?.rowCount ?? 0
  }

  /** Whether nearly all rows are in one part: their keys are the same, so parting them again gets nowhere. */
  isMostOf(index: number): boolean {
    return this.rowCount(index) > 0.9 * this.#rowCount
  }

  /** The rows of one part, in the order they came. It can be read again until it is dropped. */
  async *read(index: number, run: Run): Batches {
    const cursor = this.#runs[index]?.cursor()
    for (;;) {
      const batch = await cursor?.next()
      if (batch === undefined) return
      const turn = run.spend(batch.length)
      if (turn !== undefined) await turn
      yield batch
    }
  }

  drop(index: number): void {
    this.#runs[index]?.drop()
    this.#runs[index] = undefined
  }

  close(): void {
    for (let index = 0; index < PARTITION_COUNT; index++) this.drop(index)
  }
}
