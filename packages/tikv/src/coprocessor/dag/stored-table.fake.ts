import { concatBytes } from '@orbit-ts/base'
import type { KeyRange } from '../../key-range.js'
import { encodeDecimal, parseDecimal, rescale } from './dag-decimal.js'
import type { DagColumn, DagRow, DagType, DagValue } from './dag-plan.js'
import { realBytes } from './real-bytes.js'

/** Tables as they are stored, written without any code of the client: rows in format v2, keys of TiDB's layout. */

const TABLE = 0x74
export const SMALL_ID_MAX = 255

export interface Pair {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export function ordered(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)) ^ (1n << 63n))
  return bytes
}

const tableKey = (tableId: number, kind: string): Buffer =>
  Buffer.concat([Buffer.of(TABLE), ordered(tableId), Buffer.from(`_${kind}`)])

export const rowKey = (tableId: number, handle: number | bigint | Uint8Array): Uint8Array =>
  concatBytes(tableKey(tableId, 'r'), handle instanceof Uint8Array ? handle : ordered(handle))

export function rowsRange(tableId: number): KeyRange {
  return { start: tableKey(tableId, 'r'), end: tableKey(tableId, 's') }
}

const indexKey = (tableId: number, indexId: number): Buffer =>
  Buffer.concat([tableKey(tableId, 'i'), ordered(indexId)])

export function indexRange(tableId: number, indexId: number): KeyRange {
  return { start: indexKey(tableId, indexId), end: indexKey(tableId, indexId + 1) }
}

/** Eight bytes and what is missing of them. */
function groups(value: Uint8Array): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at <= value.length; at += 8) {
    const part = value.subarray(at, at + 8)
    parts.push(Buffer.concat([part, Buffer.alloc(8 - part.length), Buffer.of(0xff - (8 - part.length))]))
  }
  return Buffer.concat(parts)
}

/** A value in a key. */
export function keyDatum(type: DagType, value: DagValue): Uint8Array {
  if (value === null) return Buffer.of(0)
  switch (type.kind) {
    case 'int':
      if (type.unsigned !== true) return concatBytes(Buffer.of(3), ordered(BigInt(value as number)))
      return concatBytes(Buffer.of(4), ordered(BigInt.asUintN(64, BigInt(value as number)) ^ (1n << 63n)))
    case 'duration':
      return concatBytes(Buffer.of(7), ordered(BigInt(value as number)))
    case 'real':
      return concatBytes(Buffer.of(5), realBytes(Number(value)))
    case 'decimal':
      return concatBytes(Buffer.of(6), storedDecimal(type, String(value)))
    case 'text':
      return concatBytes(Buffer.of(1), groups(Buffer.from(String(value))))
    case 'bytes':
      return concatBytes(Buffer.of(1), groups(value as Uint8Array))
  }
}

function storedDecimal({ precision, scale }: { precision: number; scale: number }, text: string): Uint8Array {
  const parsed = parseDecimal(text)
  const value = parsed && rescale(parsed, scale)
  if (value === undefined) throw new Error(`${text} is no decimal(${precision}, ${scale})`)
  return encodeDecimal(value, precision)
}

function storedValue(type: DagType, value: NonNullable<DagValue>): Uint8Array {
  switch (type.kind) {
    case 'int':
      return type.unsigned === true
        ? storedUnsigned(BigInt(value as number))
        : storedInteger(BigInt(value as number))
    case 'duration':
      return storedInteger(BigInt(value as number))
    case 'real':
      return realBytes(Number(value))
    case 'decimal':
      return storedDecimal(type, String(value))
    case 'text':
      return Buffer.from(String(value))
    case 'bytes':
      return value as Uint8Array
  }
}

function storedInteger(value: bigint): Buffer {
  const size = [8, 16, 32].find((bits) => BigInt.asIntN(bits, value) === value) ?? 64
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(value)
  return bytes.subarray(0, size / 8)
}

function storedUnsigned(value: bigint): Buffer {
  const size = [8, 16, 32].find((bits) => BigInt.asUintN(bits, value) === value) ?? 64
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes.subarray(0, size / 8)
}

/** A row in format v2; undefined leaves a column out. */
export function storedRow(
  columns: readonly DagColumn[],
  values: readonly (DagValue | undefined)[],
): Uint8Array {
  const known = columns
    .map(({ id, type }, at) => ({ id, type, value: values[at] }))
    .filter(({ value }) => value !== undefined)
    .sort((one, other) => one.id - other.id)
  const filled = known.filter(({ value }) => value !== null)
  const nulls = known.filter(({ value }) => value === null)
  // Those that are null were taken out.
  const data = filled.map(({ type, value }) => storedValue(type, value as NonNullable<DagValue>))
  const total = data.reduce((sum, part) => sum + part.length, 0)
  const large = known.some(({ id }) => id > SMALL_ID_MAX) || total > 0xffff
  const number = (value: number, size: number): Buffer => {
    const bytes = Buffer.alloc(size)
    bytes.writeUIntLE(value, 0, size)
    return bytes
  }
  let end = 0
  const ends = data.map((part) => number((end += part.length), large ? 4 : 2))
  const ids = [...filled, ...nulls].map(({ id }) => number(id, large ? 4 : 1))
  const counts = [number(filled.length, 2), number(nulls.length, 2)]
  return Buffer.concat([Buffer.of(128, large ? 1 : 0), ...counts, ...ids, ...ends, ...data])
}

export interface StoredIndex {
  readonly id: number
  /** Positions of its columns in the table's. */
  readonly positions: readonly number[]
  readonly isUnique: boolean
}

/** A table whose first column is its integer handle. */
export interface StoredTable {
  readonly id: number
  readonly columns: readonly DagColumn[]
  readonly indexes: readonly StoredIndex[]
}

/** What a row takes in the store: itself and its index entries. Undefined values are left out of the row. */
export function pairsOf(table: StoredTable, row: readonly (DagValue | undefined)[]): Pair[] {
  const [, ...columns] = table.columns
  const [handle, ...values] = row
  const number = handle as number | bigint
  const whole = withAbsent(table.columns, row)
  const entries = table.indexes.map(({ id, positions, isUnique }): Pair => {
    const datums = positions.map((at) =>
      keyDatum(table.columns[at]?.type ?? { kind: 'int' }, whole[at] ?? null),
    )
    const start = concatBytes(indexKey(table.id, id), ...datums)
    const distinct = isUnique && positions.every((at) => whole[at] !== null)
    if (!distinct) return { key: concatBytes(start, Buffer.of(3), ordered(number)), value: Buffer.from('0') }
    const value = Buffer.alloc(8)
    value.writeBigInt64BE(BigInt(number))
    return { key: start, value }
  })
  return [{ key: rowKey(table.id, number), value: storedRow(columns, values) }, ...entries]
}

/** The row as readers see it. */
export function withAbsent(columns: readonly DagColumn[], row: readonly (DagValue | undefined)[]): DagRow {
  return columns.map(({ absent = null }, at) => {
    const value = row[at]
    return value === undefined ? absent : value
  })
}
