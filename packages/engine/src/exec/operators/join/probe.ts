import type { Row } from '../../../scalar/value.js'
import type { MatchKeyOf } from '../../rows/hash-key.js'
import type { Batches, Run } from '../../run.js'
import type { HashTable } from './hash-table.js'
import { keepsUnmatched, type JoinOutput } from './join-output.js'

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
      const before = output.rows.length
      const isDone = this.#fill(batch, place)
      const turn = this.#run.spend(output.rows.length - before)
      if (turn !== undefined) await turn
      if (output.rows.length > 0) yield output.take()
      if (!isDone) continue
      this.#marks?.advance(batch.length)
      return
    }
  }

  /** Goes on from a place until a batch is full; true when all left rows are done. */
  #fill(batch: readonly Row[], place: { left: number; right: number }): boolean {
    const table = this.#table
    const output = this.#output
    const matched = this.#matched
    const { batchSize } = this.#run
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
        if (output.offer(table.rows[right] as Row) && matched !== undefined) matched[right] = 1
        right = output.isDecided ? -1 : table.next(right)
        if (output.rows.length >= batchSize && right !== -1) {
          place.right = right
          return false
        }
      }
      place.right = -1
      if (output.hasMatch) this.#marks?.mark(place.left)
      output.end()
      if (output.rows.length >= batchSize) {
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
