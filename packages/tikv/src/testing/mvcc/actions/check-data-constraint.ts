import type { Write } from '../records.js'
import { MvccError } from '../mvcc-error.js'
import type { MvccReader } from '../mvcc-reader.js'

/**
 * For a key that must not exist: refuses when it does.
 * @param write The newest record of the key.
 */
export function checkDataConstraint(
  reader: MvccReader,
  shouldNotExist: boolean,
  write: Write,
  key: Uint8Array,
): void {
  const fenced = write.gcFence !== undefined && write.gcFence !== 0n
  if (!shouldNotExist || write.type === 'delete' || fenced) return
  const existing = write.type === 'put' ? write : reader.visiblePut(key, write.commitTs - 1n)
  if (existing !== undefined) {
    throw new MvccError({ kind: 'AlreadyExist', key, existingStartTs: existing.startTs })
  }
}
