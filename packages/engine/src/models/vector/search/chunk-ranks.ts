import type { Metric } from '../vectors-input.js'
import { DISTANCES } from './distance.js'

const CHUNK_SIZE_BYTES = 1024 * 1024
const ROWS_MIN = 8
const ROWS_MAX = 1024
const FLOAT_SIZE = 4

/** How many vectors to read and rank at a time. */
export function chunkRows(dimension: number): number {
  const fitting = Math.floor(CHUNK_SIZE_BYTES / (dimension * FLOAT_SIZE))
  return Math.max(ROWS_MIN, Math.min(ROWS_MAX, fitting))
}

/** Rows are gathered and ranked without a pause in between, so one place for them does for every search. */
let scratch = new Float32Array(0)

/**
 * Ranks the vectors of one chunk at a time against a query. The components are copied together first: stored bytes
 * need not be aligned as floats are, and rows that lie side by side are ranked faster.
 */
export class ChunkRanks {
  readonly #metric: Metric
  readonly #query: Float64Array
  #ranks = new Float64Array(0)

  /** @param query as `queryComponents` gives it. */
  constructor(metric: Metric, query: Float64Array) {
    this.#metric = metric
    this.#query = query
  }

  /** The rank of each vector, valid until the next call. `vectors` are of the query's dimension. */
  ofFloats(vectors: readonly Float32Array[]): Float64Array {
    const rows = this.#reserve(vectors.length)
    vectors.forEach((vector, row) => rows.set(vector, row * this.#query.length))
    return this.#rank(rows, vectors.length)
  }

  /** As `ofFloats`, for components as they are stored. */
  ofBytes(vectors: readonly { readonly value: Uint8Array }[]): Float64Array {
    const rows = this.#reserve(vectors.length)
    const bytes = new Uint8Array(rows.buffer)
    const size = this.#query.length * FLOAT_SIZE
    let at = 0
    for (const { value } of vectors) {
      bytes.set(value, at)
      at += size
    }
    return this.#rank(rows, vectors.length)
  }

  #reserve(count: number): Float32Array {
    const size = count * this.#query.length
    if (scratch.length < size) scratch = new Float32Array(size)
    if (this.#ranks.length < count) this.#ranks = new Float64Array(count)
    return scratch
  }

  #rank(rows: Float32Array, count: number): Float64Array {
    DISTANCES[this.#metric].ranks(this.#query, rows, count, this.#ranks)
    return this.#ranks
  }
}
