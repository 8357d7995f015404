import type { Entry, KeyRange, Reader, ScanOptions } from '../provider.js'
import { withoutKeys } from '../transaction/without-keys.js'
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

/**
 * Chunks and the limit count what is left, so the store is asked without a limit, in chunks no larger than it, and for
 * the keys that tell what is to be left out.
 */
async function* filtered(reader: Reader, range: KeyRange, options: ScanOptions): AsyncGenerator<Entry[]> {
  const { limit = Infinity, valuesOnly = false, ...rest } = options
  const shown = (piece: Entry[]): Entry[] => (valuesOnly ? withoutKeys(piece) : piece)
  if (limit === 0) return
  const chunkSize = Math.min(options.chunkSize ?? CHUNK_SIZE, limit)
  let remaining = limit
  let kept: Entry[] = []
  for await (const chunk of reader.scan(range, { ...rest, chunkSize })) {
    kept.push(...chunk.filter(({ key }) => !isReserved(key)))
    if (kept.length < Math.min(chunkSize, remaining)) continue
    const piece = kept.slice(0, Math.min(chunkSize, remaining))
    kept = kept.slice(piece.length)
    remaining -= piece.length
    yield shown(piece)
    if (remaining === 0) return
  }
  if (kept.length > 0) yield shown(kept.slice(0, remaining))
}
