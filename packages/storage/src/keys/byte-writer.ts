import { OrbitError } from '@orbit-ts/base'

const CAPACITY_KEPT_MAX = 64 * 1024
/** Below this a byte loop beats the call into native code. */
const LOOP_COPY_MAX = 32

/**
 * A growable buffer that is written front to back and used again and again.
 *
 * Invariants:
 * 1. `buffer` and `view` show the same memory; both are replaced when `reserve` has to grow, so take them after it.
 * 2. What `toBytes` returns is a copy of its own: later writes never change it.
 */
export class ByteWriter {
  buffer: Buffer
  view: DataView
  length = 0
  readonly #capacity: number

  /** @param capacity bytes to begin with. Default 512. */
  constructor(capacity = 512) {
    this.#capacity = capacity
    this.buffer = Buffer.allocUnsafeSlow(capacity)
    this.view = viewOf(this.buffer)
  }

  /** Begins anew; one large value does not keep its memory. */
  reset(): this {
    this.length = 0
    if (this.buffer.length > CAPACITY_KEPT_MAX) this.#replace(Buffer.allocUnsafeSlow(this.#capacity))
    return this
  }

  /** Makes room for `size` more bytes, counts them as written and returns where they begin. */
  reserve(size: number): number {
    const at = this.length
    const end = at + size
    if (end > this.buffer.length) this.#grow(end)
    this.length = end
    return at
  }

  byte(value: number): void {
    const at = this.reserve(1)
    this.buffer[at] = value
  }

  bytes(value: Uint8Array): void {
    const at = this.reserve(value.length)
    this.buffer.set(value, at)
  }

  uint16LE(value: number): void {
    const at = this.reserve(2)
    this.view.setUint16(at, value, true)
  }

  uint32LE(value: number): void {
    const at = this.reserve(4)
    this.view.setUint32(at, value, true)
  }

  /** Big-endian, so that unsigned values sort as bytes. */
  uint32BE(value: number): void {
    const at = this.reserve(4)
    this.view.setUint32(at, value)
  }

  /** The text as UTF-8, without length or end mark. Returns the number of bytes. */
  text(value: string): number {
    const start = this.length
    if (value.length > LOOP_COPY_MAX || !this.#ascii(value)) this.#utf8(value, start)
    return this.length - start
  }

  /** Everything written since `reset`, copied. */
  toBytes(): Uint8Array {
    const size = this.length
    const source = this.buffer
    const copy = Buffer.allocUnsafe(size)
    if (size > LOOP_COPY_MAX) source.copy(copy, 0, 0, size)
    // Both indexes are below `size`, so the element is there.
    else for (let i = 0; i < size; i++) copy[i] = source[i] as number
    return copy
  }

  /** False, with nothing written, when the text is not all ASCII. */
  #ascii(value: string): boolean {
    const size = value.length
    const at = this.reserve(size)
    const buffer = this.buffer
    for (let i = 0; i < size; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) {
        this.length = at
        return false
      }
      buffer[at + i] = code
    }
    return true
  }

  #utf8(value: string, start: number): void {
    assertWellFormed(value)
    this.reserve(value.length * 3)
    this.length = start + this.buffer.write(value, start, 'utf8')
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2))
    this.buffer.copy(larger, 0, 0, this.length)
    this.#replace(larger)
  }

  #replace(buffer: Buffer): void {
    this.buffer = buffer
    this.view = viewOf(buffer)
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** Node has this method from 20 on; the ES2023 library does not declare it. */
interface WellFormed {
  isWellFormed(): boolean
}

/** True unless the string holds half of a surrogate pair, which UTF-8 cannot express. */
export function isWellFormed(text: string): boolean {
  return (text as string & WellFormed).isWellFormed()
}

/** @throws INVALID_ARGUMENT when the string holds half of a surrogate pair. */
export function assertWellFormed(text: string): void {
  if (isWellFormed(text)) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `text ${JSON.stringify(text.slice(0, 60))} holds a lone surrogate, which UTF-8 cannot express; send well-formed Unicode`,
  )
}
