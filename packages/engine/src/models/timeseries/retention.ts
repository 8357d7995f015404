import { bucketOf } from './downsample.js'
import type { SeriesDefinition } from './series-input.js'

/**
 * Points before this moment are past their retention; undefined when they are kept for ever. It lies on a bucket of
 * every rollup (granularities are multiples of one another), so a bucket has either all of its points or none, and
 * computing it again never loses deleted ones.
 */
export function retentionCutoff(definition: SeriesDefinition, nowMs: number): number | undefined {
  if (definition.retentionMs === null) return undefined
  const oldest = nowMs - definition.retentionMs
  return Math.min(oldest, ...definition.rollups.map(({ granularityMs }) => bucketOf(oldest, granularityMs)))
}
