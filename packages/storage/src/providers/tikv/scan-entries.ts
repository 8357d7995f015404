import { compareBytes, EMPTY_BYTES, fromBinaryString, toBinaryString } from '@orbit-ts/base'
import { withoutKeys } from '../../transaction/without-keys.js'
import type { Entry, KeyRange, ScanOptions } from '../../provider.js'
import { pairsIn, type OrderedMap } from '../../transaction/ordered-map.js'
import type { BufferedWrite } from '../../transaction/write-buffer.js'
import type { TikvKeys } from './tikv-keys.js'

/** What both a snapshot and a transaction of the client can do. */
export interface TikvReader {
  get(
    key: Uint8Array,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Uint8Array | undefined>
  batchGet(
    keys: readonly Uint8Array[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<(Uint8Array | undefined)[]>
  scan(
    range: { readonly start: Uint8Array; readonly end: Uint8Array },
    options?: {
      readonly reverse?: boolean | undefined
      readonly limit?: number | undefined
      readonly keysOnly?: boolean | undefined
      readonly batchSize?: number | undefined
      readonly signal?: AbortSignal | undefined
    },
  ): AsyncIterable<readonly Entry[]>
}

export interface ScanSource {
  readonly reader: TikvReader
  readonly keys: TikvKeys
  /** The reader's own writes as of the start of the scan. */
  readonly writes: OrderedMap<BufferedWrite> | undefined
  readonly batchSizeMax: number
}

const CHUNK_SIZE = 256

/** The entries of the range as the servers have them under the reader's own writes, in full chunks but for the last. */
export async function* scanEntries(
  source: ScanSource,
  range: KeyRange,
  options: ScanOptions,
): AsyncGenerator<Entry[], void, undefined> {
  const { limit = Infinity, chunkSize = CHUNK_SIZE } = options
  if (limit === 0 || isEmpty(range)) return
  let chunk: Entry[] = []
  let left = limit
  for await (const entries of mergedBatches(source, range, options)) {
    for (const entry of entries) {
      chunk.push(entry)
      left -= 1
      if (left > 0 && chunk.length < chunkSize) continue
      yield chunk
      chunk = []
      if (left <= 0) return
    }
  }
  if (chunk.length > 0) yield chunk
}

async function* mergedBatches(
  { reader, keys, writes, batchSizeMax }: ScanSource,
  range: KeyRange,
  options: ScanOptions,
): AsyncGenerator<Entry[], void, undefined> {
  const { reverse = false, keysOnly = false, valuesOnly = false, limit = Infinity } = options
  const { chunkSize = CHUNK_SIZE, signal } = options
  const own = new OwnWrites(writes, range, reverse, keysOnly)
  const batchSize = Math.min(batchSizeMax, chunkSize, limit)
  const rows = reader.scan(keys.range(range), {
    reverse,
    keysOnly,
    batchSize,
    signal,
    // Own deletes may hide some of the rows.
    ...(own.isEmpty && limit !== Infinity ? { limit } : {}),
  })
  for await (const batch of rows) {
    if (own.isEmpty && valuesOnly) yield withoutKeys(batch)
    else {
      const entries = batch.map(({ key, value }) => ({ key: keys.decode(key), value }))
      const merged = own.isEmpty ? entries : own.mergeWith(entries)
      yield valuesOnly ? withoutKeys(merged) : merged
    }
  }
  yield valuesOnly ? withoutKeys(own.rest()) : own.rest()
}

/** The writes of a range, taken off in the order of a scan. */
class OwnWrites {
  readonly isEmpty: boolean
  readonly #writes: readonly BufferedWrite[]
  readonly #sign: 1 | -1
  readonly #keysOnly: boolean
  #at = 0

  constructor(
    writes: OrderedMap<BufferedWrite> | undefined,
    range: KeyRange,
    reverse: boolean,
    keysOnly: boolean,
  ) {
    const inside = writes === undefined ? [] : [...pairsIn(writes, idOf(range.start), idOf(range.end))]
    if (reverse) inside.reverse()
    this.#writes = inside.map(([, write]) => write)
    this.isEmpty = inside.length === 0
    this.#sign = reverse ? -1 : 1
    this.#keysOnly = keysOnly
  }

  /** The entries with the writes up to the last of them. */
  mergeWith(entries: readonly Entry[]): Entry[] {
    const merged: Entry[] = []
    for (const entry of entries) {
      let replaced = false
      for (let write = this.#writes[this.#at]; write !== undefined; write = this.#writes[++this.#at]) {
        const order = compareBytes(write.key, entry.key) * this.#sign
        if (order > 0) break
        replaced ||= order === 0
        this.#append(merged, write)
      }
      if (!replaced) merged.push(entry)
    }
    return merged
  }

  rest(): Entry[] {
    const entries: Entry[] = []
    for (; this.#at < this.#writes.length; this.#at++) this.#append(entries, this.#writes[this.#at])
    return entries
  }

  #append(to: Entry[], write: BufferedWrite | undefined): void {
    if (write?.value === undefined) return
    to.push({ key: write.key, value: this.#keysOnly ? EMPTY_BYTES : write.value })
  }
}

function isEmpty({ start, end }: KeyRange): boolean {
  return end !== undefined && compareBytes(start ?? fromBinaryString(''), end) >= 0
}

function idOf(bound: Uint8Array | undefined): string | undefined {
  return bound === undefined ? undefined : toBinaryString(bound)
}
