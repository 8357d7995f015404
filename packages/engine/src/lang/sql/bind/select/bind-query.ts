/** Queries: SELECT, VALUES, set operations, and in WITH the statements that change rows. */
import type { ColumnId } from '../../../../plan/expression.js'
import type { LogicalPlan } from '../../../../plan/logical-plan.js'
import type { DataType } from '../../../../scalar/data-type.js'
import type { RecordField } from '../../../../scalar/record-value.js'
import { nodeKind, type Node, type SelectStmt } from '../../parse/tree.js'
import type { ColumnOrigin } from '../context/facts.js'
import type { LockRequest } from '../scope/lock-request.js'
import type { QueryScope } from '../scope/query-scope.js'
import { analyzeSelect } from './analyze-select.js'
import { bindLocking } from './locking-clause.js'
import { analyzeSetOperation } from './set-operation.js'
import { settleTypes, type Target } from './target-list.js'
import { analyzeValues } from './values.js'
import { bindWith } from './with-clause.js'

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
  if (node !== undefined && 'SelectStmt' in node) return analyzeStatement(scope, node.SelectStmt, locks)
  throw scope.statement.unsupported(`${node === undefined ? 'nothing' : nodeKind(node)} as a query`)
}

function analyzeStatement(scope: QueryScope, node: SelectStmt, locks: readonly LockRequest[]): AnalyzedQuery {
  if (node.intoClause !== undefined && scope.parent !== undefined) {
    throw scope.statement.error(
      'syntax_error',
      'SELECT ... INTO is not allowed here',
      node.intoClause.rel?.location ?? 0,
    )
  }
  const definitions = bindWith(scope, node.withClause)
  scope.locking = [...bindLocking(scope, node), ...locks]
  const query = analyzeBody(scope, node)
  return {
    targets: query.targets,
    build: () => {
      const { plan, columns } = query.build()
      return { plan: definitions.wrap(plan), columns }
    },
  }
}

function analyzeBody(scope: QueryScope, node: SelectStmt): AnalyzedQuery {
  if (node.valuesLists !== undefined) return analyzeValues(scope, node)
  if ((node.op ?? 'SETOP_NONE') !== 'SETOP_NONE') return analyzeSetOperation(scope, node)
  return analyzeSelect(scope, node)
}
