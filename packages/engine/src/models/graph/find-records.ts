/** Queries over nodes and edges alike. */
import { analyzeFilter, type FilterAnalysis } from '../../filter/analyze-filter.js'
import { checkQuery, type CheckedQuery } from '../../filter/check-query.js'
import { compileFilter } from '../../filter/compile-filter.js'
import type { Query } from '../../filter/filter.js'
import { RowSorter } from '../../filter/order-rows.js'
import { compileSelect } from '../../filter/select-fields.js'
import type { GraphPlan } from './graph-queries.js'
import type { PropertyIndex } from './graph-types.js'
import type { Properties } from '../property/property-types.js'
import { planIndex, type IndexPlan } from './query-plan.js'
import type { ReadOptions, RecordSource } from './record-source.js'

interface Propertied {
  readonly properties: Properties
}

const CHUNK_SIZE = 256
const CHUNK_SIZE_MIN = 16

interface Prepared {
  readonly query: CheckedQuery
  readonly isImpossible: boolean
  readonly index: IndexPlan | undefined
  readonly analyze: (index: PropertyIndex) => FilterAnalysis
}

/** The records that fit, in order. @throws INVALID_ARGUMENT, LIMIT_EXCEEDED */
export async function findRecords<R extends Propertied>(source: RecordSource<R>, given: Query): Promise<R[]> {
  const prepared = prepare(source, given)
  const { limit, offset, orderBy, select } = prepared.query
  if (limit === 0 || prepared.isImpossible) return []
  const isSorted = orderBy.length === 0 || prepared.index?.isSorted === true
  const found = isSorted ? await take(source, prepared, offset, limit) : await sort(source, prepared)
  if (select === undefined) return found
  const pick = compileSelect(select)
  // What is picked from JSON is JSON.
  return found.map((record) => ({ ...record, properties: pick(record.properties) as Properties }))
}

export async function countRecords<R extends Propertied>(
  source: RecordSource<R>,
  given: Query,
): Promise<number> {
  const prepared = prepare(source, given)
  if (prepared.isImpossible) return 0
  if (Object.keys(prepared.query.where).length === 0) return source.count()
  let count = 0
  for await (const records of matching(source, prepared, { chunkSize: CHUNK_SIZE })) count += records.length
  return count
}

export async function* scanRecords<R extends Propertied>(
  source: RecordSource<R>,
  given: Query,
  options: ReadOptions,
): AsyncGenerator<R[]> {
  const prepared = prepare(source, given)
  const { limit } = prepared.query
  if (limit === 0 || prepared.isImpossible) return
  let left = limit
  for await (const records of matching(source, prepared, options)) {
    yield records.length > left ? records.slice(0, left) : records
    left -= records.length
    if (left <= 0) return
  }
}

export function explainRecords<R extends Propertied>(source: RecordSource<R>, given: Query): GraphPlan {
  const { query, index, isImpossible, analyze } = prepare(source, given)
  const sort = query.orderBy.length === 0 ? undefined : index?.isSorted === true ? 'index' : 'memory'
  const where = index === undefined ? query.where : filterBesides(index, analyze)
  return {
    ...planBase(source, index, isImpossible),
    ...(where === undefined || Object.keys(where).length === 0 ? {} : { filter: where }),
    ...(sort === undefined ? {} : { sort }),
  }
}

function prepare<R extends Propertied>(source: RecordSource<R>, given: Query): Prepared {
  const { what, fields, indexes } = source
  const query = checkQuery(given, fields === undefined ? { what } : { what, fields })
  const analyze = (index: PropertyIndex): FilterAnalysis => {
    const scalars = new Set(index.fields.filter((field) => field.isScalar).map(({ path }) => path.text))
    return analyzeFilter(query.where, { isMultiValued: (field) => !scalars.has(field) })
  }
  const { impossible } = analyzeFilter(query.where, { isMultiValued: () => true })
  return { query, isImpossible: impossible, index: planIndex(indexes, analyze, query.orderBy), analyze }
}

async function* matching<R extends Propertied>(
  source: RecordSource<R>,
  { query, index }: Prepared,
  options: ReadOptions,
): AsyncGenerator<R[]> {
  const fits = compileFilter(query.where)
  const chunks = index === undefined ? source.scan(options) : source.scanIndex(index, options)
  for await (const records of chunks) {
    const fitting = records.filter(({ properties }) => fits(properties))
    if (fitting.length > 0) yield fitting
  }
}

async function take<R extends Propertied>(
  source: RecordSource<R>,
  prepared: Prepared,
  offset: number,
  limit: number,
): Promise<R[]> {
  const wanted = offset + limit
  const chunkSize = Math.max(CHUNK_SIZE_MIN, Math.min(CHUNK_SIZE, wanted))
  const found: R[] = []
  let skipped = 0
  for await (const records of matching(source, prepared, { chunkSize })) {
    const skip = Math.min(offset - skipped, records.length)
    skipped += skip
    for (let i = skip; i < records.length && found.length < limit; i++) {
      // Within the length.
      found.push(records[i] as R)
    }
    if (found.length >= limit) break
  }
  return found
}

async function sort<R extends Propertied>(source: RecordSource<R>, prepared: Prepared): Promise<R[]> {
  const { orderBy, limit, offset } = prepared.query
  const sorter = new RowSorter<Properties>({ orderBy, limit, offset, what: source.what })
  // Fields are those of the properties, so it is these that are sorted.
  const owners = new WeakMap<Properties, R>()
  for await (const records of matching(source, prepared, { chunkSize: CHUNK_SIZE })) {
    for (const record of records) {
      owners.set(record.properties, record)
      sorter.add(record.properties)
    }
  }
  return sorter.finish().flatMap((properties) => owners.get(properties) ?? [])
}

function filterBesides(index: IndexPlan, analyze: (index: PropertyIndex) => FilterAnalysis): Query['where'] {
  return analyze(index.index).residual(index.bounded.map(({ field }) => field))
}

function planBase<R extends Propertied>(
  { plan: { access, index: listed, advice, ...rest } }: RecordSource<R>,
  index: IndexPlan | undefined,
  isImpossible: boolean,
): GraphPlan {
  if (index !== undefined)
    return { ...rest, access, ...indexPart(index), ...(isImpossible ? { access: 'none' } : {}) }
  if (isImpossible) return { ...rest, access: 'none' }
  return {
    ...rest,
    access,
    ...(listed === undefined ? {} : { index: listed }),
    ...(advice === undefined ? {} : { advice }),
  }
}

function indexPart({ index, bounded }: IndexPlan): Partial<GraphPlan> {
  return { access: 'index', index: index.name, ...(bounded.length === 0 ? {} : { bounds: bounded }) }
}
