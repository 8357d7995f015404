import type { CaseExpression, Expression } from '../../../../plan/expression.js'
import type { A_Expr } from '../../parse/tree.js'
import { operatorCall } from '../calls/operator-call.js'
import { located } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindExpression } from './bind-expression.js'

/** `NULLIF(a, b)`: null when they are equal, else the first as the operator took it. */
export function bindNullIf(scope: QueryScope, node: A_Expr): CaseExpression {
  const { statement } = scope
  const { location = 0 } = node
  const left = bindExpression(scope, node.lexpr)
  const right = bindExpression(scope, node.rexpr)
  const condition = operatorCall(statement, node.name, left, right, location)
  if (condition.type.scalar.oid !== OID.bool) {
    throw statement.error('datatype_mismatch', 'NULLIF requires = operator to yield boolean', location)
  }
  const value: Expression = condition.args[0] ?? left
  const nothing: Expression = { kind: 'constant', value: null, type: value.type }
  return located(
    { kind: 'case', branches: [{ condition, result: nothing }], otherwise: value, type: value.type },
    location,
  )
}
