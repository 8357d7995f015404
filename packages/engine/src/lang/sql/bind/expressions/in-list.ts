import type { ArrayExpression, Expression } from '../../../../plan/expression.js'
import { itemsOf, type A_Expr } from '../../parse/tree.js'
import { operatorCall, quantifiedCall } from '../calls/operator-call.js'
import { leftmost, note } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { canCoerce } from '../types/can-coerce.js'
import { coerce } from '../types/coerce.js'
import { commonScalar } from '../types/common-type.js'
import { bindExpression } from './bind-expression.js'
import { allOf, anyOf } from './boolean.js'
import { compareRows } from './row-comparison.js'

/**
 * `a IN (b, c, …)`: values that do not depend on the row are searched as one array; what depends on it, and rows, are
 * compared one by one.
 */
export function bindIn(scope: QueryScope, node: A_Expr): Expression {
  const { statement } = scope
  const { location = 0 } = node
  const isNegated = (node.name?.[0] && 'String' in node.name[0] && node.name[0].String.sval) === '<>'
  const left = bindExpression(scope, node.lexpr)
  const values = itemsOf(node.rexpr).map((item) => {
    const { result, met } = scope.watch(() => bindExpression(scope, item))
    const isFixed = met.deepestColumn < scope.depth && met.deepestAggregate < scope.depth
    return { expression: result, isFixed }
  })
  const hasRows = left.kind === 'row' || values.some(({ expression }) => expression.kind === 'row')
  const fixed = hasRows ? [] : values.filter(({ isFixed }) => isFixed).map(({ expression }) => expression)
  const conditions: Expression[] = []
  const array = fixed.length > 1 ? arrayOf(statement, left, fixed) : undefined
  if (array !== undefined) {
    conditions.push(quantifiedCall(statement, node.name, isNegated ? 'all' : 'any', left, array, location))
  }
  for (const { expression, isFixed } of values) {
    if (array !== undefined && isFixed) continue
    conditions.push(compare(statement, node, left, expression, location))
  }
  const whole = (isNegated ? allOf : anyOf)(statement, conditions, 'IN')
  const start = leftmost([left], location)
  return start === undefined ? whole : note(whole, { location: start })
}

function compare(
  statement: StatementState,
  node: A_Expr,
  left: Expression,
  right: Expression,
  location: number,
): Expression {
  if (left.kind === 'row' && right.kind === 'row') {
    return compareRows(statement, node.name, left.args, right.args, location)
  }
  return operatorCall(statement, node.name, left, right, location)
}

/** The values as an array of the type that they and the left side have in common; undefined when there is none. */
function arrayOf(
  statement: StatementState,
  left: Expression,
  values: readonly Expression[],
): ArrayExpression | undefined {
  const scalar = commonScalar(
    statement,
    [left, ...values].map(({ type }) => type.scalar),
  )
  if (scalar === undefined || scalar.oid === OID.record) return undefined
  const array = statement.arrayOf(scalar)
  if (array === undefined) return undefined
  if (!values.every(({ type }) => canCoerce(statement, [type.scalar], [scalar], 'implicit'))) return undefined
  return {
    kind: 'array',
    isNested: false,
    elements: values.map((value) => coerce(statement, value, { scalar, modifier: -1 }, 'implicit')),
    type: { scalar: array, modifier: -1 },
  }
}
