import type { FieldBounds } from '../../filter/analyze-filter.js'
import type { Filter, Query } from '../../filter/filter.js'
import type { AnyTypes } from './graph.js'
import type { LabelOf, TypeOf } from './graph-records.js'

/** As seen from the node that is asked about: `out` leaves it, `in` reaches it. */
export type EdgeDirection = 'out' | 'in' | 'both'

/** A filter on the properties of whichever label or type it may be. */
export type AnyFilter<Types> = Filter<Types[keyof Types & string]>

export type NodeQuery<P, Label extends string = string> = Query<P> & {
  /** Only nodes with this label. Default: all nodes, which reads the whole graph. */
  readonly label?: Label
}

export type EdgeQuery<P, Type extends string = string> = Query<P> & {
  /** Only edges of this type. Default: all edges. Without an index of the type every edge of the graph is read. */
  readonly type?: Type
}

export interface AdjacencyOptions<Edges = AnyTypes> {
  /** Default `both` for `edges` and `degree`. */
  readonly direction?: EdgeDirection
  /** Edge types to follow. Default: all. */
  readonly types?: TypeOf<Edges> | readonly TypeOf<Edges>[]
}

export interface EdgesOptions<Edges = AnyTypes> extends AdjacencyOptions<Edges> {
  /** On the properties of the edges. */
  readonly where?: AnyFilter<Edges>
  /** Default: no limit. */
  readonly limit?: number
}

export interface NeighborsOptions<Nodes = AnyTypes, Edges = AnyTypes> extends AdjacencyOptions<Edges> {
  /** How many edges away at most, 1 to 1 000. Default 1. */
  readonly depth?: number
  /** Which nodes are returned, by their properties; those that are left out are walked through all the same. */
  readonly where?: AnyFilter<Nodes>
  /** Only nodes with this label are returned. */
  readonly label?: LabelOf<Nodes>
  /** Default: no limit. */
  readonly limit?: number
  /** Nodes that may be visited. Default 1 000 000. */
  readonly visitedMax?: number
}

/** Which nodes and edges a walk may use. */
export interface WalkFilter<Nodes = AnyTypes, Edges = AnyTypes> {
  /** Nodes, the start excepted, must have one of these labels. Default: any. */
  readonly labels?: readonly LabelOf<Nodes>[]
  /** On the properties of nodes, the start excepted. */
  readonly nodes?: AnyFilter<Nodes>
  /** On the properties of edges. */
  readonly edges?: AnyFilter<Edges>
}

export interface TraverseOptions<Nodes = AnyTypes, Edges = AnyTypes> {
  /** One node or several; each begins a path of its own, in this order. */
  readonly start: string | readonly string[]
  /** Default `out`. */
  readonly direction?: EdgeDirection
  /** Edge types to follow. Default: all. */
  readonly types?: TypeOf<Edges> | readonly TypeOf<Edges>[]
  /** Shorter paths are walked but not returned. 0 returns the start itself. Default 1. */
  readonly minDepth?: number
  /** Edges in a path at most, 1 to 1 000. Default: `minDepth`, at least 1. */
  readonly maxDepth?: number
  /**
   * - `node` (default): no node is visited twice in the whole traversal.
   * - `edge`: no path has an edge twice, as in Cypher.
   * - `none`: only `maxDepth` and `limit` end it.
   */
  readonly uniqueness?: 'node' | 'edge' | 'none'
  /** `breadth` (default): shorter paths first. `depth`: each path is followed to its end before the next. */
  readonly order?: 'breadth' | 'depth'
  /** What does not fit is neither returned nor walked through. */
  readonly where?: WalkFilter<Nodes, Edges>
  /** Paths in all. Default: no limit. */
  readonly limit?: number
  /** Paths that wait to be followed at one time. Default 100 000. */
  readonly frontierMax?: number
  /** Nodes that `uniqueness: 'node'` may remember. Default 1 000 000. */
  readonly visitedMax?: number
  /** Paths in one chunk at most. Default 256. */
  readonly chunkSize?: number
}

export interface ShortestPathOptions<Nodes = AnyTypes, Edges = AnyTypes> {
  /** Default `out`. */
  readonly direction?: EdgeDirection
  /** Edge types to follow. Default: all. */
  readonly types?: TypeOf<Edges> | readonly TypeOf<Edges>[]
  /** Edges in the path at most. Default: no limit. */
  readonly maxDepth?: number
  /**
   * A property of the edges, a number from 0 on: the path with the least sum is found. Default: every edge weighs 1.
   * An edge without it, or with something else in it, is an error.
   */
  readonly weight?: string
  /** What does not fit is not walked through; the two ends always fit. */
  readonly where?: WalkFilter<Nodes, Edges>
  /** Nodes that may be visited. Default 1 000 000. */
  readonly visitedMax?: number
}

export interface ScanNodesOptions<P, Label extends string = string> {
  readonly label?: Label
  readonly where?: Filter<P>
  readonly limit?: number
  /** Nodes in one chunk at most. Default 256. */
  readonly chunkSize?: number
  readonly signal?: AbortSignal
}

export interface ScanEdgesOptions<P, Type extends string = string> {
  readonly type?: Type
  readonly where?: Filter<P>
  readonly limit?: number
  /** Edges in one chunk at most. Default 256. */
  readonly chunkSize?: number
  readonly signal?: AbortSignal
}

/** How a query is answered; plain JSON. */
export interface GraphPlan {
  readonly graph: string
  readonly reads: 'nodes' | 'edges'
  /**
   * `index`: a part of a property index; `label`: the nodes with a label; `type`: the edges of a type, by one of its
   * indexes; `all`: every node or edge of the graph; `none`: nothing can fit.
   */
  readonly access: 'index' | 'label' | 'type' | 'all' | 'none'
  readonly label?: string
  readonly type?: string
  readonly index?: string
  /** How to read less; left out when there is nothing to say. */
  readonly advice?: string
  /** What the index is read for, in the order of its fields. Left out when it is read for the order alone. */
  readonly bounds?: readonly FieldBounds[]
  /** What is checked on the records that the bounds let through; left out when nothing is. */
  readonly filter?: Filter
  /** `index`: the records come in the order asked for; `memory`: they are sorted afterwards. Left out without orderBy. */
  readonly sort?: 'index' | 'memory'
}
