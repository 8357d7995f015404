import type { Expression } from '../../../../plan/expression.js'
import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import type { StatementState } from '../context/statement-state.js'
import { coerce } from '../types/coerce.js'
import { deriveCollation, typeWith, withCollation } from '../types/collations.js'
import { isMismatch, resolvePolymorphic } from '../types/polymorphic.js'
import type { CallArguments, FoundFunction } from './find-function.js'

/** The arguments as the function takes them, and the type that it gives. */
export interface FittedCall {
  readonly args: readonly Expression[]
  readonly result: DataType
  readonly derived: ReturnType<typeof deriveCollation>
}

/** Converts arguments, gathers a variadic tail, fills in defaults, and works out the result's type. */
export function fitArguments(
  statement: StatementState,
  found: FoundFunction,
  args: CallArguments,
  location: number | undefined,
): FittedCall {
  const { function: callable } = found
  const resolution = resolvePolymorphic(
    statement,
    found.parameters,
    args.expressions.map((expression) => expression.type.scalar),
    callable.result,
  )
  if (isMismatch(resolution)) {
    throw statement.error(
      'datatype_mismatch',
      resolution.message,
      location,
      resolution.detail === undefined ? {} : { detail: resolution.detail },
    )
  }
  const coerced = args.expressions.map((expression, index) => {
    const scalar = resolution.parameters[index]
    return scalar === undefined
      ? expression
      : coerce(statement, expression, { scalar, modifier: -1 }, 'implicit')
  })
  const derived = deriveCollation(statement, coerced)
  const complete = arrange(statement, found, withCollation(coerced, derived), resolution.parameters)
  const types = complete.map((arg) => arg.type)
  const known = 'resultOf' in callable ? callable.resultOf?.(types) : undefined
  const result = typeWith(known ?? { scalar: resolution.result, modifier: -1 }, derived.collation)
  return { args: complete, result, derived }
}

/** In the order of the parameters. */
function arrange(
  statement: StatementState,
  found: FoundFunction,
  args: readonly Expression[],
  types: readonly ScalarType[],
): readonly Expression[] {
  const { function: callable, variadicFrom, positions } = found
  if (variadicFrom !== undefined) {
    const element = types[variadicFrom]
    const array = element && statement.arrayOf(element)
    if (array === undefined) return args
    const tail: Expression = {
      kind: 'array',
      isNested: false,
      elements: args.slice(variadicFrom),
      type: { scalar: array, modifier: -1 },
    }
    return [...args.slice(0, variadicFrom), tail]
  }
  if (callable.isVariadic === true) return args
  const { parameters, defaults = [] } = callable
  return parameters.map((parameter, position): Expression => {
    const given = args[positions.indexOf(position)]
    if (given !== undefined) return given
    const value = defaults[defaults.length - (parameters.length - position)] ?? null
    return { kind: 'constant', value, type: { scalar: parameter, modifier: -1 } }
  })
}
