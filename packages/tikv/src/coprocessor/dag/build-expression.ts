import { OrbitError, unreachable } from '@orbit-ts/base'
import { Expr, ExprType, ScalarFuncSig } from '../../gen/tipb.js'
import type { DagColumn, DagExpression, DagFunction, DagType, DagValue } from './dag-plan.js'
import { sumType, typeOf } from './dag-types.js'
import { orderedInt, orderedUint, type PlainDatum } from './datum-sink.js'
import { FIELD_TYPE, fieldType } from './field-types.js'
import { ARITHMETIC, castSignature, COMPARISONS, IN, IS_NULL } from './function-signatures.js'
import { plainDatum, typeName } from './plain-datum.js'
import { realBytes } from './real-bytes.js'

const INT: DagType = { kind: 'int' }

/** A checked expression as servers take it. */
export function buildExpression(expression: DagExpression, columns: readonly DagColumn[]): Expr {
  const build = (part: DagExpression): Expr => buildExpression(part, columns)
  const kindOf = (part: DagExpression): DagType['kind'] => typeOf(part, columns).kind
  switch (expression.kind) {
    case 'column':
      return Expr.fromPartial({
        tp: ExprType.ColumnRef,
        val: orderedInt(expression.offset),
        fieldType: fieldType(typeOf(expression, columns)),
      })
    case 'constant':
      return constant(expression.type, expression.value)
    case 'compare': {
      const sig = COMPARISONS[expression.op][kindOf(expression.left)]
      return truth(sig, [build(expression.left), build(expression.right)])
    }
    case 'and':
      return chain(ScalarFuncSig.LogicalAnd, expression.args.map(build))
    case 'or':
      return chain(ScalarFuncSig.LogicalOr, expression.args.map(build))
    case 'not':
      return truth(ScalarFuncSig.UnaryNotInt, [build(expression.arg)])
    case 'is-null':
      return truth(IS_NULL[kindOf(expression.arg)], [build(expression.arg)])
    case 'in':
      return truth(IN[kindOf(expression.item)], [expression.item, ...expression.list].map(build))
    case 'arithmetic':
      return arithmetic(expression, columns)
    case 'like':
      return like(expression, build)
    case 'cast': {
      const from = typeOf(expression.arg, columns)
      return scalar(required(castSignature(from.kind, expression.to.kind), from), expression.to, [
        build(expression.arg),
      ])
    }
    default:
      return unreachable(expression, 'kind of expression')
  }
}

function arithmetic(
  expression: Extract<DagExpression, { kind: 'arithmetic' }>,
  columns: readonly DagColumn[],
): Expr {
  const type = typeOf(expression.left, columns)
  const byKind: Partial<Record<DagType['kind'], ScalarFuncSig>> = ARITHMETIC[expression.op]
  return scalar(required(byKind[type.kind], type), typeOf(expression, columns), [
    buildExpression(expression.left, columns),
    buildExpression(expression.right, columns),
  ])
}

function like(
  { text, pattern, escape = '\\' }: Extract<DagExpression, { kind: 'like' }>,
  build: (part: DagExpression) => Expr,
): Expr {
  const code = constant(INT, escape.charCodeAt(0))
  return truth(ScalarFuncSig.LikeSig, [build(text), constant({ kind: 'text' }, pattern), code])
}

const required = (sig: ScalarFuncSig | undefined, type: DagType): ScalarFuncSig => {
  if (sig !== undefined) return sig
  throw new OrbitError('INVALID_ARGUMENT', `plan: no function of servers takes ${typeName(type)}`, {
    field: 'plan',
  })
}

/** A truth value; of strings, the function says by which collation it finds it. */
function truth(sig: ScalarFuncSig, children: Expr[]): Expr {
  const expr = scalar(sig, INT, children)
  const of = children[0]?.fieldType
  if (of?.tp === FIELD_TYPE.varchar && expr.fieldType !== undefined) {
    expr.fieldType.collate = of.collate
    expr.fieldType.charset = of.charset
  }
  return expr
}

function scalar(sig: ScalarFuncSig, type: DagType, children: Expr[]): Expr {
  return Expr.fromPartial({ tp: ExprType.ScalarFunc, sig, children, fieldType: fieldType(type) })
}

/** Servers' `and` and `or` have two arguments: as a balanced tree, lest a long list nest deeply. */
function chain(sig: ScalarFuncSig, args: readonly Expr[]): Expr {
  const [first] = args
  if (args.length === 1 && first !== undefined) return first
  const half = Math.ceil(args.length / 2)
  return truth(sig, [chain(sig, args.slice(0, half)), chain(sig, args.slice(half))])
}

function constant(type: DagType, value: DagValue): Expr {
  if (value === null) return Expr.fromPartial({ tp: ExprType.Null, fieldType: fieldType(type) })
  const { tp, val } = constantForm(plainDatum(type, value), type)
  return Expr.fromPartial({ tp, val, fieldType: fieldType(type) })
}

function constantForm(datum: PlainDatum, type: DagType): { readonly tp: ExprType; readonly val: Uint8Array } {
  switch (datum.kind) {
    case 'int':
      return { tp: ExprType.Int64, val: orderedInt(datum.value) }
    case 'uint':
      return { tp: ExprType.Uint64, val: orderedUint(datum.value) }
    case 'duration':
      return { tp: ExprType.MysqlDuration, val: orderedInt(datum.value) }
    case 'real':
      return { tp: ExprType.Float64, val: realBytes(datum.value) }
    case 'decimal':
      return { tp: ExprType.MysqlDecimal, val: datum.value }
    case 'bytes':
      return { tp: type.kind === 'text' ? ExprType.String : ExprType.Bytes, val: datum.value }
    default:
      return unreachable(datum, 'kind of datum')
  }
}

/** What servers compute for a function: `avg` is a count and a sum. */
export function buildFunction(one: DagFunction, columns: readonly DagColumn[]): Expr[] {
  switch (one.kind) {
    case 'count':
      return [aggregate(ExprType.Count, INT, one.arg ?? { kind: 'constant', type: INT, value: 1 }, columns)]
    case 'sum':
      return [sum(one.arg, columns)]
    case 'avg':
      return [aggregate(ExprType.Count, INT, one.arg, columns), sum(one.arg, columns)]
    case 'min':
      return [aggregate(ExprType.Min, typeOf(one.arg, columns), one.arg, columns)]
    case 'max':
      return [aggregate(ExprType.Max, typeOf(one.arg, columns), one.arg, columns)]
    case 'first':
      return [aggregate(ExprType.First, typeOf(one.arg, columns), one.arg, columns)]
    default:
      return unreachable(one, 'kind of function')
  }
}

function sum(arg: DagExpression, columns: readonly DagColumn[]): Expr {
  return aggregate(ExprType.Sum, sumType(typeOf(arg, columns)), arg, columns)
}

function aggregate(tp: ExprType, type: DagType, arg: DagExpression, columns: readonly DagColumn[]): Expr {
  return Expr.fromPartial({
    tp,
    children: [buildExpression(arg, columns)],
    fieldType: fieldType(type),
  })
}
