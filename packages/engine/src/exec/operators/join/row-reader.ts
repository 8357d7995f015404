import type { Row } from '../../../scalar/value.js'
import type { Batches } from '../../run.js'

/** Rows one by one; waits only where a batch ends. */
export class RowReader {
  readonly #batches: Batches
  #batch: readonly Row[] = []
  #at = 0

  constructor(batches: Batches) {
    this.#batches = batches
  }

  /** The present row; undefined at the end, and before the first `advance`. */
  get row(): Row | undefined {
    return this.#batch[this.#at]
  }

  /** Something to wait for, or undefined when the next row is at hand. */
  advance(): Promise<void> | undefined {
    if (++this.#at < this.#batch.length) return undefined
    return this.#nextBatch()
  }

  async close(): Promise<void> {
    await this.#batches.return()
  }

  async #nextBatch(): Promise<void> {
    const next = await this.#batches.next()
    this.#batch = next.done === true ? [] : next.value
    this.#at = 0
  }
}
