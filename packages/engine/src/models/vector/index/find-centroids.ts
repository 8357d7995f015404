/**
 * Finds centres for a sample of vectors: k-means (Lloyd's algorithm, begun as k-means++ does, Arthur and Vassilvitskii
 * 2007). Many centres are begun with in two levels: the sample is split coarsely, then each part by itself into as
 * many centres as its size asks for, which is much cheaper than all at once. What the seams between the parts spoil,
 * iterations over the whole then mend, as many as there is time for.
 */
import type { Env } from '@orbit-ts/base'
import type { Metric } from '../vectors-input.js'
import { squareRows } from '../search/distance-rows.js'
import { WorkPacer } from '../work-pacer.js'
import { Centroids } from './centroids.js'

/** More centres than this are found in two levels. */
const ONE_LEVEL_MAX = 64
const ITERATIONS_MAX = 10
/** It ends when fewer vectors than this share change their centre. */
const CHANGED_SHARE_MIN = 0.01
/** Multiplications that the iterations of one training may take, about: some seconds. */
const OPERATIONS_MAX = 6e9
/** Iterations that are made whatever they take. */
const ITERATIONS_MIN = 2

export interface Sample {
  readonly metric: Metric
  readonly dimension: number
  /** One vector after the other; of length 1 where only directions count. */
  readonly rows: Float32Array
}

/** Up to `count` different centres: fewer when the sample has fewer different vectors. At least one vector is given. */
export async function findCentroids(sample: Sample, count: number, env: Env): Promise<Centroids> {
  const finder = new CentroidFinder(sample, env)
  const rows = await finder.find(sample.rows, count)
  return new Centroids(sample.metric, sample.dimension, rows)
}

class CentroidFinder {
  readonly #metric: Metric
  readonly #dimension: number
  readonly #env: Env
  readonly #pacer: WorkPacer

  constructor({ metric, dimension }: Sample, env: Env) {
    this.#metric = metric
    this.#dimension = dimension
    this.#env = env
    this.#pacer = new WorkPacer(env)
  }

  async find(rows: Float32Array, count: number): Promise<Float32Array> {
    if (count <= ONE_LEVEL_MAX) return (await this.#kMeans(rows, count, OPERATIONS_MAX)).rows
    const coarse = await this.#kMeans(rows, Math.round(Math.sqrt(count)), OPERATIONS_MAX / 3)
    const found: Float32Array[] = []
    let before = 0
    for (const part of await this.#split(rows, coarse)) {
      const share = part.length / rows.length
      // Rounding the running sum, rather than each share, makes `count` in all.
      const own = Math.round(count * (before + share)) - Math.round(count * before)
      before += share
      if (own > 0) found.push((await this.#kMeans(part, own, (OPERATIONS_MAX / 3) * share)).rows)
    }
    const begun = this.#centroids(concatRows(found))
    const iterations = Math.floor(OPERATIONS_MAX / 3 / (rows.length * begun.count))
    return (await this.#iterate(rows, begun, iterations)).rows
  }

  async #kMeans(rows: Float32Array, count: number, operationsMax: number): Promise<Centroids> {
    const begun = this.#centroids(await this.#seeds(rows, count))
    const iterations = Math.floor(operationsMax / (rows.length * begun.count))
    return this.#iterate(rows, begun, Math.max(ITERATIONS_MIN, iterations))
  }

  async #iterate(rows: Float32Array, begun: Centroids, iterations: number): Promise<Centroids> {
    const size = rows.length / this.#dimension
    const nearest = new Uint32Array(size).fill(begun.count)
    let centroids = begun
    for (let i = 0; i < Math.min(iterations, ITERATIONS_MAX); i++) {
      const changed = await this.#assign(rows, centroids, nearest)
      centroids = this.#centroids(this.#means(rows, centroids, nearest))
      if (changed < size * CHANGED_SHARE_MIN) break
    }
    return centroids
  }

  /** The rows that belong to each centre. */
  async #split(rows: Float32Array, centroids: Centroids): Promise<Float32Array[]> {
    const dimension = this.#dimension
    const nearest = new Uint32Array(rows.length / dimension)
    await this.#assign(rows, centroids, nearest)
    const parts: Float32Array[][] = Array.from({ length: centroids.count }, () => [])
    nearest.forEach((centre, i) => parts[centre]?.push(rows.subarray(i * dimension, (i + 1) * dimension)))
    return parts.map(concatRows)
  }

  /** Notes for each row the centre it belongs to; returns how many belonged to another one before. */
  async #assign(rows: Float32Array, centroids: Centroids, nearest: Uint32Array): Promise<number> {
    const dimension = this.#dimension
    const row = new Float64Array(dimension)
    let changed = 0
    for (let i = 0; i < nearest.length; i++) {
      row.set(rows.subarray(i * dimension, (i + 1) * dimension))
      const centre = centroids.nearest(row)
      if (centre !== nearest[i]) changed++
      nearest[i] = centre
      const turn = this.#pacer.done(centroids.rows.length)
      if (turn !== undefined) await turn
    }
    return changed
  }

  /** The mean of each centre's rows; a centre without any stays. */
  #means(rows: Float32Array, centroids: Centroids, nearest: Uint32Array): Float32Array {
    const dimension = this.#dimension
    const sums = new Float64Array(centroids.rows.length)
    const counts = new Uint32Array(centroids.count)
    nearest.forEach((centre, i) => {
      counts[centre] = number(counts[centre]) + 1
      const to = centre * dimension
      const from = i * dimension
      for (let j = 0; j < dimension; j++) sums[to + j] = number(sums[to + j]) + number(rows[from + j])
    })
    const means = new Float32Array(centroids.rows)
    counts.forEach((size, centre) => {
      if (size === 0) return
      const sum = sums.subarray(centre * dimension, (centre + 1) * dimension)
      const divisor = this.#metric === 'cosine' ? lengthOf(sum) : size
      // Directions that cancel each other out have no mean.
      if (divisor > 0)
        means.set(
          sum.map((x) => x / divisor),
          centre * dimension,
        )
    })
    return means
  }

  /** Rows to begin with: each is drawn with a probability that grows with the square of its distance to those before. */
  async #seeds(rows: Float32Array, count: number): Promise<Float32Array> {
    const dimension = this.#dimension
    const size = rows.length / dimension
    const { random } = this.#env
    const distances = new Float64Array(size).fill(Infinity)
    const squares = new Float64Array(size)
    const chosen: Float32Array[] = []
    let next = Math.floor(random.float() * size)
    while (next >= 0) {
      const seed = rows.subarray(next * dimension, (next + 1) * dimension)
      chosen.push(seed)
      if (chosen.length === count) break
      squareRows(Float64Array.from(seed), rows, size, squares)
      let total = 0
      for (let i = 0; i < size; i++) {
        const distance = Math.min(number(distances[i]), number(squares[i]))
        distances[i] = distance
        total += distance
      }
      next = draw(distances, random.float() * total)
      const turn = this.#pacer.done(rows.length)
      if (turn !== undefined) await turn
    }
    return concatRows(chosen)
  }

  #centroids(rows: Float32Array): Centroids {
    return new Centroids(this.#metric, this.#dimension, rows)
  }
}

/** The index at which the running sum of the weights passes `mark`; -1 when no weight is positive. */
function draw(weights: Float64Array, mark: number): number {
  let last = -1
  let sum = 0
  for (let i = 0; i < weights.length; i++) {
    const weight = number(weights[i])
    if (weight <= 0) continue
    last = i
    sum += weight
    if (sum > mark) return i
  }
  return last
}

function concatRows(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))
}

function number(value: number | undefined): number {
  // Every index here is below the length of its array.
  return value as number
}
