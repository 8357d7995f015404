import { queueWrite } from '../../txn/write-queue.js'
import type { ModelContext } from '../model.js'
import { checkEdgeKey } from './edge-input.js'
import { degreeOf, edgesOf, readEdges } from './edge-reads.js'
import { addEdges, deleteEdge, updateEdge } from './edge-writes.js'
import { countRecords, explainRecords, findRecords } from './find-records.js'
import { graphModel } from './graph-model.js'
import type { AnyTypes } from './graph.js'
import type {
  AdjacencyOptions,
  EdgeQuery,
  EdgesOptions,
  GraphPlan,
  NeighborsOptions,
  NodeQuery,
  ScanEdgesOptions,
  ScanNodesOptions,
  ShortestPathOptions,
  TraverseOptions,
} from './graph-queries.js'
import type {
  AnyEdge,
  AnyNode,
  EdgeInput,
  EdgeKey,
  EdgeUpdate,
  GraphEdge,
  GraphNode,
  GraphPath,
  LabelOf,
  NodeInput,
  NodeUpdate,
  ShortestPath,
  TypeOf,
} from './graph-records.js'
import { neighbors } from './neighbors.js'
import { deleteNode, updateNode } from './node-changes.js'
import { checkArray } from './node-input.js'
import { readNodes } from './node-reads.js'
import { addNodes } from './node-writes.js'
import { OpenGraph } from './open-graph.js'
import { checkId } from './record-ids.js'
import { edgeQuery, nodeQuery, scanEdges, scanNodes } from './record-queries.js'
import { shortestPath } from './shortest-path.js'
import { traverse } from './traversal.js'

/**
 * One graph within one transaction.
 *
 * Everything is checked before anything is written; a call that fails changes nothing. Errors of every method:
 * OBJECT_NOT_FOUND when the graph does not exist, INVALID_ARGUMENT for an argument of the wrong shape and for a label,
 * type or property that is not declared (the nearest name is in the message).
 */
export class GraphSession<Nodes = AnyTypes, Edges = AnyTypes> {
  readonly #context: ModelContext
  readonly #name: string

  constructor(context: ModelContext, name: string) {
    this.#context = context
    this.#name = name
  }

  /** As `addNodes`, for one. */
  async addNode(node: NodeInput<Nodes>): Promise<AnyNode<Nodes>> {
    const [added] = await this.#write((graph) => addNodes(graph, [node]))
    return typed(added)
  }

  /**
   * Adds nodes and returns them in the order given, with the ids they got.
   * @throws RECORD_EXISTS when a node with the id exists, UNIQUE_VIOLATION, TYPE_MISMATCH for a property of another
   * type than declared, NOT_NULL_VIOLATION for a required one that is missing, LIMIT_EXCEEDED when the properties are
   * too large or too deep.
   */
  async addNodes(nodes: readonly NodeInput<Nodes>[]): Promise<AnyNode<Nodes>[]> {
    return typed(await this.#write((graph) => addNodes(graph, checkArray(graph, nodes, 'nodes'))))
  }

  /** The node, or undefined. */
  async getNode(id: string): Promise<AnyNode<Nodes> | undefined> {
    const [node] = await this.getNodes([id])
    return node
  }

  /** For each id the node or undefined, in the order of `ids`. */
  async getNodes(ids: readonly string[]): Promise<(AnyNode<Nodes> | undefined)[]> {
    const graph = await this.#open()
    const checked = checkArray(graph, ids, 'ids').map((id, i) => checkId(graph, id, `ids[${i}]`))
    const found = await readNodes(graph, checked)
    return typed(found.map((stored) => stored?.node))
  }

  /**
   * Merges properties and changes labels; returns the node as it is now.
   * @throws RECORD_NOT_FOUND, and CHECK_VIOLATION when an edge needs a label that would go; else as `addNodes`.
   */
  async updateNode(id: string, update: NodeUpdate<Nodes>): Promise<AnyNode<Nodes>> {
    return typed(await this.#write((graph) => updateNode(graph, id, update)))
  }

  /**
   * Deletes the node, with `detach` its edges too. False when there is no such node.
   * @throws NODE_HAS_EDGES, with their number, when it has edges and `detach` is not true.
   */
  async deleteNode(id: string, options: { readonly detach?: boolean } = {}): Promise<boolean> {
    return this.#write((graph) => deleteNode(graph, id, options))
  }

  /** As `addEdges`, for one. */
  async addEdge<E extends EdgeInput<Edges>>(
    edge: E,
  ): Promise<GraphEdge<E['type'], Edges[E['type'] & keyof Edges]>> {
    const [added] = await this.#write((graph) => addEdges(graph, [edge]))
    return typed(added)
  }

  /**
   * Adds edges and returns them in the order given, with the ids they got.
   * @throws DANGLING_EDGE naming the edge and the node that does not exist, RECORD_EXISTS when an edge of this type
   * and id joins the nodes already, CHECK_VIOLATION when an end has none of the labels that the type asks for;
   * UNIQUE_VIOLATION, TYPE_MISMATCH, NOT_NULL_VIOLATION, LIMIT_EXCEEDED as for nodes.
   */
  async addEdges(edges: readonly EdgeInput<Edges>[]): Promise<AnyEdge<Edges>[]> {
    return typed(await this.#write((graph) => addEdges(graph, checkArray(graph, edges, 'edges'))))
  }

  /** The edge, or undefined. */
  async getEdge<T extends TypeOf<Edges>>(key: EdgeKey<T>): Promise<GraphEdge<T, Edges[T]> | undefined> {
    const graph = await this.#open()
    const [edge] = await readEdges(graph, [checkEdgeKey(graph, key, 'edge')])
    return typed(edge)
  }

  /** For each key the edge or undefined, in the order of `keys`. */
  async getEdges(keys: readonly EdgeKey<TypeOf<Edges>>[]): Promise<(AnyEdge<Edges> | undefined)[]> {
    const graph = await this.#open()
    const checked = checkArray(graph, keys, 'keys').map((key, i) => checkEdgeKey(graph, key, `keys[${i}]`))
    return typed(await readEdges(graph, checked))
  }

  /**
   * Merges properties; returns the edge as it is now.
   * @throws RECORD_NOT_FOUND; else as `addEdges`.
   */
  async updateEdge<T extends TypeOf<Edges>>(
    key: EdgeKey<T>,
    update: EdgeUpdate<Edges[T]>,
  ): Promise<GraphEdge<T, Edges[T]>> {
    return typed(await this.#write((graph) => updateEdge(graph, key, update)))
  }

  /** Deletes the edge. False when there is no such edge. */
  async deleteEdge(key: EdgeKey<TypeOf<Edges>>): Promise<boolean> {
    return this.#write((graph) => deleteEdge(graph, key))
  }

  /** The edges of a node; each once, also one that leads back to the node. None when there is no such node. */
  async edges(nodeId: string, options: EdgesOptions<Edges> = {}): Promise<AnyEdge<Edges>[]> {
    return typed(await edgesOf(await this.#open(), nodeId, options))
  }

  /** How many edges `edges` would return. */
  async degree(nodeId: string, options: AdjacencyOptions<Edges> = {}): Promise<number> {
    return degreeOf(await this.#open(), nodeId, options)
  }

  /**
   * The nodes that can be reached over at most `depth` edges, each once, nearest first, without the node itself.
   * Direction: default `both`. None when there is no such node.
   * @throws LIMIT_EXCEEDED naming `visitedMax`.
   */
  async neighbors(nodeId: string, options: NeighborsOptions<Nodes, Edges> = {}): Promise<AnyNode<Nodes>[]> {
    return typed(await neighbors(await this.#open(), nodeId, options))
  }

  /**
   * Nodes that fit, from a property index of the label, the label or all nodes.
   * @throws LIMIT_EXCEEDED when more than 100 000 nodes had to be sorted in memory.
   */
  async findNodes<L extends LabelOf<Nodes>>(
    query: NodeQuery<Nodes[L], L> = {},
  ): Promise<GraphNode<LabelOf<Nodes>, Nodes[L]>[]> {
    const { source, query: rest } = nodeQuery(await this.#open(), query)
    return typed(await findRecords(source, rest))
  }

  /**
   * Edges that fit, from a property index of the type or all edges.
   * @throws LIMIT_EXCEEDED when more than 100 000 edges had to be sorted in memory.
   */
  async findEdges<T extends TypeOf<Edges>>(
    query: EdgeQuery<Edges[T], T> = {},
  ): Promise<GraphEdge<T, Edges[T]>[]> {
    const { source, query: rest } = edgeQuery(await this.#open(), query)
    return typed(await findRecords(source, rest))
  }

  /** How many nodes fit. */
  async countNodes<L extends LabelOf<Nodes>>(
    query: Pick<NodeQuery<Nodes[L], L>, 'label' | 'where'> = {},
  ): Promise<number> {
    const { source, query: rest } = nodeQuery(await this.#open(), query)
    return countRecords(source, rest)
  }

  /** How many edges fit. */
  async countEdges<T extends TypeOf<Edges>>(
    query: Pick<EdgeQuery<Edges[T], T>, 'type' | 'where'> = {},
  ): Promise<number> {
    const { source, query: rest } = edgeQuery(await this.#open(), query)
    return countRecords(source, rest)
  }

  /** How `findNodes` would answer. */
  async explainNodes<L extends LabelOf<Nodes>>(query: NodeQuery<Nodes[L], L> = {}): Promise<GraphPlan> {
    const { source, query: rest } = nodeQuery(await this.#open(), query)
    return explainRecords(source, rest)
  }

  /** How `findEdges` would answer. */
  async explainEdges<T extends TypeOf<Edges>>(query: EdgeQuery<Edges[T], T> = {}): Promise<GraphPlan> {
    const { source, query: rest } = edgeQuery(await this.#open(), query)
    return explainRecords(source, rest)
  }

  /** Nodes in chunks, in order of id unless an index serves `where`. */
  async *scanNodes<L extends LabelOf<Nodes>>(
    options: ScanNodesOptions<Nodes[L], L> = {},
  ): AsyncGenerator<GraphNode<LabelOf<Nodes>, Nodes[L]>[]> {
    for await (const nodes of scanNodes(await this.#open(), options)) yield typed(nodes)
  }

  /** Edges in chunks, in order of start node unless an index with fields is read: see `explainEdges`. */
  async *scanEdges<T extends TypeOf<Edges>>(
    options: ScanEdgesOptions<Edges[T], T> = {},
  ): AsyncGenerator<GraphEdge<T, Edges[T]>[]> {
    for await (const edges of scanEdges(await this.#open(), options)) yield typed(edges)
  }

  /**
   * Paths from the start nodes, in chunks. Edges of a node are followed in order of direction (out first), type, far
   * node and id.
   * @throws RECORD_NOT_FOUND for a start node that does not exist; LIMIT_EXCEEDED naming `frontierMax` or `visitedMax`.
   */
  async *traverse(options: TraverseOptions<Nodes, Edges>): AsyncGenerator<GraphPath<Nodes, Edges>[]> {
    for await (const paths of traverse(await this.#open(), options)) yield typed(paths)
  }

  /**
   * A path with the fewest edges, or with the least sum of weights; undefined when there is none.
   * @throws RECORD_NOT_FOUND when an end does not exist, TYPE_MISMATCH for an edge without a usable weight,
   * LIMIT_EXCEEDED naming `visitedMax`.
   */
  async shortestPath(
    from: string,
    to: string,
    options: ShortestPathOptions<Nodes, Edges> = {},
  ): Promise<ShortestPath<Nodes, Edges> | undefined> {
    return typed(await shortestPath(await this.#open(), from, to, options))
  }

  async #open(): Promise<OpenGraph> {
    return new OpenGraph(this.#context, await this.#context.object(graphModel, this.#name))
  }

  #write<T>(write: (graph: OpenGraph) => Promise<T>): Promise<T> {
    return queueWrite(this.#context, async () =>
      write(new OpenGraph(this.#context, await this.#context.objectForWrite(graphModel, this.#name))),
    )
  }
}

/** Records of the types that the schema declares: what is stored was checked against it. */
function typed<T>(records: unknown): T {
  return records as T
}
