import { defined } from '@orbit-ts/base'
import type { KeyRange } from '../key-range.js'
import type { BufferEntry } from '../txn/buffer/buffer-entry.js'
import type { TransactionBuffer } from '../txn/buffer/transaction-buffer.js'
import { mergedScan } from './merged-scan.js'
import type { Snapshot } from './snapshot.js'
import type { KeyValue, ReadOptions, ScanOptions } from './snapshot-options.js'

export interface MergedReaderOptions {
  /** The transaction flushes its writes before it commits (pipelined): point reads look there, behind the buffer. */
  readonly flushed?: boolean | undefined
}

/**
 * Reads of a transaction: what it wrote itself, and below that its snapshot.
 * Equivalent in client-go: `internal/unionstore` (KVUnionStore).
 */
export class MergedReader {
  readonly #buffer: TransactionBuffer
  readonly #snapshot: Snapshot
  readonly #flushed: boolean

  constructor(buffer: TransactionBuffer, snapshot: Snapshot, options: MergedReaderOptions = {}) {
    this.#buffer = buffer
    this.#snapshot = snapshot
    this.#flushed = options.flushed === true
  }

  /** As `Snapshot.get`. */
  async get(key: Uint8Array, options: ReadOptions = {}): Promise<Uint8Array | undefined> {
    if (this.#flushed) return (await this.batchGet([key], options))[0]
    const own = this.#buffer.get(key)
    return isWrite(own) ? own.value : this.#snapshot.get(key, options)
  }

  /** As `Snapshot.batchGet`. */
  async batchGet(
    keys: readonly Uint8Array[],
    options: ReadOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    const values: (Uint8Array | undefined)[] = []
    let missing: number[] = []
    for (const [at, key] of keys.entries()) {
      const own = this.#buffer.get(key)
      values.push(own?.value)
      if (!isWrite(own)) missing.push(at)
    }
    if (this.#flushed) missing = await this.#fillFlushed(keys, missing, values, options)
    await this.#fill(keys, missing, values, (part) => this.#snapshot.batchGet(part, options))
    return values
  }

  /** As `Snapshot.scan`. Writes made while the scan runs do not show in it. */
  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<KeyValue[], void, undefined> {
    if (this.#buffer.writeCount === 0) yield* this.#snapshot.scan(range, options)
    else yield* mergedScan(this.#buffer.view(), this.#snapshot, range, options)
  }

  /** Gives the places that flushed writes say nothing of. An empty flushed value is a delete. */
  async #fillFlushed(
    keys: readonly Uint8Array[],
    missing: readonly number[],
    values: (Uint8Array | undefined)[],
    options: ReadOptions,
  ): Promise<number[]> {
    const unknown: number[] = []
    await this.#fill(keys, missing, values, async (part) => {
      const flushed = await this.#snapshot.flushedValues(part, options)
      return flushed.map((value, at) => {
        if (value === undefined) unknown.push(missing[at] ?? 0)
        return value?.length === 0 ? undefined : value
      })
    })
    return unknown
  }

  async #fill(
    keys: readonly Uint8Array[],
    places: readonly number[],
    values: (Uint8Array | undefined)[],
    read: (keys: Uint8Array[]) => Promise<(Uint8Array | undefined)[]>,
  ): Promise<void> {
    if (places.length === 0) return
    const found = await read(places.map((at) => defined(keys[at], 'a key')))
    for (const [index, at] of places.entries()) values[at] = found[index]
  }
}

function isWrite(entry: BufferEntry | undefined): entry is Exclude<BufferEntry, { kind: 'flags' }> {
  return entry !== undefined && entry.kind !== 'flags'
}
