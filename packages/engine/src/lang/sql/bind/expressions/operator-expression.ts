import type { Expression } from '../../../../plan/expression.js'
import { itemsOf, type A_Expr, type Node } from '../../parse/tree.js'
import { operatorCall, quantifiedCall } from '../calls/operator-call.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindExpression } from './bind-expression.js'
import { allOf, anyOf } from './boolean.js'
import { bindDistinct } from './distinct.js'
import { bindIn } from './in-list.js'
import { bindNullIf } from './null-if.js'
import { compareRows } from './row-comparison.js'
import { bindRow } from './row.js'
import { compareWithSubquery } from './row-subquery.js'

/** Everything that the grammar writes as an operator between two expressions. */
export function bindOperatorExpression(scope: QueryScope, node: A_Expr): Expression {
  switch (node.kind) {
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL':
      return quantifiedCall(
        scope.statement,
        node.name,
        node.kind === 'AEXPR_OP_ANY' ? 'any' : 'all',
        bindExpression(scope, node.lexpr),
        bindExpression(scope, node.rexpr),
        node.location ?? 0,
      )
    case 'AEXPR_DISTINCT':
    case 'AEXPR_NOT_DISTINCT':
      return bindDistinct(scope, node)
    case 'AEXPR_NULLIF':
      return bindNullIf(scope, node)
    case 'AEXPR_IN':
      return bindIn(scope, node)
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
    case 'AEXPR_NOT_BETWEEN_SYM':
      return bindBetween(scope, node)
    default:
      return bindChain(scope, node)
  }
}

/** `a + b + c + …` is nested to the left as deep as it is long: bound in a loop, not by recursion. */
function bindChain(scope: QueryScope, node: A_Expr): Expression {
  const chain: A_Expr[] = []
  let left: Node | undefined = { A_Expr: node }
  while (left !== undefined && 'A_Expr' in left && isPlain(left.A_Expr) && !isRowComparison(left.A_Expr)) {
    chain.push(left.A_Expr)
    left = left.A_Expr.lexpr
  }
  if (chain.length === 0) return bindRowComparison(scope, node)
  let bound = left === undefined ? undefined : bindExpression(scope, left)
  for (const link of chain.reverse()) {
    const right = bindExpression(scope, link.rexpr)
    bound = operatorCall(scope.statement, link.name, bound, right, link.location ?? 0)
  }
  return bound ?? bindRowComparison(scope, node)
}

function isPlain(node: A_Expr): boolean {
  switch (node.kind) {
    case 'AEXPR_OP':
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
    case 'AEXPR_SIMILAR':
    case undefined:
      return true
    default:
      return false
  }
}

/** `(a, b) < (c, d)`, `(a, b) = (SELECT …)`. */
function isRowComparison({ lexpr, rexpr }: A_Expr): boolean {
  if (lexpr === undefined || rexpr === undefined || !('RowExpr' in lexpr)) return false
  return 'RowExpr' in rexpr || isScalarSubquery(rexpr)
}

function isScalarSubquery(node: Node): boolean {
  return 'SubLink' in node && node.SubLink.subLinkType === 'EXPR_SUBLINK'
}

function bindRowComparison(scope: QueryScope, node: A_Expr): Expression {
  const { lexpr, rexpr, location = 0 } = node
  if (lexpr === undefined || !('RowExpr' in lexpr)) return bindExpression(scope, rexpr)
  const left = bindRow(scope, lexpr.RowExpr)
  if (rexpr !== undefined && 'SubLink' in rexpr) {
    return compareWithSubquery(scope, node.name, left.args, rexpr.SubLink, location)
  }
  const right = bindExpression(scope, rexpr)
  if (right.kind !== 'row') return operatorCall(scope.statement, node.name, left, right, location)
  return compareRows(scope.statement, node.name, left.args, right.args, location)
}

/** The grammar hands on three expressions; the first is bound for each comparison. */
function bindBetween(scope: QueryScope, node: A_Expr): Expression {
  const { location = 0, lexpr } = node
  const [low, high] = itemsOf(node.rexpr)
  const compare = (sign: string, bound: Node | undefined): Expression =>
    bindOperatorExpression(scope, {
      kind: 'AEXPR_OP',
      name: [{ String: { sval: sign } }],
      location,
      ...(lexpr === undefined ? {} : { lexpr }),
      ...(bound === undefined ? {} : { rexpr: bound }),
    })
  const { statement } = scope
  const inside = (from: Node | undefined, to: Node | undefined): Expression =>
    allOf(statement, [compare('>=', from), compare('<=', to)], 'AND')
  const outside = (from: Node | undefined, to: Node | undefined): Expression =>
    anyOf(statement, [compare('<', from), compare('>', to)], 'OR')
  switch (node.kind) {
    case 'AEXPR_BETWEEN':
      return inside(low, high)
    case 'AEXPR_NOT_BETWEEN':
      return outside(low, high)
    case 'AEXPR_BETWEEN_SYM':
      return anyOf(statement, [inside(low, high), inside(high, low)], 'OR')
    default:
      return allOf(statement, [outside(low, high), outside(high, low)], 'AND')
  }
}
