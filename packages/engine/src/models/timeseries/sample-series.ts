import type { CheckedDownsample, Downsampler } from './downsample.js'
import type { Rollups } from './rollup.js'
import { isNumeric, type RollupDefinition, type SeriesDefinition } from './series-input.js'
import type { SeriesReader } from './series-reader.js'
import type { SeriesRecord } from './series-record.js'

/** The rollups whose buckets make up the query's, the coarsest first. */
export function fittingRollups(
  definition: SeriesDefinition,
  { bucketMs, aggregates }: CheckedDownsample,
): RollupDefinition[] {
  const numeric = aggregates.every(([field]) =>
    definition.fields.some((candidate) => candidate.name === field && isNumeric(candidate.type)),
  )
  return numeric
    ? definition.rollups.filter(({ granularityMs }) => bucketMs % granularityMs === 0).reverse()
    : []
}

export interface Sampling {
  readonly record: SeriesRecord
  readonly reader: SeriesReader
  readonly rollups: Rollups
  readonly sampler: Downsampler
  /** Of fields, by id. */
  readonly names: ReadonlyMap<number, string>
}

/** Samples `[from, to)` of one series from the first rollup where that is complete, else from the next ones, else from points. */
export async function sampleSeries(
  sampling: Sampling,
  candidates: readonly RollupDefinition[],
  from: number,
  to: number,
): Promise<void> {
  if (from >= to) return
  const { record, reader, rollups, sampler, names } = sampling
  const [rollup, ...others] = candidates
  const range = { from: finite(from), to: finite(to) }
  if (rollup === undefined) {
    for await (const chunk of reader.one(record, { ...range, reverse: false }))
      for (const point of chunk) sampler.addPoint(point)
    return
  }
  const complete = rollups.completeStretch(record, rollup)
  const start = Math.max(complete.from, from)
  const end = Math.min(complete.to, to)
  const aligned = [start, end].every((ms) => !Number.isFinite(ms) || ms % rollup.granularityMs === 0)
  if (start >= end || !aligned) return sampleSeries(sampling, others, from, to)
  await sampleSeries(sampling, others, from, start)
  const tags = reader.tagsOf(record)
  for await (const chunk of rollups.read(record, rollup, finite(start), finite(end))) {
    for (const { timestamp, fields } of chunk) {
      for (const [id, summary] of fields)
        sampler.accumulator(timestamp, tags, names.get(id) ?? '')?.merge(summary)
    }
  }
  await sampleSeries(sampling, others, end, to)
}

const finite = (bound: number): number | undefined => (Number.isFinite(bound) ? bound : undefined)
