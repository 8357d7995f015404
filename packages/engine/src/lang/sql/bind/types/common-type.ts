/** The type that several expressions are brought to: of UNION, CASE, VALUES, ARRAY, IN, COALESCE… */
import type { Expression } from '../../../../plan/expression.js'
import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import { locationOf } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { canConvert } from './can-convert.js'
import { coerce } from './coerce.js'

/**
 * The common type, without modifier unless all have the same.
 * @param what named by the error: `UNION`, `CASE`
 * @throws datatype_mismatch when types of different categories meet
 */
export function commonType(
  statement: StatementState,
  expressions: readonly Expression[],
  what: string,
): DataType {
  const scalar = chooseCommon(
    statement,
    expressions.map((expression) => expression.type.scalar),
    (one, other, index) => {
      const expression = expressions[index]
      return statement.error(
        'datatype_mismatch',
        `${what} types ${one.displayName} and ${other.displayName} cannot be matched`,
        expression && locationOf(expression),
      )
    },
  )
  const [first] = expressions
  const isSame = expressions.every(
    ({ type }) => type.scalar.oid === scalar.oid && type.modifier === first?.type.modifier,
  )
  return { scalar, modifier: isSame ? (first?.type.modifier ?? -1) : -1 }
}

/** As {@link commonType}, for types alone; undefined when there is none. */
export function commonScalar(
  statement: StatementState,
  types: readonly ScalarType[],
): ScalarType | undefined {
  const none = new Error('no common type')
  try {
    const chosen = chooseCommon(statement, types, () => none)
    return types.every((type) => canConvert(statement, type, chosen, 'implicit')) ? chosen : undefined
  } catch (error) {
    if (error === none) return undefined
    throw error
  }
}

function chooseCommon(
  statement: StatementState,
  types: readonly ScalarType[],
  mismatch: (one: ScalarType, other: ScalarType, index: number) => Error,
): ScalarType {
  const [first] = types
  let chosen = first ?? statement.scalar(OID.text)
  for (const [index, type] of types.entries()) {
    if (type.oid === OID.unknown || type.oid === chosen.oid) continue
    if (chosen.oid === OID.unknown) chosen = type
    else if (type.category !== chosen.category) throw mismatch(chosen, type, index)
    else if (
      !chosen.isPreferred &&
      canConvert(statement, chosen, type, 'implicit') &&
      !canConvert(statement, type, chosen, 'implicit')
    ) {
      chosen = type
    }
  }
  return chosen.oid === OID.unknown ? statement.scalar(OID.text) : chosen
}

/** Brings an expression to the common type. @throws cannot_coerce */
export function coerceToCommon(
  statement: StatementState,
  expression: Expression,
  type: DataType,
  what: string,
): Expression {
  const source = expression.type.scalar
  if (source.oid === type.scalar.oid) return expression
  if (!canConvert(statement, source, type.scalar, 'implicit')) {
    throw statement.error(
      'cannot_coerce',
      `${what} could not convert type ${source.displayName} to ${type.scalar.displayName}`,
      locationOf(expression),
    )
  }
  return coerce(statement, expression, { scalar: type.scalar, modifier: -1 }, 'implicit')
}

/** Finds the common type of expressions and brings them to it. */
export function toCommonType(
  statement: StatementState,
  expressions: readonly Expression[],
  what: string,
): { readonly type: DataType; readonly expressions: readonly Expression[] } {
  const type = commonType(statement, expressions, what)
  return {
    type,
    expressions: expressions.map((expression) => coerceToCommon(statement, expression, type, what)),
  }
}
