import type { CallExpression, Expression, QuantifiedExpression } from '../../../../plan/expression.js'
import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import type { Operator } from '../../../../scalar/functions/function.js'
import { leftmost, note, retyped } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { coerce } from '../types/coerce.js'
import {
  deriveCollation,
  noteDerivation,
  requireCollation,
  typeWith,
  withCollation,
} from '../types/collations.js'
import { isMismatch, resolvePolymorphic, type Resolution } from '../types/polymorphic.js'
import type { Node } from '../../parse/tree.js'
import { findOperator } from './find-operator.js'

/** `left name right`, or `name right`. */
export function operatorCall(
  statement: StatementState,
  names: readonly Node[] | undefined,
  left: Expression | undefined,
  right: Expression,
  location: number | undefined,
): CallExpression {
  const operator = findOperator(statement, names, left?.type.scalar, right.type.scalar, location)
  return callOperator(statement, operator, left, right, location)
}

/** `left name right` for an operator that the rules of the language name. */
export function namedOperatorCall(
  statement: StatementState,
  name: string,
  left: Expression | undefined,
  right: Expression,
  location: number | undefined,
): CallExpression {
  return operatorCall(statement, [{ String: { sval: name } }], left, right, location)
}

/** Calls an operator that has been found for the types of its operands. */
export function callOperator(
  statement: StatementState,
  operator: Operator,
  left: Expression | undefined,
  right: Expression,
  location: number | undefined,
): CallExpression {
  const operands = left === undefined ? [right] : [left, right]
  const { parameters, result } = operandTypes(statement, operator, operands, location)
  const coerced = operands.map((operand, index) => coerceTo(statement, operand, parameters[index]))
  const derived = deriveCollation(statement, coerced)
  if (operator.comparison !== undefined) requireCollation(statement, derived, location)
  const args = withCollation(coerced, derived)
  const types = args.map((arg) => arg.type)
  const plain: DataType = operator.function.resultOf?.(types) ?? { scalar: result, modifier: -1 }
  const call: CallExpression = {
    kind: 'call',
    function: operator.function,
    args,
    operator,
    type: typeWith(plain, derived.collation),
  }
  const start = leftmost(operands, location)
  return noteDerivation(start === undefined ? call : note(call, { location: start }), derived)
}

/** The types that an operator takes its operands in, and what it gives. */
function operandTypes(
  statement: StatementState,
  operator: Operator,
  operands: readonly Expression[],
  location: number | undefined,
): Resolution {
  const declared = operator.left === undefined ? [operator.right] : [operator.left, operator.right]
  const actual = operands.map((operand) => operand.type.scalar)
  const resolution = resolvePolymorphic(statement, declared, actual, operator.function.result)
  if (!isMismatch(resolution)) return resolution
  throw statement.error(
    'datatype_mismatch',
    resolution.message,
    location,
    resolution.detail === undefined ? {} : { detail: resolution.detail },
  )
}

/** An argument as one of its parameter's type. */
export function coerceTo(
  statement: StatementState,
  expression: Expression,
  scalar: ScalarType | undefined,
): Expression {
  if (scalar === undefined) return expression
  return coerce(statement, expression, { scalar, modifier: -1 }, 'implicit')
}

/** `left op ANY (array)`, `left op ALL (array)`. */
export function quantifiedCall(
  statement: StatementState,
  names: readonly Node[] | undefined,
  quantifier: 'any' | 'all',
  left: Expression,
  right: Expression,
  location: number | undefined,
): QuantifiedExpression {
  const array = right.type.scalar
  const element = array.oid === OID.unknown ? array : array.element
  if (element === undefined) {
    throw statement.error('wrong_object_type', 'op ANY/ALL (array) requires array on right side', location)
  }
  const operator = findOperator(statement, names, left.type.scalar, element, location)
  if (operator.function.result.oid !== OID.bool) {
    throw statement.error(
      'wrong_object_type',
      'op ANY/ALL (array) requires operator to yield boolean',
      location,
    )
  }
  return callQuantified(statement, operator, quantifier, left, right, location)
}

function callQuantified(
  statement: StatementState,
  operator: Operator,
  quantifier: 'any' | 'all',
  left: Expression,
  right: Expression,
  location: number | undefined,
): QuantifiedExpression {
  const [leftType, elementType] = quantifiedTypes(statement, operator, left, right, location)
  const arrayType = elementType && statement.arrayOf(elementType)
  if (arrayType === undefined) {
    throw statement.error(
      'undefined_object',
      `could not find array type for data type ${elementType?.displayName ?? 'unknown'}`,
      location,
    )
  }
  const coerced = [coerceTo(statement, left, leftType), coerceTo(statement, right, arrayType)]
  const derived = deriveCollation(statement, coerced)
  requireCollation(statement, derived, location)
  const [first = left, second = right] = withCollation(coerced, derived)
  const start = leftmost([left], location)
  return note(
    {
      kind: 'quantified',
      quantifier,
      operator,
      left: first,
      right: second,
      type: statement.type(OID.bool),
    },
    start === undefined ? {} : { location: start },
  )
}

function quantifiedTypes(
  statement: StatementState,
  operator: Operator,
  left: Expression,
  right: Expression,
  location: number | undefined,
): readonly (ScalarType | undefined)[] {
  const element = right.type.scalar.element ?? right.type.scalar
  const sample: Expression = retyped(right, { scalar: element, modifier: -1 })
  return operandTypes(statement, operator, [left, sample], location).parameters
}
