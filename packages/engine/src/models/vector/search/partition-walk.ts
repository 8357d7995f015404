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

/** Reads the partitions of a plan in its order, some at a time, and ranks their vectors. */
export class PartitionWalk {
  readonly #collection: OpenVectors
  readonly #plan: PartitionedPlan
  readonly #ranks: ChunkRanks
  readonly #pacer: WorkPacer
  #partitions = 0
  #vectors = 0

  constructor(collection: OpenVectors, plan: PartitionedPlan) {
    this.#collection = collection
    this.#plan = plan
    this.#ranks = new ChunkRanks(collection.definition.metric, plan.search.query)
    this.#pacer = new WorkPacer(collection.context.env)
  }

  /** Partitions read so far. */
  get partitions(): number {
    return this.#partitions
  }

  /** Vectors in all partitions, if they are as large as those read so far. */
  get vectorsEstimated(): number {
    return (this.#vectors / this.#partitions) * this.#plan.order.length
  }

  get isComplete(): boolean {
    return this.#partitions === this.#plan.order.length
  }

  /** Reads the next partitions, no more than are probed if that is known, and offers what is in them. */
  async next(nearest: NearestHeap): Promise<void> {
    const { order, probes } = this.#plan
    const start = this.#partitions
    const isProbing = probes !== 'auto' && start < probes
    const next = order.slice(start, Math.min(start + READS_AT_ONCE, isProbing ? probes : order.length))
    this.#partitions += next.length
    await Promise.all(next.map((partition) => this.#read(partition, nearest)))
  }

  async #read(partition: number, nearest: NearestHeap): Promise<void> {
    const { id, storage, definition } = this.#collection
    const range = vectorKeys.postings(id, this.#plan.indexId, partition)
    const idStart = defined(range.start, 'start of a prefix').length
    const size = definition.dimension * FLOAT_SIZE
    for await (const chunk of storage.scan(range, { chunkSize: chunkRows(definition.dimension) })) {
      for (const { value } of chunk) if (value.byteLength !== size) throw this.#damaged(partition, value)
      const ranks = this.#ranks.ofBytes(chunk)
      let row = 0
      for (const { key } of chunk) nearest.offer(defined(ranks[row++], 'rank'), key, idStart)
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
