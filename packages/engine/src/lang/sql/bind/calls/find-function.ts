/** Which function a call by name means. */
import type { Expression } from '../../../../plan/expression.js'
import type { ScalarType } from '../../../../scalar/data-type.js'
import type { AnyFunction } from '../../../../scalar/functions/function.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { chooseCandidate, type Candidate } from './candidates.js'

/** The arguments as they are written: those with names come last. */
export interface CallArguments {
  readonly expressions: readonly Expression[]
  /** One for each expression; undefined for those without. */
  readonly names: readonly (string | undefined)[]
  /** `VARIADIC array`. */
  readonly isVariadic: boolean
}

export interface FoundFunction {
  readonly function: AnyFunction
  /** For each argument as it is written, the parameter that takes it. */
  readonly positions: readonly number[]
  /** The types to hand the arguments over in, in the order they are written. */
  readonly parameters: readonly ScalarType[]
  /** From this argument on they make up the last parameter. Undefined: one argument for each parameter. */
  readonly variadicFrom: number | undefined
}

/** The functions of a name, qualified or not. */
export function lookUpFunctions(statement: StatementState, names: readonly string[]): readonly AnyFunction[] {
  const { catalog, registry } = statement.context
  const [name, schema] = [names.at(-1) ?? '', names.at(-2)]
  // `information_schema._pg_expandarray`: drivers call it by that name.
  if (schema === undefined || schema === 'pg_catalog' || schema === 'information_schema') {
    const known = registry.functionsByName(name)
    if (known.length > 0) return known
  }
  return catalog.findFunctions(schema === undefined ? { name } : { schema, name })
}

/** Undefined: none takes such arguments. */
export function chooseFunction(
  statement: StatementState,
  functions: readonly AnyFunction[],
  args: CallArguments,
): FoundFunction | 'ambiguous' | undefined {
  const candidates = withoutShadowed(functions.flatMap((callable) => candidateOf(statement, callable, args)))
  const types = args.expressions.map((expression) => expression.type.scalar)
  const exact = candidates.find((candidate) =>
    candidate.parameters.every((parameter, index) => parameter.oid === types[index]?.oid),
  )
  if (exact !== undefined) return exact.callable
  const chosen = chooseCandidate(statement, types, candidates)
  return chosen === undefined || chosen === 'ambiguous' ? chosen : chosen.callable
}

type FunctionCandidate = Candidate<FoundFunction>

/** How a function would take the arguments, by their number and names alone. */
function candidateOf(
  statement: StatementState,
  callable: AnyFunction,
  args: CallArguments,
): FunctionCandidate[] {
  const count = args.expressions.length
  const declared = callable.parameters
  const positions = positionsOf(callable, args)
  if (positions === undefined) return []
  if (args.isVariadic && callable.isVariadic !== true) return []
  if (callable.isVariadic === true && !args.isVariadic && args.names.every((name) => name === undefined)) {
    return variadicCandidate(statement, callable, count)
  }
  const omitted = declared.length - count
  if (omitted < 0 || omitted > (callable.defaults?.length ?? 0)) return []
  const parameters = positions.flatMap((position) => declared[position] ?? [])
  return [
    {
      parameters,
      callable: { function: callable, positions, parameters, variadicFrom: undefined },
    },
  ]
}

/** The parameter that takes each argument; undefined when a name is unknown, or a parameter is left out that may not be. */
function positionsOf(callable: AnyFunction, args: CallArguments): readonly number[] | undefined {
  const positions: number[] = []
  for (const [index, name] of args.names.entries()) {
    if (name === undefined) positions.push(index)
    else {
      const position = callable.parameterNames?.indexOf(name) ?? -1
      if (position < 0 || positions.includes(position)) return undefined
      positions.push(position)
    }
  }
  const required = callable.parameters.length - (callable.defaults?.length ?? 0)
  for (let position = 0; position < required; position++) {
    if (!positions.includes(position) && callable.isVariadic !== true) return undefined
  }
  return positions
}

function variadicCandidate(
  statement: StatementState,
  callable: AnyFunction,
  count: number,
): FunctionCandidate[] {
  const fixed = callable.parameters.length - 1
  const last = callable.parameters[fixed]
  if (last === undefined || count <= fixed) return []
  const element = elementOf(statement, last)
  const parameters = Array.from({ length: count }, (_, index) => callable.parameters[index] ?? element).map(
    (parameter, index) => (index < fixed ? parameter : element),
  )
  const positions = parameters.map((_, index) => Math.min(index, fixed))
  return [
    {
      parameters,
      callable: {
        function: callable,
        positions,
        parameters,
        variadicFrom: last.oid === OID.any ? undefined : fixed,
      },
    },
  ]
}

/** What each argument of a variadic tail is. */
function elementOf(statement: StatementState, type: ScalarType): ScalarType {
  switch (type.oid) {
    case OID.anyarray:
      return statement.scalar(OID.anyelement)
    case OID.anycompatiblearray:
      return statement.scalar(OID.anycompatible)
    default:
      return type.element ?? type
  }
}

/** Of those that take the same types the one that is not variadic, or leaves less to defaults, counts. */
function withoutShadowed(candidates: readonly FunctionCandidate[]): readonly FunctionCandidate[] {
  if (candidates.length < 2) return candidates
  const bySignature = new Map<string, FunctionCandidate>()
  for (const candidate of candidates) {
    const signature = candidate.parameters.map(({ oid }) => oid).join()
    const known = bySignature.get(signature)
    if (known === undefined || looseness(candidate) < looseness(known)) bySignature.set(signature, candidate)
  }
  return [...bySignature.values()]
}

function looseness({ callable, parameters }: FunctionCandidate): number {
  const isVariadic = callable.function.isVariadic === true ? 1000 : 0
  return isVariadic + Math.max(callable.function.parameters.length - parameters.length, 0)
}

/** `name(integer, unknown)`, for messages. */
export function signatureText(name: string, args: CallArguments): string {
  const types = args.expressions.map((expression, index) => {
    const argument = args.names[index]
    const type = expression.type.scalar.displayName
    return argument === undefined ? type : `${argument} => ${type}`
  })
  return `${name}(${types.join(', ')})`
}
