import type { CastExpression, ConstantExpression, Expression } from '../../../../plan/expression.js'
import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import type { CastContext } from '../../../../scalar/functions/function.js'
import { factsOf, locationOf, note, retyped } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { asDomain } from './domain-check.js'
import { isComposite } from './can-convert.js'
import { findPathway } from './pathway.js'
import { isPolymorphic } from './pseudo-types.js'

/**
 * The expression as one of another type. That it can be done has been found out before.
 * @param isWritten the text asks for it: text is cut short to the modifier instead of being refused
 */
export function coerce(
  statement: StatementState,
  expression: Expression,
  target: DataType,
  context: CastContext,
  isWritten: boolean = context === 'explicit',
): Expression {
  const plain: DataType = { scalar: target.scalar, modifier: -1 }
  const { domain, ...base } = target
  const converted = coerceScalar(statement, expression, plain, base, context, isWritten)
  const value = coerceModifier(converted, base, isWritten)
  const modified =
    domain !== undefined ? asDomain(statement, value, target) : isWritten ? withoutDomain(value) : value
  return modified === expression ? expression : keepLocation(modified, expression)
}

/** A cast to a base type is asked for: it is no longer known to be a value of the domain. */
function withoutDomain(expression: Expression): Expression {
  const { domain, ...type } = expression.type
  return domain === undefined ? expression : { ...expression, type }
}

/**
 * As {@link coerce}, but looking first.
 * @throws cannot_coerce `cannot cast type … to …`
 */
export function castTo(
  statement: StatementState,
  expression: Expression,
  target: DataType,
  location: number | undefined = locationOf(expression),
): Expression {
  const coerced = tryCoerce(statement, expression, target, 'explicit')
  if (coerced !== undefined) return coerced
  throw statement.error(
    'cannot_coerce',
    `cannot cast type ${expression.type.scalar.displayName} to ${target.scalar.displayName}`,
    location,
  )
}

/** Undefined: there is no way in this context. */
export function tryCoerce(
  statement: StatementState,
  expression: Expression,
  target: DataType,
  context: CastContext,
): Expression | undefined {
  const source = expression.type.scalar
  const isPossible =
    source.oid === OID.unknown ||
    target.scalar.oid === OID.any ||
    isPolymorphic(target.scalar) ||
    isRowConversion(source, target.scalar) ||
    findPathway(statement, source, target.scalar, context) !== undefined
  return isPossible ? coerce(statement, expression, target, context) : undefined
}

function isRowConversion(source: ScalarType, target: ScalarType): boolean {
  if (target.oid === OID.recordArray) return source.element !== undefined && isComposite(source.element)
  if (!isComposite(source) || !isComposite(target)) return false
  return source.oid === OID.record || target.oid === OID.record
}

function coerceScalar(
  statement: StatementState,
  expression: Expression,
  plain: DataType,
  target: DataType,
  context: CastContext,
  isWritten: boolean,
): Expression {
  const source = expression.type.scalar
  const { scalar } = plain
  if (source.oid === scalar.oid || scalar.oid === OID.any || isPolymorphic(scalar)) return expression
  if (source.oid === OID.unknown) return coerceUnknown(statement, expression, target)
  if (isRowConversion(source, scalar)) return coerceRow(statement, expression, plain, context)
  const pathway = findPathway(statement, source, scalar, context)
  if (pathway === undefined) {
    throw statement.error(
      'cannot_coerce',
      `cannot cast type ${source.displayName} to ${scalar.displayName}`,
      locationOf(expression),
    )
  }
  // Handing a collation on is the derivation's business, not the cast's. How many bits an integer becomes is the cast's.
  const isBits = scalar.oid === OID.bit && pathway.kind === 'cast'
  const type = carryCollation(expression, isBits ? target : plain)
  if (pathway.kind === 'same') return retyped(expression, type)
  const cast: CastExpression = {
    kind: 'cast',
    arg: expression,
    isExplicit: isWritten,
    type,
    ...(pathway.kind === 'cast' ? { cast: pathway.cast } : { element: pathway.cast }),
  }
  const { collation } = factsOf(expression)
  return collation === undefined ? cast : note(cast, { collation })
}

function carryCollation(expression: Expression, type: DataType): DataType {
  const { collation } = expression.type
  return collation === undefined || !type.scalar.isCollatable ? type : { ...type, collation }
}

/** An untyped literal is read as the wanted type, an untyped parameter becomes one of it. */
function coerceUnknown(statement: StatementState, expression: Expression, target: DataType): Expression {
  const location = locationOf(expression)
  if (expression.kind === 'parameter') {
    return statement.parameters.settle(expression, target, statement.offset(location))
  }
  if (expression.kind === 'constant') return readLiteral(statement, expression, target)
  // What an untyped column of a subquery gives is text.
  const text: Expression = retyped(expression, statement.type(OID.text))
  return target.scalar.oid === OID.text ? text : coerce(statement, text, target, 'explicit')
}

function readLiteral(
  statement: StatementState,
  literal: ConstantExpression,
  target: DataType,
): ConstantExpression {
  const { scalar } = target
  // An interval's fields decide how its text is read; other modifiers are applied afterwards.
  const modifier = scalar.oid === OID.interval ? target.modifier : -1
  const text = literal.value
  if (typeof text !== 'string') return { kind: 'constant', value: null, type: { scalar, modifier } }
  const value = statement.placed(locationOf(literal), () =>
    scalar.parse(text, modifier, statement.context.scalar),
  )
  return { kind: 'constant', value, type: { scalar, modifier } }
}

/** A row as one of a composite type, field by field; a composite value as a record is what it is. */
function coerceRow(
  statement: StatementState,
  expression: Expression,
  target: DataType,
  context: CastContext,
): Expression {
  const { fields } = target.scalar
  if (fields === undefined) return retyped(expression, target)
  const source = expression.type.scalar
  const refuse = (detail: string): Error =>
    statement.error(
      'cannot_coerce',
      `cannot cast type ${source.displayName} to ${target.scalar.displayName}`,
      locationOf(expression),
      detail === '' ? {} : { detail },
    )
  if (expression.kind !== 'row') throw refuse('')
  if (expression.args.length < fields.length) throw refuse('Input has too few columns.')
  if (expression.args.length > fields.length) throw refuse('Input has too many columns.')
  const args = expression.args.map((arg, index) => {
    const field = fields[index]
    const coerced = field && tryCoerce(statement, arg, field.type, context)
    if (coerced !== undefined) return coerced
    const wanted = field?.type.scalar.displayName ?? ''
    throw refuse(`Cannot cast type ${arg.type.scalar.displayName} to ${wanted} in column ${index + 1}.`)
  })
  return { kind: 'row', fields, args, type: target }
}

/** The value brought to a length or precision, where the type has one and the value is not of it already. */
export function coerceModifier(expression: Expression, target: DataType, isWritten: boolean): Expression {
  if (target.modifier < 0 || expression.type.modifier === target.modifier) return expression
  const element = target.scalar.element ?? target.scalar
  if (element.applyModifier === undefined) return expression
  const type = carryCollation(expression, target)
  return { kind: 'cast', arg: expression, isExplicit: isWritten, type }
}

function keepLocation(expression: Expression, original: Expression): Expression {
  const location = factsOf(original).location
  return location === undefined ? expression : note(expression, { location })
}

/** A condition. @throws datatype_mismatch `argument of WHERE must be type boolean, not type integer` */
export function coerceToBoolean(statement: StatementState, expression: Expression, what: string): Expression {
  return coerceArgument(statement, expression, OID.bool, what)
}

/** An argument of a clause that wants one type. */
export function coerceArgument(
  statement: StatementState,
  expression: Expression,
  oid: number,
  what: string,
): Expression {
  const target = statement.type(oid)
  const coerced = tryCoerce(statement, expression, target, 'assignment')
  if (coerced !== undefined) return coerced
  throw statement.error(
    'datatype_mismatch',
    `argument of ${what} must be type ${target.scalar.displayName}, not type ${expression.type.scalar.displayName}`,
    locationOf(expression),
  )
}
