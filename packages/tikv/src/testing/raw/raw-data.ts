import { type Clock } from '@orbit-ts/base'
import { OrderedMap } from '../ordered-map.js'

export const COLUMN_FAMILIES = ['default', 'lock', 'write'] as const
export type ColumnFamily = (typeof COLUMN_FAMILIES)[number]

interface RawEntry {
  readonly value: Uint8Array
  /** Unix seconds; undefined: never. */
  readonly expiresAt: bigint | undefined
}

export interface RawScanOptions {
  readonly limit: number
  readonly reverse: boolean
}

/** Raw key-value pairs by column family. An entry is gone in the second in which it expires. */
export class RawData {
  readonly #clock: Clock
  readonly #families: Record<ColumnFamily, OrderedMap<RawEntry>> = {
    default: new OrderedMap(),
    lock: new OrderedMap(),
    write: new OrderedMap(),
  }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(family: ColumnFamily, key: Uint8Array): Uint8Array | undefined {
    return this.#live(this.#families[family].get(key))?.value
  }

  /** Seconds left; 0n: it does not expire; undefined: no such key. */
  ttl(family: ColumnFamily, key: Uint8Array): bigint | undefined {
    const entry = this.#live(this.#families[family].get(key))
    if (entry === undefined) return undefined
    return entry.expiresAt === undefined ? 0n : entry.expiresAt - this.#nowSeconds()
  }

  /** @param ttl Seconds; 0n: for ever. */
  put(family: ColumnFamily, key: Uint8Array, value: Uint8Array, ttl: bigint): void {
    const expiresAt = ttl === 0n ? undefined : this.#nowSeconds() + ttl
    this.#families[family].set(key, { value, expiresAt })
  }

  delete(family: ColumnFamily, key: Uint8Array): void {
    this.#families[family].delete(key)
  }

  /** From `start` (inclusive) to `end` (exclusive; empty: no bound), or down from below `end` to `start`. */
  *scan(
    family: ColumnFamily,
    start: Uint8Array,
    end: Uint8Array,
    { limit, reverse }: RawScanOptions,
  ): Generator<{ readonly key: Uint8Array; readonly value: Uint8Array }> {
    const bound = end.length === 0 ? undefined : end
    const map = this.#families[family]
    let left = limit
    for (const [key, entry] of reverse ? map.descending(start, bound) : map.ascending(start, bound)) {
      if (left <= 0) return
      if (this.#live(entry) === undefined) continue
      left--
      yield { key, value: entry.value }
    }
  }

  deleteRange(family: ColumnFamily, start: Uint8Array, end: Uint8Array): void {
    this.#families[family].deleteRange(start, end.length === 0 ? undefined : end)
  }

  #live(entry: RawEntry | undefined): RawEntry | undefined {
    if (entry?.expiresAt !== undefined && entry.expiresAt <= this.#nowSeconds()) return undefined
    return entry
  }

  #nowSeconds(): bigint {
    return BigInt(Math.floor(this.#clock.nowMs() / 1000))
  }
}
