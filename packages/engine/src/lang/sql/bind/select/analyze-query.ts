import { nodeKind, type Node, type SelectStmt } from '../../parse/tree.js'
import type { LockRequest } from '../scope/lock-request.js'
import type { QueryScope } from '../scope/query-scope.js'
import { analyzeSelect } from './analyze-select.js'
import type { AnalyzedQuery } from './bind-query.js'
import { bindLocking } from './locking-clause.js'
import { analyzeSetOperation } from './set-operation.js'
import { analyzeValues } from './values.js'
import { bindWith } from './with-clause.js'

/** Of a query by its kind: SELECT, VALUES or a set operation. */
export function analyzeByKind(
  scope: QueryScope,
  node: Node | undefined,
  locks: readonly LockRequest[],
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
