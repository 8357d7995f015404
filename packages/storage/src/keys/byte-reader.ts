import { isUtf8 } from 'node:buffer'
import { OrbitError, asBuffer, toHex } from '@orbit-ts/base'

const SHOWN_BYTES_MAX = 64

/** A position in bytes that were stored earlier. Every read past the end, or of bytes no writer writes, is `STORAGE_CORRUPT`. */
export class ByteReader {
  readonly buffer: Buffer
  readonly end: number
  position: number
  readonly #what: string

  /** @param what what the bytes are, for error messages: `key`, `row`. */
  constructor(bytes: Uint8Array, what: string, start = 0, end: number = bytes.length) {
    this.buffer = asBuffer(bytes)
    this.position = start
    this.end = end
    this.#what = what
  }

  get remaining(): number {
    return this.end - this.position
  }

  /** Steps over `size` bytes and returns where they begin. */
  take(size: number): number {
    const at = this.position
    if (at + size > this.end) this.fail(`${size} more bytes expected, ${this.end - at} left`)
    this.position = at + size
    return at
  }

  byte(): number {
    const at = this.take(1)
    // `take` has checked the bounds.
    return this.buffer[at] as number
  }

  /** The next byte without stepping over it; -1 at the end. */
  peek(): number {
    return this.position < this.end ? (this.buffer[this.position] as number) : -1
  }

  uint32BE(): number {
    return this.buffer.readUInt32BE(this.take(4))
  }

  /** The rest, not copied. */
  rest(): Uint8Array {
    return this.buffer.subarray(this.take(this.remaining), this.end)
  }

  /** The rest as UTF-8 text. */
  restText(): string {
    return this.textAt(this.take(this.remaining), this.end)
  }

  textAt(start: number, end: number): string {
    const text = this.buffer.toString('utf8', start, end)
    // A replacement character is either stored as such or stands for bytes that are not UTF-8.
    if (text.includes('\ufffd') && !isUtf8(this.buffer.subarray(start, end))) this.fail('not UTF-8')
    return text
  }

  /** @throws STORAGE_CORRUPT when bytes are left. */
  finish(): void {
    if (this.position !== this.end) this.fail(`${this.remaining} bytes too many`)
  }

  fail(reason: string): never {
    throw new OrbitError(
      'STORAGE_CORRUPT',
      `${this.#what} ${toHex(this.buffer.subarray(0, this.end), SHOWN_BYTES_MAX)} is malformed at byte ${this.position}: ${reason}`,
      { position: this.position },
    )
  }
}
