/** What aggregates of one numeric field over one bucket are made of. Two of them merge, whatever their series and time. */
export interface Summary {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly first: number
  /** Timestamp of `first`, as `lastAt` of `last`. */
  readonly firstAt: number
  readonly last: number
  readonly lastAt: number
}

/**
 * `first` and `last` go by time, over all series of a bucket. All are doubles: of 64-bit integers beyond 2^53 they are
 * the nearest ones.
 */
export type Aggregate = 'count' | 'sum' | 'min' | 'max' | 'avg' | 'first' | 'last'

export const AGGREGATES: readonly Aggregate[] = ['count', 'sum', 'min', 'max', 'avg', 'first', 'last']

/** Takes points of one time in the order of their sequences, others in any order. */
export class Accumulator {
  #count = 0
  #sum = 0
  #min = Infinity
  #max = -Infinity
  #first = Number.NaN
  #firstAt = Infinity
  #last = Number.NaN
  #lastAt = -Infinity

  get count(): number {
    return this.#count
  }

  add(value: number, timestamp: number): void {
    this.#count++
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    this.#place(value, timestamp, value, timestamp)
  }

  merge({ count, sum, min, max, first, firstAt, last, lastAt }: Summary): void {
    if (count === 0) return
    this.#count += count
    this.#sum += sum
    this.#min = Math.min(this.#min, min)
    this.#max = Math.max(this.#max, max)
    this.#place(first, firstAt, last, lastAt)
  }

  summary(): Summary {
    return {
      count: this.#count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
      first: this.#first,
      firstAt: this.#firstAt,
      last: this.#last,
      lastAt: this.#lastAt,
    }
  }

  /** Null for every aggregate but `count` and `sum` when there were no points. */
  result(aggregate: Aggregate): number | null {
    if (aggregate === 'count') return this.#count
    if (this.#count === 0) return aggregate === 'sum' ? 0 : null
    switch (aggregate) {
      case 'sum':
        return this.#sum
      case 'min':
        return this.#min
      case 'max':
        return this.#max
      case 'avg':
        return this.#sum / this.#count
      case 'first':
        return this.#first
      case 'last':
        return this.#last
    }
  }

  #place(first: number, firstAt: number, last: number, lastAt: number): void {
    if (firstAt < this.#firstAt) {
      this.#first = first
      this.#firstAt = firstAt
    }
    if (lastAt >= this.#lastAt) {
      this.#last = last
      this.#lastAt = lastAt
    }
  }
}
