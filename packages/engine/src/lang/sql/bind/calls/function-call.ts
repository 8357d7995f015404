import type { CallExpression, Expression } from '../../../../plan/expression.js'
import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import type { AnyFunction, AsyncFunction, ScalarFunction } from '../../../../scalar/functions/function.js'
import { stringsOf, type FuncCall } from '../../parse/tree.js'
import { leftmost, located, locationOf } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { bindExpression } from '../expressions/bind-expression.js'
import { projectField } from '../expressions/field.js'
import type { QueryScope } from '../scope/query-scope.js'
import { isComposite } from '../types/can-coerce.js'
import { coerce } from '../types/coerce.js'
import { deriveCollation, noteDerivation, typeWith, withCollation } from '../types/collations.js'
import { findPathway } from '../types/pathway.js'
import { isMismatch, resolvePolymorphic } from '../types/polymorphic.js'
import { findType } from '../types/type-names.js'
import { bindAggregate } from './aggregate-call.js'
import {
  chooseFunction,
  lookUpFunctions,
  signatureText,
  type CallArguments,
  type FoundFunction,
} from './find-function.js'
import { bindTableCall } from './table-call.js'
import { bindWindowCall } from './window-call.js'

const ARGUMENTS_MAX = 100

/** What has been found out of a call before it is known what kind of function it calls. */
export interface PreparedCall {
  readonly node: FuncCall
  /** As it is written, for messages. */
  readonly name: string
  readonly location: number
  readonly args: CallArguments
}

export function bindFunctionCall(scope: QueryScope, node: FuncCall): Expression {
  const names = stringsOf(node.funcname)
  const functions = lookUpFunctions(scope.statement, names)
  if (node.over !== undefined) return callPrepared(scope, prepareWindowCall(scope, node, names), functions)
  const isAggregate = functions.some(({ kind }) => kind === 'aggregate')
  if (isAggregate) return bindAggregate(scope, node, names, functions)
  return callPrepared(scope, prepareCall(scope, node, names), functions)
}

export function prepareCall(scope: QueryScope, node: FuncCall, names: readonly string[]): PreparedCall {
  const name = names.join('.')
  return { node, name, location: node.location ?? 0, args: bindArguments(scope, node) }
}

function prepareWindowCall(scope: QueryScope, node: FuncCall, names: readonly string[]): PreparedCall {
  const { statement } = scope
  const { result, met } = scope.watch(() => prepareCall(scope, node, names))
  if (met.windowLocation !== undefined) {
    throw statement.error('windowing_error', 'window function calls cannot be nested', met.windowLocation)
  }
  if (met.setLocation !== undefined) {
    throw statement.error(
      'feature_not_supported',
      'window function calls cannot contain set-returning function calls',
      met.setLocation,
      { hint: 'You might be able to move the set-returning function into a LATERAL FROM item.' },
    )
  }
  return result
}

/** Calls what is not a plain aggregate. */
export function callPrepared(
  scope: QueryScope,
  call: PreparedCall,
  functions: readonly AnyFunction[],
): Expression {
  const { statement } = scope
  const conversion = isPlainCall(call) ? conversionCall(scope, call, functions) : undefined
  if (conversion !== undefined) return conversion
  const found = requireFunction(scope, call, functions)
  const { function: callable } = found
  if (call.node.over !== undefined) return bindWindowCall(scope, call, found)
  if (callable.kind === 'window') {
    throw statement.error(
      'wrong_object_type',
      `window function ${call.name} requires an OVER clause`,
      call.location,
    )
  }
  refuseAggregateClauses(statement, call)
  if (callable.kind === 'table') return bindTableCall(scope, call, { ...found, function: callable })
  if (callable.kind === 'aggregate')
    throw statement.unsupported(`the aggregate ${call.name} here`, call.location)
  return scalarCall(statement, { ...found, function: callable }, call)
}

function isPlainCall({ node, args }: PreparedCall): boolean {
  return (
    args.expressions.length === 1 &&
    args.names[0] === undefined &&
    !args.isVariadic &&
    node.over === undefined &&
    node.agg_star !== true
  )
}

/** `int4('1')`, `text(x)`: a type's name as that of a function. `row.field` may be written `field(row)`. */
function conversionCall(
  scope: QueryScope,
  call: PreparedCall,
  functions: readonly AnyFunction[],
): Expression | undefined {
  const { statement } = scope
  const [arg] = call.args.expressions
  if (arg === undefined) return undefined
  const names = stringsOf(call.node.funcname)
  const source = arg.type.scalar
  if (functions.some(({ parameters: [only, ...more] }) => more.length === 0 && only?.oid === source.oid)) {
    return undefined
  }
  if (names.length === 1 && isComposite(source) && functions.length === 0) {
    const field = projectField(scope, () => arg, names[0] ?? '', call.location)
    if (field !== undefined) return field
  }
  const target = findType(statement, names)
  if (target === undefined || !isConversion(statement, source, target, functions)) return undefined
  const type: DataType = { scalar: target, modifier: -1 }
  return located({ ...coerce(statement, arg, type, 'explicit') }, leftmost([arg], call.location))
}

function isConversion(
  statement: StatementState,
  source: ScalarType,
  target: ScalarType,
  functions: readonly AnyFunction[],
): boolean {
  if (source.oid === OID.unknown) return true
  const pathway = findPathway(statement, source, target, 'explicit')
  if (pathway === undefined) return false
  if (pathway.kind === 'same') return true
  const { method } = pathway.cast
  if (method === 'relabel') return true
  if (method === 'text') return !(isComposite(source) && target.category === 'S')
  // PostgreSQL has a function of the type's name for such a cast.
  return functions.length === 0
}

export function requireFunction(
  scope: QueryScope,
  call: PreparedCall,
  functions: readonly AnyFunction[],
): FoundFunction {
  const { statement } = scope
  const found = chooseFunction(statement, functions, call.args)
  if (found !== undefined && found !== 'ambiguous') return found
  throw found === 'ambiguous'
    ? statement.error(
        'ambiguous_function',
        `function ${signatureText(call.name, call.args)} is not unique`,
        call.location,
        { hint: 'Could not choose a best candidate function. You might need to add explicit type casts.' },
      )
    : missingFunction(statement, call)
}

function missingFunction(statement: StatementState, call: PreparedCall): Error {
  const schema = stringsOf(call.node.funcname).at(-2)
  if (schema !== undefined && !statement.context.catalog.hasSchema(schema)) {
    return statement.error('invalid_schema_name', `schema "${schema}" does not exist`, call.location)
  }
  const hasOrder = (call.node.agg_order ?? []).length > 0 && call.node.agg_within_group !== true
  return statement.error(
    'undefined_function',
    `function ${signatureText(call.name, call.args)} does not exist`,
    call.location,
    {
      hint: hasOrder
        ? 'No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must appear after all regular arguments of the aggregate.'
        : 'No function matches the given name and argument types. You might need to add explicit type casts.',
    },
  )
}

/** What only aggregates take. */
function refuseAggregateClauses(statement: StatementState, { node, name, location }: PreparedCall): void {
  const refuse = (what: string): never => {
    throw statement.error('wrong_object_type', what, location)
  }
  if (node.agg_star === true) refuse(`${name}(*) specified, but ${name} is not an aggregate function`)
  if (node.agg_distinct === true) refuse(`DISTINCT specified, but ${name} is not an aggregate function`)
  if (node.agg_within_group === true)
    refuse(`WITHIN GROUP specified, but ${name} is not an aggregate function`)
  if ((node.agg_order ?? []).length > 0)
    refuse(`ORDER BY specified, but ${name} is not an aggregate function`)
  if (node.agg_filter !== undefined) refuse(`FILTER specified, but ${name} is not an aggregate function`)
}

/** The arguments as written. */
export function bindArguments(scope: QueryScope, node: FuncCall): CallArguments {
  const { statement } = scope
  const expressions: Expression[] = []
  const names: (string | undefined)[] = []
  for (const arg of node.args ?? []) {
    if ('NamedArgExpr' in arg) {
      const { name = '', arg: value, location = 0 } = arg.NamedArgExpr
      if (names.includes(name)) {
        throw statement.error('syntax_error', `argument name "${name}" used more than once`, location)
      }
      names.push(name)
      expressions.push(bindExpression(scope, value))
      continue
    }
    if (names.some((name) => name !== undefined)) {
      throw statement.error(
        'syntax_error',
        'positional argument cannot follow named argument',
        locationOf(bindExpression(scope, arg)),
      )
    }
    expressions.push(bindExpression(scope, arg))
    names.push(undefined)
  }
  if (expressions.length > ARGUMENTS_MAX) {
    throw statement.error(
      'too_many_arguments',
      `cannot pass more than ${ARGUMENTS_MAX} arguments to a function`,
      node.location ?? 0,
    )
  }
  return { expressions, names, isVariadic: node.func_variadic === true }
}

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

function scalarCall(
  statement: StatementState,
  found: FoundFunction & { readonly function: ScalarFunction | AsyncFunction },
  call: PreparedCall,
): CallExpression {
  const { args, result, derived } = fitArguments(statement, found, call.args, call.location)
  const start = leftmost(args, call.location)
  const callable = call.args.isVariadic ? ofArray(found.function) : found.function
  return noteDerivation(
    located({ kind: 'call' as const, function: callable, args, type: result }, start),
    derived,
  )
}

/** What `f(VARIADIC array)` calls. */
function ofArray(callable: ScalarFunction | AsyncFunction): ScalarFunction | AsyncFunction {
  return callable.kind === 'scalar' ? (callable.ofArray ?? callable) : callable
}

/** A call that the rules of the language ask for, of a function with a known name. */
export function callNamed(
  scope: QueryScope,
  name: string,
  expressions: readonly Expression[],
  location: number | undefined,
): Expression {
  const call: PreparedCall = {
    node: { funcname: [{ String: { sval: name } }] },
    name,
    location: location ?? 0,
    args: { expressions, names: expressions.map(() => undefined), isVariadic: false },
  }
  return callPrepared(scope, call, lookUpFunctions(scope.statement, [name]))
}

/** A call of a function of the system that has to be there. */
export function callSystem(scope: QueryScope, name: string, expressions: readonly Expression[]): Expression {
  return callNamed(scope, name, expressions, undefined)
}
