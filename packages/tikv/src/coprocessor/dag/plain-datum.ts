import { OrbitError, unreachable } from '@orbit-ts/base'
import type { DagType, DagValue } from './dag-plan.js'
import { encodeDecimal, parseDecimal, rescale, wholeDigits } from './dag-decimal.js'
import type { PlainDatum } from './datum-sink.js'

const LONE_SURROGATE = /\p{Cs}/u
const DURATION_MAX_NS = 3_020_399_999_999_000

/** The value in the form in which it is sent. @throws `INVALID_ARGUMENT` when it is none of the type */
export function plainDatum(type: DagType, value: NonNullable<DagValue>): PlainDatum {
  return datumOf(type, value) ?? refuse(type, value)
}

function datumOf(type: DagType, value: NonNullable<DagValue>): PlainDatum | undefined {
  switch (type.kind) {
    case 'int':
      if (!isInteger(value)) return undefined
      if (type.unsigned === true) return fitsUnsigned(value) ? { kind: 'uint', value } : undefined
      return fitsSigned(value) ? { kind: 'int', value } : undefined
    case 'real':
      return typeof value === 'number' && !Number.isNaN(value) ? { kind: 'real', value } : undefined
    case 'decimal': {
      const bytes = typeof value === 'string' ? decimalBytes(type, value) : undefined
      return bytes && { kind: 'decimal', value: bytes }
    }
    case 'text':
      if (typeof value !== 'string' || LONE_SURROGATE.test(value)) return undefined
      return { kind: 'bytes', value: Buffer.from(value, 'utf8') }
    case 'bytes':
      return value instanceof Uint8Array ? { kind: 'bytes', value } : undefined
    case 'duration':
      if (!isInteger(value) || value > DURATION_MAX_NS || value < -DURATION_MAX_NS) return undefined
      if (Number(value) % 1000 !== 0) return undefined
      return { kind: 'duration', value }
    default:
      return unreachable(type, 'kind of type')
  }
}

const isInteger = (value: NonNullable<DagValue>): value is number | bigint =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))

const fitsSigned = (value: number | bigint): boolean =>
  typeof value === 'number' || BigInt.asIntN(64, value) === value

const fitsUnsigned = (value: number | bigint): boolean =>
  typeof value === 'number' ? value >= 0 : BigInt.asUintN(64, value) === value

function decimalBytes(
  { precision, scale }: Extract<DagType, { kind: 'decimal' }>,
  text: string,
): Uint8Array | undefined {
  const parsed = parseDecimal(text)
  const value = parsed && rescale(parsed, scale)
  if (value === undefined || wholeDigits(value) > precision - scale) return undefined
  return encodeDecimal(value, precision)
}

function refuse(type: DagType, value: NonNullable<DagValue>): never {
  const shown = value instanceof Uint8Array ? `${value.length} bytes` : String(value).slice(0, 80)
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `plan: ${JSON.stringify(shown)} is no value of type ${typeName(type)}`,
    {
      field: 'plan',
      type: type.kind,
    },
  )
}

export function typeName(type: DagType): string {
  if (type.kind === 'decimal') return `decimal(${type.precision}, ${type.scale})`
  return type.kind === 'int' && type.unsigned === true ? 'unsigned int' : type.kind
}
