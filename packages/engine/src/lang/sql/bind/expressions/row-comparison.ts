/** Rows compared field by field, as SQL defines it: a null leaves open only what the fields before it did not decide. */
import type { CallExpression, Expression } from '../../../../plan/expression.js'
import type { Comparison } from '../../../../scalar/functions/function.js'
import type { Node } from '../../parse/tree.js'
import { operatorName } from '../calls/find-operator.js'
import { namedOperatorCall, operatorCall } from '../calls/operator-call.js'
import { leftmost, note } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { allOf, anyOf } from './boolean.js'

export function compareRows(
  statement: StatementState,
  names: readonly Node[] | undefined,
  left: readonly Expression[],
  right: readonly Expression[],
  location: number,
): Expression {
  if (left.length !== right.length) {
    throw statement.error('syntax_error', 'unequal number of entries in row expressions', location)
  }
  if (left.length === 0) {
    throw statement.error('feature_not_supported', 'cannot compare rows of zero length', location)
  }
  const calls = left.map((arg, index) => {
    const call = operatorCall(statement, names, arg, right[index] ?? arg, location)
    if (call.type.scalar.oid === OID.bool) return call
    throw statement.error(
      'datatype_mismatch',
      `row comparison operator must yield type boolean, not type ${call.type.scalar.displayName}`,
      location,
    )
  })
  const compared = combine(statement, operatorName(statement, names, location), calls, location)
  const start = leftmost(left, location)
  return start === undefined ? compared : note(compared, { location: start })
}

function combine(
  statement: StatementState,
  name: string,
  calls: readonly CallExpression[],
  location: number,
): Expression {
  const [only] = calls
  if (only !== undefined && calls.length === 1) return only
  switch (comparisonOf(calls)) {
    case 'eq':
      return allOf(statement, calls, 'AND')
    case 'ne':
      return anyOf(statement, calls, 'OR')
    case 'lt':
    case 'gt':
    case 'le':
    case 'ge':
      return inOrder(statement, name, calls, location)
    case undefined:
      throw statement.error(
        'feature_not_supported',
        `could not determine interpretation of row comparison operator ${name}`,
        location,
        { hint: 'Row comparison operators must be associated with btree operator families.' },
      )
  }
}

function comparisonOf(calls: readonly CallExpression[]): Comparison | undefined {
  const comparison = calls[0]?.operator?.comparison
  return calls.every((call) => call.operator?.comparison === comparison) ? comparison : undefined
}

/** `(a, b) <= (c, d)`: `a < c OR (a = c AND b <= d)`. */
function inOrder(
  statement: StatementState,
  name: string,
  calls: readonly CallExpression[],
  location: number,
): Expression {
  const strict = name.replace('=', '')
  const against = (sign: string, call: CallExpression): Expression => {
    const [left, right] = call.args
    return left === undefined || right === undefined
      ? call
      : namedOperatorCall(statement, sign, left, right, location)
  }
  let result: Expression | undefined
  for (const call of [...calls].reverse()) {
    result =
      result === undefined
        ? call
        : anyOf(
            statement,
            [against(strict, call), allOf(statement, [against('=', call), result], 'AND')],
            'OR',
          )
  }
  return result ?? { kind: 'constant', value: null, type: statement.type(OID.bool) }
}
