/**
 * Values by name, those used longest ago given up first.
 *
 * Invariants:
 * 1. The sizes of all entries together, with what an entry itself takes, are at most the limit.
 * 2. An entry that was removed, for whatever reason, was counted under that reason once.
 */

/** What an entry takes beside its name and value: links, hash table, counters. */
const ENTRY_BYTES = 128

/** Counters since it was made, but for the first three. */
export interface LruCacheMetrics {
  readonly entries: number
  readonly sizeBytes: number
  readonly sizeMaxBytes: number
  readonly hits: number
  readonly misses: number
  /** Given up for others. */
  readonly evictions: number
  /** Given up because they were no longer right, or no longer fresh. */
  readonly invalidations: number
}

interface Entry<Value> {
  readonly value: Value
  readonly sizeBytes: number
}

export class LruCache<Value> {
  readonly sizeMaxBytes: number
  /** From the one used longest ago to the latest. */
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #onRemove: (name: string, value: Value) => void
  #sizeBytes = 0
  #hits = 0
  #misses = 0
  #evictions = 0
  #invalidations = 0

  /** @param onRemove told of each entry that goes, by whatever way */
  constructor(sizeMaxBytes: number, onRemove: (name: string, value: Value) => void = () => undefined) {
    this.sizeMaxBytes = sizeMaxBytes
    this.#onRemove = onRemove
  }

  /** The value, which counts as used now. Whoever finds it unfit calls `invalidate` and `countMiss`. */
  find(name: string): Value | undefined {
    const entry = this.#entries.get(name)
    if (entry === undefined) return undefined
    this.#entries.delete(name)
    this.#entries.set(name, entry)
    return entry.value
  }

  countHit(): void {
    this.#hits++
  }

  countMiss(): void {
    this.#misses++
  }

  /**
   * Keeps a value, in place of one of this name.
   * @param sizeBytes roughly what the value takes
   * @returns false when it is larger than the whole cache: then nothing is kept under the name
   */
  set(name: string, value: Value, sizeBytes: number): boolean {
    this.#remove(name)
    const whole = ENTRY_BYTES + 2 * name.length + sizeBytes
    if (whole > this.sizeMaxBytes) return false
    this.#entries.set(name, { value, sizeBytes: whole })
    this.#sizeBytes += whole
    while (this.#sizeBytes > this.sizeMaxBytes) {
      const [oldest] = this.#entries.keys()
      if (oldest === undefined) break
      this.#remove(oldest)
      this.#evictions++
    }
    return true
  }

  /** Removes what is no longer right. */
  invalidate(name: string): void {
    if (this.#remove(name)) this.#invalidations++
  }

  invalidateAll(): void {
    for (const name of [...this.#entries.keys()]) this.invalidate(name)
  }

  metrics(): LruCacheMetrics {
    return {
      entries: this.#entries.size,
      sizeBytes: this.#sizeBytes,
      sizeMaxBytes: this.sizeMaxBytes,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      invalidations: this.#invalidations,
    }
  }

  #remove(name: string): boolean {
    const entry = this.#entries.get(name)
    if (entry === undefined) return false
    this.#entries.delete(name)
    this.#sizeBytes -= entry.sizeBytes
    this.#onRemove(name, entry.value)
    return true
  }
}
