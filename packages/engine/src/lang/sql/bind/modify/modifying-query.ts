import type { OrbitError } from '@orbit-ts/base'
import type { Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { BoundQuery } from '../select/bind-query.js'
import { bindInsert } from './insert.js'
import { bindMerge } from './merge.js'
import type { BoundChange } from './returning.js'
import { bindDelete, bindUpdate } from './update.js'

export function isModifyingNode(node: Node): boolean {
  return 'InsertStmt' in node || 'UpdateStmt' in node || 'DeleteStmt' in node || 'MergeStmt' in node
}

/** A statement that changes rows; undefined for others. */
export function bindChange(scope: QueryScope, node: Node): BoundChange | undefined {
  if ('InsertStmt' in node) return bindInsert(scope, node.InsertStmt)
  if ('UpdateStmt' in node) return bindUpdate(scope, node.UpdateStmt)
  if ('DeleteStmt' in node) return bindDelete(scope, node.DeleteStmt)
  if ('MergeStmt' in node) return bindMerge(scope, node.MergeStmt)
  return undefined
}

/** Such a statement in a WITH clause, which others can read when it gives rows back. */
export function bindModifyingQuery(
  scope: QueryScope,
  node: Node,
  name: string,
): { readonly query: BoundQuery; readonly refusal?: (location: number) => OrbitError } {
  const change = bindChange(scope, node)
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
