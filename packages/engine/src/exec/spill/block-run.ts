/**
 * A run of rows in a {@link BlockFile}. Rows follow one another without regard to the ends of blocks.
 *
 * Invariants:
 * 1. `blocks` are full; what comes after them is in `tail`. So the position of each byte of the run never changes.
 * 2. Each row is preceded by its size, so that a reader knows whether all of it is there.
 */
import { ByteReader, ByteWriter } from '@orbit-ts/storage'
import type { Row } from '../../scalar/value.js'
import type { SpillCursor, SpillRun } from '../spill-space.js'
import { BLOCK_BYTES, type BlockFile } from './block-file.js'
import type { ValueCodec } from './value-codec.js'

const SIZE_BYTES = 4

export class BlockRun implements SpillRun {
  readonly #file: BlockFile
  readonly #codec: ValueCodec
  readonly #batchSize: number
  readonly #blocks: number[] = []
  readonly #tail = new ByteWriter(1024)
  #rowCount = 0

  constructor(file: BlockFile, codec: ValueCodec, batchSize: number) {
    this.#file = file
    this.#codec = codec
    this.#batchSize = batchSize
  }

  get rowCount(): number {
    return this.#rowCount
  }

  get byteCount(): number {
    return this.#blocks.length * BLOCK_BYTES + this.#tail.length
  }

  async append(rows: readonly Row[]): Promise<void> {
    const tail = this.#tail
    for (const row of rows) {
      const at = tail.reserve(SIZE_BYTES)
      this.#codec.writeRow(tail, row)
      tail.view.setUint32(at, tail.length - at - SIZE_BYTES)
      if (tail.length >= BLOCK_BYTES) await this.#writeBlocks()
    }
    this.#rowCount += rows.length
  }

  async #writeBlocks(): Promise<void> {
    const tail = this.#tail
    // A copy: the writer is used again for what is left.
    const bytes = Buffer.from(tail.toBytes())
    const written: number[] = []
    let at = 0
    for (; bytes.length - at >= BLOCK_BYTES; at += BLOCK_BYTES) {
      written.push(await this.#file.write(bytes.subarray(at, at + BLOCK_BYTES)))
    }
    for (const block of written) this.#blocks.push(block)
    tail.reset().bytes(bytes.subarray(at))
  }

  cursor(): SpillCursor {
    return new BlockCursor(
      (from) => this.#bytesFrom(from),
      (bytes, into) => this.#decode(bytes, into),
    )
  }

  drop(): void {
    this.#file.giveBack(this.#blocks.splice(0))
    this.#tail.reset()
  }

  /** What there is from a position on, up to the end of its block; undefined at the end. */
  async #bytesFrom(position: number): Promise<Buffer | undefined> {
    const index = Math.floor(position / BLOCK_BYTES)
    const offset = position % BLOCK_BYTES
    const block = this.#blocks[index]
    if (block === undefined) {
      const { length } = this.#tail
      return offset < length ? Buffer.from(this.#tail.buffer.subarray(offset, length)) : undefined
    }
    const bytes = Buffer.allocUnsafe(BLOCK_BYTES)
    await this.#file.read(block, bytes)
    return bytes.subarray(offset)
  }

  /** Decodes whole rows up to a batch; returns how many bytes they took. */
  #decode(bytes: Buffer, into: Row[]): number {
    const reader = new ByteReader(bytes, 'spilled rows')
    let taken = 0
    while (into.length < this.#batchSize && reader.remaining >= SIZE_BYTES) {
      if (reader.uint32BE() > reader.remaining) break
      into.push(this.#codec.readRow(reader))
      taken = reader.position
    }
    return taken
  }
}

class BlockCursor implements SpillCursor {
  readonly #read: (from: number) => Promise<Buffer | undefined>
  readonly #decode: (bytes: Buffer, into: Row[]) => number
  #position = 0
  #pending: Buffer = Buffer.alloc(0)

  constructor(
    read: (from: number) => Promise<Buffer | undefined>,
    decode: (bytes: Buffer, into: Row[]) => number,
  ) {
    this.#read = read
    this.#decode = decode
  }

  async next(): Promise<Row[] | undefined> {
    const rows: Row[] = []
    for (;;) {
      this.#pending = this.#pending.subarray(this.#decode(this.#pending, rows))
      if (rows.length > 0) return rows
      if (!(await this.#readRow())) return undefined
    }
  }

  /** Reads on until a whole row is there; false at the end. */
  async #readRow(): Promise<boolean> {
    return (
      (await this.#readUpTo(SIZE_BYTES)) && (await this.#readUpTo(SIZE_BYTES + this.#pending.readUInt32BE(0)))
    )
  }

  async #readUpTo(size: number): Promise<boolean> {
    if (this.#pending.length >= size) return true
    const parts = [this.#pending]
    for (let length = this.#pending.length; length < size;) {
      const more = await this.#read(this.#position)
      if (more === undefined) return false
      this.#position += more.length
      length += more.length
      parts.push(more)
    }
    this.#pending = Buffer.concat(parts)
    return true
  }
}
