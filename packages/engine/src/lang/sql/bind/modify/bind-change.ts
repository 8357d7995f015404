import type { Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindInsert } from './insert.js'
import { bindMerge } from './merge.js'
import type { BoundChange } from './returning.js'
import { bindDelete, bindUpdate } from './update.js'

/** A statement that changes rows; undefined for others. */
export function bindChange(scope: QueryScope, node: Node): BoundChange | undefined {
  if ('InsertStmt' in node) return bindInsert(scope, node.InsertStmt)
  if ('UpdateStmt' in node) return bindUpdate(scope, node.UpdateStmt)
  if ('DeleteStmt' in node) return bindDelete(scope, node.DeleteStmt)
  if ('MergeStmt' in node) return bindMerge(scope, node.MergeStmt)
  return undefined
}
