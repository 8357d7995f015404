import type { Row } from '../../scalar/value.js'
import type { RowBuffer } from '../rows/row-buffer.js'
import type { SpillCursor } from '../spill-space.js'

/** Rows that WITH names, as they are read: any number of readers, each from the first row on. */
export interface CommonRows {
  cursor(): SpillCursor
}

/**
 * Rows computed once, when they are first asked for and no further than that.
 *
 * Invariant: what `#source` has given is in `#buffer`; every reader goes through the buffer.
 */
export class SharedRows implements CommonRows {
  readonly #source: AsyncGenerator<Row[], void, undefined>
  readonly #buffer: RowBuffer
  #isComplete = false

  constructor(source: AsyncGenerator<Row[], void, undefined>, buffer: RowBuffer) {
    this.#source = source
    this.#buffer = buffer
  }

  cursor(): SpillCursor {
    const cursor = this.#buffer.cursor()
    return {
      next: async () => {
        for (;;) {
          const batch = await cursor.next()
          if (batch !== undefined || this.#isComplete) return batch
          await this.#readMore()
        }
      },
    }
  }

  /** Computes all that is left. */
  async complete(): Promise<void> {
    while (!this.#isComplete) await this.#readMore()
  }

  async close(): Promise<void> {
    await this.#source.return()
    this.#buffer.clear()
  }

  async #readMore(): Promise<void> {
    const next = await this.#source.next()
    if (next.done === true) this.#isComplete = true
    else await this.#buffer.append(next.value)
  }
}
