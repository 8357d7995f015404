import { SqlArray } from '../../scalar/array/sql-array.js'
import type { DataType } from '../../scalar/data-type.js'
import type { Cast } from '../../scalar/functions/function.js'
import type { ScalarContext } from '../../scalar/scalar-context.js'
import type { Value } from '../../scalar/value.js'
import { sizeOfValue } from '../../scalar/value-size.js'
import { workMeter } from '../../scalar/work-meter.js'
import type { CallExpression, CastExpression, Expression } from '../expression.js'

/** What a plan keeps, and goes through again and again. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024

/**
 * The value of an expression whose arguments are constants; undefined when it cannot be had while planning: it is of a
 * kind that only the executor evaluates, evaluating it fails, which is then left to run time, or it is large.
 */
export function evaluateConstant(expression: Expression, context: ScalarContext): Value | undefined {
  // At run time others have turns in between.
  if (workMeter.isOverdue) return undefined
  try {
    const value = evaluate(expression, context)
    if (value === undefined) return undefined
    workMeter.make(value)
    return sizeOfValue(value) > KEPT_BYTES_MAX ? undefined : value
  } catch {
    return undefined
  }
}

function evaluate(expression: Expression, context: ScalarContext): Value | undefined {
  switch (expression.kind) {
    case 'constant':
      return expression.value
    case 'call':
      return evaluateCall(expression, context)
    case 'cast':
      return evaluateCast(expression, context)
    case 'array': {
      if (expression.isNested) return undefined
      const elements = constants(expression.elements)
      return elements === undefined ? undefined : new SqlArray(elements)
    }
    case 'distinct': {
      const values = constants([expression.left, expression.right])
      if (values === undefined) return undefined
      const [left, right] = values as [Value, Value]
      if (left === null || right === null) return (left === right) === expression.isNegated
      const types = [expression.left.type, expression.right.type]
      const isEqual = expression.equals.function.bind(types, expression.type)(context, left, right)
      return (isEqual === true) === expression.isNegated
    }
    default:
      return undefined
  }
}

function evaluateCall(call: CallExpression, context: ScalarContext): Value | undefined {
  const values = constants(call.args)
  if (values === undefined || call.function.kind !== 'scalar') return undefined
  if (call.function.isStrict && values.includes(null)) return null
  const types = call.args.map((argument) => argument.type)
  return call.function.bind(types, call.type)(context, ...values)
}

function evaluateCast(expression: CastExpression, context: ScalarContext): Value | undefined {
  const [value] = constants([expression.arg]) ?? []
  if (value === undefined) return undefined
  if (value === null) return null
  const { type, isExplicit, element, cast } = expression
  if (element !== undefined || type.scalar.element !== undefined) return undefined
  const converted = cast === undefined ? value : convert(cast, value, expression.arg.type, type, context)
  if (converted === null || type.modifier === -1) return converted
  return type.scalar.applyModifier?.(converted, type.modifier, isExplicit) ?? converted
}

function convert(
  cast: Cast,
  value: Value,
  source: DataType,
  target: DataType,
  context: ScalarContext,
): Value {
  if (cast.method === 'relabel') return value
  if (cast.method === 'text') return target.scalar.parse(source.scalar.format(value, context), -1, context)
  return cast.method(context, value, target)
}

/** The values of constants; undefined when one of the expressions is something else. */
function constants(expressions: readonly Expression[]): Value[] | undefined {
  const values: Value[] = []
  for (const expression of expressions) {
    if (expression.kind !== 'constant') return undefined
    values.push(expression.value)
  }
  return values
}
