import type { ArrayExpression } from '../../../../plan/expression.js'
import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import type { A_ArrayExpr } from '../../parse/tree.js'
import { located, locationOf } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { castTo } from '../types/coerce.js'
import { toCommonType } from '../types/common-type.js'
import { bindExpression } from './bind-expression.js'

/** `ARRAY[…]` of the common type of its elements. */
export function bindArrayConstructor(scope: QueryScope, node: A_ArrayExpr): ArrayExpression {
  const { statement } = scope
  const nodes = node.elements ?? []
  if (nodes.length === 0) {
    throw statement.error(
      'indeterminate_datatype',
      'cannot determine type of empty array',
      node.location ?? 0,
      {
        hint: 'Explicitly cast to the desired type, for example ARRAY[]::integer[].',
      },
    )
  }
  const bound = nodes.map((element) => bindExpression(scope, element))
  const { type, expressions } = toCommonType(statement, bound, 'ARRAY')
  const isNested = isArray(type.scalar)
  const array = isNested ? type.scalar : requireArray(statement, type.scalar, node.location)
  return located(
    { kind: 'array', elements: expressions, isNested, type: { scalar: array, modifier: type.modifier } },
    node.location,
  )
}

/** `ARRAY[…]::type[]`: the elements are converted one by one, and there may be none. */
export function bindArrayOf(scope: QueryScope, node: A_ArrayExpr, target: DataType): ArrayExpression {
  const { statement } = scope
  const element = target.scalar.element ?? target.scalar
  const nodes = node.elements ?? []
  const inner = nodes.map((child) =>
    'A_ArrayExpr' in child ? bindArrayOf(scope, child.A_ArrayExpr, target) : bindExpression(scope, child),
  )
  const isNested = inner.some((expression) => isArray(expression.type.scalar))
  const wanted = isNested ? target.scalar : element
  const elements = inner.map((expression) =>
    castTo(statement, expression, { scalar: wanted, modifier: target.modifier }, locationOf(expression)),
  )
  const { scalar, modifier } = target
  return located({ kind: 'array', elements, isNested, type: { scalar, modifier } }, node.location)
}

function isArray(type: ScalarType): boolean {
  return type.element !== undefined && type.oid !== OID.int2vector && type.oid !== OID.oidvector
}

/** The type of arrays of a type. @throws undefined_object */
export function requireArray(
  statement: StatementState,
  element: ScalarType,
  location: number | undefined,
): ScalarType {
  const array = statement.arrayOf(element)
  if (array !== undefined) return array
  throw statement.error(
    'undefined_object',
    `could not find array type for data type ${element.displayName}`,
    location ?? 0,
  )
}
