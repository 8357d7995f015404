import type { Metric } from '../vectors-input.js'
import { DISTANCES } from './distance.js'
import type { NearestHeap } from './nearest-heap.js'
import type { VectorRows } from './vector-rows.js'

const CHUNK_SIZE_BYTES = 1024 * 1024
const ROWS_MIN = 8
const ROWS_MAX = 1024
const FLOAT_SIZE = 4

/** How many vectors to read and rank at a time. */
export function chunkRows(dimension: number): number {
  const fitting = Math.floor(CHUNK_SIZE_BYTES / (dimension * FLOAT_SIZE))
  return Math.max(ROWS_MIN, Math.min(ROWS_MAX, fitting))
}

/** Ranks are used without a pause in between, so one place for them does for every search. */
let ranks = new Float64Array(ROWS_MAX)

/** Ranks vectors against one query. */
export class ChunkRanks {
  readonly #metric: Metric
  readonly #query: Float64Array

  /** @param query as `queryComponents` gives it. */
  constructor(metric: Metric, query: Float64Array) {
    this.#metric = metric
    this.#query = query
  }

  /** The rank of each vector, valid until the next call for whatever query. They are of the query's dimension. */
  of({ components, count }: VectorRows): Float64Array {
    if (ranks.length < count) ranks = new Float64Array(count)
    DISTANCES[this.#metric].ranks(this.#query, components, count, ranks)
    return ranks
  }

  /** Offers those to `nearest` that are near enough and `accepts` lets through. */
  offer(rows: VectorRows, nearest: NearestHeap, accepts?: (row: number) => boolean): void {
    const found = this.of(rows)
    let worst = nearest.worstRank
    for (let row = 0; row < rows.count; row++) {
      // The index is within the array.
      const rank = found[row] as number
      if (rank > worst || accepts?.(row) === false) continue
      nearest.offer(rank, rows.id(row), 0)
      worst = nearest.worstRank
    }
  }
}
