import { defined } from '@orbit-ts/base'
import type { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { ScalarType } from '../../data-type.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Value } from '../../value.js'
import type { ScalarFunction } from '../function.js'
import { parseSignature } from './signature.js'

/**
 * @param fixed the arguments before the variadic ones
 * @param values the variadic ones; null for `VARIADIC NULL`
 */
export type VariadicImplementation = (
  context: ScalarContext,
  fixed: readonly Value[],
  values: readonly Value[] | null,
) => Value

/** A function with a `variadic any`. `bind` is told the types of the variadic arguments. */
export function variadicAny(
  signature: string,
  bind: (typeAt: (index: number) => ScalarType) => VariadicImplementation,
): ScalarFunction {
  const parsed = parseSignature(signature)
  const fixed = parsed.parameters.length - 1
  const common = { kind: 'scalar' as const, ...parsed }
  return {
    ...common,
    bind: (types) => {
      const implementation = bind((index) => defined(types[fixed + index], 'the type of an argument').scalar)
      return (context, ...args) => implementation(context, args.slice(0, fixed), args.slice(fixed))
    },
    ofArray: {
      ...common,
      bind: (types) => {
        const element = types[fixed]?.scalar.element
        if (element === undefined) throw queryError('datatype_mismatch', 'VARIADIC argument must be an array')
        const implementation = bind(() => element)
        return (context, ...args) => {
          const array = args[fixed] as SqlArray | null
          return implementation(context, args.slice(0, fixed), array === null ? null : array.elements)
        }
      },
    },
  }
}
