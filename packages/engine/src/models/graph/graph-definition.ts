import type { Indexed } from '../../catalog/index-status.js'
import type { PropertyTypes } from '../property/property-types.js'

/** A graph as the catalog stores it: plain JSON. Ids are within the graph and never used again. */
export interface GraphDefinition extends Indexed {
  readonly open: boolean
  readonly labels: readonly LabelDefinition[]
  readonly types: readonly EdgeTypeDefinition[]
  /** The next id for a label or a type. */
  readonly nextId: number
  readonly nextIndexId: number
}

/** What labels and edge types have in common. */
export interface RecordTypeDefinition {
  readonly id: number
  readonly name: string
  /** Left out: any properties. */
  readonly properties?: PropertyTypes
  readonly indexes: readonly IndexDefinition[]
}

export type LabelDefinition = RecordTypeDefinition

export interface EdgeTypeDefinition extends RecordTypeDefinition {
  /** Labels of which the start node must have one. Left out: any node. */
  readonly from?: readonly string[]
  readonly to?: readonly string[]
  readonly unique: boolean
}

export interface IndexDefinition {
  readonly id: number
  /** Unique within its label or type. */
  readonly name: string
  /** Paths, in order. */
  readonly fields: readonly string[]
  readonly unique: boolean
}
