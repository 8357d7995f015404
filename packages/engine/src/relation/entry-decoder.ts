/** Index entries as rows of values, where an index holds all that is asked for. */
import { asBuffer, defined } from '@orbit-ts/base'
import {
  DATUM_FLAG_INT,
  DATUM_FLAG_NULL,
  DATUM_FLAG_NULL_LAST,
  handleDatums,
  type Datum,
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

/** Only the rows' handles may be in values, and not of all entries: what needs none makes its rows of keys. */
export type EntryDecoder =
  | { readonly reads: 'key'; readonly ofKey: (key: Uint8Array) => Row }
  | { readonly reads: 'both'; readonly decode: (entry: Entry) => Row }

/** Makes rows of what entries hold themselves. @param ordinals all of them held by the index without loss. */
export function entryDecoder(
  table: TableLayout,
  { forms }: Pick<TableTypes, 'forms'>,
  access: EntryAccess,
  ordinals: readonly number[],
): EntryDecoder {
  if (ordinals.length === 0) return { reads: 'key', ofKey: () => [] }
  const { index } = access
  const sources = ordinals.map((ordinal): Source => {
    const form = defined(forms[ordinal], 'the form of the column')
    const part = index.keys.findIndex(
      ({ column, type }) => column?.position === ordinal && !losesInKeys(type),
    )
    const keyPart = table.primaryKey?.findIndex(({ position }) => position === ordinal) ?? -1
    return { form, part, keyPart }
  })
  const isFast =
    sources.every(({ form }) => form.kind === 'int') && index.descending.every((descending) => !descending)
  const last = Math.max(...sources.map(({ part }) => part))
  if (sources.every(({ part }) => part >= 0)) {
    const slow = (key: Uint8Array): Row => rowOf(sources, index.parse(key).datums, [])
    const ofKey = (key: Uint8Array): Row => integerRow(key, undefined, sources, last) ?? slow(key)
    return { reads: 'key', ofKey: isFast ? ofKey : slow }
  }
  const slow = (entry: Entry): Row =>
    rowOf(sources, index.parse(entry.key).datums, handleDatums(index.handleOf(entry)))
  const fast = (entry: Entry): Row => integerRow(entry.key, entry.value, sources, last) ?? slow(entry)
  return { reads: 'both', decode: isFast && table.hasIntegerHandle ? fast : slow }
}

/**
 * Undefined when some value before the last one wanted is no integer.
 * @param value undefined: nothing of the row's handle is wanted
 */
function integerRow(
  key: Uint8Array,
  value: Uint8Array | undefined,
  sources: readonly Source[],
  last: number,
): Row | undefined {
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
  if (value === undefined) return row
  // A unique entry has the handle in its value, without the sign turned round.
  if (value.length === INTEGER_SIZE) fillPlain(row, sources, asBuffer(value))
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

function rowOf(sources: readonly Source[], datums: readonly Datum[], inHandle: readonly Datum[]): Row {
  return sources.map(({ form, part, keyPart }): Value => {
    const datum = part >= 0 ? datums[part] : inHandle[keyPart]
    return datum === undefined || datum.kind === 'null' ? null : form.toValue(datum)
  })
}
