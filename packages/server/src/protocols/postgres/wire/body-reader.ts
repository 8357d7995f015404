import { violation } from './violation.js'

/** Reads the fields of a message's body, each within its bounds. */
export class BodyReader {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  get remaining(): number {
    return this.#body.length - this.#at
  }

  byte(): number {
    this.#require(1)
    return this.#body[this.#at++] ?? 0
  }

  int16(): number {
    this.#require(2)
    this.#at += 2
    return this.#body.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#require(4)
    this.#at += 4
    return this.#body.readInt32BE(this.#at - 4)
  }

  /** A count that so many fields of at least `fieldBytes` must follow. */
  count(fieldBytes: number): number {
    const count = this.int16() & 0xffff
    if (count * fieldBytes > this.remaining) throw violation('insufficient data left in message')
    return count
  }

  /** Text up to a zero byte. @throws protocol_violation when it is no UTF-8 */
  text(): string {
    const end = this.#body.indexOf(0, this.#at)
    if (end < 0) throw violation('invalid string in message')
    const text = utf8(this.#body.subarray(this.#at, end))
    this.#at = end + 1
    return text
  }

  /** The bytes after a length; undefined for the length -1. */
  sized(): Buffer | undefined {
    const length = this.int32()
    if (length === -1) return undefined
    if (length < 0) throw violation('invalid message format')
    return this.bytes(length)
  }

  bytes(length: number): Buffer {
    this.#require(length)
    this.#at += length
    return this.#body.subarray(this.#at - length, this.#at)
  }

  rest(): Buffer {
    return this.bytes(this.remaining)
  }

  finish(): void {
    if (this.remaining > 0) throw violation('invalid message format')
  }

  #require(size: number): void {
    if (size > this.remaining) throw violation('insufficient data left in message')
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws protocol_violation */
export function utf8(bytes: Buffer): string {
  try {
    return DECODER.decode(bytes)
  } catch {
    throw violation('invalid byte sequence for encoding "UTF8"')
  }
}
