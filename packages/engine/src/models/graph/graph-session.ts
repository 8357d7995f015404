import type { ModelContext } from '../model.js'
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
  async addNode(node: NodeInput<Nodes>): Promise<AnyNode<Nodes>>

  /**
   * Adds nodes and returns them in the order given, with the ids they got.
   * @throws RECORD_EXISTS when a node with the id exists, UNIQUE_VIOLATION, TYPE_MISMATCH for a property of another
   * type than declared, NOT_NULL_VIOLATION for a required one that is missing, LIMIT_EXCEEDED when the properties are
   * too large or too deep.
   */
  async addNodes(nodes: readonly NodeInput<Nodes>[]): Promise<AnyNode<Nodes>[]>

  /** The node, or undefined. */
  async getNode(id: string): Promise<AnyNode<Nodes> | undefined>

  /** For each id the node or undefined, in the order of `ids`. */
  async getNodes(ids: readonly string[]): Promise<(AnyNode<Nodes> | undefined)[]>

  /**
   * Merges properties and changes labels; returns the node as it is now.
   * @throws RECORD_NOT_FOUND, and CHECK_VIOLATION when an edge needs a label that would go; else as `addNodes`.
   */
  async updateNode(id: string, update: NodeUpdate<Nodes>): Promise<AnyNode<Nodes>>

  /**
   * Deletes the node, with `detach` its edges too. False when there is no such node.
   * @throws NODE_HAS_EDGES, with their number, when it has edges and `detach` is not true.
   */
  async deleteNode(id: string, options: { readonly detach?: boolean } = {}): Promise<boolean>

  /** As `addEdges`, for one. */
  async addEdge<E extends EdgeInput<Edges>>(edge: E): Promise<GraphEdge<E['type'], Edges[E['type'] & keyof Edges]>>

  /**
   * Adds edges and returns them in the order given, with the ids they got.
   * @throws DANGLING_EDGE naming the edge and the node that does not exist, RECORD_EXISTS when an edge of this type
   * and id joins the nodes already, CHECK_VIOLATION when an end has none of the labels that the type asks for;
   * UNIQUE_VIOLATION, TYPE_MISMATCH, NOT_NULL_VIOLATION, LIMIT_EXCEEDED as for nodes.
   */
  async addEdges(edges: readonly EdgeInput<Edges>[]): Promise<AnyEdge<Edges>[]>

  /** The edge, or undefined. */
  async getEdge<T extends TypeOf<Edges>>(key: EdgeKey<T>): Promise<GraphEdge<T, Edges[T]> | undefined>

  /** For each key the edge or undefined, in the order of `keys`. */
  async getEdges(keys: readonly EdgeKey<TypeOf<Edges>>[]): Promise<(AnyEdge<Edges> | undefined)[]>

  /**
   * Merges properties; returns the edge as it is now.
   * @throws RECORD_NOT_FOUND; else as `addEdges`.
   */
  async updateEdge<T extends TypeOf<Edges>>(
    key: EdgeKey<T>,
    update: EdgeUpdate<Edges[T]>,
  ): Promise<GraphEdge<T, Edges[T]>>

  /** Deletes the edge. False when there is no such edge. */
  async deleteEdge(key: EdgeKey<TypeOf<Edges>>): Promise<boolean>

  /** The edges of a node; each once, also one that leads back to the node. None when there is no such node. */
  async edges(nodeId: string, options: EdgesOptions<Edges> = {}): Promise<AnyEdge<Edges>[]>

  /** How many edges `edges` would return. */
  async degree(nodeId: string, options: AdjacencyOptions<Edges> = {}): Promise<number>

  /**
   * The nodes that can be reached over at most `depth` edges, each once, nearest first, without the node itself.
   * Direction: default `both`. None when there is no such node.
   * @throws LIMIT_EXCEEDED naming `visitedMax`.
   */
  async neighbors(nodeId: string, options: NeighborsOptions<Nodes, Edges> = {}): Promise<AnyNode<Nodes>[]>

  /**
   * Nodes that fit, from a property index of the label, the label or all nodes.
   * @throws LIMIT_EXCEEDED when more than 100 000 nodes had to be sorted in memory.
   */
  async findNodes<L extends LabelOf<Nodes>>(
    query: NodeQuery<Nodes[L], L> = {},
  ): Promise<GraphNode<LabelOf<Nodes>, Nodes[L]>[]>

  /**
   * Edges that fit, from a property index of the type or all edges.
   * @throws LIMIT_EXCEEDED when more than 100 000 edges had to be sorted in memory.
   */
  async findEdges<T extends TypeOf<Edges>>(query: EdgeQuery<Edges[T], T> = {}): Promise<GraphEdge<T, Edges[T]>[]>

  /** How many nodes fit. */
  async countNodes<L extends LabelOf<Nodes>>(
    query: Pick<NodeQuery<Nodes[L], L>, 'label' | 'where'> = {},
  ): Promise<number>

  /** How many edges fit. */
  async countEdges<T extends TypeOf<Edges>>(
    query: Pick<EdgeQuery<Edges[T], T>, 'type' | 'where'> = {},
  ): Promise<number>

  /** How `findNodes` would answer. */
  async explainNodes<L extends LabelOf<Nodes>>(query: NodeQuery<Nodes[L], L> = {}): Promise<GraphPlan>

  /** How `findEdges` would answer. */
  async explainEdges<T extends TypeOf<Edges>>(query: EdgeQuery<Edges[T], T> = {}): Promise<GraphPlan>

  /** Nodes in chunks, in order of id unless an index serves `where`. */
  scanNodes<L extends LabelOf<Nodes>>(
    options: ScanNodesOptions<Nodes[L], L> = {},
  ): AsyncIterable<GraphNode<LabelOf<Nodes>, Nodes[L]>[]>

  /** Edges in chunks, in order of start node unless an index serves `where`. */
  scanEdges<T extends TypeOf<Edges>>(
    options: ScanEdgesOptions<Edges[T], T> = {},
  ): AsyncIterable<GraphEdge<T, Edges[T]>[]>

  /**
   * Paths from the start nodes, in chunks. Edges of a node are followed in order of direction (out first), type, far
   * node and id.
   * @throws RECORD_NOT_FOUND for a start node that does not exist; LIMIT_EXCEEDED naming `frontierMax` or `visitedMax`.
   */
  traverse(options: TraverseOptions<Nodes, Edges>): AsyncIterable<GraphPath<Nodes, Edges>[]>

  /**
   * A path with the fewest edges, or with the least sum of weights; undefined when there is none.
   * @throws RECORD_NOT_FOUND when an end does not exist, TYPE_MISMATCH for an edge without a usable weight,
   * LIMIT_EXCEEDED naming `visitedMax`.
   */
  async shortestPath(
    from: string,
    to: string,
    options: ShortestPathOptions<Nodes, Edges> = {},
  ): Promise<ShortestPath<Nodes, Edges> | undefined>
}
