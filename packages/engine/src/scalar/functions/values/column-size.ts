import { ByteWriter } from '@orbit-ts/storage'
import { SqlArray } from '../../array/sql-array.js'
import type { ScalarType } from '../../data-type.js'
import { Numeric } from '../../numeric/numeric.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Value } from '../../value.js'
import { bound } from '../define/scalar-function.js'

/** Before values of no fixed length. */
const HEADER_BYTES = 4
const ARRAY_BYTES = 16
const DIMENSION_BYTES = 8
const FIELDS_BYTES = 24

/** How many bytes a value takes where PostgreSQL works with it. */
function sizeOf(value: NonNullable<Value>, type: ScalarType, context: ScalarContext): number {
  if (type.length > 0) return type.length
  if (value instanceof Numeric) return HEADER_BYTES + 2 + 2 * groupsOf(value)
  if (value instanceof SqlArray && type.element !== undefined) {
    const { element } = type
    const nulls = value.elements.includes(null) ? Math.ceil(value.elements.length / 8) : 0
    let bytes = aligned(ARRAY_BYTES + DIMENSION_BYTES * value.dimensions.length + nulls, nulls > 0 ? 8 : 4)
    for (const each of value.elements) {
      if (each !== null) bytes = aligned(bytes, alignOf(element)) + sizeOf(each, element, context)
    }
    return bytes
  }
  const writer = new ByteWriter()
  type.encode(writer, value, context)
  return (type.fields === undefined ? HEADER_BYTES : FIELDS_BYTES) + writer.toBytes().length
}

function alignOf({ length }: ScalarType): number {
  return length === 8 || length === 16 ? 8 : length === 2 ? 2 : length === 1 ? 1 : 4
}

const aligned = (bytes: number, to: number): number => Math.ceil(bytes / to) * to

/** Digits to the base 10 000, without zeros at both ends. */
function groupsOf({ digits, scale, isFinite }: Numeric): number {
  if (!isFinite || digits === 0n) return 0
  const whole = (digits < 0n ? -digits : digits) * 10n ** BigInt((4 - (scale % 4)) % 4)
  let rest = whole
  while (rest % 10_000n === 0n) rest /= 10_000n
  return Math.ceil(String(rest).length / 4)
}

export const columnSize = bound('1269 pg_column_size(any) int4 stable', ([given]) => {
  const type = given?.scalar
  return (context: ScalarContext, value: NonNullable<Value>) =>
    type === undefined ? null : sizeOf(value, type, context)
})
