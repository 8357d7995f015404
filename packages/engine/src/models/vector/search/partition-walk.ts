import { defined } from '@orbit-ts/base'
import { vectorKeys } from '@orbit-ts/storage'
import type { OpenVectors } from '../open-vectors.js'
import { WorkPacer } from '../work-pacer.js'
import { ChunkRanks, chunkRows } from './chunk-ranks.js'
import type { NearestHeap } from './nearest-heap.js'
import type { PartitionedPlan } from './plan-search.js'

/** A store of several machines answers them at the same time. */
const READS_AT_ONCE = 8
const FLOAT_SIZE = 4

/** Reads partitions one after the other, in an order given, and keeps the nearest of their vectors. */
export class PartitionWalk {
  readonly #collection: OpenVectors
  readonly #indexId: number
  readonly #order: readonly number[]
  readonly #ranks: ChunkRanks
  readonly #nearest: NearestHeap
  readonly #pacer: WorkPacer
  #read = 0
  #vectors = 0

  constructor(collection: OpenVectors, plan: PartitionedPlan, nearest: NearestHeap) {
    this.#collection = collection
    this.#indexId = plan.indexId
    this.#order = plan.order
    this.#ranks = new ChunkRanks(collection.definition.metric, plan.search.query)
    this.#nearest = nearest
    this.#pacer = new WorkPacer(collection.context.env)
  }

  /** Partitions read so far. */
  get partitions(): number {
    return this.#read
  }

  /** Vectors read so far. */
  get vectors(): number {
    return this.#vectors
  }

  get isComplete(): boolean {
    return this.#read === this.#order.length
  }

  /** Goes on until that many partitions have been read in all. */
  async readUpTo(count: number): Promise<void> {
    const end = Math.min(count, this.#order.length)
    while (this.#read < end) {
      const next = this.#order.slice(this.#read, Math.min(end, this.#read + READS_AT_ONCE))
      this.#read += next.length
      await Promise.all(next.map((partition) => this.#readPartition(partition)))
    }
  }

  async #readPartition(partition: number): Promise<void> {
    const { id, storage, definition } = this.#collection
    const range = vectorKeys.postings(id, this.#indexId, partition)
    const idStart = defined(range.start, 'start of a prefix').length
    const size = definition.dimension * FLOAT_SIZE
    for await (const chunk of storage.scan(range, { chunkSize: chunkRows(definition.dimension) })) {
      for (const { value } of chunk) if (value.byteLength !== size) throw this.#damaged(partition, value)
      const ranks = this.#ranks.ofBytes(chunk)
      for (const [i, { key }] of chunk.entries()) {
        this.#nearest.offer(defined(ranks[i], 'rank'), key, idStart)
      }
      this.#vectors += chunk.length
      const turn = this.#pacer.done(chunk.length * definition.dimension)
      if (turn !== undefined) await turn
    }
  }

  #damaged(partition: number, value: Uint8Array): Error {
    return this.#collection.error(
      'STORAGE_CORRUPT',
      `its index is damaged: partition ${partition} has a vector of ${value.byteLength} bytes; take the index out of the declaration and add it again`,
    )
  }
}
