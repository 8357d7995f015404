/** The binary form: dimensions, whether there are nulls, the element type; each dimension; each element with its size. */
import { asBuffer } from '@orbit-ts/base'
import type { ByteWriter } from '@orbit-ts/storage'
import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { DIMENSIONS_MAX } from './parse-array.js'
import { SqlArray, type ArrayDimension } from './sql-array.js'

export function encodeArray(
  writer: ByteWriter,
  array: SqlArray,
  element: ScalarType,
  context: ScalarContext,
): void {
  writer.uint32BE(array.dimensions.length)
  writer.uint32BE(array.elements.includes(null) ? 1 : 0)
  writer.uint32BE(element.oid)
  for (const { length, lower } of array.dimensions) {
    writer.uint32BE(length)
    writer.uint32BE(lower >>> 0)
  }
  for (const value of array.elements) encodeField(writer, value, element, context)
}

/** A value with its size before it; -1 for null. */
export function encodeField(
  writer: ByteWriter,
  value: Value,
  type: ScalarType,
  context: ScalarContext,
): void {
  const at = writer.reserve(4)
  if (value === null) {
    writer.view.setInt32(at, -1)
    return
  }
  type.encode(writer, value, context)
  writer.view.setInt32(at, writer.length - at - 4)
}

/** @throws invalid_binary_representation, datatype_mismatch */
export function decodeArray(
  bytes: Uint8Array,
  element: ScalarType,
  modifier: number,
  context: ScalarContext,
): SqlArray {
  const reader = new FieldReader(bytes)
  const count = reader.int32()
  if (count < 0) throw invalid(`invalid number of dimensions: ${count}`)
  if (count > DIMENSIONS_MAX) {
    throw queryError(
      'program_limit_exceeded',
      `number of array dimensions (${count}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
    )
  }
  const flags = reader.int32()
  if (flags !== 0 && flags !== 1) throw invalid('invalid array flags')
  const type = reader.int32() >>> 0
  if (type !== element.oid) {
    throw queryError(
      'datatype_mismatch',
      `binary data has array element type ${type} instead of expected ${element.oid} (${element.displayName})`,
    )
  }
  const dimensions: ArrayDimension[] = []
  let size = count === 0 ? 0 : 1
  for (let i = 0; i < count; i++) {
    const length = reader.int32()
    dimensions.push({ length, lower: reader.int32() })
    size *= length
  }
  // Each element takes four bytes at least, so the size needs no trust.
  if (dimensions.some(({ length }) => length < 0) || size * 4 > reader.left) {
    throw invalid('insufficient data left in message')
  }
  const elements: Value[] = []
  for (let i = 0; i < size; i++) elements.push(reader.field(element, modifier, context))
  reader.end()
  return size === 0 ? new SqlArray([]) : new SqlArray(elements, dimensions)
}

/** Reads what arrays and records consist of. */
export class FieldReader {
  readonly #buffer: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#buffer = asBuffer(bytes)
  }

  get left(): number {
    return this.#buffer.length - this.#at
  }

  int32(): number {
    if (this.left < 4) throw queryError('protocol_violation', 'insufficient data left in message')
    const value = this.#buffer.readInt32BE(this.#at)
    this.#at += 4
    return value
  }

  field(type: ScalarType, modifier: number, context: ScalarContext): Value {
    const size = this.int32()
    if (size === -1) return null
    if (size < 0 || size > this.left) {
      throw queryError('protocol_violation', 'insufficient data left in message')
    }
    const bytes = this.#buffer.subarray(this.#at, this.#at + size)
    this.#at += size
    return type.decode(bytes, modifier, context)
  }

  end(): void {
    if (this.left > 0) throw invalid('incorrect binary data format')
  }
}

function invalid(reason: string): Error {
  return queryError('invalid_binary_representation', reason)
}
