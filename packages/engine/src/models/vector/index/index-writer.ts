/**
 * Keeps a partitioned index in step with the vectors that one transaction writes; the rules are those of
 * `index-state.ts`.
 */
import { vectorKeys, type Transaction } from '@orbit-ts/storage'
import type { OpenVectors } from '../open-vectors.js'
import { WorkPacer } from '../work-pacer.js'
import { decodeAssignment, encodeAssignment } from './assignment.js'
import { loadCentroids } from './centroid-cache.js'
import type { Centroids } from './centroids.js'
import { UNASSIGNED, getIndexState, guardKey, type Generation } from './index-state.js'

/** Where new vectors go. */
interface Target {
  readonly generation: Generation
  readonly centroids: Centroids
}

export class IndexWriter {
  readonly #collection: OpenVectors
  readonly #storage: Transaction
  readonly #indexId: number
  readonly #target: Target | undefined

  private constructor(collection: OpenVectors, indexId: number, target: Target | undefined) {
    this.#collection = collection
    this.#storage = collection.storage
    this.#indexId = indexId
    this.#target = target
  }

  /** For a collection with an index: protects what the writes of this transaction will rely on. */
  static async open(collection: OpenVectors, indexId: number): Promise<IndexWriter> {
    for (;;) {
      const generation = await latestGeneration(collection, indexId)
      await collection.storage.lock([guardKey(collection.id, indexId, generation)], { mode: 'shared' })
      // Each read shows a later moment: the generation may have gone before it was locked.
      if (collection.isReadCommitted) {
        const now = await latestGeneration(collection, indexId)
        if (now?.digest !== generation?.digest) continue
      }
      if (generation === undefined) return new IndexWriter(collection, indexId, undefined)
      const centroids = await loadCentroids(collection, indexId, generation)
      return new IndexWriter(collection, indexId, { generation, centroids })
    }
  }

  /** The partitions that these vectors are in now, or undefined. */
  async current(ids: readonly string[]): Promise<(number | undefined)[]> {
    const keys = ids.map((id) => this.#assignmentKey(id))
    if (this.#collection.isReadCommitted) await this.#storage.lock(keys)
    const found = await this.#storage.getMany(keys)
    return found.map((bytes) => (bytes === undefined ? undefined : decodeAssignment(bytes)))
  }

  /** The partitions that these vectors belong to. */
  async choose(vectors: readonly Float32Array[]): Promise<number[]> {
    if (this.#target === undefined) return vectors.map(() => UNASSIGNED)
    const { generation, centroids } = this.#target
    const pacer = new WorkPacer(this.#collection.context.env)
    const chosen: number[] = []
    for (const vector of vectors) {
      chosen.push(generation.firstPartition + centroids.nearest(Float64Array.from(vector)))
      const turn = pacer.done(centroids.rows.length)
      if (turn !== undefined) await turn
    }
    return chosen
  }

  /** @param from the partition it is in now. */
  put(id: string, components: Uint8Array, from: number | undefined, to: number): void {
    if (from !== undefined && from !== to) this.#storage.delete(this.#postingKey(from, id))
    this.#storage.put(this.#postingKey(to, id), components)
    this.#storage.put(this.#assignmentKey(id), encodeAssignment(to))
  }

  /** @param from the partition it is in now. */
  remove(id: string, from: number | undefined): void {
    if (from !== undefined) this.#storage.delete(this.#postingKey(from, id))
    this.#storage.delete(this.#assignmentKey(id))
  }

  #assignmentKey(id: string): Uint8Array {
    return vectorKeys.assignment(this.#collection.id, this.#indexId, id)
  }

  #postingKey(partition: number, id: string): Uint8Array {
    return vectorKeys.posting(this.#collection.id, this.#indexId, partition, id)
  }
}

async function latestGeneration(collection: OpenVectors, indexId: number): Promise<Generation | undefined> {
  const { generations } = await getIndexState(collection.storage, collection.id, indexId)
  return generations.at(-1)
}
