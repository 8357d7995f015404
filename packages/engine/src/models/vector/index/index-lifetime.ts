import { vectorKeys, type KeyRange, type Transaction } from '@orbit-ts/storage'
import { EMPTY_INDEX, putIndexState } from './index-state.js'

/**
 * Gives an index to a collection that may hold vectors. They are not read here, however many there are: the index is
 * marked as incomplete, which makes searches do without it, and `buildIndex` fills it step by step.
 */
export function addIndex(storage: Transaction, collectionId: number, indexId: number): void {
  putIndexState(storage, collectionId, indexId, { ...EMPTY_INDEX, incomplete: {} })
}

/** All that an index has stored. */
export function indexRanges(collectionId: number, indexId: number): KeyRange[] {
  return [
    vectorKeys.centroids(collectionId, indexId),
    vectorKeys.postings(collectionId, indexId),
    vectorKeys.assignments(collectionId, indexId),
  ]
}
