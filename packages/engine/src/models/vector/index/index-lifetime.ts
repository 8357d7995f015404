import { vectorKeys, type Transaction } from '@orbit-ts/storage'
import { EMPTY_INDEX, putIndexState } from './index-state.js'

/**
 * Gives an index to a collection that may hold vectors. They are not read here, however many there are: the index is
 * marked as incomplete, which makes searches do without it, and `buildIndex` fills it step by step.
 */
export function addIndex(storage: Transaction, collectionId: number, indexId: number): void {
  putIndexState(storage, collectionId, indexId, { ...EMPTY_INDEX, incomplete: {} })
}

/** Removes all that an index has stored. */
export async function removeIndex(
  storage: Transaction,
  collectionId: number,
  indexId: number,
): Promise<void> {
  const ranges = [
    vectorKeys.centroids(collectionId, indexId),
    vectorKeys.postings(collectionId, indexId),
    vectorKeys.assignments(collectionId, indexId),
  ]
  for (const range of ranges) {
    for await (const chunk of storage.scan(range, { keysOnly: true, chunkSize: 4096 })) {
      for (const { key } of chunk) storage.delete(key)
    }
  }
}
