import { compareBytes, defined, fromUtf8 } from '@orbit-ts/base'

export interface Ranked {
  readonly id: string
  readonly rank: number
}

interface Held {
  readonly rank: number
  /** UTF-8: stored ids are compared and kept without being decoded. */
  readonly id: Uint8Array
}

/**
 * The nearest of all that are offered; of equally near ones those whose id sorts first.
 *
 * Invariant: `#held` is a heap whose root is the one that would leave first.
 */
export class NearestHeap {
  readonly #countMax: number
  readonly #rankMax: number
  readonly #held: Held[] = []
  #changes = 0

  /** @param rankMax what is ranked after this does not enter. */
  constructor(countMax: number, rankMax = Infinity) {
    this.#countMax = countMax
    this.#rankMax = rankMax
  }

  /** How often something has entered. */
  get changes(): number {
    return this.#changes
  }

  get isFull(): boolean {
    return this.#held.length === this.#countMax
  }

  /** What is ranked after this does not enter. */
  get worstRank(): number {
    return this.isFull ? this.#at(0).rank : this.#rankMax
  }

  /** @param key the id is what follows `idStart`. */
  offer(rank: number, key: Uint8Array, idStart: number): void {
    if (rank > this.worstRank) return
    const held: Held = { rank, id: key.subarray(idStart) }
    if (!this.isFull) this.#push(held)
    else if (isBefore(held, this.#at(0))) this.#replaceRoot(held)
    else return
    this.#changes++
  }

  /** The nearest first. */
  sorted(): Ranked[] {
    const sorted = this.#held.toSorted((a, b) => a.rank - b.rank || compareBytes(a.id, b.id))
    return sorted.map(({ rank, id }) => ({ rank, id: fromUtf8(id) }))
  }

  #push(held: Held): void {
    const heap = this.#held
    heap.push(held)
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1
      if (!isBefore(this.#at(parent), held)) break
      heap[at] = this.#at(parent)
      heap[parent] = held
      at = parent
    }
  }

  #replaceRoot(held: Held): void {
    const heap = this.#held
    heap[0] = held
    for (let at = 0; ;) {
      const left = 2 * at + 1
      if (left >= heap.length) return
      const right = left + 1
      const child = right < heap.length && isBefore(this.#at(left), this.#at(right)) ? right : left
      if (!isBefore(held, this.#at(child))) return
      heap[at] = this.#at(child)
      heap[child] = held
      at = child
    }
  }

  #at(index: number): Held {
    return defined(this.#held[index], 'element of the heap')
  }
}

function isBefore(a: Held, b: Held): boolean {
  return a.rank < b.rank || (a.rank === b.rank && compareBytes(a.id, b.id) < 0)
}
