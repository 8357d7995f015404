import type { CatalogSequence } from '../../catalog-snapshot.js'
import type { RangeVar } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { BoundFrom } from './from-tree.js'

/** `SELECT last_value FROM sequence`. */
export function bindSequence(scope: QueryScope, node: RangeVar, sequence: CatalogSequence): BoundFrom {
  throw scope.statement.unsupported(`reading the sequence ${sequence.name} as a table`, node.location ?? 0)
}
