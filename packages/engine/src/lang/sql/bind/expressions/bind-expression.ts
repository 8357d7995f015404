import type { Expression } from '../../../../plan/expression.js'
import type { Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'

/** From a tree of an expression to a bound one; without a tree an untyped null. */
export function bindExpression(scope: QueryScope, node: Node | undefined): Expression {
  return scope.statement.binder.expression(scope, node)
}

/** As {@link bindExpression}, in another clause. */
export function bindIn(scope: QueryScope, clause: QueryScope['clause'], node: Node | undefined): Expression {
  return scope.in(clause, () => bindExpression(scope, node))
}
