import { toBinaryString } from '@orbit-ts/base'
import type { KeyRange } from '../../key-range.js'
import type { BufferEntry } from './buffer-entry.js'
import type { OrderedMap } from './ordered-map.js'

/** Reads of a transaction's own writes, in key order. */
export interface BufferReader {
  /** Keys with an entry, those with flags only included. */
  readonly count: number
  get(key: Uint8Array): BufferEntry | undefined
  /** Entries of the range in key order, or from its end. Without a range, all. */
  entries(range?: KeyRange, options?: { readonly reverse?: boolean }): IterableIterator<BufferEntry>
}

/** The entries as they were at one moment: later changes of the buffer do not show in it. */
export class BufferView implements BufferReader {
  readonly #map: OrderedMap<BufferEntry>

  constructor(map: OrderedMap<BufferEntry>) {
    this.#map = map
  }

  get count(): number {
    return this.#map.size
  }

  get(key: Uint8Array): BufferEntry | undefined {
    return this.#map.get(toBinaryString(key))
  }

  entries(range?: KeyRange, options: { readonly reverse?: boolean } = {}): IterableIterator<BufferEntry> {
    return walk(this.#map, range, options.reverse === true)
  }
}

/** An empty bound of the range is open. */
export function* walk(
  map: OrderedMap<BufferEntry>,
  range: KeyRange | undefined,
  reverse: boolean,
): IterableIterator<BufferEntry> {
  const low = range === undefined || range.start.length === 0 ? undefined : toBinaryString(range.start)
  const high = range === undefined || range.end.length === 0 ? undefined : toBinaryString(range.end)
  const pair: [string, BufferEntry][number][] = []
  if (reverse) {
    for (const [id, entry] of map.entriesReversed(high, pair, high !== undefined)) {
      if (low !== undefined && id < low) return
      yield entry
    }
    return
  }
  for (const [id, entry] of map.entries(low, pair)) {
    if (high !== undefined && id >= high) return
    yield entry
  }
}
