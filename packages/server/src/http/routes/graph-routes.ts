import type { HttpContext } from '../http-context.js'
import { graphOperations as graph } from '../operations/graph-operations.js'
import { operationRoute, type OperationRouteSpec } from './operation-route.js'
import type { Route } from './route.js'

const GRAPH = '/v1/graphs/{object}'
const NODES = `${GRAPH}/nodes`
const NODE = `${NODES}/{id}`
const EDGES = `${GRAPH}/edges`
const EDGE = `${EDGES}/{type}/{from}/{to}`

const SPECS: readonly OperationRouteSpec[] = [
  { method: 'POST', path: NODES, operation: graph.addNodes, from: { argument: 'nodes' }, status: 201 },
  { method: 'GET', path: NODES, operation: graph.findNodes },
  { method: 'GET', path: NODE, operation: graph.getNode },
  { method: 'PATCH', path: NODE, operation: graph.updateNode },
  { method: 'DELETE', path: NODE, operation: graph.deleteNode },
  { method: 'GET', path: `${NODE}/edges`, operation: graph.edges },
  { method: 'GET', path: `${NODE}/degree`, operation: graph.degree },
  { method: 'GET', path: `${NODE}/neighbors`, operation: graph.neighbors },
  { method: 'POST', path: `${NODES}/query`, id: 'graph_queryNodes', operation: graph.findNodes },
  { method: 'POST', path: `${NODES}/explain`, operation: graph.explainNodes },
  { method: 'POST', path: `${NODES}/count`, operation: graph.countNodes },
  { method: 'POST', path: EDGES, operation: graph.addEdges, from: { argument: 'edges' }, status: 201 },
  { method: 'GET', path: EDGES, operation: graph.findEdges },
  { method: 'GET', path: EDGE, operation: graph.getEdge },
  { method: 'PATCH', path: EDGE, operation: graph.updateEdge },
  { method: 'DELETE', path: EDGE, operation: graph.deleteEdge },
  { method: 'POST', path: `${EDGES}/query`, id: 'graph_queryEdges', operation: graph.findEdges },
  { method: 'POST', path: `${EDGES}/explain`, operation: graph.explainEdges },
  { method: 'POST', path: `${EDGES}/count`, operation: graph.countEdges },
  { method: 'POST', path: `${GRAPH}/traverse`, operation: graph.traverse },
  { method: 'POST', path: `${GRAPH}/shortest-path`, operation: graph.shortestPath },
]

export function graphRoutes(context: HttpContext): Route[] {
  return SPECS.map((spec) => operationRoute(context, 'graphs', spec))
}
