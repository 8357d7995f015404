import type { Expression } from '../../../../plan/expression.js'
import type { TypeCast } from '../../parse/tree.js'
import { factsOf, leftmost, note } from '../context/facts.js'
import type { QueryScope } from '../scope/query-scope.js'
import { castTo } from '../types/coerce.js'
import { bindTypeName } from '../types/type-names.js'
import { bindArrayOf } from './array-constructor.js'
import { bindExpression } from './bind-expression.js'

/** `CAST(x AS type)`, `x::type`, `type 'literal'`. */
export function bindCast(scope: QueryScope, node: TypeCast): Expression {
  const { statement } = scope
  const target = bindTypeName(statement, node.typeName)
  const location =
    node.location === undefined || node.location >= 0 ? (node.location ?? 0) : (node.typeName?.location ?? 0)
  const { arg } = node
  if (arg !== undefined && 'A_ArrayExpr' in arg && target.scalar.element !== undefined) {
    const array = bindArrayOf(scope, arg.A_ArrayExpr, target)
    return castTo(statement, array, target, location)
  }
  const expression = bindExpression(scope, arg)
  const cast = castTo(statement, expression, target, location)
  // A cast is not the column any more, even where nothing changes.
  const start = leftmost([expression], location)
  const copy: Expression = cast === expression ? { ...cast } : cast
  const { collation } = factsOf(expression)
  return note(copy, {
    ...(start === undefined ? {} : { location: start }),
    ...(collation === undefined ? {} : { collation }),
  })
}
