import type { Expression, SubscriptExpression } from '../../../../plan/expression.js'
import type { DataType } from '../../../../scalar/data-type.js'
import { scalar } from '../../../../scalar/functions/define/scalar-function.js'
import { stringOf, type A_Indices, type A_Indirection, type Node } from '../../parse/tree.js'
import { locationOf, note } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { canCoerce } from '../types/can-coerce.js'
import { coerce, tryCoerce } from '../types/coerce.js'
import { bindExpression } from './bind-expression.js'
import { bindField } from './field.js'

const DIMENSIONS_MAX = 6

/** `(x).field`, `x[1]`, `x[1:2][3]`, one after another. */
export function bindIndirection(scope: QueryScope, node: A_Indirection): Expression {
  let expression = bindExpression(scope, node.arg)
  let subscripts: A_Indices[] = []
  const flush = (): void => {
    const [only, ...others] = subscripts
    const isOfName = expression.type.scalar.oid === OID.name && others.length === 0 && only?.is_slice !== true
    if (only !== undefined && isOfName) expression = subscriptName(scope, expression, only)
    else if (only !== undefined) expression = bindSubscripts(scope, expression, subscripts)
    subscripts = []
  }
  for (const step of node.indirection ?? []) {
    if ('A_Indices' in step) {
      subscripts.push(step.A_Indices)
      continue
    }
    flush()
    const name = stringOf(step)
    if (name === undefined) {
      throw scope.statement.error(
        'syntax_error',
        'row expansion via "*" is not supported here',
        locationOf(expression),
      )
    }
    expression = bindField(scope, expression, name, locationOf(expression))
  }
  flush()
  return expression
}

/** Subscripts one after another, which are one access: `a[1][2]`. */
export function bindSubscripts(
  scope: QueryScope,
  container: Expression,
  nodes: readonly A_Indices[],
): SubscriptExpression {
  const { statement } = scope
  const { scalar } = container.type
  const location = locationOf(container)
  if (scalar.oid === OID.jsonb)
    return note(subscriptJson(scope, container, nodes), { location: location ?? 0 })
  const { element } = scalar
  if (element === undefined) {
    throw statement.error(
      'datatype_mismatch',
      `cannot subscript type ${scalar.displayName} because it does not support subscripting`,
      location,
    )
  }
  if (nodes.length > DIMENSIONS_MAX) {
    throw statement.error(
      'program_limit_exceeded',
      `number of array dimensions (${nodes.length}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
    )
  }
  const isSlice = nodes.some((node) => node.is_slice === true)
  const type: DataType = isSlice ? container.type : elementType(container.type)
  const subscripts = nodes.map((node) => {
    const upper = bindSubscript(scope, node.uidx)
    if (node.is_slice === true) return { lower: bindSubscript(scope, node.lidx), upper }
    return { lower: isSlice ? one(scope) : undefined, upper }
  })
  return note({ kind: 'subscript', arg: container, isSlice, subscripts, type }, { location: location ?? 0 })
}

const characterAt = scalar(
  '0 name_subscript(name,int4) char',
  (_, text: string, at: number) => text[at] ?? null,
)

/** A character of a name, counted from 0. */
function subscriptName(scope: QueryScope, arg: Expression, { uidx }: A_Indices): Expression {
  const args = [arg, bindSubscript(scope, uidx) ?? one(scope)]
  return { kind: 'call', function: characterAt, args, type: scope.statement.type(OID.char) }
}

function elementType(type: DataType): DataType {
  const { scalar, modifier, collation } = type
  const element = scalar.element ?? scalar
  return collation === undefined ? { scalar: element, modifier } : { scalar: element, modifier, collation }
}

function one(scope: QueryScope): Expression {
  return { kind: 'constant', value: 1, type: scope.statement.type(OID.int4) }
}

function bindSubscript(scope: QueryScope, node: Node | undefined): Expression | undefined {
  if (node === undefined) return undefined
  const { statement } = scope
  const bound = bindExpression(scope, node)
  const coerced = tryCoerce(statement, bound, statement.type(OID.int4), 'assignment')
  if (coerced !== undefined) return coerced
  throw statement.error('datatype_mismatch', 'array subscript must have type integer', locationOf(bound))
}

function subscriptJson(
  scope: QueryScope,
  container: Expression,
  nodes: readonly A_Indices[],
): SubscriptExpression {
  const { statement } = scope
  const subscripts = nodes.map((node) => {
    const upper = bindExpression(scope, node.uidx)
    if (node.is_slice === true) {
      throw statement.error('datatype_mismatch', 'jsonb subscript does not support slices', locationOf(upper))
    }
    return { lower: undefined, upper: jsonKey(scope, upper) }
  })
  return { kind: 'subscript', arg: container, isSlice: false, subscripts, type: container.type }
}

/** A position or a key. */
function jsonKey(scope: QueryScope, expression: Expression): Expression {
  const { statement } = scope
  const { scalar } = expression.type
  if (scalar.oid === OID.unknown) return coerce(statement, expression, statement.type(OID.text), 'implicit')
  const targets = [OID.int4, OID.text].filter((oid) =>
    canCoerce(statement, [scalar], [statement.scalar(oid)], 'implicit'),
  )
  const [target] = targets
  if (target === undefined || targets.length > 1) {
    throw statement.error(
      'datatype_mismatch',
      `subscript type ${scalar.displayName} is not supported`,
      locationOf(expression),
      {
        hint:
          targets.length > 1
            ? 'jsonb subscript must be coercible to only one type, integer or text.'
            : 'jsonb subscript must be coercible to either integer or text.',
      },
    )
  }
  return coerce(statement, expression, statement.type(target), 'implicit')
}
