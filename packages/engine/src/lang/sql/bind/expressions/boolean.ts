import type { AndOrExpression, Expression, TestExpression } from '../../../../plan/expression.js'
import type { BooleanTest, BoolExpr, NullTest } from '../../parse/tree.js'
import { leftmost, located, note } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { coerceToBoolean } from '../types/coerce.js'
import { bindExpression } from './bind-expression.js'
import { bindNotIn } from './subquery.js'

export function bindBoolean(scope: QueryScope, node: BoolExpr): Expression {
  const { statement } = scope
  if (node.boolop === 'NOT_EXPR') {
    const [inner] = node.args ?? []
    const notIn = bindNotIn(scope, inner)
    if (notIn !== undefined) return notIn
    const arg = bindExpression(scope, inner)
    return located(negate(statement, coerceToBoolean(statement, arg, 'NOT')), node.location)
  }
  const args = (node.args ?? []).map((arg) => bindExpression(scope, arg))
  return node.boolop === 'OR_EXPR' ? anyOf(statement, args, 'OR') : allOf(statement, args, 'AND')
}

export function negate(statement: StatementState, arg: Expression): Expression {
  return { kind: 'not', arg, type: statement.type(OID.bool) }
}

/** @param what how errors call it */
export function allOf(statement: StatementState, args: readonly Expression[], what: string): Expression {
  return join(statement, 'and', args, what)
}

export function anyOf(statement: StatementState, args: readonly Expression[], what: string): Expression {
  return join(statement, 'or', args, what)
}

function join(
  statement: StatementState,
  kind: 'and' | 'or',
  args: readonly Expression[],
  what: string,
): Expression {
  const conditions = args.map((arg) => coerceToBoolean(statement, arg, what))
  const [only] = conditions
  if (only !== undefined && conditions.length === 1) return only
  const joined: AndOrExpression = { kind, args: conditions, type: statement.type(OID.bool) }
  const location = leftmost(args)
  return location === undefined ? joined : note(joined, { location })
}

export function bindNullTest(scope: QueryScope, node: NullTest): TestExpression {
  return located(
    {
      kind: 'test',
      test: 'null',
      isNegated: node.nulltesttype === 'IS_NOT_NULL',
      arg: bindExpression(scope, node.arg),
      type: scope.statement.type(OID.bool),
    },
    node.location,
  )
}

const TESTS = {
  IS_TRUE: ['true', false, 'IS TRUE'],
  IS_NOT_TRUE: ['true', true, 'IS NOT TRUE'],
  IS_FALSE: ['false', false, 'IS FALSE'],
  IS_NOT_FALSE: ['false', true, 'IS NOT FALSE'],
  IS_UNKNOWN: ['unknown', false, 'IS UNKNOWN'],
  IS_NOT_UNKNOWN: ['unknown', true, 'IS NOT UNKNOWN'],
} as const

export function bindBooleanTest(scope: QueryScope, node: BooleanTest): TestExpression {
  const { statement } = scope
  const [test, isNegated, what] = TESTS[node.booltesttype ?? 'IS_TRUE']
  const arg = coerceToBoolean(statement, bindExpression(scope, node.arg), what)
  return located({ kind: 'test', test, isNegated, arg, type: statement.type(OID.bool) }, node.location)
}
