import type { OrbitError } from '@orbit-ts/base'
import type { Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { BoundQuery } from './bind-query.js'

export function isModifyingNode(node: Node): boolean {
  return 'InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node || 'MergeStmt' in node
}

/** A statement that changes rows in a WITH clause, which others can read when it gives rows back. */
export function bindModifyingQuery(
  scope: QueryScope,
  node: Node,
  name: string,
): { readonly query: BoundQuery; readonly refusal?: (location: number) => OrbitError } {
  const change = scope.statement.binder.change(scope, node)
  if (change === undefined) throw scope.statement.unsupported('the statement in WITH')
  const { plan, columns } = change
  if ('MergeStmt' in node) throw scope.statement.unsupported('MERGE in WITH')
  if (columns !== undefined) return { query: { plan, columns } }
  return {
    query: { plan, columns: [] },
    refusal: (location) =>
      scope.statement.error(
        'feature_not_supported',
        `WITH query "${name}" does not have a RETURNING clause`,
        location,
      ),
  }
}
