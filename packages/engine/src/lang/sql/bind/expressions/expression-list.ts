import type { Expression } from '../../../../plan/expression.js'
import type { Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindExpression } from './bind-expression.js'
import { expandStar, isStar } from './star.js'

/** A list of expressions, `t.*` and `(row).*` in it written out. */
export function bindList(scope: QueryScope, nodes: readonly Node[] | undefined): Expression[] {
  return (nodes ?? []).flatMap((node) =>
    isStar(node)
      ? expandStar(scope, node).map(({ expression }) => expression)
      : [bindExpression(scope, node)],
  )
}
