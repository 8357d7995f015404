import type { CallExpression, Expression } from '../../../../plan/expression.js'
import type { DataType, ScalarType } from '../../../../scalar/data-type.js'
import type { AnyFunction, AsyncFunction, ScalarFunction } from '../../../../scalar/functions/function.js'
import { stringsOf, type FuncCall } from '../../parse/tree.js'
import { leftmost, located } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { projectField } from '../expressions/field.js'
import type { QueryScope } from '../scope/query-scope.js'
import { isComposite } from '../types/can-convert.js'
import { coerce } from '../types/coerce.js'
import { noteDerivation } from '../types/collations.js'
import { findPathway } from '../types/pathway.js'
import { findType } from '../types/type-names.js'
import { bindAggregate, bindAggregateParts } from './aggregate-call.js'
import { lookUpFunctions, type FoundFunction } from './find-function.js'
import { fitArguments } from './fit-arguments.js'
import { prepareCall, type PreparedCall } from './prepared-call.js'
import { requireFunction } from './require-function.js'
import { bindTableCall } from './table-call.js'
import { bindWindowCall } from './window-call.js'

export function bindFunctionCall(scope: QueryScope, node: FuncCall): Expression {
  const names = stringsOf(node.funcname)
  const functions = lookUpFunctions(scope.statement, names)
  if (node.over !== undefined) return callPrepared(scope, prepareWindowCall(scope, node, names), functions)
  const isAggregate = functions.some(({ kind }) => kind === 'aggregate')
  if (isAggregate) {
    const parts = bindAggregateParts(scope, node, names)
    const found = requireFunction(scope, parts.call, functions)
    const { function: callable } = found
    if (callable.kind === 'aggregate') return bindAggregate(scope, { ...found, function: callable }, parts)
    return callPrepared(scope, parts.call, functions)
  }
  return callPrepared(scope, prepareCall(scope, node, names), functions)
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
function callPrepared(scope: QueryScope, call: PreparedCall, functions: readonly AnyFunction[]): Expression {
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
  const found = findType(statement, names)
  const target = found?.domain?.base.scalar ?? found
  if (target === undefined || !isConversion(statement, source, target, functions)) return undefined
  const { domain } = found ?? {}
  const type: DataType = domain === undefined ? { scalar: target, modifier: -1 } : { ...domain.base, domain }
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
