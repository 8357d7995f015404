import { equalBytes } from '@orbit-ts/base'
import type { Transaction } from '@orbit-ts/storage'

interface UniqueEntry {
  readonly key: Uint8Array
  /** Names the record that the entry is of. */
  readonly value: Uint8Array
}

/**
 * Which entries of unique indexes that are being built a writer may delete for a record that loses them: all but those
 * that another record has taken.
 *
 * Of two records that were there with one value before the index, each would delete the other's entry. What is not
 * there is deleted all the same: the build may be adding it, and only both writing the key makes one of them conflict.
 */
export async function deletableEntries<Entry extends UniqueEntry>(
  storage: Transaction,
  entries: readonly Entry[],
): Promise<Entry[]> {
  if (entries.length === 0) return []
  const keys = entries.map(({ key }) => key)
  // Without a snapshot the owner could change between the read and the delete.
  if (storage.isolation === 'read-committed') await storage.lock(keys)
  const owners = await storage.getMany(keys)
  return entries.filter(({ value }, i) => {
    const owner = owners[i]
    return owner === undefined || equalBytes(owner, value)
  })
}
