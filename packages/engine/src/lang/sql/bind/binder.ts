/**
 * The parts of the binder that lead back to one another: a query holds expressions and an expression queries, a join
 * entries of FROM, WITH statements that have a WITH of their own. Each calls the others through this, and so imports none.
 */
import type { Expression } from '../../../plan/expression.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Node } from '../parse/tree.js'
import type { StatementState } from './context/statement-state.js'
import type { BoundFrom } from './from/from-tree.js'
import type { BoundChange } from './modify/returning.js'
import type { LockRequest } from './scope/lock-request.js'
import type { QueryScope } from './scope/query-scope.js'
import type { AnalyzedQuery } from './select/bind-query.js'

export interface Binder {
  expression(scope: QueryScope, node: Node | undefined): Expression
  /** A call, that the rules of the language ask for, of a function with a known name. */
  call(scope: QueryScope, name: string, args: readonly Expression[], location: number | undefined): Expression
  query(scope: QueryScope, node: Node | undefined, locks: readonly LockRequest[]): AnalyzedQuery
  fromEntry(scope: QueryScope, node: Node): BoundFrom
  /** The condition of a domain over its value, a column with the id 0. */
  domainCheck(statement: StatementState, sql: string, type: DataType): Expression
  /** A statement that changes rows; undefined for others. */
  change(scope: QueryScope, node: Node): BoundChange | undefined
}
