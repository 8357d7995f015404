import { defined } from '@orbit-ts/base'
import type { CastExpression } from '../../plan/expression.js'
import { SqlArray } from '../../scalar/array/sql-array.js'
import type { DataType } from '../../scalar/data-type.js'
import type { Cast } from '../../scalar/functions/function.js'
import type { ScalarContext } from '../../scalar/scalar-context.js'
import type { Value } from '../../scalar/value.js'
import { workMeter } from '../../scalar/work-meter.js'
import type { Compile, Evaluator } from './evaluator.js'
import { isLong } from './metered.js'

type Convert = (context: ScalarContext, value: NonNullable<Value>) => Value

export function compileCast(expression: CastExpression, compile: Compile): Evaluator {
  const arg = compile(expression.arg)
  const convert = conversion(expression)
  if (convert === undefined) return arg
  if (isLong(expression.type) || isLong(expression.arg.type)) return meteredCast(arg, convert)
  return (row, run) => {
    const value = arg(row, run)
    return value === null ? null : convert(run.scalar, value)
  }
}

function meteredCast(arg: Evaluator, convert: Convert): Evaluator {
  return (row, run) => {
    const value = arg(row, run)
    if (value === null) return null
    workMeter.take(value)
    const converted = convert(run.scalar, value)
    workMeter.make(converted)
    return converted
  }
}

function conversion(expression: CastExpression): Convert | undefined {
  const { cast, element, type, isExplicit } = expression
  const source = expression.arg.type
  if (cast !== undefined) return castTo(cast, source, type, isExplicit)
  const elementType = type.scalar.element
  if (element !== undefined || elementType?.applyModifier !== undefined) {
    const target = elementOf(type)
    const convert =
      element === undefined
        ? toModifier(target, isExplicit)
        : castTo(element, elementOf(source), target, isExplicit)
    return convert === undefined ? undefined : onElements(convert)
  }
  return toModifier(type, isExplicit)
}

function elementOf(type: DataType): DataType {
  return { ...type, scalar: defined(type.scalar.element, `an element type of ${type.scalar.displayName}`) }
}

function onElements(convert: Convert): Convert {
  return (context, value) => {
    const array = value as SqlArray
    const elements = array.elements.map((element) => (element === null ? null : convert(context, element)))
    return new SqlArray(elements, array.dimensions)
  }
}

/** A conversion with the target's modifier brought into effect after it. */
function castTo(cast: Cast, source: DataType, target: DataType, isExplicit: boolean): Convert | undefined {
  const limit = toModifier(target, isExplicit)
  const convert = plainCast(cast, source, target)
  if (convert === undefined || limit === undefined) return convert ?? limit
  return (context, value) => {
    const converted = convert(context, value)
    return converted === null ? null : limit(context, converted)
  }
}

function plainCast(cast: Cast, source: DataType, target: DataType): Convert | undefined {
  const { method } = cast
  if (method === 'relabel') return undefined
  if (method === 'text') {
    return (context, value) => target.scalar.parse(source.scalar.format(value, context), -1, context)
  }
  return (context, value) => method(context, value, target)
}

function toModifier(type: DataType, isExplicit: boolean): Convert | undefined {
  const { scalar, modifier } = type
  if (modifier === -1 || scalar.applyModifier === undefined) return undefined
  return (_context, value) => scalar.applyModifier?.(value, modifier, isExplicit) ?? null
}
