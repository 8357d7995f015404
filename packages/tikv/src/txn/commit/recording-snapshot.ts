import { defined } from '@orbit-ts/base'
import type { KeyRange } from '../../key-range.js'
import { keyAfter } from '../../snapshot/key-after.js'
import type { Snapshot } from '../../snapshot/snapshot.js'
import type { KeyValue, ReadOptions, ScanOptions } from '../../snapshot/snapshot-options.js'
import { RowDigest, type ReadSet } from './read-set.js'

/** The reads of a transaction below its own writes. */
export type SnapshotReads = Pick<Snapshot, 'get' | 'batchGet' | 'scan' | 'flushedValues'>

/** A snapshot that remembers what it was asked for and what it answered. */
export class RecordingSnapshot implements SnapshotReads {
  readonly #snapshot: SnapshotReads
  readonly #reads: ReadSet

  constructor(snapshot: SnapshotReads, reads: ReadSet) {
    this.#snapshot = snapshot
    this.#reads = reads
  }

  async get(key: Uint8Array, options: ReadOptions = {}): Promise<Uint8Array | undefined> {
    const value = await this.#snapshot.get(key, options)
    this.#reads.addKey(key, value)
    return value
  }

  async batchGet(
    keys: readonly Uint8Array[],
    options: ReadOptions = {},
  ): Promise<(Uint8Array | undefined)[]> {
    const values = await this.#snapshot.batchGet(keys, options)
    for (const [at, key] of keys.entries()) this.#reads.addKey(key, values[at])
    return values
  }

  /** Remembers the part of the range that was really read, also when the reader stops early. */
  async *scan(range: KeyRange, options: ScanOptions = {}): AsyncGenerator<KeyValue[], void, undefined> {
    const { reverse = false, keysOnly = false, limit = Infinity } = options
    const digest = new RowDigest()
    let last: Uint8Array | undefined
    let ended = false
    try {
      for await (const rows of this.#snapshot.scan(range, options)) {
        digest.add(rows)
        last = defined(rows.at(-1), 'a row of a page').key
        yield rows
      }
      ended = digest.rows < limit
    } finally {
      const covered = ended ? range : coveredUpTo(range, last, reverse)
      if (covered !== undefined) {
        this.#reads.addRange({
          range: covered,
          reverse,
          keysOnly,
          rows: digest.rows,
          digest: digest.finish(),
        })
      }
    }
  }

  flushedValues(keys: readonly Uint8Array[], options: ReadOptions = {}): Promise<(Uint8Array | undefined)[]> {
    return this.#snapshot.flushedValues(keys, options)
  }
}

function coveredUpTo(range: KeyRange, last: Uint8Array | undefined, reverse: boolean): KeyRange | undefined {
  if (last === undefined) return undefined
  return reverse ? { start: last, end: range.end } : { start: range.start, end: keyAfter(last) }
}
