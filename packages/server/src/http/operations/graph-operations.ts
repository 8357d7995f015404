import type {
  EdgeInput,
  EdgeUpdate,
  Filter,
  GraphSession,
  NodeInput,
  NodeUpdate,
  ShortestPathOptions,
  TraverseOptions,
} from '@orbit-ts/engine'
import { Type } from 'typebox'
import {
  args,
  asList,
  counted,
  deleted,
  json,
  limit,
  nextOffset,
  nullable,
  oneOrMany,
  plan,
  queryArgs,
  result,
  where,
} from './argument-types.js'
import { operationsOf } from './operation.js'
import { checkListed, collect, nextOffsetOf, readPage } from './page.js'

const define = operationsOf<GraphSession>('graph', (tx, name) => tx.graph(name))

type PropertyFilter = Filter<Record<string, never>>

const id = Type.String({ description: 'The id of a node.' })
const label = Type.String({ description: 'A label of nodes.' })
const type = Type.String({ description: 'A type of edges.' })
const properties = json('Properties by name.')
const propertyFilter = Type.Unsafe<PropertyFilter>(where)
const names = Type.Unsafe<string | readonly string[]>(
  Type.Union([Type.String(), Type.Array(Type.String())], {
    description: 'Types of edges to follow. Default: all.',
  }),
)

const node = Type.Object({ id, labels: Type.Array(Type.String()), properties })
const newNode = Type.Unsafe<NodeInput>(
  Type.Object(
    {
      id: Type.Optional(Type.String({ description: 'Default: a generated one.' })),
      labels: Type.Union([Type.String(), Type.Array(Type.String())]),
      properties: Type.Optional(properties),
    },
    { additionalProperties: false },
  ),
)
const edge = Type.Object({
  type,
  from: Type.String({ description: 'The node it leaves.' }),
  to: Type.String({ description: 'The node it reaches.' }),
  id: Type.String({ description: 'Empty for types that are unique.' }),
  properties,
})
const edgeKey = {
  type,
  from: edge.properties.from,
  to: edge.properties.to,
  id: Type.Optional(Type.String({ description: 'Tells edges of one type between the same nodes apart.' })),
}
const newEdge = Type.Unsafe<EdgeInput>(
  Type.Object({ ...edgeKey, properties: Type.Optional(properties) }, { additionalProperties: false }),
)
const path = Type.Object({
  nodes: Type.Array(node),
  edges: Type.Array(edge, { description: 'edges[i] joins nodes[i] and nodes[i + 1].' }),
})

const direction = Type.Optional(
  Type.Enum(['out', 'in', 'both'], { description: 'As seen from the node that is asked about.' }),
)
const adjacency = { direction, types: Type.Optional(names) }
const depth = Type.Integer({ minimum: 0, maximum: 1000, description: 'A number of edges.' })
const walkFilter = Type.Unsafe<NonNullable<TraverseOptions['where']>>(
  Type.Object(
    {
      labels: Type.Optional(Type.Array(Type.String())),
      nodes: Type.Optional(where),
      edges: Type.Optional(where),
    },
    { additionalProperties: false, description: 'Which nodes and edges a walk may use.' },
  ),
)
const visitedMax = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 10_000_000,
    description: 'Nodes that may be visited. Default 1 000 000.',
  }),
)
const nodeUpdate = {
  properties: Type.Optional(
    json<NonNullable<NodeUpdate['properties']>>('Merged into the properties; null removes one.'),
  ),
  replace: Type.Optional(Type.Boolean({ description: 'The properties take the place of all there were.' })),
  addLabels: Type.Optional(Type.Array(Type.String())),
  removeLabels: Type.Optional(Type.Array(Type.String())),
}
const edgeUpdate = {
  properties: json<EdgeUpdate['properties']>('Merged into the properties; null removes one.'),
  replace: nodeUpdate.replace,
}

const nodeQuery = { ...queryArgs, label: Type.Optional(label) }
const edgeQuery = { ...queryArgs, type: Type.Optional(type) }

export const graphOperations = {
  addNodes: define('addNodes', {
    summary: 'Adds nodes, all or none.',
    args: args({ nodes: oneOrMany(newNode, 'A node {"id", "labels", "properties"}, or a list of nodes.') }),
    result: result({ nodes: Type.Array(node) }),
    run: async (graph, given) => ({ nodes: await graph.addNodes(asList<NodeInput>(given.nodes)) }),
  }),
  getNode: define('getNode', {
    summary: 'Reads a node by its id.',
    args: args({ id }),
    result: nullable(result({ node })),
    run: async (graph, given) => {
      const found = await graph.getNode(given.id)
      return found === undefined ? null : { node: found }
    },
  }),
  getNodes: define('getNodes', {
    summary: 'Reads nodes by their ids; null stands for one that is not there.',
    args: args({ ids: Type.Array(id) }),
    result: result({ nodes: Type.Array(nullable(node)) }),
    run: async (graph, { ids }, limits) => ({
      nodes: (await graph.getNodes(checkListed('ids', ids, limits))).map((found) => found ?? null),
    }),
  }),
  updateNode: define('updateNode', {
    summary: 'Changes the properties and labels of a node.',
    args: args({ id, ...nodeUpdate }),
    result: result({ node }),
    run: async (graph, { id: of, ...update }) => ({ node: await graph.updateNode(of, update) }),
  }),
  deleteNode: define('deleteNode', {
    summary: 'Deletes a node, with detach its edges too.',
    args: args({
      id,
      detach: Type.Optional(Type.Boolean({ description: 'Delete its edges too. Default false.' })),
    }),
    result: deleted,
    run: async (graph, { id: of, ...options }) => ({ deleted: await graph.deleteNode(of, options) }),
  }),
  addEdges: define('addEdges', {
    summary: 'Adds edges between nodes, all or none.',
    args: args({
      edges: oneOrMany(newEdge, 'An edge {"type", "from", "to", "id", "properties"}, or a list of edges.'),
    }),
    result: result({ edges: Type.Array(edge) }),
    run: async (graph, given) => ({ edges: await graph.addEdges(asList<EdgeInput>(given.edges)) }),
  }),
  getEdge: define('getEdge', {
    summary: 'Reads an edge.',
    args: args(edgeKey),
    result: nullable(result({ edge })),
    run: async (graph, key) => {
      const found = await graph.getEdge(key)
      return found === undefined ? null : { edge: found }
    },
  }),
  updateEdge: define('updateEdge', {
    summary: 'Changes the properties of an edge.',
    args: args({ ...edgeKey, ...edgeUpdate }),
    result: result({ edge }),
    run: async (graph, { properties: changes, replace, ...key }) => ({
      edge: await graph.updateEdge(key, {
        properties: changes,
        ...(replace === undefined ? {} : { replace }),
      }),
    }),
  }),
  deleteEdge: define('deleteEdge', {
    summary: 'Deletes an edge.',
    args: args(edgeKey),
    result: deleted,
    run: async (graph, key) => ({ deleted: await graph.deleteEdge(key) }),
  }),
  findNodes: define('findNodes', {
    summary: 'Reads a page of the nodes that match.',
    args: args(nodeQuery),
    result: result({ nodes: Type.Array(node), nextOffset }),
    run: async (graph, query, limits) => {
      const page = await readPage(query.limit, limits, (size) => graph.findNodes({ ...query, limit: size }))
      return { nodes: page.items, ...nextOffsetOf(page, query.offset) }
    },
  }),
  findEdges: define('findEdges', {
    summary: 'Reads a page of the edges that match.',
    args: args(edgeQuery),
    result: result({ edges: Type.Array(edge), nextOffset }),
    run: async (graph, query, limits) => {
      const page = await readPage(query.limit, limits, (size) => graph.findEdges({ ...query, limit: size }))
      return { edges: page.items, ...nextOffsetOf(page, query.offset) }
    },
  }),
  countNodes: define('countNodes', {
    summary: 'Counts the nodes that match.',
    args: args({ label: nodeQuery.label, where: Type.Optional(where) }),
    result: counted,
    run: async (graph, query) => ({ count: await graph.countNodes(query) }),
  }),
  countEdges: define('countEdges', {
    summary: 'Counts the edges that match.',
    args: args({ type: edgeQuery.type, where: Type.Optional(where) }),
    result: counted,
    run: async (graph, query) => ({ count: await graph.countEdges(query) }),
  }),
  explainNodes: define('explainNodes', {
    summary: 'Says how a query of nodes would be answered.',
    args: args(nodeQuery),
    result: plan,
    run: async (graph, query) => ({ plan: await graph.explainNodes(query) }),
  }),
  explainEdges: define('explainEdges', {
    summary: 'Says how a query of edges would be answered.',
    args: args(edgeQuery),
    result: plan,
    run: async (graph, query) => ({ plan: await graph.explainEdges(query) }),
  }),
  edges: define('edges', {
    summary: 'Reads the edges of a node.',
    args: args({ id, ...adjacency, where: Type.Optional(propertyFilter), limit: Type.Optional(limit) }),
    result: result({ edges: Type.Array(edge), more: Type.Boolean({ description: 'There are more.' }) }),
    run: async (graph, { id: of, ...options }, limits) => {
      const page = await readPage(options.limit, limits, (size) =>
        graph.edges(of, { ...options, limit: size }),
      )
      return { edges: page.items, more: page.more }
    },
  }),
  degree: define('degree', {
    summary: 'Counts the edges of a node.',
    args: args({ id, ...adjacency }),
    result: counted,
    run: async (graph, { id: of, ...options }) => ({ count: await graph.degree(of, options) }),
  }),
  neighbors: define('neighbors', {
    summary: 'Reads the nodes that can be reached over at most depth edges, each once, nearest first.',
    args: args({
      id,
      ...adjacency,
      depth: Type.Optional(depth),
      where: Type.Optional(propertyFilter),
      label: nodeQuery.label,
      limit: Type.Optional(limit),
      visitedMax,
    }),
    result: result({ nodes: Type.Array(node), more: Type.Boolean({ description: 'There are more.' }) }),
    run: async (graph, { id: of, ...options }, limits) => {
      const page = await readPage(options.limit, limits, (size) =>
        graph.neighbors(of, { ...options, limit: size }),
      )
      return { nodes: page.items, more: page.more }
    },
  }),
  traverse: define('traverse', {
    summary: 'Reads the paths that lead from the start nodes.',
    args: args({
      start: Type.Unsafe<TraverseOptions['start']>(
        Type.Union([Type.String(), Type.Array(Type.String())], {
          description: 'The id of a node, or a list of ids.',
        }),
      ),
      ...adjacency,
      minDepth: Type.Optional(depth),
      maxDepth: Type.Optional(depth),
      uniqueness: Type.Optional(Type.Enum(['node', 'edge', 'none'])),
      order: Type.Optional(Type.Enum(['breadth', 'depth'])),
      where: Type.Optional(walkFilter),
      limit: Type.Optional(limit),
      frontierMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
      visitedMax,
    }),
    result: result({ paths: Type.Array(path), more: Type.Boolean({ description: 'There are more.' }) }),
    run: async (graph, options, limits) => {
      if (Array.isArray(options.start)) checkListed('start', options.start, limits)
      const page = await readPage(options.limit, limits, (size) =>
        collect(graph.traverse({ ...options, limit: size }), size),
      )
      return { paths: page.items, more: page.more }
    },
  }),
  shortestPath: define('shortestPath', {
    summary: 'Finds a path with the fewest edges, or with the least sum of weights.',
    args: args({
      from: Type.String({ description: 'The node to begin at.' }),
      to: Type.String({ description: 'The node to reach.' }),
      ...adjacency,
      maxDepth: Type.Optional(depth),
      weight: Type.Optional(Type.String({ description: 'A property of the edges, a number from 0 on.' })),
      where: Type.Optional(Type.Unsafe<NonNullable<ShortestPathOptions['where']>>(walkFilter)),
      visitedMax,
    }),
    result: result({
      path: nullable(Type.Object({ ...path.properties, cost: Type.Number() })),
    }),
    run: async (graph, { from, to, ...options }) => ({
      path: (await graph.shortestPath(from, to, options)) ?? null,
    }),
  }),
}
