import { asBuffer } from '@orbit-ts/base'
import { decimalSize, decimalText, parseDecimal } from '../../coprocessor/dag/dag-decimal.js'
import { DatumSource } from '../../coprocessor/dag/datum-source.js'
import { realAt } from '../../coprocessor/dag/real-bytes.js'
import type { ColumnInfo, TableScan } from '../../gen/tipb.js'
import { EvaluationError } from './dag-failure.js'
import type { ScannedPair } from './scan-cursor.js'
import {
  narrowInteger,
  readDatum,
  readValue,
  serverType,
  type ServerRow,
  type ServerType,
  type ServerValue,
} from './server-value.js'
import { handleOf, isIntegerHandle } from './table-keys.js'

const ROW_VERSION = 128
const LARGE = 1
const HEADER_SIZE = 6
const NOT_NULL = 1

interface Column {
  readonly id: number
  readonly type: ServerType
  readonly isHandle: boolean
  /** What rows have that say nothing of it; undefined when that is an error. */
  readonly absent: ServerValue | undefined
}

/** Makes rows of the pairs of a table: of row format v2, as TiKV's table scan does. */
export class TableRows {
  readonly types: readonly ServerType[]
  readonly #columns: readonly Column[]
  /** By id, the last one of the id; without the handle. */
  readonly #byId: ReadonlyMap<number, number>
  readonly #primaryKey: readonly number[]
  /** The values of rows are not looked at: all columns are in the key. */
  readonly #isKeyOnly: boolean

  constructor({ columns, primaryColumnIds, primaryPrefixColumnIds }: TableScan) {
    this.#columns = columns.map(columnOf)
    this.types = this.#columns.map(({ type }) => type)
    this.#byId = new Map(this.#columns.flatMap(({ id, isHandle }, at) => (isHandle ? [] : [[id, at]])))
    this.#primaryKey = primaryColumnIds.map(Number)
    const prefixes = new Set(primaryPrefixColumnIds.map(Number))
    this.#isKeyOnly = this.#columns.every(
      ({ id, isHandle }) => isHandle || (this.#primaryKey.includes(id) && !prefixes.has(id)),
    )
  }

  row({ key, value }: ScannedPair): ServerRow {
    const row = new Array<ServerValue | undefined>(this.#columns.length).fill(undefined)
    if (!this.#isKeyOnly && value.length > 1) this.#readRow(value, row)
    this.#readHandle(handleOf(key), row)
    return row.map((found, at) => (found === undefined ? this.#absent(at) : found))
  }

  #readRow(value: Uint8Array, row: (ServerValue | undefined)[]): void {
    const bytes = asBuffer(value)
    if (bytes[0] !== ROW_VERSION) throw new EvaluationError(`Unsupported row format ${bytes[0]}`)
    const layout = rowLayout(bytes)
    for (const [id, at] of this.#byId) {
      const found = layout.find(id)
      if (found === null) row[at] = null
      else if (found !== undefined) row[at] = this.#decode(bytes.subarray(...found), at)
    }
  }

  #decode(bytes: Buffer, at: number): ServerValue {
    // There is a type for each column.
    return decodeStored(bytes, this.types[at] as ServerType)
  }

  #readHandle(handle: Uint8Array, row: (ServerValue | undefined)[]): void {
    for (const [at, { isHandle }] of this.#columns.entries()) {
      if (!isHandle) continue
      if (!isIntegerHandle(handle)) throw new EvaluationError('record key expected, but got a common handle')
      row[at] = narrowInteger(asBuffer(handle).readBigInt64BE() ^ -0x8000_0000_0000_0000n)
    }
    if (this.#primaryKey.length === 0) return
    const source = new DatumSource(handle)
    for (const id of this.#primaryKey) {
      const at = this.#byId.get(id)
      // What the row holds of it, null among it, goes before; the key may have it in another form then.
      if (at === undefined || row[at] !== undefined) readDatum(() => source.skip())
      else row[at] = readValue(source, this.types[at] as ServerType)
    }
  }

  #absent(at: number): ServerValue {
    const absent = this.#columns[at]?.absent
    if (absent !== undefined) return absent
    throw new EvaluationError(`Data is corrupted, missing data for NOT NULL column (offset = ${at})`)
  }
}

function columnOf(info: ColumnInfo): Column {
  const type = serverType({ tp: info.tp, flag: info.flag, flen: info.columnLen, decimal: info.decimal })
  const nullable = (info.flag & NOT_NULL) === 0 ? null : undefined
  const absent = info.defaultVal.length > 0 ? readValue(new DatumSource(info.defaultVal), type) : nullable
  return { id: Number(info.columnId), type, isHandle: info.pkHandle, absent }
}

interface RowLayout {
  /** Where a column's value is; null for a null, undefined for a column that the row does not have. */
  readonly find: (id: number) => readonly [number, number] | null | undefined
}

function rowLayout(bytes: Buffer): RowLayout {
  if (bytes.length < HEADER_SIZE) throw new EvaluationError('a row is cut short')
  const large = ((bytes[1] ?? 0) & LARGE) !== 0
  const [values, nulls] = [bytes.readUInt16LE(2), bytes.readUInt16LE(4)]
  const idSize = large ? 4 : 1
  const endsAt = HEADER_SIZE + (values + nulls) * idSize
  const dataAt = endsAt + values * (large ? 4 : 2)
  const idAt = (index: number): number =>
    large ? bytes.readUInt32LE(HEADER_SIZE + index * 4) : bytes.readUInt8(HEADER_SIZE + index)
  const endOf = (index: number): number => {
    if (index < 0) return dataAt
    return dataAt + (large ? bytes.readUInt32LE(endsAt + index * 4) : bytes.readUInt16LE(endsAt + index * 2))
  }
  return {
    find: (id) => {
      for (let at = 0; at < values; at++) if (idAt(at) === id) return [endOf(at - 1), endOf(at)]
      for (let at = values; at < values + nulls; at++) if (idAt(at) === id) return null
      return undefined
    },
  }
}

function decodeStored(bytes: Buffer, { kind, unsigned }: ServerType): ServerValue {
  switch (kind) {
    case 'int':
    case 'duration':
      return unsigned ? storedUnsigned(bytes) : storedInteger(bytes)
    case 'real': {
      if (bytes.length !== 8) throw new EvaluationError('Failed to decode datum payload as f64')
      const value = realAt(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0)
      return Number.isNaN(value) ? null : value
    }
    case 'decimal':
      readDatum(() => decimalSize(bytes, 0))
      return parseDecimal(decimalText(bytes, 0)) ?? null
    case 'bytes':
      return bytes
  }
}

function storedInteger(bytes: Buffer): number | bigint {
  switch (bytes.length) {
    case 1:
      return bytes.readInt8()
    case 2:
      return bytes.readInt16LE()
    case 4:
      return bytes.readInt32LE()
    case 8:
      return narrowInteger(bytes.readBigInt64LE())
    default:
      throw new EvaluationError('Failed to decode row v2 data as i64')
  }
}

function storedUnsigned(bytes: Buffer): number | bigint {
  switch (bytes.length) {
    case 1:
      return bytes.readUInt8()
    case 2:
      return bytes.readUInt16LE()
    case 4:
      return bytes.readUInt32LE()
    case 8:
      return narrowInteger(bytes.readBigUInt64LE())
    default:
      throw new EvaluationError('Failed to decode row v2 data as u64')
  }
}
