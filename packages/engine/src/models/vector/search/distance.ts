import type { Metric } from '../vectors-input.js'
import { cosineRows, dotRows, squareRows, type RowKernel } from './distance-rows.js'

/** What a metric comes down to. Vectors are ranked by a number that is cheap to compute: smaller is nearer. */
interface Distance {
  readonly ranks: RowKernel
  readonly distanceOf: (rank: number) => number
  readonly scoreOf: (distance: number) => number
}

const negatedDotRows: RowKernel = (query, rows, count, out) => {
  dotRows(query, rows, count, out)
  // `0 -` rather than `-`, which would make a negative zero.
  for (let i = 0; i < count; i++) out[i] = 0 - (out[i] as number)
}

export const DISTANCES: Readonly<Record<Metric, Distance>> = {
  cosine: {
    ranks: cosineRows,
    // Rounding leads a little beyond what a cosine can be.
    distanceOf: (rank) => Math.min(2, Math.max(0, rank)),
    scoreOf: (distance) => 1 - distance,
  },
  l2: {
    ranks: squareRows,
    distanceOf: Math.sqrt,
    scoreOf: (distance) => 1 / (1 + distance),
  },
  dot: {
    ranks: negatedDotRows,
    distanceOf: (rank) => rank,
    scoreOf: (distance) => 0 - distance,
  },
}

/** The query in doubles; of length 1 where only its direction matters. */
export function queryComponents(metric: Metric, vector: Float32Array): Float64Array {
  const components = Float64Array.from(vector)
  if (metric !== 'cosine') return components
  const length = Math.sqrt(components.reduce((sum, x) => sum + x * x, 0))
  return components.map((x) => x / length)
}
