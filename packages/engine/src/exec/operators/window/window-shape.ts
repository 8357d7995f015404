import type { Expression, FrameBound, WindowCall, WindowFrame } from '../../../plan/expression.js'
import type { Window } from '../../../plan/physical-plan.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Accumulator, WindowPartition } from '../../../scalar/functions/function.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import type { AnyEvaluator, Evaluator } from '../../expression/evaluator.js'
import { isAsync } from '../../expression/is-async.js'
import { EMPTY_SCOPE, scopeOf } from '../../expression/scope.js'
import { compileRowOrder, type CompareRows, type RowKey } from '../../rows/compare-rows.js'
import { compileRowSize, type SizeOf } from '../../rows/row-size.js'
import type { Operator } from '../../run.js'
import { compileExtended } from '../extend.js'
import { compileSortKeys } from '../sort/sort-keys.js'

/** A window plan compiled: rows have computed keys added behind their own values. */
export interface WindowShape {
  readonly plan: Window
  readonly input: Operator
  /** Values of the input's own columns. */
  readonly width: number
  readonly comparePartitions: CompareRows
  readonly comparePeers: CompareRows
  /** The one key of the order that RANGE with an offset needs. */
  readonly orderKey: RowKey | undefined
  readonly calls: readonly CallShape[]
  readonly sizeOf: SizeOf
}

export interface CallShape {
  readonly call: WindowCall
  readonly args: readonly ArgumentShape[]
  readonly filter: Evaluator | undefined
  readonly start: BoundShape
  readonly end: BoundShape
  readonly work: CallWork
}

/** An argument that is the same for all rows is not kept for each of them. */
export type ArgumentShape = { readonly constant: Value } | { readonly evaluate: Evaluator }

export interface BoundShape {
  readonly bound: FrameBound & { readonly side: 'preceding' | 'following' }
  readonly offset: AnyEvaluator | undefined
  /** Of RANGE: where a bound is, from the value of a row and the offset. */
  readonly add: ((context: ScalarContext, value: Value, offset: Value) => Value) | undefined
}

export type CallWork =
  | {
      readonly kind: 'window'
      readonly evaluate: (context: ScalarContext, partition: WindowPartition) => Value
    }
  | {
      readonly kind: 'aggregate'
      readonly create: () => Accumulator
      readonly isStrict: boolean
      readonly isInvertible: boolean
      readonly canMerge: boolean
    }

export function compileWindowShape(plan: Window, compiler: Compiler): WindowShape {
  const own = scopeOf(plan.input.columns)
  const flat = [
    ...plan.partitionBy,
    ...plan.orderBy.map((key) => key.expression),
    ...plan.calls.flatMap((call) => [...call.args, ...(call.filter === undefined ? [] : [call.filter])]),
  ]
  const waited = compileExtended(compiler.operator(plan.input), own, flat, isAsync, compiler)
  const left = [...waited.expressions]
  const take = (expression: Expression): Expression => left.shift() ?? expression
  const partitionBy = plan.partitionBy.map(take)
  const orderBy = plan.orderBy.map((key) => ({ ...key, expression: take(key.expression) }))
  const calls = plan.calls.map((call) => ({
    args: call.args.map(take),
    filter: call.filter && take(call.filter),
  }))
  const ascending = partitionBy.map((expression) => ({ expression, isDescending: false, nullsFirst: false }))
  const keys = compileSortKeys(waited.operator, waited.scope, [...ascending, ...orderBy], compiler)
  const compile = (expression: Expression): Evaluator => compiler.evaluator(expression, keys.scope)
  const orderKeys = keys.keys.slice(partitionBy.length)
  return {
    plan,
    input: keys.operator,
    width: own.width,
    comparePartitions: compileRowOrder(keys.keys.slice(0, partitionBy.length)),
    comparePeers: compileRowOrder(orderKeys),
    orderKey: orderKeys[0],
    calls: plan.calls.map((call, at) => ({
      call,
      args: (calls[at]?.args ?? []).map((arg) => compileArgument(arg, compile)),
      filter: calls[at]?.filter && compile(calls[at].filter),
      start: compileBound(call.frame.start, orderKeys[0]?.type, compiler),
      end: compileBound(call.frame.end, orderKeys[0]?.type, compiler),
      work: workOf(call),
    })),
    sizeOf: compileRowSize([
      ...plan.input.columns.map((column) => column.type),
      ...keys.keys.filter((key) => key.position >= own.width).map((key) => key.type),
    ]),
  }
}

function compileArgument(arg: Expression, compile: (expression: Expression) => Evaluator): ArgumentShape {
  return arg.kind === 'constant' ? { constant: arg.value } : { evaluate: compile(arg) }
}

function compileBound(
  bound: WindowFrame['start'],
  orderType: DataType | undefined,
  compiler: Compiler,
): BoundShape {
  if (bound.kind !== 'offset') return { bound, offset: undefined, add: undefined }
  const offset = compiler.anyEvaluator(bound.expression, EMPTY_SCOPE)
  const callee = bound.add?.function
  const add =
    callee === undefined || orderType === undefined
      ? undefined
      : callee.bind([orderType, bound.expression.type], { scalar: callee.result, modifier: -1 })
  return { bound, offset, add }
}

function workOf(call: WindowCall): CallWork {
  const types = call.args.map((arg) => arg.type)
  if (call.function.kind === 'window') {
    return { kind: 'window', evaluate: call.function.bind(types, call.type) }
  }
  const create = call.function.bind(types, call.type)
  const { isStrict, isInvertible } = call.function
  return { kind: 'aggregate', create, isStrict, isInvertible, canMerge: create().merge !== undefined }
}
