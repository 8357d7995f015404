/**
 * Batches without a generator: most statements read a row or two, and a chain of generators costs more than that.
 *
 * Invariant: as with a generator, one `next` is asked at a time, and nothing comes after the end, an error or `return`.
 */
import type { Row } from '../../scalar/value.js'
import type { Batches } from '../run.js'

type Result = IteratorResult<Row[], void>

const END: Result = { done: true, value: undefined }

abstract class RowBatches implements Batches {
  abstract next(): Promise<Result>
  abstract return(): Promise<Result>

  async throw(error: unknown): Promise<Result> {
    await this.return()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}

/** What one call gives, read when the first batch is asked for. */
export class OneBatch extends RowBatches {
  #read: (() => Promise<Row[]>) | undefined

  constructor(read: () => Promise<Row[]>) {
    super()
    this.#read = read
  }

  async next(): Promise<Result> {
    const read = this.#read
    this.#read = undefined
    if (read === undefined) return END
    const rows = await read()
    return rows.length === 0 ? END : { done: false, value: rows }
  }

  async return(): Promise<Result> {
    this.#read = undefined
    return END
  }
}

/** Other batches, each made into one of as many rows, or into several, part by part. */
export class MappedBatches extends RowBatches {
  readonly #input: Batches
  readonly #map: (rows: Row[], from: number) => Row[] | Promise<Row[]>
  /** The batch that is left to be done from `#from` on. */
  #rows: Row[] | undefined
  #from = 0

  /** @param map gives what the rows from a position on are made into, or no more than what the first of these are */
  constructor(input: Batches, map: (rows: Row[], from: number) => Row[] | Promise<Row[]>) {
    super()
    this.#input = input
    this.#map = map
  }

  async next(): Promise<Result> {
    let rows = this.#rows
    if (rows === undefined) {
      const next = await this.#input.next()
      if (next.done === true) return END
      rows = next.value
    }
    try {
      const mapping = this.#map(rows, this.#from)
      const mapped = mapping instanceof Promise ? await mapping : mapping
      this.#from += mapped.length
      this.#rows = this.#from < rows.length ? rows : undefined
      if (this.#rows === undefined) this.#from = 0
      return { done: false, value: mapped }
    } catch (error) {
      await this.#input.return()
      throw error
    }
  }

  async return(): Promise<Result> {
    this.#rows = undefined
    await this.#input.return()
    return END
  }
}

/** Other batches, and what is to be done once when they end, in whatever way. */
export class EndingBatches extends RowBatches {
  readonly #input: Batches
  readonly #onEnd: () => void

  /** @param onEnd harmless when called again */
  constructor(input: Batches, onEnd: () => void) {
    super()
    this.#input = input
    this.#onEnd = onEnd
  }

  async next(): Promise<Result> {
    try {
      const next = await this.#input.next()
      if (next.done === true) this.#onEnd()
      return next
    } catch (error) {
      this.#onEnd()
      throw error
    }
  }

  async return(): Promise<Result> {
    try {
      await this.#input.return()
    } finally {
      this.#onEnd()
    }
    return END
  }
}
