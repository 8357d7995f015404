import type { DataType } from '../../data-type.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Value } from '../../value.js'
import type { Implementation, ScalarFunction } from '../function.js'
import { parseSignature } from './signature.js'

/**
 * An implementation that is written with the types its signature gives to its arguments. TypeScript cannot see that the
 * two agree; the plan sees to it that arguments are of the types of the signature.
 */
export type TypedImplementation = (context: ScalarContext, ...args: never[]) => Value

export interface ScalarOptions {
  /** Values of the last parameters when they are left out. */
  readonly defaults?: readonly Value[]
  resultOf?(types: readonly DataType[]): DataType
}

/** A function with one implementation for all calls. */
export function scalar(
  signature: string,
  implementation: TypedImplementation,
  options: ScalarOptions = {},
): ScalarFunction {
  return bound(signature, () => implementation, options)
}

/** A function whose implementation is chosen by the types of a call. */
export function bound(
  signature: string,
  bind: (types: readonly DataType[], result: DataType) => TypedImplementation,
  options: ScalarOptions = {},
): ScalarFunction {
  return {
    kind: 'scalar',
    ...parseSignature(signature),
    ...options,
    bind: (types, result) => bind(types, result) as Implementation,
  }
}
