import { OrbitError, asBuffer, toHex } from '@orbit-ts/base'
import { NULL_DATUM, type Datum, formatKey } from '@orbit-ts/storage'
import { type StoredKind, readRowValue } from './row-value.js'

export const ROW_VERSION = 128
export const ROW_FLAG_LARGE = 1
export const ROW_FLAG_CHECKSUM = 2
export const ROW_HEADER_SIZE = 6

/** `find` gives these for a column that is null, and for one that the row does not have. */
export const COLUMN_NULL = -1
export const COLUMN_ABSENT = -2

/**
 * A stored row, of which only what is asked for is decoded. Its header is checked when it is opened, each value when
 * it is read.
 */
export class RowView {
  readonly #buffer: Buffer
  readonly #key: Uint8Array | undefined
  readonly #large: boolean
  readonly #valueCount: number
  readonly #idCount: number
  readonly #offsetsAt: number
  readonly #dataAt: number

  /**
   * @param key the row's key, for error messages.
   * @throws RECORD_VERSION_UNSUPPORTED, STORAGE_CORRUPT
   */
  constructor(bytes: Uint8Array, key?: Uint8Array) {
    const buffer = asBuffer(bytes)
    this.#buffer = buffer
    this.#key = key
    if (buffer.length < ROW_HEADER_SIZE) this.fail(`${buffer.length} bytes are no row`)
    if (buffer[0] !== ROW_VERSION) throw this.#unsupported(`row format ${buffer[0]}`)
    // The header is there.
    const flags = buffer[1] as number
    if ((flags & ~(ROW_FLAG_LARGE | ROW_FLAG_CHECKSUM)) !== 0) throw this.#unsupported(`row flags ${flags}`)
    this.#large = (flags & ROW_FLAG_LARGE) !== 0
    this.#valueCount = buffer.readUInt16LE(2)
    this.#idCount = this.#valueCount + buffer.readUInt16LE(4)
    this.#offsetsAt = ROW_HEADER_SIZE + this.#idCount * (this.#large ? 4 : 1)
    this.#dataAt = this.#offsetsAt + this.#valueCount * (this.#large ? 4 : 2)
    this.#checkLength((flags & ROW_FLAG_CHECKSUM) !== 0)
  }

  #checkLength(hasChecksum: boolean): void {
    const { length } = this.#buffer
    if (this.#dataAt > length) this.fail('its header is cut short')
    const end = this.#dataAt + (this.#valueCount === 0 ? 0 : this.#offset(this.#valueCount - 1))
    if (hasChecksum ? end + 5 > length : end !== length) {
      this.fail(`its values end at ${end}, the row at ${length}`)
    }
  }

  /** How many columns the row holds, null ones included. */
  get columnCount(): number {
    return this.#idCount
  }

  /** The index of a column among the values, `COLUMN_NULL` or `COLUMN_ABSENT`. */
  find(columnId: number): number {
    const found = this.#search(columnId, 0, this.#valueCount)
    if (found >= 0) return found
    return this.#search(columnId, this.#valueCount, this.#idCount) >= 0 ? COLUMN_NULL : COLUMN_ABSENT
  }

  /** As `find`, quickly when the value is where `hint` says. */
  findNear(columnId: number, hint: number): number {
    return hint < this.#valueCount && this.#id(hint) === columnId ? hint : this.find(columnId)
  }

  /** The value at an index that `find` gave. @throws STORAGE_CORRUPT */
  datumAt(index: number, kind: StoredKind): Datum {
    const start = this.#dataAt + (index === 0 ? 0 : this.#offset(index - 1))
    const end = this.#dataAt + this.#offset(index)
    const datum =
      start <= end && end <= this.#buffer.length ? readRowValue(this.#buffer, kind, start, end) : undefined
    return datum ?? this.fail(`column ${this.#id(index)} holds no value of kind ${kind}`)
  }

  /** A column's value: a null datum when it is null, undefined when the row does not have the column. */
  datum(columnId: number, kind: StoredKind): Datum | undefined {
    const index = this.find(columnId)
    if (index === COLUMN_ABSENT) return undefined
    return index === COLUMN_NULL ? NULL_DATUM : this.datumAt(index, kind)
  }

  fail(reason: string): never {
    throw new OrbitError('STORAGE_CORRUPT', `row ${this.#name()} is damaged: ${reason}`, {
      row: this.#name(),
    })
  }

  #search(columnId: number, from: number, to: number): number {
    let low = from
    let high = to
    while (low < high) {
      const middle = (low + high) >>> 1
      const id = this.#id(middle)
      if (id === columnId) return middle
      if (id < columnId) low = middle + 1
      else high = middle
    }
    return -1
  }

  // Both are within the bounds that the constructor has checked.
  #id(index: number): number {
    return this.#large
      ? this.#buffer.readUInt32LE(ROW_HEADER_SIZE + index * 4)
      : (this.#buffer[ROW_HEADER_SIZE + index] as number)
  }

  #offset(index: number): number {
    return this.#large
      ? this.#buffer.readUInt32LE(this.#offsetsAt + index * 4)
      : this.#buffer.readUInt16LE(this.#offsetsAt + index * 2)
  }

  #unsupported(what: string): OrbitError {
    return new OrbitError(
      'RECORD_VERSION_UNSUPPORTED',
      `row ${this.#name()} has ${what}; this release knows format ${ROW_VERSION} with flags ${ROW_FLAG_LARGE} and ${ROW_FLAG_CHECKSUM}`,
      { row: this.#name() },
    )
  }

  #name(): string {
    return this.#key === undefined ? toHex(this.#buffer, 32) : formatKey(this.#key)
  }
}
