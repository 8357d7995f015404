/**
 * What a partitioned index is made of, under its id:
 *
 * - one record about the whole, in the place of the centre of partition 0, which has none;
 * - the centres of its partitions, by generation: a generation is what one training has found, with partition numbers
 *   that follow one another and are never used again;
 * - for each vector a posting (its components) in its partition, and an assignment (the partition's number).
 *
 * Invariants, in every snapshot:
 * 1. A vector has one assignment and one posting, in the partition that the assignment names; only while the index is
 *    `incomplete` a vector may have neither.
 * 2. A partition that has postings is one of a generation that the state lists, or partition 0 when it says that there
 *    may be some, and the centres of those generations are there. So a search that looks at partition 0 and at every
 *    generation can find every vector.
 * 3. The centres of a generation never change.
 *
 * How they are kept, with writers and builders at work at the same time:
 * - Whoever writes or moves a vector writes its assignment (a delete of none included), so that of two who do it at
 *   the same time the later commit conflicts.
 * - A writer uses the latest generation of its snapshot, or partition 0 when there is none, and shares a lock on that
 *   generation's guard. Who finds the partitions of an older generation empty and takes it out of the list deletes its
 *   guard: a writer that still uses it and the removal cannot both commit. Partition 0 goes the same way,
 *   and never comes back: a search over what was deleted takes as long as if it were there.
 * - A training only adds a generation. Writers that do not know of it yet use an older one, which is listed as well,
 *   and need not conflict with it.
 * - The state is written by every training, every removal of a generation and every step over an incomplete index:
 *   two builders conflict. Writers of vectors never write it.
 */
import { OrbitError } from '@orbit-ts/base'
import { vectorKeys, type Transaction } from '@orbit-ts/storage'
import { decodeRecord, encodeRecord } from '../../../record/record-codec.js'

/** Vectors that were written before there were centres are in this partition. */
export const UNASSIGNED = 0

/** Of the layout of postings and assignments. */
const INDEX_FORMAT = 1

export interface Generation {
  /** A digest of the centres, which tells them from all others. */
  readonly digest: string
  /** Its partitions are numbered from here on. */
  readonly firstPartition: number
  readonly partitions: number
  /** Vectors in the collection when the centres were found. */
  readonly trainedOn: number
}

export interface IndexState {
  readonly format: number
  /** The oldest first; new vectors go to the last. */
  readonly generations: readonly Generation[]
  /** There may be vectors in partition 0. */
  readonly unassigned: boolean
  readonly nextPartition: number
  /** Vectors wait in older partitions to be moved to the last generation. */
  readonly building: boolean
  /** Vectors with an id after `after` may have no posting; without `after`, all. Left out: every vector has one. */
  readonly incomplete?: { readonly after?: string }
}

/** An index without centres, which has every vector in partition 0. */
export const EMPTY_INDEX: IndexState = {
  format: INDEX_FORMAT,
  generations: [],
  unassigned: true,
  nextPartition: 1,
  building: false,
}

function stateKey(collectionId: number, indexId: number): Uint8Array {
  return vectorKeys.centroid(collectionId, indexId, UNASSIGNED)
}

/** The key that guards a generation: its first centre. The guard of partition 0 is a key that never has a value. */
export function guardKey(
  collectionId: number,
  indexId: number,
  generation: Generation | undefined,
): Uint8Array {
  return generation === undefined
    ? vectorKeys.posting(collectionId, indexId, UNASSIGNED, '')
    : vectorKeys.centroid(collectionId, indexId, generation.firstPartition)
}

/** @throws RECORD_VERSION_UNSUPPORTED when a later release has written it. */
export async function getIndexState(
  storage: Transaction,
  collectionId: number,
  indexId: number,
): Promise<IndexState> {
  const key = stateKey(collectionId, indexId)
  const bytes = await storage.get(key)
  if (bytes === undefined) return EMPTY_INDEX
  const { value }: { readonly value: unknown } = decodeRecord(bytes, key)
  // `putIndexState` wrote it.
  const state = value as IndexState
  if (state.format === INDEX_FORMAT) return state
  throw new OrbitError(
    'RECORD_VERSION_UNSUPPORTED',
    `vector index ${indexId} of collection ${collectionId} has format ${state.format}; this release knows ${INDEX_FORMAT}`,
  )
}

export function putIndexState(
  storage: Transaction,
  collectionId: number,
  indexId: number,
  state: IndexState,
): void {
  const { generations, incomplete, ...rest } = state
  const value = {
    ...rest,
    generations: generations.map((generation) => ({ ...generation })),
    ...(incomplete === undefined ? {} : { incomplete: { ...incomplete } }),
  }
  storage.put(stateKey(collectionId, indexId), encodeRecord(value, { schemaVersion: 0 }))
}
