import type { PropertyTypes } from '../property/property-types.js'

/** A graph as users declare it: plain JSON. */
export interface GraphInput {
  /** The labels nodes may have, by name. */
  readonly nodes?: { readonly [label: string]: NodeTypeInput }
  /** The types edges may have, by name. */
  readonly edges?: { readonly [type: string]: EdgeTypeInput }
  /** Labels and types that are not declared are accepted, with any properties. Default false. */
  readonly open?: boolean
}

export interface NodeTypeInput {
  /** The properties of nodes with this label; others are refused. Default: any. */
  readonly properties?: PropertyTypes
  readonly indexes?: readonly IndexInput[]
}

export interface EdgeTypeInput {
  /** The start node must have one of these labels. Default: any node. */
  readonly from?: string | readonly string[]
  /** The end node must have one of these labels. Default: any node. */
  readonly to?: string | readonly string[]
  /** The properties of edges of this type; others are refused. Default: any. */
  readonly properties?: PropertyTypes
  /** At most one edge of this type leads from one node to another. Default false: edges are told apart by an id. */
  readonly unique?: boolean
  /** One over no fields, `{ fields: [] }`, lists the edges of the type, so that they are found without reading others. */
  readonly indexes?: readonly IndexInput[]
}

/** A property, or several in order. A path such as `address.city` reaches into objects. */
export type IndexInput = string | IndexOptions

export interface IndexOptions {
  /** Default: the fields joined by `_`; `type` without fields. */
  readonly name?: string
  readonly fields: string | readonly string[]
  /**
   * No two nodes of the label (edges of the type) have the same values; those without a value for some field are not
   * compared. Default false.
   */
  readonly unique?: boolean
}
