/**
 * Rows in TiDB's row format v2, which TiKV's coprocessor reads column by column:
 *
 *     128 | flags | count of values, 2 | count of nulls, 2 | ids of values | ids of nulls | ends of values | values
 *
 * Ids take one byte and ends two, little-endian; four each, with flag 1, when an id is over 255 or the values are over
 * 65 535 bytes. Ids are sorted within both groups.
 */
import { OrbitError, defined } from '@orbit-ts/base'
import { ByteWriter, NULL_DATUM, type Datum } from '@orbit-ts/storage'
import {
  COLUMN_ABSENT,
  COLUMN_NULL,
  ROW_FLAG_LARGE,
  ROW_HEADER_SIZE,
  ROW_VERSION,
  RowView,
} from './row-view.js'
import { type StoredDatum, type StoredKind, writeRowValue } from './row-value.js'

export interface RowColumn {
  /** 1 to 2^32 - 1, different for each column of a table and never used again. */
  readonly id: number
  readonly kind: StoredKind
}

interface Placed extends RowColumn {
  /** Where the column stands in what callers pass and get. */
  readonly position: number
}

/** What a row holds of each column: a value, null, or undefined where it says nothing (the column came later). */
export type RowDatums = readonly (Datum | undefined)[]

const SMALL_ID_MAX = 255
const SMALL_DATA_MAX = 0xffff
const ID_MAX = 0xffff_ffff

/** Encoding is synchronous and never nested, so all codecs write through one buffer. */
const WRITER = new ByteWriter(4096)

/** Encodes and decodes the rows of one table. */
export class RowCodec {
  /** In order of id. */
  readonly #columns: readonly Placed[]
  /** In the order of what callers pass. */
  readonly #declared: readonly RowColumn[]
  readonly #count: number

  /** @param columns in the order in which values are passed and returned. */
  constructor(columns: readonly RowColumn[]) {
    const placed = columns.map(({ id, kind }, position): Placed => ({ id, kind, position }))
    this.#columns = placed.sort((a, b) => a.id - b.id)
    this.#declared = columns
    this.#count = columns.length
    let previous = 0
    for (const { id } of this.#columns) {
      if (!Number.isInteger(id) || id <= previous || id > ID_MAX) {
        throw new OrbitError('INTERNAL', `column ids are distinct integers from 1 to ${ID_MAX}; ${id} is not`)
      }
      previous = id
    }
  }

  /** The row with these values, one for each column; `undefined` leaves the column out. */
  encode(datums: RowDatums): Uint8Array {
    if (datums.length !== this.#count) {
      throw new OrbitError('INTERNAL', `${datums.length} values for a row of ${this.#count} columns`)
    }
    let values = 0
    let nulls = 0
    let idMax = 0
    for (const { id, position } of this.#columns) {
      const datum = datums[position]
      if (datum === undefined) continue
      if (datum.kind === 'null') nulls++
      else values++
      idMax = id
    }
    const large = idMax > SMALL_ID_MAX
    return this.#write(datums, values, nulls, large) ?? this.#writeLarge(datums, values, nulls)
  }

  #writeLarge(datums: RowDatums, values: number, nulls: number): Uint8Array {
    const row = this.#write(datums, values, nulls, true)
    if (row === undefined) throw new OrbitError('VALUE_TOO_LARGE', 'the row has more than 4 GiB')
    return row
  }

  /** Undefined when the values do not fit a small row. */
  #write(datums: RowDatums, values: number, nulls: number, large: boolean): Uint8Array | undefined {
    const writer = WRITER.reset()
    const idSize = large ? 4 : 1
    const nullsAt = ROW_HEADER_SIZE + values * idSize
    const endsAt = nullsAt + nulls * idSize
    const dataAt = endsAt + values * (large ? 4 : 2)
    writer.reserve(dataAt)
    writer.buffer[0] = ROW_VERSION
    writer.buffer[1] = large ? ROW_FLAG_LARGE : 0
    writer.view.setUint16(2, values, true)
    writer.view.setUint16(4, nulls, true)
    let idAt = ROW_HEADER_SIZE
    let nullAt = nullsAt
    let endAt = endsAt
    for (const { id, kind, position } of this.#columns) {
      const datum = datums[position]
      if (datum === undefined) continue
      if (datum.kind === 'null') {
        setId(writer, nullAt, id, large)
        nullAt += idSize
        continue
      }
      setId(writer, idAt, id, large)
      idAt += idSize
      writeRowValue(writer, ofKind(datum, kind, id))
      const end = writer.length - dataAt
      if (large) {
        writer.view.setUint32(endAt, end, true)
        endAt += 4
      } else {
        if (end > SMALL_DATA_MAX) return undefined
        writer.view.setUint16(endAt, end, true)
        endAt += 2
      }
    }
    return writer.toBytes()
  }

  /**
   * All columns of a row.
   * @param key the row's key, for error messages.
   * @throws RECORD_VERSION_UNSUPPORTED, STORAGE_CORRUPT
   */
  decode(bytes: Uint8Array, key?: Uint8Array): (Datum | undefined)[] {
    const view = new RowView(bytes, key)
    const datums = new Array<Datum | undefined>(this.#count)
    let hint = 0
    for (const { id, kind, position } of this.#columns) {
      const index = view.findNear(id, hint)
      if (index >= 0) {
        datums[position] = view.datumAt(index, kind)
        hint = index + 1
      } else datums[position] = index === COLUMN_NULL ? NULL_DATUM : undefined
    }
    return datums
  }

  /** Some columns of a row, by their positions; the others are not looked at. */
  decodeSome(bytes: Uint8Array, positions: readonly number[], key?: Uint8Array): (Datum | undefined)[] {
    const view = new RowView(bytes, key)
    return positions.map((position) => {
      const column = defined(this.#declared[position], `column ${position}`)
      const index = view.find(column.id)
      if (index === COLUMN_ABSENT) return undefined
      return index === COLUMN_NULL ? NULL_DATUM : view.datumAt(index, column.kind)
    })
  }
}

function setId(writer: ByteWriter, at: number, id: number, large: boolean): void {
  if (large) writer.view.setUint32(at, id, true)
  else writer.buffer[at] = id
}

/** Text and bytes are stored alike; any other mixture could not be read back. */
function ofKind(datum: Datum, kind: StoredKind, id: number): StoredDatum {
  if (datum.kind === kind) return datum
  const bothBytes = (datum.kind === 'text' || datum.kind === 'bytes') && (kind === 'text' || kind === 'bytes')
  if (bothBytes) return datum
  throw new OrbitError('INTERNAL', `column ${id} holds values of kind ${kind}, not ${datum.kind}`)
}
