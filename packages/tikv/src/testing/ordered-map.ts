import { compareBytes } from '@orbit-ts/base'

const CHUNK_MAX = 128

interface Entry<V> {
  readonly key: Uint8Array
  value: V
}

/**
 * A map ordered by key, byte for byte: sorted chunks of at most {@link CHUNK_MAX} entries.
 *
 * Invariants:
 * 1. No chunk is empty, except the only one of an empty map.
 * 2. Keys grow strictly, within a chunk and from chunk to chunk.
 * 3. A change during an iteration is allowed; the iteration goes on after the last key it gave.
 */
export class OrderedMap<V> {
  #chunks: Entry<V>[][] = [[]]
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: Uint8Array): V | undefined {
    const [chunk, index] = this.#find(key)
    const entry = this.#chunks[chunk]?.[index]
    return entry !== undefined && compareBytes(entry.key, key) === 0 ? entry.value : undefined
  }

  set(key: Uint8Array, value: V): void {
    const [chunkIndex, index] = this.#find(key)
    const chunk = this.#chunks[chunkIndex] ?? []
    const entry = chunk[index]
    if (entry !== undefined && compareBytes(entry.key, key) === 0) {
      entry.value = value
      return
    }
    chunk.splice(index, 0, { key, value })
    this.#size++
    if (chunk.length > CHUNK_MAX) this.#chunks.splice(chunkIndex + 1, 0, chunk.splice(CHUNK_MAX / 2))
  }

  delete(key: Uint8Array): boolean {
    const [chunkIndex, index] = this.#find(key)
    const chunk = this.#chunks[chunkIndex]
    const entry = chunk?.[index]
    if (chunk === undefined || entry === undefined || compareBytes(entry.key, key) !== 0) return false
    chunk.splice(index, 1)
    this.#size--
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(chunkIndex, 1)
    return true
  }

  /** Entries from `start` (inclusive) to `end` (exclusive; undefined: no bound), upwards. */
  *ascending(start: Uint8Array, end?: Uint8Array): Generator<readonly [Uint8Array, V]> {
    let position = this.#find(start)
    for (;;) {
      const entry = this.#at(position)
      if (entry === undefined) return
      if (end !== undefined && compareBytes(entry.key, end) >= 0) return
      yield [entry.key, entry.value]
      position = this.#after(position, entry)
    }
  }

  /** Entries below `end` (exclusive; undefined: no bound) down to `start` (inclusive). */
  *descending(start: Uint8Array, end?: Uint8Array): Generator<readonly [Uint8Array, V]> {
    let bound = end
    for (;;) {
      const entry = this.#before(bound)
      if (entry === undefined || compareBytes(entry.key, start) < 0) return
      yield [entry.key, entry.value]
      bound = entry.key
    }
  }

  /** Removes what lies from `start` to `end`; gives how many entries. */
  deleteRange(start: Uint8Array, end?: Uint8Array): number {
    const keys = [...this.ascending(start, end)].map(([key]) => key)
    for (const key of keys) this.delete(key)
    return keys.length
  }

  /** The first position whose key is not below `key`. */
  #find(key: Uint8Array): [number, number] {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const first = this.#chunks[middle]?.[0]
      if (first !== undefined && compareBytes(first.key, key) <= 0) low = middle
      else high = middle - 1
    }
    return [low, lowerBound(this.#chunks[low] ?? [], key)]
  }

  #at([chunk, index]: [number, number]): Entry<V> | undefined {
    return this.#chunks[chunk]?.[index] ?? this.#chunks[chunk + 1]?.[0]
  }

  #after(position: [number, number], entry: Entry<V>): [number, number] {
    const [chunk, index] = position
    if (this.#chunks[chunk]?.[index] === entry) return [chunk, index + 1]
    const [found, at] = this.#find(entry.key)
    return this.#chunks[found]?.[at]?.key === entry.key ? [found, at + 1] : [found, at]
  }

  #before(bound: Uint8Array | undefined): Entry<V> | undefined {
    if (bound === undefined) return this.#chunks.at(-1)?.at(-1)
    const [chunk, index] = this.#find(bound)
    return index > 0 ? this.#chunks[chunk]?.[index - 1] : this.#chunks[chunk - 1]?.at(-1)
  }
}

function lowerBound<V>(chunk: readonly Entry<V>[], key: Uint8Array): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = chunk[middle]
    if (entry !== undefined && compareBytes(entry.key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
