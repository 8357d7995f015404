import { defined } from '@orbit-ts/base'
import { vectorKeys } from '@orbit-ts/storage'
import type { Moment } from '../cache/vector-cache.js'
import type { OpenVectors } from '../open-vectors.js'
import { WorkPacer } from '../work-pacer.js'
import { ChunkRanks, chunkRows } from './chunk-ranks.js'
import type { NearestHeap } from './nearest-heap.js'
import type { PartitionedPlan } from './plan-search.js'
import { VectorRows } from './vector-rows.js'

/** A store of several machines answers them at the same time. */
const READS_AT_ONCE = 8

/** Goes through the partitions of a plan in its order, some at a time, and ranks their vectors. */
export class PartitionWalk {
  readonly #collection: OpenVectors
  readonly #plan: PartitionedPlan
  readonly #moment: Moment | undefined
  readonly #ranks: ChunkRanks
  readonly #pacer: WorkPacer
  #partitions = 0
  #vectors = 0

  constructor(collection: OpenVectors, plan: PartitionedPlan, moment: Moment | undefined) {
    this.#collection = collection
    this.#plan = plan
    this.#moment = moment
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
    const toRead: number[] = []
    for (const partition of next) {
      const kept = this.#moment?.partition(this.#plan.indexId, partition)
      if (kept === undefined) toRead.push(partition)
      for (const rows of kept ?? []) {
        const turn = this.#rank(rows, nearest)
        if (turn !== undefined) await turn
      }
    }
    if (toRead.length > 0) await Promise.all(toRead.map((partition) => this.#read(partition, nearest)))
  }

  async #read(partition: number, nearest: NearestHeap): Promise<void> {
    const { id, storage, definition } = this.#collection
    const { dimension } = definition
    const range = vectorKeys.postings(id, this.#plan.indexId, partition)
    const idStart = defined(range.start, 'start of a prefix').length
    const all: VectorRows[] = []
    for await (const chunk of storage.scan(range, { chunkSize: chunkRows(dimension) })) {
      const rows = VectorRows.ofPostings(chunk, idStart, dimension, ({ value }) =>
        this.#damaged(partition, value),
      )
      if (this.#moment !== undefined) all.push(rows)
      const turn = this.#rank(rows, nearest)
      if (turn !== undefined) await turn
    }
    this.#moment?.keepPartition(this.#plan.indexId, partition, all)
  }

  /** Undefined, or something to wait for. */
  #rank(rows: VectorRows, nearest: NearestHeap): Promise<void> | undefined {
    this.#ranks.offer(rows, nearest)
    this.#vectors += rows.count
    return this.#pacer.done(rows.count * this.#collection.definition.dimension)
  }

  #damaged(partition: number, value: Uint8Array): Error {
    return this.#collection.error(
      'STORAGE_CORRUPT',
      `its index is damaged: partition ${partition} has a vector of ${value.byteLength} bytes; take the index out of the declaration and add it again`,
    )
  }
}
