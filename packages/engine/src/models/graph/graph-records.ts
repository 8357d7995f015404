import type { AnyTypes } from './graph.js'
import type { Properties, PropertiesInput, PropertiesPatch } from '../property/property-types.js'

export interface GraphNode<Label extends string = string, P = Properties> {
  readonly id: string
  /** Distinct, in the order in which they were given. */
  readonly labels: readonly Label[]
  readonly properties: P
}

/** What identifies an edge. A `GraphEdge` is one. */
export interface EdgeKey<Type extends string = string> {
  readonly type: Type
  readonly from: string
  readonly to: string
  /** Tells edges of one type between the same nodes apart. Left out for unique types. */
  readonly id?: string
}

export interface GraphEdge<Type extends string = string, P = Properties> {
  readonly type: Type
  /** The node it leaves. */
  readonly from: string
  /** The node it reaches. */
  readonly to: string
  /** Empty for types that are unique. */
  readonly id: string
  readonly properties: P
}

export type LabelOf<Nodes> = keyof Nodes & string
export type TypeOf<Edges> = keyof Edges & string

/** A node of any label of the graph. */
export type AnyNode<Nodes> = GraphNode<LabelOf<Nodes>, Nodes[LabelOf<Nodes>]>
/** An edge of any type of the graph; its `type` tells its properties. */
export type AnyEdge<Edges> = { [T in TypeOf<Edges>]: GraphEdge<T, Edges[T]> }[TypeOf<Edges>]

/** `properties` may be left out when none is required. */
type WithProperties<P> = [RequiredNames<P>] extends [never]
  ? { readonly properties?: PropertiesInput<P> }
  : { readonly properties: PropertiesInput<P> }

/** The names that must be there, index signatures left aside. */
type RequiredNames<P> = keyof {
  [K in keyof P as string extends K ? never : object extends Pick<P, K> ? never : K]: true
}

interface NodeIdentity {
  /** 1 to 512 bytes of UTF-8. Default: a generated one that sorts by time. */
  readonly id?: string
}

type SeveralLabels<Label> = string extends Label ? readonly string[] : readonly [Label, Label, ...Label[]]

/** What is right for every label, for those who learn the label at run time. */
type EveryProperties<Nodes> = UnionToIntersection<Nodes[LabelOf<Nodes>]>
type UnionToIntersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void
  ? I
  : never

/** A node to add: with one label its properties are those of the label; with several they are checked at run time. */
export type NodeInput<Nodes = AnyTypes> =
  | {
      [L in LabelOf<Nodes>]: NodeIdentity & { readonly labels: L | readonly [L] } & WithProperties<Nodes[L]>
    }[LabelOf<Nodes>]
  | (NodeIdentity & { readonly labels: LabelOf<Nodes> | readonly LabelOf<Nodes>[] } & WithProperties<
        EveryProperties<Nodes>
      >)
  | (NodeIdentity & { readonly labels: SeveralLabels<LabelOf<Nodes>>; readonly properties?: Properties })

/** An edge to add. */
export type EdgeInput<Edges = AnyTypes> = {
  [T in TypeOf<Edges>]: {
    readonly type: T
    readonly from: string
    readonly to: string
    /** 1 to 512 bytes of UTF-8. Default: a generated one that sorts by time; refused for unique types. */
    readonly id?: string
  } & WithProperties<Edges[T]>
}[TypeOf<Edges>]

/** Properties of whichever label or type it may be. */
type AnyPatch<Types> = { [Name in keyof Types & string]: PropertiesPatch<Types[Name]> }[keyof Types & string]

export interface NodeUpdate<Nodes = AnyTypes> {
  /** Merged into the properties: what is left out stays, null removes. */
  readonly properties?: AnyPatch<Nodes>
  /** `properties` takes the place of all there were. Default false. */
  readonly replace?: boolean
  readonly addLabels?: readonly LabelOf<Nodes>[]
  readonly removeLabels?: readonly LabelOf<Nodes>[]
}

export interface EdgeUpdate<P = Properties> {
  /** Merged into the properties: what is left out stays, null removes. */
  readonly properties: PropertiesPatch<P>
  /** `properties` takes the place of all there were. Default false. */
  readonly replace?: boolean
}

/** Nodes and the edges between them: `edges[i]` joins `nodes[i]` and `nodes[i + 1]`, in either direction. */
export interface GraphPath<Nodes = AnyTypes, Edges = AnyTypes> {
  readonly nodes: readonly AnyNode<Nodes>[]
  readonly edges: readonly AnyEdge<Edges>[]
}

export interface ShortestPath<Nodes = AnyTypes, Edges = AnyTypes> extends GraphPath<Nodes, Edges> {
  /** The sum of the weights, or the number of edges without one. */
  readonly cost: number
}
