import { createHash } from 'node:crypto'
import type { Metric } from '../vectors-input.js'
import { dotRows } from '../search/distance-rows.js'

/**
 * The centres of one generation. A vector belongs to the centre that is nearest by angle (`cosine`, with centres of
 * length 1) or by Euclidean distance (`l2` and `dot`).
 *
 * Nearest by distance is greatest by inner product minus half the square of the centre, so inner products are all that
 * has to be computed.
 */
export class Centroids {
  readonly metric: Metric
  readonly dimension: number
  readonly count: number
  readonly rows: Float32Array
  readonly #halfSquares: Float64Array
  readonly #products: Float64Array

  constructor(metric: Metric, dimension: number, rows: Float32Array) {
    this.metric = metric
    this.dimension = dimension
    this.count = rows.length / dimension
    this.rows = rows
    this.#products = new Float64Array(this.count)
    this.#halfSquares = new Float64Array(this.count)
    if (metric === 'cosine') return
    for (let i = 0; i < this.count; i++) {
      this.#halfSquares[i] = this.row(i).reduce((sum, x) => sum + x * x, 0) / 2
    }
  }

  get sizeBytes(): number {
    return this.rows.byteLength + this.#products.byteLength + this.#halfSquares.byteLength
  }

  row(index: number): Float32Array {
    return this.rows.subarray(index * this.dimension, (index + 1) * this.dimension)
  }

  /** The index of the centre that a vector belongs to; of equally near ones the first. */
  nearest(vector: Float64Array): number {
    const closeness = this.#closeness(vector)
    let best = 0
    for (let i = 1; i < this.count; i++) if (at(closeness, i) > at(closeness, best)) best = i
    return best
  }

  /** The indexes of all centres, those first whose members are likely to be nearest to the query. */
  ranked(query: Float64Array): number[] {
    // For inner products what counts is the product, however far the centre.
    const closeness = this.metric === 'dot' ? this.#dots(query) : this.#closeness(query)
    return Array.from(closeness.keys()).sort((a, b) => at(closeness, b) - at(closeness, a) || a - b)
  }

  /** Tells these centres from all others, wherever they are stored. */
  digest(firstPartition: number): string {
    const bytes = new Uint8Array(this.rows.buffer, this.rows.byteOffset, this.rows.byteLength)
    const hash = createHash('sha256').update(`${this.metric} ${this.dimension} ${firstPartition} `)
    return hash.update(bytes).digest('hex')
  }

  #dots(vector: Float64Array): Float64Array {
    dotRows(vector, this.rows, this.count, this.#products)
    return this.#products
  }

  #closeness(vector: Float64Array): Float64Array {
    const closeness = this.#dots(vector)
    if (this.metric === 'cosine') return closeness
    for (let i = 0; i < this.count; i++) closeness[i] = at(closeness, i) - at(this.#halfSquares, i)
    return closeness
  }
}

function at(values: Float64Array, index: number): number {
  // Every index here is below the number of centres.
  return values[index] as number
}
