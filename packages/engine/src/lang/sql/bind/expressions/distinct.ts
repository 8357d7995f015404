import type { DistinctExpression, Expression } from '../../../../plan/expression.js'
import type { A_Expr, Node } from '../../parse/tree.js'
import { namedOperatorCall } from '../calls/operator-call.js'
import { located } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { bindExpression } from './bind-expression.js'
import { anyOf, negate } from './boolean.js'

/** `IS [NOT] DISTINCT FROM`, of rows field by field. */
export function bindDistinct(scope: QueryScope, node: A_Expr): Expression {
  const { statement } = scope
  const { location = 0 } = node
  const isNegated = node.kind === 'AEXPR_NOT_DISTINCT'
  if (isNull(node.rexpr)) return nullTest(scope, node.lexpr, !isNegated, location)
  if (isNull(node.lexpr)) return nullTest(scope, node.rexpr, !isNegated, location)
  const left = bindExpression(scope, node.lexpr)
  const right = bindExpression(scope, node.rexpr)
  if (left.kind !== 'row' || right.kind !== 'row')
    return distinct(statement, left, right, isNegated, location)
  if (left.args.length !== right.args.length) {
    throw statement.error('syntax_error', 'unequal number of entries in row expressions', location)
  }
  const fields = left.args.map((arg, index) => {
    const other = right.args[index] ?? arg
    return distinct(statement, arg, other, false, location)
  })
  if (fields.length === 0) {
    return located({ kind: 'constant', value: isNegated, type: statement.type(OID.bool) }, location)
  }
  const differs = anyOf(statement, fields, 'IS DISTINCT FROM')
  return located(isNegated ? negate(statement, differs) : differs, location)
}

function isNull(node: Node | undefined): boolean {
  return node !== undefined && 'A_Const' in node && node.A_Const.isnull === true
}

function nullTest(
  scope: QueryScope,
  node: Node | undefined,
  isNegated: boolean,
  location: number,
): Expression {
  const arg = bindExpression(scope, node)
  return located(
    { kind: 'test', test: 'null', isNegated, arg, type: scope.statement.type(OID.bool) },
    location,
  )
}

function distinct(
  statement: StatementState,
  left: Expression,
  right: Expression,
  isNegated: boolean,
  location: number,
): DistinctExpression {
  const equality = namedOperatorCall(statement, '=', left, right, location)
  const { operator } = equality
  const [first = left, second = right] = equality.args
  if (operator === undefined || equality.type.scalar.oid !== OID.bool) {
    throw statement.error(
      'datatype_mismatch',
      'IS DISTINCT FROM requires = operator to yield boolean',
      location,
    )
  }
  return located(
    {
      kind: 'distinct',
      isNegated,
      equals: operator,
      left: first,
      right: second,
      type: statement.type(OID.bool),
    },
    location,
  )
}
