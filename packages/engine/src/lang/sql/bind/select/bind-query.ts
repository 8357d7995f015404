/** Queries: SELECT, VALUES, set operations, and in WITH the statements that change rows. */
import type { ColumnId } from '../../../../plan/expression.js'
import type { LogicalPlan } from '../../../../plan/logical-plan.js'
import type { DataType } from '../../../../scalar/data-type.js'
import type { RecordField } from '../../../../scalar/record-value.js'
import type { Node } from '../../parse/tree.js'
import type { ColumnOrigin } from '../context/facts.js'
import type { LockRequest } from '../scope/lock-request.js'
import type { QueryScope } from '../scope/query-scope.js'
import { settleTypes, type Target } from './target-list.js'

export interface QueryColumn {
  readonly id: ColumnId
  readonly name: string
  readonly type: DataType
  readonly origin?: ColumnOrigin
  /** The fields of a record whose type does not tell them. */
  readonly fields?: readonly RecordField[]
}

export interface BoundQuery {
  readonly plan: LogicalPlan
  /** They correspond to the plan's columns by position. */
  readonly columns: readonly QueryColumn[]
}

/** A query whose names are looked up, while the types of untyped literals in its SELECT list can still be settled. */
export interface AnalyzedQuery {
  /** What the result's columns are computed from; empty for set operations, whose types are settled. */
  readonly targets: readonly Target[]
  build(): BoundQuery
}

/**
 * @param scope a new one for the query
 * @param locks what FOR UPDATE of an outer query asks of it
 */
export function bindQuery(
  scope: QueryScope,
  node: Node | undefined,
  locks: readonly LockRequest[] = [],
): BoundQuery {
  const query = analyzeQuery(scope, node, locks)
  settleTypes(scope, query.targets)
  return query.build()
}

export function analyzeQuery(
  scope: QueryScope,
  node: Node | undefined,
  locks: readonly LockRequest[] = [],
): AnalyzedQuery {
  return scope.statement.binder.query(scope, node, locks)
}
