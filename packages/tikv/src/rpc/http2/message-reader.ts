import { gunzipSync } from 'node:zlib'
import { GrpcStatus } from '../grpc-status.js'
import { RpcRefusal } from '../service.js'

/** Of each message: one byte that tells whether it is compressed, four of its length. */
export const PREFIX_BYTES = 5

/** The longest message that fits in one `Buffer` on every Node we run on. */
export const MESSAGE_BYTES_MAX = 2 ** 31 - 1

export type MessageEncoding = 'identity' | 'gzip'

/**
 * Cuts the bytes of a gRPC stream into messages, however they are split over DATA frames.
 *
 * Invariants:
 * 1. A message that lies inside one chunk is a view into it; others are joined once, when their last byte is there.
 * 2. Memory is bounded by what has arrived, not by the length that a prefix announces.
 * 3. What is not gRPC throws `RpcRefusal` (`INTERNAL`, or `RESOURCE_EXHAUSTED` past the limit); then the reader is dead.
 */
export class MessageReader {
  encoding: MessageEncoding = 'identity'
  readonly #messageBytesMax: number
  readonly #onMessage: (message: Uint8Array) => void
  #parts: Uint8Array[] = []
  #partBytes = 0
  #wanted = PREFIX_BYTES
  #stopped = false

  constructor(onMessage: (message: Uint8Array) => void, messageBytesMax = MESSAGE_BYTES_MAX) {
    this.#onMessage = onMessage
    this.#messageBytesMax = messageBytesMax
  }

  /** Whether a message has begun and not ended. */
  get partial(): boolean {
    return this.#partBytes > 0
  }

  /** Nothing more is delivered, not even what `push` is just working on. */
  stop(): void {
    this.#stopped = true
    this.#parts = []
    this.#partBytes = 0
  }

  push(chunk: Uint8Array): void {
    if (this.#stopped || chunk.byteLength === 0) return
    let bytes = chunk
    if (this.#partBytes > 0) {
      this.#parts.push(chunk)
      this.#partBytes += chunk.byteLength
      if (this.#partBytes < this.#wanted) return
      bytes = Buffer.concat(this.#parts, this.#partBytes)
      this.#parts = []
      this.#partBytes = 0
    }
    this.#split(bytes)
  }

  #split(bytes: Uint8Array): void {
    let offset = 0
    this.#wanted = PREFIX_BYTES
    while (bytes.byteLength - offset >= PREFIX_BYTES) {
      const compressed = this.#flagAt(bytes, offset)
      const end = offset + PREFIX_BYTES + this.#lengthAt(bytes, offset + 1)
      if (end > bytes.byteLength) {
        this.#wanted = end - offset
        break
      }
      const body = bytes.subarray(offset + PREFIX_BYTES, end)
      this.#onMessage(compressed ? this.#inflate(body) : body)
      if (this.#stopped) return
      offset = end
    }
    if (offset === bytes.byteLength) return
    this.#parts = [offset === 0 ? bytes : bytes.subarray(offset)]
    this.#partBytes = bytes.byteLength - offset
  }

  #flagAt(bytes: Uint8Array, offset: number): boolean {
    const flag = bytes[offset]
    if (flag === 0) return false
    if (flag === 1 && this.encoding === 'gzip') return true
    this.stop()
    const what = flag === 1 ? 'a compressed message without grpc-encoding' : `the message flag ${flag}`
    throw new RpcRefusal(GrpcStatus.INTERNAL, `the peer sent ${what}`)
  }

  #lengthAt(bytes: Uint8Array, offset: number): number {
    // The caller has seen that the prefix is there.
    const at = (index: number): number => bytes[offset + index] ?? 0
    const length = at(0) * 2 ** 24 + at(1) * 2 ** 16 + at(2) * 2 ** 8 + at(3)
    if (length <= this.#messageBytesMax) return length
    this.stop()
    throw new RpcRefusal(
      GrpcStatus.RESOURCE_EXHAUSTED,
      `a message has ${length} bytes; the limit is ${this.#messageBytesMax}`,
    )
  }

  #inflate(body: Uint8Array): Uint8Array {
    try {
      return gunzipSync(body, { maxOutputLength: this.#messageBytesMax })
    } catch (cause) {
      this.stop()
      const tooLarge = cause instanceof RangeError
      throw new RpcRefusal(
        tooLarge ? GrpcStatus.RESOURCE_EXHAUSTED : GrpcStatus.INTERNAL,
        tooLarge
          ? `a message inflates to more than ${this.#messageBytesMax} bytes`
          : 'a compressed message is damaged',
      )
    }
  }
}
