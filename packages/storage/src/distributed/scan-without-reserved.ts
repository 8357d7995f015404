import type { Entry, KeyRange, Reader, ScanOptions } from '../provider.js'
import { isReserved, meetsReserved } from './distributed-keys.js'

const CHUNK_SIZE = 256

/** As `reader.scan`, without the keys that belong to cross-store transactions. */
export function scanWithoutReserved(
  reader: Reader,
  range: KeyRange,
  options: ScanOptions,
): AsyncIterable<Entry[]> {
  return meetsReserved(range) ? filtered(reader, range, options) : reader.scan(range, options)
}

/** The limit counts what is left, so the store is asked without one, in chunks no larger than it. */
async function* filtered(reader: Reader, range: KeyRange, options: ScanOptions): AsyncGenerator<Entry[]> {
  const { limit = Infinity, ...rest } = options
  if (limit === 0) return
  const chunkSize = Math.min(options.chunkSize ?? CHUNK_SIZE, limit)
  let remaining = limit
  for await (const chunk of reader.scan(range, { ...rest, chunkSize })) {
    const kept = chunk.filter(({ key }) => !isReserved(key)).slice(0, remaining)
    remaining -= kept.length
    if (kept.length > 0) yield kept
    if (remaining === 0) return
  }
}
