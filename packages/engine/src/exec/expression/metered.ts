import type { DataType } from '../../scalar/data-type.js'
import type { Implementation } from '../../scalar/functions/function.js'
import type { Value } from '../../scalar/value.js'
import { workMeter } from '../../scalar/work-meter.js'

/** Values of any length: those of other types take no time or room worth counting. */
export function isLong({ scalar }: DataType): boolean {
  return scalar.length < 0
}

/**
 * The implementation of a call, with what it goes through and makes counted.
 * @throws program_limit_exceeded when what it makes is too large for one value
 */
export function metered(
  implementation: Implementation,
  types: readonly DataType[],
  result: DataType,
): Implementation {
  const makes = isLong(result)
  if (types.length === 1 && types.every(isLong)) return unary(implementation, makes)
  if (types.length === 2 && types.some(isLong)) return binary(implementation, makes)
  if (!makes && !types.some(isLong)) return implementation
  return (context, ...args) => {
    for (const arg of args) workMeter.take(arg)
    const value = implementation(context, ...args)
    if (makes) workMeter.make(value)
    return value
  }
}

function unary(implementation: Implementation, makes: boolean): Implementation {
  return (context, arg: Value) => {
    workMeter.take(arg)
    const value = implementation(context, arg)
    if (makes) workMeter.make(value)
    return value
  }
}

function binary(implementation: Implementation, makes: boolean): Implementation {
  return (context, left: Value, right: Value) => {
    workMeter.take(left)
    workMeter.take(right)
    const value = implementation(context, left, right)
    if (makes) workMeter.make(value)
    return value
  }
}
