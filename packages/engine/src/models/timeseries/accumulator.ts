/** What aggregates of one numeric field over one bucket are made of. Two of them over adjoining time merge. */
export interface Summary {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly first: number
  readonly last: number
}

export type Aggregate = 'count' | 'sum' | 'min' | 'max' | 'avg' | 'first' | 'last'

export const AGGREGATES: readonly Aggregate[] = ['count', 'sum', 'min', 'max', 'avg', 'first', 'last']

/** Takes points in the order of their time. */
export class Accumulator {
  #count = 0
  #sum = 0
  #min = Infinity
  #max = -Infinity
  #first = Number.NaN
  #last = Number.NaN

  get count(): number {
    return this.#count
  }

  add(value: number): void {
    if (this.#count === 0) this.#first = value
    this.#count++
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    this.#last = value
  }

  /** Takes a summary of later points than those so far. */
  merge(later: Summary): void {
    if (later.count === 0) return
    if (this.#count === 0) this.#first = later.first
    this.#count += later.count
    this.#sum += later.sum
    this.#min = Math.min(this.#min, later.min)
    this.#max = Math.max(this.#max, later.max)
    this.#last = later.last
  }

  summary(): Summary {
    return {
      count: this.#count,
      sum: this.#sum,
      min: this.#min,
      max: this.#max,
      first: this.#first,
      last: this.#last,
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
}
