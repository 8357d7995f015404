/** Dropped places are given back when there are this many and they are half of the array. */
const COMPACT_MIN = 1024

/**
 * A list that grows at its end and shrinks at both ends, in constant time each: `Array.shift` moves everything behind
 * it, which is quadratic for a key that was written a hundred thousand times under one old snapshot.
 */
export class DropList<T> {
  #items: T[]
  #head = 0

  /** With its first items: an array that grows from nothing takes room for many at once, and most lists stay short. */
  constructor(...items: T[]) {
    this.#items = items
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  get first(): T | undefined {
    return this.#items[this.#head]
  }

  get last(): T | undefined {
    return this.length === 0 ? undefined : this.#items.at(-1)
  }

  at(index: number): T | undefined {
    return this.#items[this.#head + index]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  pop(): T | undefined {
    return this.length === 0 ? undefined : this.#items.pop()
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined
    const first = this.#items[this.#head++]
    if (this.#head >= COMPACT_MIN && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return first
  }
}
