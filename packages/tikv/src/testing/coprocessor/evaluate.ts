import { asBuffer } from '@orbit-ts/base'
import {
  decimalSize,
  decimalText,
  formatDecimal,
  parseDecimal,
  rescale,
  wholeDigits,
  type ScaledInteger,
} from '../../coprocessor/dag/dag-decimal.js'
import { realAt } from '../../coprocessor/dag/real-bytes.js'
import { ExprType, ScalarFuncSig, type Expr } from '../../gen/tipb.js'
import { EvaluationError, PlanRefusal } from './dag-failure.js'
import { likeMatcher } from './like-matcher.js'
import {
  atScale,
  compareValues,
  isDecimal,
  narrowInteger,
  serverType,
  type ServerRow,
  type ServerType,
  type ServerValue,
} from './server-value.js'

/** An expression made ready to be computed of many rows. */
export interface Evaluation {
  readonly type: ServerType
  readonly evaluate: (row: ServerRow) => ServerValue
}

type Args = readonly ServerValue[]

interface Signature {
  /** The kind that all arguments must have; undefined: each its own. */
  readonly kind: ServerType['kind'] | undefined
  readonly count: { readonly min: number; readonly max: number }
  readonly compute: (args: Args, result: ServerType, types: readonly ServerType[]) => ServerValue
}

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)
/** What MySQL's decimals hold. */
const DECIMAL_DIGITS_MAX = 81
const DECIMAL_SCALE_MAX = 30

/** @throws PlanRefusal for what the store cannot compute */
export function evaluation(expr: Expr, columns: readonly ServerType[]): Evaluation {
  const { fieldType } = expr
  if (fieldType === undefined) throw new PlanRefusal('Unsupported type: 0')
  if (expr.tp === ExprType.ColumnRef) {
    const offset = Number(orderedInteger(expr.val))
    const type = columns[offset]
    if (type === undefined) {
      const facts = `schema has ${columns.length} columns, access index ${offset}`
      throw new PlanRefusal(`Invalid column offset (${facts})`)
    }
    // A row has a value for each column.
    return { type, evaluate: (row) => row[offset] as ServerValue }
  }
  const type = serverType(fieldType)
  if (expr.tp !== ExprType.ScalarFunc) {
    const value = constantOf(expr, type)
    return { type, evaluate: () => value }
  }
  return functionCall(expr, type, columns)
}

function functionCall(expr: Expr, type: ServerType, columns: readonly ServerType[]): Evaluation {
  const signature = SIGNATURES.get(expr.sig)
  if (signature === undefined)
    throw new PlanRefusal(`ScalarFunction ${nameOf(expr.sig)} is not supported in batch mode`)
  const args = expr.children.map((child) => evaluation(child, columns))
  const { count, kind, compute } = signature
  const types = args.map(({ type: own }) => own)
  const wrong = types.find((own) => kind !== undefined && own.kind !== kind)
  if (args.length < count.min || args.length > count.max || wrong !== undefined) {
    const facts = wrong === undefined ? `${args.length} arguments` : `an argument of ${wrong.kind}`
    throw new PlanRefusal(`Invalid ${nameOf(expr.sig)} (sig = ${nameOf(expr.sig)}) signature: ${facts}`)
  }
  if (expr.sig === ScalarFuncSig.LikeSig) return { type, evaluate: like(args) }
  return {
    type,
    evaluate: (row) =>
      compute(
        args.map(({ evaluate }) => evaluate(row)),
        type,
        types,
      ),
  }
}

/** Patterns are mostly constants: each is taken apart once. */
function like(args: readonly Evaluation[]): Evaluation['evaluate'] {
  let known: { readonly pattern: Uint8Array; readonly matches: (text: Uint8Array) => boolean } | undefined
  return (row) => {
    const [text, pattern, escape] = args.map(({ evaluate }) => evaluate(row))
    if (!(text instanceof Uint8Array) || !(pattern instanceof Uint8Array)) return null
    if (typeof escape !== 'number') return null
    if (known?.pattern !== pattern) known = { pattern, matches: likeMatcher(pattern, escape) }
    return Number(known.matches(text))
  }
}

const nameOf = (sig: number): string =>
  Object.entries(ScalarFuncSig).find(([, number]) => number === sig)?.[0] ?? String(sig)

function constantOf({ tp, val }: Expr, type: ServerType): ServerValue {
  if (tp === ExprType.Null) return null
  if (tp === ExprType.Int64 && type.kind === 'int') return orderedInteger(val)
  if (tp === ExprType.Uint64 && type.kind === 'int') return narrowInteger(asBuffer(val).readBigUInt64BE())
  if (tp === ExprType.MysqlDuration && type.kind === 'duration') return orderedInteger(val)
  if ((tp === ExprType.String || tp === ExprType.Bytes) && type.kind === 'bytes') return val
  if (tp === ExprType.Float64 && type.kind === 'real')
    return realAt(new DataView(val.buffer, val.byteOffset, val.byteLength), 0)
  if (tp === ExprType.MysqlDecimal && type.kind === 'decimal') {
    decimalSize(val, 0)
    return parseDecimal(decimalText(val, 0)) ?? null
  }
  throw new PlanRefusal(`Unexpected ExprType ${tp} and EvalType ${type.kind}`)
}

const orderedInteger = (bytes: Uint8Array): number | bigint =>
  narrowInteger(asBuffer(bytes).readBigInt64BE() ^ INT64_MIN)

const TWO = { min: 2, max: 2 }
const ONE = { min: 1, max: 1 }
const KINDS = ['Int', 'Real', 'Decimal', 'String', 'Duration'] as const
const KIND_OF = {
  Int: 'int',
  Real: 'real',
  Decimal: 'decimal',
  String: 'bytes',
  Duration: 'duration',
} as const

const SIGNATURES: ReadonlyMap<number, Signature> = new Map<number, Signature>([
  ...KINDS.flatMap((name): [number, Signature][] => {
    const kind = KIND_OF[name]
    const comparison = (accept: (order: number) => boolean): Signature => ({
      kind,
      count: TWO,
      compute: ([one = null, other = null]) =>
        one === null || other === null ? null : Number(accept(compareValues(one, other))),
    })
    return [
      [ScalarFuncSig[`EQ${name}`], comparison((order) => order === 0)],
      [ScalarFuncSig[`NE${name}`], comparison((order) => order !== 0)],
      [ScalarFuncSig[`LT${name}`], comparison((order) => order < 0)],
      [ScalarFuncSig[`LE${name}`], comparison((order) => order <= 0)],
      [ScalarFuncSig[`GT${name}`], comparison((order) => order > 0)],
      [ScalarFuncSig[`GE${name}`], comparison((order) => order >= 0)],
      [ScalarFuncSig[`NullEQ${name}`], { kind, count: TWO, compute: isNotDistinct }],
      [ScalarFuncSig[`${name}IsNull`], { kind, count: ONE, compute: ([arg]) => Number(arg === null) }],
      [ScalarFuncSig[`In${name}`], { kind, count: { min: 2, max: Infinity }, compute: isAmong }],
    ]
  }),
  [ScalarFuncSig.LogicalAnd, { kind: 'int', count: TWO, compute: and }],
  [ScalarFuncSig.LogicalOr, { kind: 'int', count: TWO, compute: or }],
  [
    ScalarFuncSig.UnaryNotInt,
    { kind: 'int', count: ONE, compute: ([arg = null]) => (arg === null ? null : Number(isZero(arg))) },
  ],
  [ScalarFuncSig.PlusInt, integers('+', (one, other) => one + other)],
  [ScalarFuncSig.MinusInt, integers('-', (one, other) => one - other)],
  [ScalarFuncSig.MultiplyInt, integers('*', (one, other) => one * other)],
  [ScalarFuncSig.PlusReal, reals('+', (one, other) => one + other)],
  [ScalarFuncSig.MinusReal, reals('-', (one, other) => one - other)],
  [ScalarFuncSig.MultiplyReal, reals('*', (one, other) => one * other)],
  [ScalarFuncSig.PlusDecimal, decimals('+', addDecimals)],
  [
    ScalarFuncSig.MinusDecimal,
    decimals('-', (one, { digits, scale }) => addDecimals(one, { digits: -digits, scale })),
  ],
  [ScalarFuncSig.MultiplyDecimal, decimals('*', multiplyDecimals)],
  [ScalarFuncSig.LikeSig, { kind: undefined, count: { min: 3, max: 3 }, compute: () => null }],
  [
    ScalarFuncSig.CastIntAsReal,
    { kind: 'int', count: ONE, compute: ([arg = null]) => (arg === null ? null : Number(arg)) },
  ],
  [
    ScalarFuncSig.CastIntAsDecimal,
    {
      kind: 'int',
      count: ONE,
      compute: ([arg = null], result) =>
        typeof arg === 'number' || typeof arg === 'bigint'
          ? fitted({ digits: BigInt(arg), scale: 0 }, result)
          : null,
    },
  ],
  [
    ScalarFuncSig.CastDecimalAsReal,
    {
      kind: 'decimal',
      count: ONE,
      compute: ([arg = null]) => (isDecimal(arg) ? Number(formatDecimal(arg)) : null),
    },
  ],
])

function isNotDistinct([one = null, other = null]: Args): ServerValue {
  if (one === null || other === null) return Number(one === other)
  return Number(compareValues(one, other) === 0)
}

function isAmong([item = null, ...list]: Args): ServerValue {
  if (item === null) return null
  if (list.some((other) => other !== null && compareValues(item, other) === 0)) return 1
  return list.includes(null) ? null : 0
}

/** Integers may be bigints. */
const isZero = (value: ServerValue | undefined): boolean => value === 0 || value === 0n

function and([one, other]: Args): ServerValue {
  if (isZero(one) || isZero(other)) return 0
  return one === null || other === null ? null : 1
}

function or([one = null, other = null]: Args): ServerValue {
  const isTrue = (value: ServerValue): boolean => value !== null && !isZero(value)
  if (isTrue(one) || isTrue(other)) return 1
  return one === null || other === null ? null : 0
}

function integers(sign: string, compute: (one: bigint, other: bigint) => bigint): Signature {
  return {
    kind: 'int',
    count: TWO,
    compute: ([one = null, other = null], _, types) => {
      if (types.some(({ unsigned }) => unsigned)) throw new EvaluationError('unsigned arithmetic')
      if (one === null || other === null) return null
      // The kind was checked.
      const [a, b] = [BigInt(one as number | bigint), BigInt(other as number | bigint)]
      const value = compute(a, b)
      if (value >= INT64_MIN && value <= INT64_MAX) return narrowInteger(value)
      throw EvaluationError.outOfRange('BIGINT', `(${a} ${sign} ${b})`)
    },
  }
}

function reals(sign: string, compute: (one: number, other: number) => number): Signature {
  return {
    kind: 'real',
    count: TWO,
    compute: ([one = null, other = null]) => {
      if (typeof one !== 'number' || typeof other !== 'number') return null
      const value = compute(one, other)
      if (Number.isFinite(value)) return value
      throw EvaluationError.outOfRange('DOUBLE', `(${one} ${sign} ${other})`)
    },
  }
}

function decimals(
  sign: string,
  compute: (one: ScaledInteger, other: ScaledInteger) => ScaledInteger,
): Signature {
  return {
    kind: 'decimal',
    count: TWO,
    compute: ([one = null, other = null]) => {
      if (!isDecimal(one) || !isDecimal(other)) return null
      const value = compute(one, other)
      if (wholeDigits(value) + value.scale <= DECIMAL_DIGITS_MAX) return value
      throw EvaluationError.outOfRange('DECIMAL', `(${formatDecimal(one)} ${sign} ${formatDecimal(other)})`)
    },
  }
}

export function addDecimals(one: ScaledInteger, other: ScaledInteger): ScaledInteger {
  const scale = Math.max(one.scale, other.scale)
  return { digits: atScale(one, scale) + atScale(other, scale), scale }
}

/** Digits beyond the largest scale are cut. */
function multiplyDecimals(one: ScaledInteger, other: ScaledInteger): ScaledInteger {
  const product = { digits: one.digits * other.digits, scale: one.scale + other.scale }
  if (product.scale <= DECIMAL_SCALE_MAX) return product
  return {
    digits: product.digits / 10n ** BigInt(product.scale - DECIMAL_SCALE_MAX),
    scale: DECIMAL_SCALE_MAX,
  }
}

/** As precision and scale of the result say; what does not fit is an error. */
function fitted(value: ScaledInteger, { precision, scale }: ServerType): ServerValue {
  if (precision < 0 || scale < 0) return value
  const scaled = rescale(value, scale)
  if (scaled !== undefined && wholeDigits(scaled) <= precision - scale) return scaled
  throw EvaluationError.outOfRange('Decimal', `(${precision}, ${scale})`)
}
