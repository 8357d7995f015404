/**
 * Arrays as bytes: their elements as datums, one after the other. Before those of an array that has not exactly one
 * dimension beginning at 1 stand a mark, the number of dimensions, and the length and the first subscript of each.
 */
import { assert } from '@orbit-ts/base'
import { ByteReader, ByteWriter, readDatums, writeDatums, type Datum } from '@orbit-ts/storage'
import { SqlArray, type ArrayDimension } from '../../../scalar/array/sql-array.js'
import type { Value } from '../../../scalar/value.js'

/** No flag of a datum. */
const DIMENSIONS = 0x20

export function arrayDatum(value: Value, toDatum: (element: Value) => Datum): Datum {
  assert(value instanceof SqlArray, 'an array')
  const writer = new ByteWriter(64)
  const [first, second] = value.dimensions
  if (second !== undefined || (first !== undefined && first.lower !== 1)) {
    writer.byte(DIMENSIONS)
    writer.byte(value.dimensions.length)
    for (const { length, lower } of value.dimensions) {
      writer.uint32BE(length)
      writer.uint32BE(lower >>> 0)
    }
  }
  writeDatums(writer, value.elements.map(toDatum))
  return { kind: 'bytes', value: writer.toBytes() }
}

export function arrayValue(bytes: Uint8Array, toValue: (datum: Datum) => Value): SqlArray {
  const reader = new ByteReader(bytes, 'array')
  const dimensions = readDimensions(reader)
  return new SqlArray(readDatums(reader).map(toValue), dimensions)
}

/** The elements alone, whatever the dimensions. */
export function arrayElements(bytes: Uint8Array): Datum[] {
  const reader = new ByteReader(bytes, 'array')
  readDimensions(reader)
  return readDatums(reader)
}

function readDimensions(reader: ByteReader): ArrayDimension[] | undefined {
  if (reader.peek() !== DIMENSIONS) return undefined
  reader.byte()
  return Array.from({ length: reader.byte() }, () => ({
    length: reader.uint32BE(),
    lower: reader.uint32BE() | 0,
  }))
}
