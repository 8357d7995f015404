import type { KeyRange, Transaction } from '@orbit-ts/storage'

const CHUNK_SIZE = 4096

/** How many keys are in a range; with `counts` only those it says. */
export async function countKeys(
  storage: Transaction,
  range: KeyRange,
  counts?: (key: Uint8Array) => boolean,
): Promise<number> {
  let count = 0
  for await (const entries of storage.scan(range, { keysOnly: true, chunkSize: CHUNK_SIZE })) {
    count += counts === undefined ? entries.length : entries.filter(({ key }) => counts(key)).length
  }
  return count
}
