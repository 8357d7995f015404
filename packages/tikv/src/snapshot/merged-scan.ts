import { compareBytes, EMPTY_BYTES } from '@orbit-ts/base'
import type { KeyRange } from '../key-range.js'
import type { BufferEntry } from '../txn/buffer/buffer-entry.js'
import type { BufferReader } from '../txn/buffer/buffer-view.js'
import { requireScanOptions, SCAN_BATCH_SIZE } from './scan-pages.js'
import type { Snapshot } from './snapshot.js'
import type { KeyValue, ScanOptions } from './snapshot-options.js'

/**
 * The rows of a range as a transaction sees them: its own writes over what the snapshot has, in chunks. The rows of a
 * chunk are merged at once, without a promise for each. `buffer` must not change meanwhile: pass a view.
 * `sampleStep` is not honoured: which rows it takes would depend on the transaction's own.
 */
export async function* mergedScan(
  buffer: BufferReader,
  snapshot: Pick<Snapshot, 'scan'>,
  range: KeyRange,
  options: ScanOptions = {},
): AsyncGenerator<KeyValue[], void, undefined> {
  requireScanOptions(options)
  const merger = new Merger(buffer, range, options)
  const { limit = Infinity, batchSize = SCAN_BATCH_SIZE } = options
  let left = limit
  const pages = snapshot.scan(range, {
    ...options,
    sampleStep: undefined,
    // Deletes of the transaction hide rows, so that more may be needed than asked for.
    limit: undefined,
    batchSize: Math.max(1, Math.min(batchSize, limit + merger.hidingRows(batchSize))),
  })
  if (left <= 0) return
  for await (const page of pages) {
    const rows = merger.mergeInto(page, left)
    left -= rows.length
    if (rows.length > 0) yield rows
    if (left <= 0) return
  }
  for (;;) {
    const rows = merger.ownRows(Math.min(left, batchSize))
    left -= rows.length
    if (rows.length === 0) return
    yield rows
  }
}

/** Walks the transaction's writes alongside the snapshot's rows. */
class Merger {
  readonly #entries: IterableIterator<BufferEntry>
  readonly #countHiding: (max: number) => number
  readonly #sign: number
  readonly #keysOnly: boolean
  #next: BufferEntry | undefined

  constructor(buffer: BufferReader, range: KeyRange, { reverse = false, keysOnly = false }: ScanOptions) {
    this.#entries = buffer.entries(range, { reverse })
    this.#countHiding = (max) => countDeletes(buffer.entries(range, { reverse }), max)
    this.#sign = reverse ? -1 : 1
    this.#keysOnly = keysOnly
    this.#advance()
  }

  /** Deletes in the range, counted up to `max`. */
  hidingRows(max: number): number {
    return this.#next === undefined ? 0 : this.#countHiding(max)
  }

  /** The rows of a page with the writes before and between them, at most `limit`. */
  mergeInto(page: KeyValue[], limit: number): KeyValue[] {
    if (this.#next === undefined) return page.length <= limit ? page : page.slice(0, limit)
    const rows: KeyValue[] = []
    for (const row of page) {
      const hidden = this.#takeUpTo(row.key, rows, limit)
      if (rows.length >= limit) return rows
      if (!hidden) rows.push(row)
    }
    return rows
  }

  /** The next writes, at most `limit`. */
  ownRows(limit: number): KeyValue[] {
    const rows: KeyValue[] = []
    while (this.#next !== undefined && rows.length < limit) this.#take(this.#next, rows)
    return rows
  }

  /** Takes the writes that come before `key` or are of it; true when one is of it. */
  #takeUpTo(key: Uint8Array, rows: KeyValue[], limit: number): boolean {
    while (this.#next !== undefined && rows.length < limit) {
      const order = compareBytes(this.#next.key, key) * this.#sign
      if (order > 0) return false
      this.#take(this.#next, rows)
      if (order === 0) return true
    }
    return false
  }

  #take(entry: BufferEntry, rows: KeyValue[]): void {
    if (entry.kind === 'put') rows.push({ key: entry.key, value: this.#keysOnly ? EMPTY_BYTES : entry.value })
    this.#advance()
  }

  /** To the next write: entries with flags only change nothing that is read. */
  #advance(): void {
    for (;;) {
      const step = this.#entries.next()
      this.#next = step.done === true ? undefined : step.value
      if (this.#next?.kind !== 'flags') return
    }
  }
}

function countDeletes(entries: Iterable<BufferEntry>, max: number): number {
  let count = 0
  let seen = 0
  for (const { kind } of entries) {
    if (kind === 'delete') count += 1
    seen += 1
    if (seen >= max) break
  }
  return count
}
