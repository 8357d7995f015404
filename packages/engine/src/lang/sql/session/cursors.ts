import { queryError } from '../../../scalar/condition.js'
import type { Row } from '../../../scalar/value.js'
import type { ResultColumn } from '../session-contract.js'

/** How far FETCH and MOVE go. */
export type FetchStep =
  | { readonly kind: 'forward' | 'backward'; readonly count: number }
  /** To a row counted from the start (from the end when negative), or from where the cursor is. */
  | { readonly kind: 'absolute' | 'relative'; readonly position: number }

/** What a cursor reads from. */
export interface CursorSource {
  readonly columns: readonly ResultColumn[]
  /** Ends the query, whichever statement it is read by. */
  readonly ending: AbortController
  readonly batches: AsyncIterator<Row[]>
}

/** Rows that a scrollable cursor keeps, at most: it is a convenience, not a store. */
const KEPT_ROWS_MAX = 1_000_000

/**
 * A cursor: a query that is read piece by piece. One that scrolls keeps the rows it has read; the others forget them.
 *
 * The position counts rows from 1; 0 is before the first, and one after the last is behind it.
 */
export class Cursor {
  readonly name: string
  readonly columns: readonly ResultColumn[]
  readonly isHoldable: boolean
  readonly isScrollable: boolean
  readonly text: string
  readonly createdMicros: number
  readonly #batches: AsyncIterator<Row[]>
  readonly #ending: AbortController
  #kept: Row[] = []
  /** Rows read and not handed out, of a cursor that does not scroll. */
  #ahead: Row[] = []
  #position = 0
  #isExhausted = false

  constructor(
    name: string,
    source: CursorSource,
    options: {
      readonly isHoldable: boolean
      readonly isScrollable: boolean
      readonly text: string
      readonly createdMicros: number
    },
  ) {
    this.name = name
    this.columns = source.columns
    this.#batches = source.batches
    this.#ending = source.ending
    this.isHoldable = options.isHoldable
    this.isScrollable = options.isScrollable
    this.text = options.text
    this.createdMicros = options.createdMicros
  }

  /** Does work that reads from the cursor, as part of a statement with this signal. */
  async within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const onAbort = (): void => this.#ending.abort(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await work()
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** The rows that the step passes, in its order. @throws object_not_in_prerequisite_state when it cannot scroll */
  async fetch(step: FetchStep): Promise<Row[]> {
    switch (step.kind) {
      case 'forward':
        return step.count < 0 ? this.#backward(-step.count) : this.#forward(step.count)
      case 'backward':
        return step.count < 0 ? this.#forward(-step.count) : this.#backward(step.count)
      case 'absolute':
        return this.#to(await this.#absolute(step.position))
      case 'relative':
        return this.#to(this.#position + step.position)
    }
  }

  /** Reads what is left, so that the rows outlive the transaction. */
  async hold(): Promise<void> {
    await this.#keepUpTo(Infinity)
  }

  async close(): Promise<void> {
    this.#kept = []
    this.#ahead = []
    this.#isExhausted = true
    await this.#batches.return?.()
  }

  async #forward(count: number): Promise<Row[]> {
    // FETCH 0 shows the current row again.
    if (count === 0) return this.#to(this.#position)
    if (this.isScrollable || this.isHoldable) {
      await this.#keepUpTo(this.#position + count)
      const rows = this.#kept.slice(this.#position, this.#position + count)
      this.#position = Math.min(this.#position + count, this.#kept.length + 1)
      return rows
    }
    while (this.#ahead.length < count && !this.#isExhausted)
      await this.#read((rows) => this.#ahead.push(...rows))
    const rows = this.#ahead.splice(0, count)
    this.#position += rows.length < count ? rows.length + 1 : rows.length
    return rows
  }

  async #backward(count: number): Promise<Row[]> {
    if (count === 0) return this.#to(this.#position)
    this.#requireScroll()
    const last = Math.max(0, this.#position - 1)
    const first = Math.max(0, last - count)
    const rows = this.#kept.slice(first, last).reverse()
    this.#position = rows.length < count ? 0 : first + 1
    return rows
  }

  async #absolute(position: number): Promise<number> {
    if (position >= 0) return position
    this.#requireScroll()
    await this.#keepUpTo(Infinity)
    return Math.max(0, this.#kept.length + 1 + position)
  }

  /** The row at a position, if there is one. */
  async #to(position: number): Promise<Row[]> {
    const wanted = position - this.#position
    if (wanted > 0 && !this.isScrollable && !this.isHoldable) {
      const rows = await this.#forward(wanted)
      return rows.length === wanted ? rows.slice(-1) : []
    }
    if (position <= this.#position) this.#requireScroll()
    await this.#keepUpTo(position)
    this.#position = Math.max(0, Math.min(position, this.#kept.length + 1))
    const row = this.#kept[this.#position - 1]
    return row === undefined ? [] : [row]
  }

  #requireScroll(): void {
    if (this.isScrollable || this.isHoldable) return
    throw queryError('object_not_in_prerequisite_state', 'cursor can only scan forward', {
      hint: 'Declare it with SCROLL option to enable backward scan.',
    })
  }

  async #keepUpTo(position: number): Promise<void> {
    while (this.#kept.length < position && !this.#isExhausted) {
      await this.#read((rows) => {
        for (const row of rows) this.#kept.push(row)
      })
      if (this.#kept.length > KEPT_ROWS_MAX) {
        throw queryError(
          'program_limit_exceeded',
          `cursor "${this.name}" would keep more than ${KEPT_ROWS_MAX} rows`,
          { hint: 'Declare it without SCROLL and WITH HOLD.' },
        )
      }
    }
  }

  async #read(keep: (rows: readonly Row[]) => void): Promise<void> {
    const next = await this.#batches.next()
    if (next.done === true) this.#isExhausted = true
    else keep(next.value)
  }
}
