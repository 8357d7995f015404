import { asBuffer, compareBytes, OrbitError } from '@orbit-ts/base'
import { formatDecimal, parseDecimal, type ScaledInteger } from '../../coprocessor/dag/dag-decimal.js'
import type { DagType } from '../../coprocessor/dag/dag-plan.js'
import { FIELD_FLAG, FIELD_TYPE } from '../../coprocessor/dag/field-types.js'
import type { DatumSource } from '../../coprocessor/dag/datum-source.js'
import { EvaluationError, PlanRefusal } from './dag-failure.js'

/** What a store computes with: integers as numbers where they are safe, strings as bytes, decimals with their scale. */
export type ServerValue = null | number | bigint | ScaledInteger | Uint8Array

export type ServerRow = ServerValue[]

/** A column's or an expression's type. `dag`: how its datums are read. */
export interface ServerType {
  readonly kind: 'int' | 'real' | 'decimal' | 'bytes' | 'duration'
  readonly unsigned: boolean
  readonly dag: DagType
  /** Digits of a decimal; -1 when not given. */
  readonly precision: number
  readonly scale: number
}

interface FieldFacts {
  readonly tp: number
  readonly flag: number
  readonly flen: number
  readonly decimal: number
}

/** @throws PlanRefusal for a type that the store does not know */
export function serverType({ tp, flag, flen, decimal }: FieldFacts): ServerType {
  const unsigned = (flag & FIELD_FLAG.unsigned) !== 0
  const rest = { unsigned, precision: flen, scale: decimal }
  switch (tp) {
    case FIELD_TYPE.longLong:
      return { kind: 'int', dag: { kind: 'int', unsigned }, ...rest }
    case FIELD_TYPE.double:
      return { kind: 'real', dag: { kind: 'real' }, ...rest }
    case FIELD_TYPE.newDecimal:
      return { kind: 'decimal', dag: { kind: 'decimal', precision: flen, scale: decimal }, ...rest }
    case FIELD_TYPE.varchar:
      return { kind: 'bytes', dag: { kind: 'bytes' }, ...rest }
    case FIELD_TYPE.duration:
      return { kind: 'duration', dag: { kind: 'duration' }, ...rest }
    default:
      throw new PlanRefusal(`Unsupported type: ${tp}`)
  }
}

/** The next datum. NaN is null, as in TiKV. @throws EvaluationError */
export function readValue(source: DatumSource, type: ServerType): ServerValue {
  const value = readDatum(() => source.value(type.dag))
  if (typeof value === 'string') return parseDecimal(value) ?? null
  return type.kind === 'real' && Number.isNaN(value) ? null : value
}

/** What is no datum is an error of the plan, which names a column that is none. */
export function readDatum<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof OrbitError ? new EvaluationError(error.reason) : error
  }
}

export const isDecimal = (value: ServerValue): value is ScaledInteger =>
  typeof value === 'object' && value !== null && 'digits' in value

/** Of two values of one kind, neither of them null. */
export function compareValues(one: ServerValue, other: ServerValue): number {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return compareBytes(one, other)
  if (isDecimal(one) && isDecimal(other)) return compareDecimals(one, other)
  // Both are numbers or bigints, which compare with one another.
  const [a, b] = [one as number | bigint, other as number | bigint]
  return a < b ? -1 : a > b ? 1 : 0
}

/** With null before all values. */
export function compareNullable(one: ServerValue, other: ServerValue): number {
  if (one === null || other === null) return Number(other === null) - Number(one === null)
  return compareValues(one, other)
}

function compareDecimals(one: ScaledInteger, other: ScaledInteger): number {
  const scale = Math.max(one.scale, other.scale)
  const [a, b] = [atScale(one, scale), atScale(other, scale)]
  return a < b ? -1 : a > b ? 1 : 0
}

/** The digits with more of them after the point. */
export function atScale({ digits, scale }: ScaledInteger, to: number): bigint {
  return to === scale ? digits : digits * 10n ** BigInt(to - scale)
}

/** Equal for equal values of one kind. */
export function groupKey(value: ServerValue): string {
  if (value === null) return 'n'
  if (value instanceof Uint8Array) return `b${value.length}:${asBuffer(value).toString('latin1')}`
  if (isDecimal(value)) return `d${formatDecimal(withoutZeros(value))}`
  return `i${value === 0 ? 0 : value};`
}

function withoutZeros({ digits, scale }: ScaledInteger): ScaledInteger {
  let [rest, places] = [digits, scale]
  while (places > 0 && rest % 10n === 0n) {
    rest /= 10n
    places--
  }
  return { digits: rest, scale: places }
}

export function narrowInteger(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
