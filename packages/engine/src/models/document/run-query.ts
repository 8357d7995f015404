import type { KeyRange, Transaction } from '@orbit-ts/storage'
import type { CheckedQuery } from '../../filter/check-query.js'
import { compileFilter } from '../../filter/compile-filter.js'
import { RowSorter } from '../../filter/order-rows.js'
import { compileSelect } from '../../filter/select-fields.js'
import type { JsonDocument } from './collection.js'
import { compareIndexed } from './index-values.js'
import type { OpenCollection } from './open-collection.js'
import { planQuery, type Plan } from './plan-query.js'
import { CHUNK_SIZE, chunksOf, readDocuments } from './read-documents.js'

/** Fewer are not worth a read of their own. */
const CHUNK_SIZE_MIN = 16

/** The documents that a query asks for, reduced to the fields it selects. Chunks are never empty. */
export async function* runQuery(collection: OpenCollection, query: CheckedQuery): AsyncGenerator<object[]> {
  if (query.limit === 0) return
  const plan = planQuery(collection, query)
  const inOrder = plan.order !== 'memory' && !(await hasAny(collection.context.storage, plan.outOfOrder))
  const documents = inOrder ? inWindow(collection, plan, query) : sorted(collection, plan, query)
  const select = query.select === undefined ? undefined : compileSelect(query.select)
  for await (const chunk of documents) yield select === undefined ? chunk : chunk.map(select)
}

export async function collectQuery(collection: OpenCollection, query: CheckedQuery): Promise<object[]> {
  const found: object[] = []
  for await (const chunk of runQuery(collection, query)) for (const document of chunk) found.push(document)
  return found
}

export async function countMatches(
  collection: OpenCollection,
  where: CheckedQuery['where'],
): Promise<number> {
  const plan = planQuery(collection, { where, orderBy: [] })
  let count = 0
  if (Object.keys(where).length === 0 && plan.access.kind === 'documents') {
    const scan = collection.context.storage.scan(plan.access.range, {
      keysOnly: true,
      chunkSize: 4 * CHUNK_SIZE,
    })
    for await (const chunk of scan) count += chunk.length
    return count
  }
  for await (const chunk of matching(collection, plan, where, CHUNK_SIZE)) count += chunk.length
  return count
}

/** The ids of everything that matches. */
export async function matchingIds(
  collection: OpenCollection,
  where: CheckedQuery['where'],
): Promise<string[]> {
  const plan = planQuery(collection, { where, orderBy: [] })
  const ids: string[] = []
  for await (const chunk of matching(collection, plan, where, CHUNK_SIZE)) {
    for (const { id } of chunk) if (typeof id === 'string') ids.push(id)
  }
  return ids
}

async function* matching(
  collection: OpenCollection,
  { access }: Plan,
  where: CheckedQuery['where'],
  chunkSize: number,
): AsyncGenerator<JsonDocument[]> {
  const isMatch = compileFilter(where)
  for await (const chunk of readDocuments(collection, access, chunkSize)) {
    const matches = chunk.filter(isMatch)
    if (matches.length > 0) yield matches
  }
}

/** Leaves out `offset` documents and stops after `limit`. */
async function* inWindow(
  collection: OpenCollection,
  plan: Plan,
  { where, offset, limit }: CheckedQuery,
): AsyncGenerator<JsonDocument[]> {
  const chunkSize = Math.min(CHUNK_SIZE, Math.max(CHUNK_SIZE_MIN, offset + limit))
  let skip = offset
  let wanted = limit
  for await (const matches of matching(collection, plan, where, chunkSize)) {
    const chunk = matches.slice(skip, skip + wanted)
    skip -= Math.min(skip, matches.length)
    wanted -= chunk.length
    if (chunk.length > 0) yield chunk
    if (wanted <= 0) return
  }
}

async function* sorted(
  collection: OpenCollection,
  plan: Plan,
  { where, orderBy, limit, offset }: CheckedQuery,
): AsyncGenerator<JsonDocument[]> {
  const sorter = new RowSorter<JsonDocument>({
    orderBy,
    limit,
    offset,
    what: collection.what,
    compare: compareIndexed,
  })
  for await (const matches of matching(collection, plan, where, CHUNK_SIZE)) sorter.addAll(matches)
  yield* chunksOf(sorter.finish(), CHUNK_SIZE)
}

async function hasAny(storage: Transaction, ranges: readonly KeyRange[]): Promise<boolean> {
  for (const range of ranges) {
    for await (const chunk of storage.scan(range, { keysOnly: true, limit: 1 }))
      if (chunk.length > 0) return true
  }
  return false
}
