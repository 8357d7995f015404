/** Index entries as rows of values, where an index holds all that is asked for. */
import { asBuffer, defined } from '@orbit-ts/base'
import {
  DATUM_FLAG_INT,
  DATUM_FLAG_NULL,
  DATUM_FLAG_NULL_LAST,
  handleDatums,
  type Entry,
} from '@orbit-ts/storage'
import type { TableLayout } from '../models/relational/layout/table-layout.js'
import { losesInKeys } from '../models/relational/types/format-value.js'
import type { StoredForm } from '../models/relational/types/stored-form.js'
import { int64, type Row, type Value } from '../scalar/value.js'
import type { EntryAccess } from './index-access.js'
import type { TableTypes } from './table-types.js'

/** `t`, the table's id, `_i`, the index's id. */
const VALUES_AT = 19
const INTEGER_SIZE = 8

interface Source {
  readonly form: StoredForm
  /** Which value of the entry; -1: it is in the row's handle. */
  readonly part: number
  /** Which value of the handle. */
  readonly keyPart: number
}

/** Makes rows of what entries hold themselves. @param ordinals all of them held by the index without loss. */
export function entryDecoder(
  table: TableLayout,
  { forms }: Pick<TableTypes, 'forms'>,
  access: EntryAccess,
  ordinals: readonly number[],
): (entry: Entry) => Row {
  if (ordinals.length === 0) return () => []
  const { index } = access
  const sources = ordinals.map((ordinal): Source => {
    const form = defined(forms[ordinal], 'the form of the column')
    const part = index.keys.findIndex(
      ({ column, type }) => column?.position === ordinal && !losesInKeys(type),
    )
    const keyPart = table.primaryKey?.findIndex(({ position }) => position === ordinal) ?? -1
    return { form, part, keyPart }
  })
  const slow = slowDecoder(access, sources)
  const isFast =
    table.hasIntegerHandle &&
    sources.every(({ form }) => form.kind === 'int') &&
    index.descending.every((descending) => !descending)
  if (!isFast) return slow
  const last = Math.max(...sources.map(({ part }) => part))
  return (entry) => integerRow(entry, sources, last) ?? slow(entry)
}

/** Undefined when some value before the last one wanted is no integer. */
function integerRow({ key, value }: Entry, sources: readonly Source[], last: number): Row | undefined {
  const bytes = asBuffer(key)
  const row = new Array<Value>(sources.length).fill(null)
  let at = VALUES_AT
  for (let part = 0; part <= last; part++) {
    const flag = bytes[at]
    if (flag === DATUM_FLAG_INT) {
      fill(row, sources, part, bytes, at + 1)
      at += INTEGER_SIZE + 1
    } else if (flag === DATUM_FLAG_NULL || flag === DATUM_FLAG_NULL_LAST) at++
    else return undefined
  }
  // A unique entry has the handle in its value, without the sign turned round.
  const inValue = value.length === INTEGER_SIZE
  if (inValue) fillPlain(row, sources, asBuffer(value))
  else fill(row, sources, -1, bytes, bytes.length - INTEGER_SIZE)
  return row
}

function fill(row: Row, sources: readonly Source[], part: number, bytes: Buffer, at: number): void {
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]
    if (source?.part !== part) continue
    const number = (bytes.readInt32BE(at) ^ SIGN) * TWO_32 + bytes.readUInt32BE(at + 4)
    const integer = Number.isSafeInteger(number) ? number : int64(bytes.readBigUInt64BE(at) - TWO_63)
    row[i] = source.form.ofInteger(integer)
  }
}

function fillPlain(row: Row, sources: readonly Source[], bytes: Buffer): void {
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]
    if (source?.part === -1) row[i] = source.form.ofInteger(int64(bytes.readBigInt64BE()))
  }
}

const SIGN = 0x8000_0000
const TWO_32 = 0x1_0000_0000
const TWO_63 = 2n ** 63n

function slowDecoder({ index }: EntryAccess, sources: readonly Source[]): (entry: Entry) => Row {
  const needsHandle = sources.some(({ part }) => part < 0)
  return (entry) => {
    const { datums } = index.parse(entry.key)
    const inHandle = needsHandle ? handleDatums(index.handleOf(entry)) : []
    return sources.map(({ form, part, keyPart }): Value => {
      const datum = part >= 0 ? datums[part] : inHandle[keyPart]
      return datum === undefined || datum.kind === 'null' ? null : form.toValue(datum)
    })
  }
}
