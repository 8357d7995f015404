/**
 * Stored rows as rows of values: the path that every query takes, so nothing is made for a row but the row.
 */
import { OrbitError, asBuffer, defined } from '@orbit-ts/base'
import { DATUM_FLAG_INT, NULL_DATUM, handleDatums, relationalKeys, type Handle } from '@orbit-ts/storage'
import type { LayoutColumn, TableLayout } from '../models/relational/layout/table-layout.js'
import { losesInKeys } from '../models/relational/types/format-value.js'
import type { StoredForm } from '../models/relational/types/stored-form.js'
import { ROW_FLAG_LARGE, ROW_HEADER_SIZE, ROW_VERSION, RowView } from '../record/row-view.js'
import { ROW_ID_ORDINAL } from '../plan/logical-plan.js'
import type { Row, Value } from '../scalar/value.js'
import { tableRowId } from './table-row-id.js'
import type { TableTypes } from './table-types.js'

/** @param key of the row; @param value what is stored under it. */
export type DecodeRow = (key: Uint8Array, value: Uint8Array) => Row

/** Makes rows of as little as holds what they are made of: nobody can ask one for values that it has not read. */
export type RowDecoder =
  | { readonly reads: 'both'; readonly decode: DecodeRow }
  | { readonly reads: 'key'; readonly decode: DecodeRow; readonly ofKey: (key: Uint8Array) => Row }
  | {
      readonly reads: 'value'
      readonly decode: DecodeRow
      /** @param key for error messages only. */
      readonly ofValue: (value: Uint8Array, key: Uint8Array | undefined) => Row
    }

/** `t`, the table's id, `_r`. */
const HANDLE_AT = 11
/** A flag and eight bytes with the sign turned round. */
const INTEGER_DATUM_SIZE = 9
const SIGN = 0x8000_0000
const TWO_32 = 0x1_0000_0000

interface Wanted {
  readonly id: number
  /** Where the value goes in the row. */
  readonly out: number
  readonly read: StoredForm['read']
  readonly form: StoredForm
  readonly absent: Value
}

interface Keyed {
  readonly out: number
  /** Which value of the key. */
  readonly part: number
  readonly form: StoredForm
}

/** @param ordinals what the rows hold, in this order; `ROW_ID_ORDINAL` for the row's identity. */
export function rowDecoder(
  layout: TableLayout,
  { forms }: Pick<TableTypes, 'forms'>,
  ordinals: readonly number[],
): RowDecoder {
  const wanted: Wanted[] = []
  const keyed: Keyed[] = []
  const identities: number[] = []
  for (const [out, ordinal] of ordinals.entries()) {
    if (ordinal === ROW_ID_ORDINAL) {
      identities.push(out)
      continue
    }
    const column = defined(layout.columns[ordinal], 'the column')
    const form = defined(forms[ordinal], 'the form of the column')
    const part = layout.primaryKey?.indexOf(column) ?? -1
    if (part >= 0 && !losesInKeys(column.type)) keyed.push({ out, part, form })
    else wanted.push({ id: column.id, out, read: form.read, form, absent: absentValue(column, form) })
  }
  // Values stand in order of column ids.
  wanted.sort((a, b) => a.id - b.id)
  const width = ordinals.length
  const fillKey = keyFiller(layout, forms, keyed)
  if (wanted.length === 0 && identities.length === 0) {
    const ofKey = (key: Uint8Array): Row => {
      const row = new Array<Value>(width).fill(null)
      fillKey?.(row, key)
      return row
    }
    return { reads: 'key', decode: ofKey, ofKey }
  }
  if (fillKey === undefined && identities.length === 0) {
    const ofValue = (value: Uint8Array, key: Uint8Array | undefined): Row => {
      const row = new Array<Value>(width).fill(null)
      fillRow(row, wanted, asBuffer(value), key)
      return row
    }
    return { reads: 'value', decode: (key, value) => ofValue(value, key), ofValue }
  }
  return {
    reads: 'both',
    decode: (key, value) => {
      const row = new Array<Value>(width).fill(null)
      if (wanted.length > 0) fillRow(row, wanted, asBuffer(value), key)
      fillKey?.(row, key)
      for (const out of identities) row[out] = tableRowId(key, value)
      return row
    },
  }
}

function absentValue({ absent }: LayoutColumn, form: StoredForm): Value {
  return absent.kind === 'null' ? null : form.toValue(absent)
}

function keyFiller(
  layout: TableLayout,
  forms: readonly StoredForm[],
  keyed: readonly Keyed[],
): ((row: Row, key: Uint8Array) => void) | undefined {
  const [only] = keyed
  if (only === undefined) return undefined
  const { out, form } = only
  if (layout.hasIntegerHandle && keyed.length === 1)
    return (row, key) => {
      row[out] = form.kind === 'int' ? integerKey(key, form) : form.toValue(datumOf(key, 0))
    }
  const fillFromDatums = (row: Row, key: Uint8Array): void => {
    const datums = handleDatums(relationalKeys.rowHandle(key))
    for (const each of keyed) row[each.out] = each.form.toValue(datums[each.part] ?? NULL_DATUM)
  }
  const last = Math.max(...keyed.map(({ part }) => part))
  const areIntegers = defined(layout.primaryKey, 'the key that values are in')
    .slice(0, last + 1)
    .every((column) => forms[column.position]?.kind === 'int')
  if (layout.hasIntegerHandle || !areIntegers) return fillFromDatums
  return (row, key) => {
    if (!fillIntegers(row, keyed, asBuffer(key))) fillFromDatums(row, key)
  }
}

/** @returns false where the values have to be looked for one after the other */
function fillIntegers(row: Row, keyed: readonly Keyed[], key: Buffer): boolean {
  for (let i = 0; i < keyed.length; i++) {
    // The index is within the array.
    const { out, part, form } = keyed[i] as Keyed
    const at = HANDLE_AT + part * INTEGER_DATUM_SIZE
    if (key.length < at + INTEGER_DATUM_SIZE || key[at] !== DATUM_FLAG_INT) return false
    const value = (key.readInt32BE(at + 1) ^ SIGN) * TWO_32 + key.readUInt32BE(at + 5)
    if (!Number.isSafeInteger(value)) return false
    row[out] = form.ofInteger(value)
  }
  return true
}

function datumOf(key: Uint8Array, part: number) {
  return handleDatums(relationalKeys.rowHandle(key))[part] ?? NULL_DATUM
}

function integerKey(key: Uint8Array, form: StoredForm): Value {
  return form.ofInteger(rowHandleInteger(asBuffer(key)))
}

/** The handle of a row whose handle is an integer. */
export function rowHandleInteger(key: Buffer): number | bigint {
  const high = key.readInt32BE(HANDLE_AT) ^ SIGN
  const value = high * TWO_32 + key.readUInt32BE(HANDLE_AT + 4)
  if (Number.isSafeInteger(value)) return value
  const handle: Handle = relationalKeys.rowHandle(key)
  return handle instanceof Uint8Array ? fail(key) : handle
}

function fail(key: Uint8Array): never {
  throw new OrbitError(
    'STORAGE_CORRUPT',
    `${Buffer.from(key).toString('hex')} is no key of a row with an integer`,
  )
}

function fillRow(row: Row, wanted: readonly Wanted[], bytes: Buffer, key: Uint8Array | undefined): void {
  // What is not the common form, or not in order, is told by the view.
  if (
    bytes.length < ROW_HEADER_SIZE ||
    bytes[0] !== ROW_VERSION ||
    ((bytes[1] as number) & ROW_FLAG_LARGE) !== 0
  ) {
    fillSlowly(row, wanted, bytes, key)
    return
  }
  const valueCount = (bytes[2] as number) | ((bytes[3] as number) << 8)
  const idCount = valueCount + ((bytes[4] as number) | ((bytes[5] as number) << 8))
  const endsAt = ROW_HEADER_SIZE + idCount
  const dataAt = endsAt + valueCount * 2
  if (bytes[1] === 0 && !isWhole(bytes, valueCount, endsAt, dataAt)) {
    fillSlowly(row, wanted, bytes, key)
    return
  }
  let index = 0
  for (let i = 0; i < wanted.length; i++) {
    // The index is within the array.
    const column = wanted[i] as Wanted
    while (index < valueCount && (bytes[ROW_HEADER_SIZE + index] as number) < column.id) index++
    if (index < valueCount && bytes[ROW_HEADER_SIZE + index] === column.id) {
      const start = index === 0 ? 0 : endOf(bytes, endsAt, index - 1)
      row[column.out] = column.read(bytes, dataAt + start, dataAt + endOf(bytes, endsAt, index))
    } else if (column.absent !== null && !hasNull(bytes, valueCount, idCount, column.id)) {
      row[column.out] = column.absent
    }
  }
}

function endOf(bytes: Buffer, endsAt: number, index: number): number {
  const at = endsAt + index * 2
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
}

function isWhole(bytes: Buffer, valueCount: number, endsAt: number, dataAt: number): boolean {
  if (dataAt > bytes.length) return false
  return dataAt + (valueCount === 0 ? 0 : endOf(bytes, endsAt, valueCount - 1)) === bytes.length
}

function hasNull(bytes: Buffer, valueCount: number, idCount: number, id: number): boolean {
  for (let i = valueCount; i < idCount; i++) if (bytes[ROW_HEADER_SIZE + i] === id) return true
  return false
}

/** @throws STORAGE_CORRUPT, RECORD_VERSION_UNSUPPORTED */
function fillSlowly(row: Row, wanted: readonly Wanted[], bytes: Buffer, key: Uint8Array | undefined): void {
  const view = new RowView(bytes, key)
  for (const { id, out, form, absent } of wanted) {
    const datum = view.datum(id, form.kind)
    row[out] = datum === undefined ? absent : datum.kind === 'null' ? null : form.toValue(datum)
  }
}
