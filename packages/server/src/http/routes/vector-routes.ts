import type { HttpContext } from '../http-context.js'
import { vectorOperations as vectors } from '../operations/vector-operations.js'
import { operationRoute, type OperationRouteSpec } from './operation-route.js'
import type { Route } from './route.js'

const COLLECTION = '/v1/vectors/{object}'
const ENTRIES = `${COLLECTION}/entries`
const ENTRY = `${ENTRIES}/{id}`
const INDEX = `${COLLECTION}/index`

const SPECS: readonly OperationRouteSpec[] = [
  { method: 'POST', path: ENTRIES, operation: vectors.insert, from: { argument: 'vectors' }, status: 201 },
  { method: 'PUT', path: ENTRIES, operation: vectors.upsert, from: { argument: 'vectors' } },
  { method: 'GET', path: ENTRIES, operation: vectors.find },
  { method: 'GET', path: ENTRY, operation: vectors.get },
  { method: 'DELETE', path: ENTRY, operation: vectors.delete },
  { method: 'POST', path: `${COLLECTION}/query`, id: 'vectors_query', operation: vectors.find },
  { method: 'GET', path: `${COLLECTION}/count`, operation: vectors.count },
  { method: 'POST', path: `${COLLECTION}/search`, operation: vectors.search },
  { method: 'POST', path: `${COLLECTION}/explain`, operation: vectors.explain },
  { method: 'GET', path: INDEX, operation: vectors.indexStatistics },
  { method: 'POST', path: INDEX, operation: vectors.buildIndex },
]

export function vectorRoutes(context: HttpContext): Route[] {
  return SPECS.map((spec) => operationRoute(context, 'vectors', spec))
}
