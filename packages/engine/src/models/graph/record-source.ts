import type { PropertyIndex } from './graph-types.js'
import type { Properties } from '../property/property-types.js'
import type { IndexPlan } from './query-plan.js'
import type { GraphPlan } from './graph-queries.js'

/** Nodes with one label or edges of one type, or all: what queries read. */
export interface RecordSource<R extends { readonly properties: Properties }> {
  /** For messages: `graph "routes": nodes`. */
  readonly what: string
  readonly indexes: readonly PropertyIndex[]
  /** All properties that the records may have; undefined when any may be there. */
  readonly fields: ReadonlySet<string> | undefined
  /** What a plan says of the source when no index is used. */
  readonly plan: Pick<GraphPlan, 'graph' | 'reads' | 'access' | 'label' | 'type' | 'index' | 'advice'>
  scan(options: ReadOptions): AsyncIterable<R[]>
  scanIndex(plan: IndexPlan, options: ReadOptions): AsyncIterable<R[]>
  /** How many there are. */
  count(): Promise<number>
}

export interface ReadOptions {
  readonly chunkSize: number
  readonly signal?: AbortSignal
}

/** True the first time that a set is asked about an id. */
export function isFirst(seen: Set<string>, id: string): boolean {
  if (seen.has(id)) return false
  seen.add(id)
  return true
}
