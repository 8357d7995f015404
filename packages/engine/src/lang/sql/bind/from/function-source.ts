import type { Expression } from '../../../../plan/expression.js'
import type { TableFunction } from '../../../../scalar/functions/function.js'
import { stringsOf, type FuncCall, type Node } from '../../parse/tree.js'
import { lookUpFunctions } from '../calls/find-function.js'
import { fitArguments } from '../calls/fit-arguments.js'
import { prepareCall } from '../calls/prepared-call.js'
import { requireFunction } from '../calls/require-function.js'
import { bindExpression } from '../expressions/bind-expression.js'
import { fieldAt, fieldsOf } from '../expressions/field.js'
import type { QueryScope } from '../scope/query-scope.js'
import { columnName } from '../select/column-name.js'
import { coerce } from '../types/coerce.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import { OID } from '../context/system-types.js'
import { bindDefinitions, type Definition } from './column-definitions.js'

interface SourceFacts {
  readonly name: string
  readonly columns: readonly Definition[]
  /** One column that the function gives no name. */
  readonly isUnnamed: boolean
}

/** What one function in FROM gives: rows, or one row of values. */
export type FunctionSource = SourceFacts &
  (
    | { readonly kind: 'rows'; readonly function: TableFunction; readonly args: readonly Expression[] }
    | { readonly kind: 'value'; readonly values: readonly Expression[] }
  )

/** @param definitions `AS (name type, …)`, for functions whose result says nothing of its columns */
export function bindSource(
  scope: QueryScope,
  node: Node | undefined,
  definitions: readonly Node[],
): FunctionSource[] {
  if (node !== undefined && 'FuncCall' in node) {
    const { FuncCall: call } = node
    const args = call.args ?? []
    if (isUnnest(call) && args.length > 1 && definitions.length === 0) {
      return args.map((arg) => bindCall(scope, { ...call, args: [arg] }, node, definitions))
    }
    return [bindCall(scope, call, node, definitions)]
  }
  return [bindValue(scope, node, definitions)]
}

/** `unnest(a, b)` is `ROWS FROM (unnest(a), unnest(b))`. */
function isUnnest(call: FuncCall): boolean {
  return stringsOf(call.funcname).at(-1) === 'unnest' && call.func_variadic !== true
}

function bindCall(
  scope: QueryScope,
  call: FuncCall,
  node: Node,
  definitions: readonly Node[],
): FunctionSource {
  const { statement } = scope
  const names = stringsOf(call.funcname)
  const functions = lookUpFunctions(statement, names)
  if (!functions.some(({ kind }) => kind === 'table')) return bindValue(scope, node, definitions)
  const prepared = prepareCall(scope, call, names)
  const found = requireFunction(scope, prepared, functions)
  const { function: callable } = found
  if (callable.kind !== 'table') return bindValue(scope, node, definitions)
  const { args, result } = fitArguments(statement, found, prepared.args, prepared.location)
  const types = args.map((arg) => arg.type)
  const declared = callable.columns(types)
  const name = names.at(-1) ?? ''
  // What it gives may be what it is given: a record that nothing is known of.
  const isRecord = result.scalar.oid === OID.record && declared.length === 0
  if (isRecord || definitions.length > 0) {
    const columns = bindDefinitions(scope, definitions, isRecord, prepared.location)
    return { kind: 'rows', name, columns, isUnnamed: false, function: defined(callable, columns), args }
  }
  const isUnnamed = declared.length === 1 && declared[0]?.name === callable.name
  return { kind: 'rows', name, columns: declared, isUnnamed, function: callable, args }
}

/** The function for one list of columns. */
function defined(callable: TableFunction, columns: readonly Definition[]): TableFunction {
  return {
    ...callable,
    columns: () => columns,
    rows: (types, context, args) => callable.rows(types, context, args, columns),
  }
}

/** A function that gives one value, which may be a row. */
function bindValue(scope: QueryScope, node: Node | undefined, definitions: readonly Node[]): FunctionSource {
  const { statement } = scope
  const value = resolveUnknown(statement, bindExpression(scope, node))
  const name = columnName(node)
  const fields = fieldsOf(value)
  if (fields !== undefined && definitions.length === 0) {
    const values = fields.map((_, index) => fieldAt(value, index))
    return { kind: 'value', name, columns: fields, isUnnamed: false, values }
  }
  if (definitions.length > 0 || value.type.scalar.oid === OID.record) {
    const isRecord = value.type.scalar.oid === OID.record
    const columns = bindDefinitions(scope, definitions, isRecord, undefined)
    const values = columns.map(({ type }, index): Expression => {
      const field: Expression = { kind: 'field', arg: value, index, type }
      return coerce(statement, field, type, 'implicit')
    })
    return { kind: 'value', name, columns, isUnnamed: false, values }
  }
  return { kind: 'value', name, columns: [{ name, type: value.type }], isUnnamed: true, values: [value] }
}

/** A row of values as a call, so that it can stand beside others. */
export function valueSource(source: FunctionSource & { readonly kind: 'value' }): {
  readonly function: TableFunction
  readonly args: readonly Expression[]
} {
  const { name, columns, values } = source
  const [first] = columns
  const callable: TableFunction = {
    kind: 'table',
    oid: 0,
    name,
    parameters: columns.map(({ type }) => type.scalar),
    result: first === undefined ? (values[0]?.type.scalar ?? neverType()) : first.type.scalar,
    isStrict: false,
    volatility: 'immutable',
    columns: () => columns,
    rows: (_types, _context, args) => [[...args]],
  }
  return { function: callable, args: values }
}

function neverType(): never {
  throw new RangeError('a function gives at least one column')
}
