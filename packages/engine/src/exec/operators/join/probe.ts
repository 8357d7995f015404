import type { Row } from '../../../scalar/value.js'
import type { MatchKeyOf } from '../../rows/hash-key.js'
import type { Batches, Run } from '../../run.js'
import type { HashTable } from './hash-table.js'
import { keepsUnmatched, type JoinOutput } from './join-output.js'

/** Pairs that are looked at between two turns, at most. */
const OFFERS_MAX = 8192

/**
 * Joins left rows with the rows of a table. Given out in batches: a left row may have any number of matches, so the place
 * within them is kept between batches.
 */
/** Which left rows have found a match, where several tables are probed with the same rows one after another. */
export class LeftMarks {
  readonly #marks: Uint8Array
  readonly #skipsMatched: boolean
  #first = 0

  constructor(marks: Uint8Array, skipsMatched: boolean) {
    this.#marks = marks
    this.#skipsMatched = skipsMatched
  }

  skips(index: number): boolean {
    return this.#skipsMatched && this.#marks[this.#first + index] === 1
  }

  mark(index: number): void {
    this.#marks[this.#first + index] = 1
  }

  /** To the next batch. */
  advance(rows: number): void {
    this.#first += rows
  }
}

export class Probe {
  readonly #table: HashTable
  readonly #output: JoinOutput
  readonly #keyOf: MatchKeyOf
  readonly #run: Run
  /** By row of the table, of joins that put out right rows without a match. */
  readonly #matched: Uint8Array | undefined

  readonly #marks: LeftMarks | undefined
  /** Pairs that were looked at since others had a turn. */
  #offers = 0

  constructor(table: HashTable, output: JoinOutput, keyOf: MatchKeyOf, run: Run, marks?: LeftMarks) {
    this.#marks = marks
    this.#table = table
    this.#output = output
    this.#keyOf = keyOf
    this.#run = run
    this.#matched = keepsUnmatched(output.shape.type) ? new Uint8Array(table.rows.length) : undefined
  }

  async *join(batch: readonly Row[]): Batches {
    const output = this.#output
    if (output.shape.waiting !== undefined) {
      yield* this.#joinWaiting(batch)
      this.#marks?.advance(batch.length)
      return
    }
    for (const place = { left: 0, right: -1 }; ;) {
      this.#offers = 0
      const isDone = this.#fill(batch, place)
      const turn = this.#run.spend(this.#offers)
      if (turn !== undefined) await turn
      if (output.rows.length > 0) yield output.take()
      if (!isDone) continue
      this.#marks?.advance(batch.length)
      return
    }
  }

  /** Enough for now: a batch is full, or there was much to be looked at. */
  get #isFull(): boolean {
    const { batchSize, isDue } = this.#run
    return this.#output.rows.length >= batchSize || this.#offers >= OFFERS_MAX || isDue
  }

  /** Goes on from a place until that is enough for now; true when all left rows are done. */
  #fill(batch: readonly Row[], place: { left: number; right: number }): boolean {
    const table = this.#table
    const output = this.#output
    const matched = this.#matched
    for (; place.left < batch.length; place.left++) {
      // The index is below the length.
      const left = batch[place.left] as Row
      let right = place.right
      if (right === -1) {
        if (this.#marks?.skips(place.left) === true) continue
        output.begin(left)
        right = table.first(this.#keyOf(left, this.#run))
      }
      while (right !== -1) {
        this.#offers++
        if (output.offer(table.rows[right] as Row) && matched !== undefined) matched[right] = 1
        right = output.isDecided ? -1 : table.next(right)
        if (right !== -1 && this.#isFull) {
          place.right = right
          return false
        }
      }
      place.right = -1
      if (output.hasMatch) this.#marks?.mark(place.left)
      output.end()
      if (this.#isFull) {
        place.left++
        return false
      }
    }
    return true
  }

  async *#joinWaiting(batch: readonly Row[]): Batches {
    const table = this.#table
    const output = this.#output
    const matched = this.#matched
    for (const [index, left] of batch.entries()) {
      if (this.#marks?.skips(index) === true) continue
      output.begin(left)
      let right = table.first(this.#keyOf(left, this.#run))
      while (right !== -1) {
        if ((await output.offerWaiting(table.rows[right] as Row)) && matched !== undefined) matched[right] = 1
        right = output.isDecided ? -1 : table.next(right)
        if (output.rows.length >= this.#run.batchSize) yield output.take()
      }
      if (output.hasMatch) this.#marks?.mark(index)
      output.end()
    }
    if (output.rows.length > 0) yield output.take()
  }

  /** The right rows that nothing matched. To be read after the last left row. */
  async *unmatched(): Batches {
    const table = this.#table
    const matched = this.#matched
    if (matched === undefined) return
    for (let index = 0; index < table.rows.length; index++) {
      if (matched[index] === 1) continue
      this.#output.unmatched(table.rows[index] as Row)
      if (this.#output.rows.length < this.#run.batchSize) continue
      await this.#run.spend(this.#run.batchSize)
      yield this.#output.take()
    }
    if (this.#output.rows.length > 0) yield this.#output.take()
  }
}
