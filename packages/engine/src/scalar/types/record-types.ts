/** Rows as values: `record`, whose fields differ from value to value, and composite types. */
import type { ByteWriter } from '@orbit-ts/storage'
import { FieldReader, encodeField } from '../array/array-binary.js'
import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import { RecordValue, type RecordField } from '../record-value.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { keyPart } from './array-type.js'
import { defineType } from './define-type.js'
import { formatRecord, parseRecord } from './record-text.js'

/** Field by field, null last. @throws datatype_mismatch for records that differ in their fields' types. */
export function compareRecords(a: RecordValue, b: RecordValue): number {
  const count = Math.min(a.values.length, b.values.length)
  for (let i = 0; i < count; i++) {
    const order = compareFields(a, b, i)
    if (order !== 0) return order
  }
  if (a.values.length === b.values.length) return 0
  throw queryError('datatype_mismatch', 'cannot compare record types with different numbers of columns')
}

function compareFields(a: RecordValue, b: RecordValue, index: number): number {
  const type = a.fields[index]?.type
  const other = b.fields[index]?.type
  if (type?.scalar.oid !== other?.scalar.oid) {
    throw queryError(
      'datatype_mismatch',
      `cannot compare dissimilar column types ${type?.scalar.displayName ?? '?'} and ${other?.scalar.displayName ?? '?'} at record column ${index + 1}`,
    )
  }
  const x = a.values[index] ?? null
  const y = b.values[index] ?? null
  if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1
  const compare = type?.scalar.compare
  if (compare === undefined) {
    throw queryError(
      'undefined_function',
      `could not identify a comparison function for type ${type?.scalar.displayName ?? '?'}`,
    )
  }
  return compare(x, y, type?.collation)
}

function hashRecord(record: RecordValue): string {
  let key = ''
  for (const [index, value] of record.values.entries()) {
    const scalar = record.fields[index]?.type.scalar
    if (value !== null && scalar?.hashKey === undefined) {
      throw queryError(
        'undefined_function',
        `could not identify a hash function for type ${scalar?.displayName ?? '?'}`,
      )
    }
    key += keyPart(value === null ? null : (scalar?.hashKey?.(value) ?? null))
  }
  return key
}

function encodeRecord(writer: ByteWriter, record: RecordValue, context: ScalarContext): void {
  writer.uint32BE(record.values.length)
  for (const [index, value] of record.values.entries()) {
    const scalar = record.fields[index]?.type.scalar
    if (scalar === undefined) continue
    writer.uint32BE(scalar.oid)
    encodeField(writer, value, scalar, context)
  }
}

function decodeRecord(bytes: Uint8Array, fields: readonly RecordField[], context: ScalarContext): Value[] {
  const reader = new FieldReader(bytes)
  const count = reader.int32()
  if (count !== fields.length) {
    throw queryError('datatype_mismatch', `wrong number of columns: ${count}, expected ${fields.length}`)
  }
  const values = fields.map(({ type }, index) => {
    const oid = reader.int32() >>> 0
    if (oid !== type.scalar.oid) {
      throw queryError(
        'datatype_mismatch',
        `binary data has type ${oid} instead of expected ${type.scalar.oid} (${type.scalar.displayName}) in record column ${index + 1}`,
      )
    }
    return reader.field(type.scalar, type.modifier, context)
  })
  reader.end()
  return values
}

/** A row of any fields. It cannot be read from text or bytes: they do not say of what types the fields are. */
export const record = defineType<RecordValue>({
  oid: 2249,
  name: 'record',
  category: 'P',
  parse: () => {
    throw notImplemented()
  },
  format: formatRecord,
  encode: encodeRecord,
  decode: () => {
    throw notImplemented()
  },
  compare: compareRecords,
  hashKey: hashRecord,
})

function notImplemented(): Error {
  return queryError('feature_not_supported', 'input of anonymous composite types is not implemented')
}

export interface CompositeTypeOptions {
  readonly oid: number
  readonly name: string
  /** As `format_type` writes it; default: the name. */
  readonly displayName?: string
  readonly fields: readonly RecordField[]
}

/** A type of rows, as CREATE TYPE … AS (…) and every table make one. */
export function makeCompositeType({ oid, name, displayName, fields }: CompositeTypeOptions): ScalarType {
  return defineType<RecordValue>({
    oid,
    name,
    ...(displayName !== undefined && { displayName }),
    category: 'C',
    fields,
    parse: (text, _, context) => new RecordValue(fields, parseRecord(text, fields, context)),
    format: formatRecord,
    encode: encodeRecord,
    decode: (bytes, _, context) => new RecordValue(fields, decodeRecord(bytes, fields, context)),
    compare: compareRecords,
    hashKey: hashRecord,
  })
}
