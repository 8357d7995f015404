import type { DataType, ScalarType } from '../data-type.js'
import type { Cast, CastContext, Volatility } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'

/** A conversion by a function; `convert` is written for the values that the source type has. */
export function castBy<V extends Value>(
  source: ScalarType,
  target: ScalarType,
  context: CastContext,
  convert: (value: V, context: ScalarContext, target: DataType) => Value,
  volatility: Volatility = 'immutable',
): Cast {
  const method: Cast['method'] = (scalarContext, value, targetType) =>
    // What the source type's values are is the plan's promise.
    convert(value as V, scalarContext, targetType)
  return { source, target, context, method, volatility }
}

/** The values are the same. */
export function relabel(source: ScalarType, target: ScalarType, context: CastContext): Cast {
  return { source, target, context, method: 'relabel', volatility: 'immutable' }
}

/** Through the text forms of both types. */
export function castAsText(source: ScalarType, target: ScalarType, context: CastContext): Cast {
  return { source, target, context, method: 'text', volatility: 'immutable' }
}
