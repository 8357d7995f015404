import type { HttpContext } from '../http-context.js'
import { seriesOperations as series } from '../operations/series-operations.js'
import { operationRoute, type OperationRouteSpec } from './operation-route.js'
import type { Route } from './route.js'

const COLLECTION = '/v1/series/{object}'
const POINTS = `${COLLECTION}/points`

const SPECS: readonly OperationRouteSpec[] = [
  { method: 'POST', path: POINTS, operation: series.append, from: { argument: 'points' }, status: 201 },
  { method: 'GET', path: POINTS, operation: series.range },
  { method: 'DELETE', path: POINTS, operation: series.deleteRange },
  { method: 'POST', path: `${COLLECTION}/query`, id: 'series_query', operation: series.range },
  { method: 'GET', path: `${COLLECTION}/latest`, operation: series.latest },
  { method: 'POST', path: `${COLLECTION}/downsample`, operation: series.downsample },
  { method: 'GET', path: `${COLLECTION}/list`, operation: series.list },
  { method: 'GET', path: `${COLLECTION}/count`, operation: series.count },
  { method: 'POST', path: `${COLLECTION}/rollup`, operation: series.rollUp },
  { method: 'POST', path: `${COLLECTION}/retention`, operation: series.applyRetention },
]

export function seriesRoutes(context: HttpContext): Route[] {
  return SPECS.map((spec) => operationRoute(context, 'series', spec))
}
