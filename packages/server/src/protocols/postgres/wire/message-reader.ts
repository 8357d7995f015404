import { violation } from './violation.js'

/** A message as it comes from a client: its type byte (0 before the start-up is done) and its body. */
export interface RawMessage {
  readonly type: number
  readonly body: Buffer
}

/** Before a client has shown who it is, its messages are small. */
export const STARTUP_BYTES_MAX = 10_000

/**
 * Cuts what a client sends into messages. Knows nothing of sockets. Bytes that are no whole message yet are kept, without
 * being copied again for each piece that comes.
 */
export class MessageReader {
  /** Bytes of one message that are taken, its length field included. May be changed at any time. */
  sizeMaxBytes: number
  /** The first message of a connection has no type. Set again after TLS was agreed on. */
  isStartup = true
  #parts: Buffer[] = []
  #keptBytes = 0
  #neededBytes = 0

  constructor(sizeMaxBytes: number) {
    this.sizeMaxBytes = sizeMaxBytes
  }

  /** How many bytes wait for the rest of their message. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  push(chunk: Uint8Array): void {
    this.#parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#keptBytes += chunk.length
  }

  /** The next message, or undefined until more bytes come. Its body shares memory with what was pushed. */
  next(): RawMessage | undefined {
    const headBytes = this.isStartup ? 4 : 5
    if (this.#keptBytes < Math.max(headBytes, this.#neededBytes)) return undefined
    const bytes = this.#join()
    const type = this.isStartup ? 0 : (bytes[0] ?? 0)
    const size = bytes.readInt32BE(headBytes - 4)
    if (size < 4 || size > (this.isStartup ? STARTUP_BYTES_MAX : this.sizeMaxBytes))
      throw violation(this.isStartup ? 'invalid length of startup packet' : 'invalid message length')
    const whole = headBytes - 4 + size
    this.#neededBytes = whole
    if (bytes.length < whole) return undefined
    this.#neededBytes = 0
    this.#parts = bytes.length === whole ? [] : [bytes.subarray(whole)]
    this.#keptBytes -= whole
    return { type, body: bytes.subarray(headBytes, whole) }
  }

  /** What is left, when another protocol takes over. */
  takeRest(): Buffer {
    const rest = this.#join()
    this.#parts = []
    this.#keptBytes = 0
    return rest
  }

  #join(): Buffer {
    const [only] = this.#parts
    if (only !== undefined && this.#parts.length === 1) return only
    const joined = Buffer.concat(this.#parts)
    this.#parts = [joined]
    return joined
  }
}
