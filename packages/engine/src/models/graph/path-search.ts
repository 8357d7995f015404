import type { EdgeIdentity } from '@orbit-ts/storage'
import type { Selection } from './adjacency.js'
import type { WalkRules } from './walk-options.js'

/** A search for a path between two different nodes that exist. */
export interface PathSearch {
  readonly from: string
  readonly to: string
  readonly selection: Selection
  readonly rules: WalkRules
  readonly maxDepth: number
  readonly visitedMax: number
}

/** `edges[i]` joins `nodes[i]` and `nodes[i + 1]`. */
export interface FoundPath {
  readonly nodes: readonly string[]
  readonly edges: readonly Required<EdgeIdentity>[]
  readonly cost: number
}
