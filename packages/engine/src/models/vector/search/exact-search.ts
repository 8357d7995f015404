import { defined } from '@orbit-ts/base'
import { vectorKeys } from '@orbit-ts/storage'
import type { Moment } from '../cache/vector-cache.js'
import type { OpenVectors } from '../open-vectors.js'
import type { VectorHit } from '../vector-records.js'
import { WorkPacer } from '../work-pacer.js'
import type { CheckedSearch } from './check-search.js'
import { ChunkRanks } from './chunk-ranks.js'
import { NearestHeap, type Ranked } from './nearest-heap.js'
import { hitOf, metadataOf, readHits } from './read-hits.js'
import { RecordWalk } from './record-walk.js'
import type { VectorRows } from './vector-rows.js'

/** Compares every vector of the collection that has the metadata asked for. */
export async function searchExactly(
  collection: OpenVectors,
  search: CheckedSearch,
  moment: Moment | undefined,
): Promise<VectorHit[]> {
  const { dimension, metric } = collection.definition
  const nearest = new NearestHeap(search.k)
  const ranks = new ChunkRanks(metric, search.query)
  const pacer = new WorkPacer(collection.context.env)
  const walk = new RecordWalk(collection, moment)
  const metadata = metadataReader(collection)
  for await (const rows of walk.rows()) {
    // Metadata is read of none that is too far away, and of none at all when nothing is asked of it.
    const accepts =
      search.where === undefined ? undefined : (row: number) => search.accepts(metadata(rows, row))
    ranks.offer(rows, nearest, accepts)
    const turn = pacer.done(rows.count * dimension)
    if (turn !== undefined) await turn
  }
  const ranked = nearest.sorted()
  const hits = keptHits(collection, search, walk, ranked) ?? (await readHits(collection, search, ranked))
  return hits.filter((hit) => hit !== undefined)
}

/** What was ranked, of the records that the walk holds; undefined when it does not hold them all. */
function keptHits(
  collection: OpenVectors,
  search: CheckedSearch,
  walk: RecordWalk,
  ranked: readonly Ranked[],
): VectorHit[] | undefined {
  const metadata = metadataReader(collection)
  const hits: VectorHit[] = []
  for (const each of ranked) {
    const place = walk.find(each.id)
    if (place === undefined) return undefined
    const { rows, row } = place
    const hit = hitOf(collection, each, metadata(rows, row))
    hits.push(search.includeVectors ? { ...hit, vector: rows.vector(row) } : hit)
  }
  return hits
}

function metadataReader(collection: OpenVectors): (rows: VectorRows, row: number) => Record<string, unknown> {
  const prefix = defined(vectorKeys.records(collection.id).start, 'start of a prefix')
  const keyOf = (id: Uint8Array): Uint8Array => Buffer.concat([prefix, id])
  return (rows, row) => metadataOf(rows.attributes(row, keyOf))
}
