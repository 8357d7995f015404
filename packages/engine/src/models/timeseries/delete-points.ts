import { parseKey, timeSeriesKeys, type Entry, type Transaction } from '@orbit-ts/storage'
import type { OpenSeries } from './open-series.js'
import type { RangeQuery } from './series-queries.js'
import { rangeOf } from './series-queries.js'
import type { PointRange } from './series-reader.js'
import type { SeriesIdentity } from './series-record.js'
import type { TagFilter } from './series-registry.js'

/** Points or buckets that one call of `applyRetention` or `deleteRange` removes. */
export const REMOVE_MAX = 50_000

/** Points of one series that went, with the timestamps of the first and the last. */
interface Removed {
  readonly count: number
  readonly first: number
  readonly last: number
}

/** @throws as `SeriesSession.deleteRange` */
export async function deleteRange(
  series: OpenSeries,
  query: Pick<RangeQuery, 'from' | 'to'> & { readonly tags?: TagFilter },
): Promise<number> {
  const { context, object, registry, rollups } = series
  const range = rangeOf(object, context.nowMs, query)
  let removed = 0
  for (const record of await registry.find(query.tags)) {
    const gone = await deletePoints(series, record, range, REMOVE_MAX - removed)
    if (gone === undefined) continue
    removed += gone.count
    if (object.definition.rollups.length > 0)
      await rollups.recompute(await registry.forRecompute(record), gone.first, gone.last + 1)
    if (removed >= REMOVE_MAX) break
  }
  return removed
}

export async function deletePoints(
  series: OpenSeries,
  record: SeriesIdentity,
  { from, to }: PointRange,
  limit: number,
): Promise<Removed | undefined> {
  const {
    object,
    context: { storage },
  } = series
  let gone: Removed | undefined
  for await (const chunk of storage.scan(timeSeriesKeys.points(object.id, record.id, from, to), {
    keysOnly: true,
    limit,
  })) {
    for (const key of await heldKeys(storage, chunk)) {
      storage.delete(key)
      const parsed = parseKey(key)
      const timestamp =
        parsed.model === 'timeseries' && parsed.kind === 'point' ? Number(parsed.timestamp) : 0
      gone = { count: (gone?.count ?? 0) + 1, first: gone?.first ?? timestamp, last: timestamp }
    }
  }
  if (gone === undefined || gone.count < limit) return gone
  // The rest of the last timestamp goes too: points that come there later begin with the first sequence again.
  const rest = { from: gone.last, to: gone.last + 1, reverse: false }
  const more = await deletePoints(series, record, rest, Infinity)
  return { ...gone, count: gone.count + (more?.count ?? 0) }
}

/** Without a snapshot others may have deleted what was read: it counts for one of them only. */
async function heldKeys(storage: Transaction, chunk: readonly Entry[]): Promise<Uint8Array[]> {
  const keys = chunk.map(({ key }) => key)
  if (storage.isolation !== 'read-committed') return keys
  await storage.lock(keys)
  const values = await storage.getMany(keys)
  return keys.filter((_, index) => values[index] !== undefined)
}
