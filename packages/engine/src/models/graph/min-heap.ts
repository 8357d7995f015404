/** A priority queue: the least item first; `isLess` must be a strict order. */
export class MinHeap<T> {
  readonly #items: T[] = []
  readonly #isLess: (a: T, b: T) => boolean

  constructor(isLess: (a: T, b: T) => boolean) {
    this.#isLess = isLess
  }

  get size(): number {
    return this.#items.length
  }

  push(item: T): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.#at(parent)
      if (!this.#isLess(item, above)) break
      items[at] = above
      at = parent
    }
    items[at] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const least = items[0]
    const last = items.pop()
    if (last !== undefined && items.length > 0) this.#sink(last)
    return least
  }

  /** Up to `count` items that come soon, if not exactly next. */
  soon(count: number): readonly T[] {
    return this.#items.slice(0, count)
  }

  #sink(item: T): void {
    const items = this.#items
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#isLess(this.#at(child + 1), this.#at(child))) child++
      if (!this.#isLess(this.#at(child), item)) break
      items[at] = this.#at(child)
      at = child
    }
    items[at] = item
  }

  #at(index: number): T {
    // Callers stay within the array.
    return this.#items[index] as T
  }
}
