import { queryError } from '../../../scalar/condition.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { Row } from '../../../scalar/value.js'
import type { CopyColumn, CopyReader } from './copy-reader.js'

/** How COPY's binary format begins (PostgreSQL's documentation, "COPY", file formats). */
export const BINARY_SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')

const HEADER_BYTES = BINARY_SIGNATURE.length + 8
const OIDS_FLAG = 1 << 16
/** The flags above this one must be understood. */
const CRITICAL_FLAGS = 0xffff_0000
const TRAILER = -1
/** Largest field that is taken, bytes. */
const FIELD_MAX_BYTES = 256 * 1024 * 1024

/** Reads COPY's binary format. Bytes that are no whole row yet are kept. */
export class BinaryReader implements CopyReader {
  readonly #table: string
  readonly #columns: readonly CopyColumn[]
  readonly #scalar: ScalarContext
  #rest: Buffer[] = []
  #restBytes = 0
  /** No row can be whole before so many bytes are there. */
  #wantedBytes = HEADER_BYTES
  #state: 'header' | 'rows' | 'ended' = 'header'
  #row = 0

  constructor(table: string, columns: readonly CopyColumn[], scalar: ScalarContext) {
    this.#table = table
    this.#columns = columns
    this.#scalar = scalar
  }

  get place(): string {
    return `COPY ${this.#table}, line ${this.#row}`
  }

  *push(chunk: Uint8Array): Iterable<Row> {
    if (this.#state === 'ended') {
      if (chunk.length > 0) throw bad('received copy data after EOF marker')
      return
    }
    this.#rest.push(Buffer.from(chunk))
    this.#restBytes += chunk.length
    if (this.#restBytes < this.#wantedBytes) return
    const bytes = Buffer.concat(this.#rest)
    let at = 0
    if (this.#state === 'header') {
      const header = readHeader(bytes)
      if (header === undefined) {
        this.#keep(bytes, HEADER_BYTES)
        return
      }
      at = header
      this.#state = 'rows'
    }
    for (;;) {
      const size = this.#sizeOfRow(bytes, at)
      if (typeof size !== 'number') {
        this.#keep(bytes.subarray(at), size.wanted)
        return
      }
      if (size === TRAILER) break
      this.#row++
      yield this.#decode(bytes, at)
      at += size
    }
    this.#state = 'ended'
    if (bytes.length > at + 2) throw bad('received copy data after EOF marker')
    this.#keep(Buffer.alloc(0), 0)
  }

  *end(): Iterable<Row> {
    if (this.#state === 'header') throw bad('COPY file signature not recognized')
    if (this.#state === 'rows' && this.#restBytes > 0) throw bad('unexpected EOF in COPY data')
  }

  #keep(rest: Buffer, wantedBytes: number): void {
    this.#rest = rest.length === 0 ? [] : [rest]
    this.#restBytes = rest.length
    this.#wantedBytes = wantedBytes
  }

  /** Bytes of the row at a position, `TRAILER`, or how many bytes there must be to know more. */
  #sizeOfRow(bytes: Buffer, start: number): number | { readonly wanted: number } {
    const available = bytes.length - start
    if (available < 2) return { wanted: 2 }
    const count = bytes.readInt16BE(start)
    if (count === TRAILER) return TRAILER
    if (count !== this.#columns.length)
      throw bad(`row field count is ${count}, expected ${this.#columns.length}`)
    let size = 2
    for (let field = 0; field < count; field++) {
      if (available < size + 4) return { wanted: size + 4 }
      const length = bytes.readInt32BE(start + size)
      if (length < -1 || length > FIELD_MAX_BYTES) throw bad('invalid field size')
      size += 4 + Math.max(0, length)
    }
    return available < size ? { wanted: size } : size
  }

  #decode(bytes: Buffer, start: number): Row {
    let at = start + 2
    return this.#columns.map(({ type }) => {
      const length = bytes.readInt32BE(at)
      at += 4
      if (length < 0) return null
      const value = type.scalar.decode(bytes.subarray(at, at + length), type.modifier, this.#scalar)
      at += length
      return value
    })
  }
}

/** How long the header is; undefined when it is not whole yet. */
function readHeader(bytes: Buffer): number | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  if (!bytes.subarray(0, BINARY_SIGNATURE.length).equals(BINARY_SIGNATURE))
    throw bad('COPY file signature not recognized')
  const flags = bytes.readUInt32BE(BINARY_SIGNATURE.length)
  if ((flags & OIDS_FLAG) !== 0) throw bad('invalid COPY file header (WITH OIDS)')
  if ((flags & CRITICAL_FLAGS) !== 0) throw bad('unrecognized critical flags in COPY file header')
  const extension = bytes.readInt32BE(BINARY_SIGNATURE.length + 4)
  if (extension < 0) throw bad('invalid COPY file header (wrong length)')
  return bytes.length < HEADER_BYTES + extension ? undefined : HEADER_BYTES + extension
}

function bad(message: string): Error {
  return queryError('bad_copy_file_format', message)
}
