/**
 * Builds a partitioned index in steps, each in a transaction of its own, while others search and write; the rules are
 * those of `index-state.ts`. A build finds centres, then moves every vector to the nearest one. What is left to do is
 * seen from the index itself, so a build goes on from where it was after a conflict, a crash or a pause.
 */
import { asBuffer, defined } from '@orbit-ts/base'
import { rangeWithin, vectorKeys, type Transaction } from '@orbit-ts/storage'
import { decodeVector, encodeVectorRecord } from '../../../record/vector-record.js'
import { VectorCache } from '../cache/vector-cache.js'
import type { OpenVectors } from '../open-vectors.js'
import type { IndexBuild } from '../vector-queries.js'
import type { PartitionedIndexDefinition } from '../vectors-definition.js'
import { WorkPacer } from '../work-pacer.js'
import { chunkRows } from '../search/chunk-ranks.js'
import type { CheckedBuild } from './check-build.js'
import { encodeAssignment } from './assignment.js'
import { loadCentroids } from './centroid-cache.js'
import type { Centroids } from './centroids.js'
import { findCentroids } from './find-centroids.js'
import {
  UNASSIGNED,
  getIndexState,
  guardKey,
  putIndexState,
  type Generation,
  type IndexState,
} from './index-state.js'
import { drawIds, readSample } from './draw-sample.js'

/** Vectors moved in one step: more would conflict with writers more often. */
const MOVE_MAX = 10_000
const MOVE_SIZE_MAX_BYTES = 32 * 1024 * 1024
/** Multiplications of one step: about a second. */
const MOVE_OPERATIONS_MAX = 2e9
const FLOAT_SIZE = 4
/** More vectors for each centre to be found hardly make better ones. */
const SAMPLE_PER_PARTITION = 100
const SAMPLE_MIN = 1000

/** @throws as `VectorSession.buildIndex` */
export function buildIndex(
  collection: OpenVectors,
  index: PartitionedIndexDefinition,
  options: CheckedBuild,
): Promise<IndexBuild> {
  if (collection.isReadCommitted) {
    throw collection.error(
      'INVALID_ARGUMENT',
      'an index cannot be built under the isolation level read-committed; use snapshot or serializable',
      { field: 'isolation' },
    )
  }
  return new IndexBuilder(collection, index, options).run()
}

class IndexBuilder {
  readonly #collection: OpenVectors
  readonly #storage: Transaction
  readonly #index: PartitionedIndexDefinition
  readonly #options: CheckedBuild
  readonly #pacer: WorkPacer
  #moved = 0

  constructor(collection: OpenVectors, index: PartitionedIndexDefinition, options: CheckedBuild) {
    this.#collection = collection
    this.#storage = collection.storage
    this.#index = index
    this.#options = options
    this.#pacer = new WorkPacer(collection.context.env)
  }

  async run(): Promise<IndexBuild> {
    const before = await getIndexState(this.#storage, this.#collection.id, this.#index.id)
    if (before.building) return this.#step(before, false)
    const after = await this.#train(before)
    if (after === undefined) return this.#nothingToBuild(before)
    const { trainedOn } = latest(after)
    if (trainedOn <= MOVE_MAX) return this.#step(after, true)
    // What took long to find is not put at risk by a conflict over a vector that is moved.
    this.#put(after)
    return this.#result(after, true)
  }

  /** Adds a generation; undefined when there is no vector to learn from. */
  async #train(state: IndexState): Promise<IndexState | undefined> {
    const { dimension, metric } = this.#collection.definition
    const { partitions = this.#index.partitions, sampleMax } = this.#options
    const drawn = await drawIds(this.#collection, this.#index, state, sampleMax)
    if (drawn.ids.length === 0) return undefined
    const wanted = partitions === 'auto' ? autoPartitions(drawn.collectionSize) : partitions
    const ids = drawn.ids.slice(0, Math.max(SAMPLE_MIN, wanted * SAMPLE_PER_PARTITION))
    const sample = { metric, dimension, rows: await readSample(this.#collection, ids) }
    const centroids = await findCentroids(sample, Math.min(wanted, ids.length), this.#collection.context.env)
    return this.#addGeneration(state, centroids, drawn.collectionSize)
  }

  #addGeneration(state: IndexState, centroids: Centroids, trainedOn: number): IndexState {
    const { id, recordHeader } = this.#collection
    const firstPartition = state.nextPartition
    for (let i = 0; i < centroids.count; i++) {
      const key = vectorKeys.centroid(id, this.#index.id, firstPartition + i)
      this.#storage.put(key, encodeVectorRecord(centroids.row(i), undefined, recordHeader))
    }
    const digest = centroids.digest(firstPartition)
    const generation: Generation = { digest, firstPartition, partitions: centroids.count, trainedOn }
    return {
      ...state,
      generations: [...state.generations, generation],
      nextPartition: firstPartition + centroids.count,
      building: true,
    }
  }

  /** Moves as many vectors as fit one transaction, and ends the build when none is left. */
  async #step(before: IndexState, trained: boolean): Promise<IndexBuild> {
    const target = latest(before)
    await this.#storage.lock([this.#guard(target)], { mode: 'shared' })
    const centroids = await loadCentroids(this.#collection, this.#index.id, target)
    const moveMax = this.#moveMax(centroids)
    let state = await this.#fill(before, target, centroids, moveMax)
    if (state.incomplete === undefined && (await this.#drain(state, target, centroids, moveMax))) {
      state = this.#finish(state)
    }
    if (state !== before || trained) this.#put(state)
    return this.#result(state, trained)
  }

  /** Gives vectors that were there before the index a place in it. */
  async #fill(
    state: IndexState,
    target: Generation,
    centroids: Centroids,
    moveMax: number,
  ): Promise<IndexState> {
    if (state.incomplete === undefined) return state
    const { after } = state.incomplete
    const { id: collectionId, definition } = this.#collection
    const all = vectorKeys.records(collectionId)
    const start =
      after === undefined ? undefined : Buffer.concat([this.#collection.recordKey(after), Buffer.alloc(1)])
    const range = rangeWithin(defined(all.start, 'start of a prefix'), start)
    const chunkSize = chunkRows(definition.dimension)
    let last = after
    let read = 0
    for await (const chunk of this.#storage.scan(range, { limit: moveMax, chunkSize })) {
      const ids = chunk.map(({ key }) => this.#collection.idOf(key))
      const assigned = await this.#storage.getMany(ids.map((id) => this.#assignmentKey(id)))
      for (const [i, { key, value }] of chunk.entries()) {
        if (assigned[i] !== undefined) continue
        const id = defined(ids[i], 'id of an entry')
        const vector = decodeVector(value, key)
        const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
        const turn = this.#place(id, Float64Array.from(vector), bytes, target, centroids)
        if (turn !== undefined) await turn
      }
      read += chunk.length
      last = ids.at(-1)
    }
    const { incomplete: _, ...complete } = state
    return read < moveMax || last === undefined ? complete : { ...complete, incomplete: { after: last } }
  }

  /** Moves vectors out of the partitions before `target`; true when none is left in them. */
  async #drain(
    state: IndexState,
    target: Generation,
    centroids: Centroids,
    moveMax: number,
  ): Promise<boolean> {
    const older = partitionsOf(state.generations.slice(0, -1))
    for (const partition of state.unassigned ? [UNASSIGNED, ...older] : older) {
      const limit = moveMax - this.#moved
      if (limit <= 0) return false
      const moved = await this.#drainPartition(partition, target, centroids, limit)
      if (moved === limit) return false
    }
    return true
  }

  async #drainPartition(
    partition: number,
    target: Generation,
    centroids: Centroids,
    limit: number,
  ): Promise<number> {
    const { id: collectionId, definition } = this.#collection
    const range = vectorKeys.postings(collectionId, this.#index.id, partition)
    const idStart = defined(range.start, 'start of a prefix').length
    const chunkSize = chunkRows(definition.dimension)
    const components = new Float32Array(definition.dimension)
    const bytes = new Uint8Array(components.buffer)
    let moved = 0
    for await (const chunk of this.#storage.scan(range, { limit, chunkSize })) {
      for (const { key, value } of chunk) {
        const id = asBuffer(key).toString('utf8', idStart)
        bytes.set(value)
        const turn = this.#place(id, Float64Array.from(components), value, target, centroids)
        this.#storage.delete(key)
        if (turn !== undefined) await turn
      }
      moved += chunk.length
    }
    return moved
  }

  /** Undefined, or something to wait for. */
  #place(
    id: string,
    vector: Float64Array,
    components: Uint8Array,
    target: Generation,
    centroids: Centroids,
  ): Promise<void> | undefined {
    if (this.#moved === 0) this.#noteChanges()
    const partition = target.firstPartition + centroids.nearest(vector)
    this.#storage.put(vectorKeys.posting(this.#collection.id, this.#index.id, partition, id), components)
    this.#storage.put(this.#assignmentKey(id), encodeAssignment(partition))
    this.#moved++
    return this.#pacer.done(centroids.rows.length)
  }

  /** So many are moved that hardly a partition stays as it is, and the state changes with them. Records do not. */
  #noteChanges(): void {
    VectorCache.noteChanges(this.#collection, this.#collection.context.env, (touched) =>
      touched.addAllPartitions(),
    )
  }

  /** Takes the older generations out, whose partitions are empty, and partition 0. */
  #finish(state: IndexState): IndexState {
    // It has no value: this tells those who share it.
    if (state.unassigned) this.#storage.delete(this.#guard(undefined))
    for (const partition of partitionsOf(state.generations.slice(0, -1))) {
      this.#storage.delete(vectorKeys.centroid(this.#collection.id, this.#index.id, partition))
    }
    return { ...state, generations: [latest(state)], unassigned: false, building: false }
  }

  #nothingToBuild(state: IndexState): IndexBuild {
    const { incomplete, ...complete } = state
    if (incomplete !== undefined) this.#put(complete)
    return this.#result(complete, false)
  }

  #moveMax(centroids: Centroids): number {
    const bySize = MOVE_SIZE_MAX_BYTES / (centroids.dimension * FLOAT_SIZE)
    const byWork = MOVE_OPERATIONS_MAX / centroids.rows.length
    return Math.max(1, Math.floor(Math.min(this.#options.moveMax ?? MOVE_MAX, bySize, byWork)))
  }

  #put(state: IndexState): void {
    this.#noteChanges()
    putIndexState(this.#storage, this.#collection.id, this.#index.id, state)
  }

  #result(state: IndexState, trained: boolean): IndexBuild {
    return {
      done: !state.building,
      trained,
      partitions: state.generations.at(-1)?.partitions ?? 0,
      moved: this.#moved,
    }
  }

  #guard(generation: Generation | undefined): Uint8Array {
    return guardKey(this.#collection.id, this.#index.id, generation)
  }

  #assignmentKey(id: string): Uint8Array {
    return vectorKeys.assignment(this.#collection.id, this.#index.id, id)
  }
}

function autoPartitions(vectors: number): number {
  return Math.max(1, Math.round(2 * Math.sqrt(vectors)))
}

function latest(state: IndexState): Generation {
  return defined(state.generations.at(-1), 'generation')
}

function partitionsOf(generations: readonly Generation[]): number[] {
  return generations.flatMap(({ firstPartition, partitions }) =>
    Array.from({ length: partitions }, (_, i) => firstPartition + i),
  )
}
