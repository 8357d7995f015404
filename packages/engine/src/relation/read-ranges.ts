import type { Entry, KeyRange, ScanOptions, Transaction } from '@orbit-ts/storage'

/** Entries in a chunk, at most. */
const CHUNK_SIZE = 1024
/** Ranges whose first entries are read at once. */
const WIDTH = 64
/** What is read of each of many ranges before it is their turn. */
const AHEAD = 64

export interface ReadRangesOptions {
  readonly signal: AbortSignal
  readonly reverse: boolean
  /** How many entries are of use. */
  readonly limit: number | undefined
  readonly keysOnly?: boolean
}

/** The entries of ranges, one range after the other, in non-empty chunks. Many small ranges are read side by side. */
export async function* readRanges(
  storage: Transaction,
  ranges: readonly KeyRange[],
  { signal, reverse, limit, keysOnly = false }: ReadRangesOptions,
): AsyncGenerator<Entry[]> {
  const chunkSize = chunkSizeFor(limit)
  const options = { reverse, chunkSize, signal, keysOnly }
  if (ranges.length === 1) {
    // There is one.
    yield* storage.scan(ranges[0] as KeyRange, options)
    return
  }
  for (let from = 0; from < ranges.length; from += WIDTH) {
    const some = ranges.slice(from, from + WIDTH)
    const begun = await Promise.all(some.map((range) => firstEntries(storage, range, options)))
    let chunk: Entry[] = []
    for (const [i, entries] of begun.entries()) {
      chunk.push(...entries)
      if (chunk.length >= chunkSize) {
        yield chunk
        chunk = []
      }
      const last = entries.at(-1)
      if (entries.length < AHEAD || last === undefined) continue
      if (chunk.length > 0) yield chunk
      chunk = []
      // The index is within the array.
      yield* storage.scan(restOf(some[i] as KeyRange, last.key, reverse), options)
    }
    if (chunk.length > 0) yield chunk
  }
}

/** @param limit how many entries are of use. */
export function chunkSizeFor(limit: number | undefined): number {
  return Math.max(1, Math.min(CHUNK_SIZE, limit ?? CHUNK_SIZE))
}

async function firstEntries(storage: Transaction, range: KeyRange, options: ScanOptions): Promise<Entry[]> {
  for await (const chunk of storage.scan(range, { ...options, limit: AHEAD, chunkSize: AHEAD })) return chunk
  return []
}

/** What lies behind an entry. */
function restOf(range: KeyRange, key: Uint8Array, reverse: boolean): KeyRange {
  return reverse ? { ...range, end: key } : { ...range, start: Buffer.concat([key, Buffer.of(0)]) }
}
