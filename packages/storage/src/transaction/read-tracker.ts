import { OrbitError } from '@orbit-ts/base'
import type { ReadSet } from './group-commit.js'

interface Range {
  start: string | undefined
  end: string | undefined
}

/** The keys and ranges that a serializable transaction has read, to be checked against later commits. */
export class ReadTracker implements ReadSet {
  readonly ids: Set<string> = new Set()
  readonly ranges: Range[] = []
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  addKey(id: string): void {
    this.ids.add(id)
    this.#checkSize()
  }

  /** Returns the function that says how far the range was read; calls replace one another. */
  startRange(): (start: string | undefined, end: string | undefined) => void {
    let range: Range | undefined
    return (start, end) => {
      if (range === undefined) {
        range = { start, end }
        this.ranges.push(range)
        this.#checkSize()
      } else {
        range.start = start
        range.end = end
      }
    }
  }

  #checkSize(): void {
    if (this.ids.size + this.ranges.length <= this.#max) return
    throw new OrbitError(
      'TRANSACTION_TOO_LARGE',
      `a serializable transaction may read at most ${this.#max} keys and ranges; read ranges instead of keys, or raise transaction_reads_max`,
      { readsMax: this.#max },
    )
  }
}
