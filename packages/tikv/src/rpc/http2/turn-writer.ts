import type { Http2Stream } from 'node:http2'
import { constants, gzipSync } from 'node:zlib'
import { GrpcStatus } from '../grpc-status.js'
import { RpcRefusal } from '../service.js'
import { MESSAGE_BYTES_MAX, PREFIX_BYTES, type MessageEncoding } from './message-reader.js'

/** Up to this many bytes are copied into one buffer; beyond, copying costs more than another write. */
const JOIN_MAX_BYTES = 64 * 1024

/** Shorter messages do not get smaller. */
const COMPRESS_MIN_BYTES = 256

interface Part {
  readonly body: Uint8Array
  readonly compressed: boolean
}

/**
 * Puts gRPC messages on an HTTP/2 stream: those of one turn of the event loop in one write.
 *
 * Invariants:
 * 1. Messages leave in the order they were given; what is given before the stream is there waits for it.
 * 2. A message handed over is not touched again before it has been written or copied.
 */
export class TurnWriter {
  readonly #encoding: MessageEncoding
  #stream: Http2Stream | undefined
  #parts: Part[] = []
  #bytes = 0
  #scheduled = false
  #ending = false

  constructor(encoding: MessageEncoding = 'identity') {
    this.#encoding = encoding
  }

  get bufferedBytes(): number {
    return this.#bytes + (this.#stream?.writableLength ?? 0)
  }

  attach(stream: Http2Stream): void {
    this.#stream = stream
    this.flush()
  }

  write(message: Uint8Array): void {
    if (message.byteLength > MESSAGE_BYTES_MAX) {
      const reason = `a message has ${message.byteLength} bytes; the limit is ${MESSAGE_BYTES_MAX}`
      throw new RpcRefusal(GrpcStatus.RESOURCE_EXHAUSTED, reason)
    }
    const compressed = this.#encoding === 'gzip' && message.byteLength >= COMPRESS_MIN_BYTES
    const body = compressed ? gzipSync(message, { level: constants.Z_BEST_SPEED }) : message
    this.#parts.push({ body, compressed })
    this.#bytes += PREFIX_BYTES + body.byteLength
    if (this.#scheduled || this.#stream === undefined) return
    this.#scheduled = true
    process.nextTick(() => this.flush())
  }

  /** Writes what waits, now. */
  flush(): void {
    this.#scheduled = false
    const stream = this.#stream
    if (stream === undefined) return
    const parts = this.#parts
    const bytes = this.#bytes
    this.#parts = []
    this.#bytes = 0
    if (stream.destroyed || stream.closed) return
    if (parts.length > 0) {
      if (bytes <= JOIN_MAX_BYTES) stream.write(joined(parts, bytes))
      else writeApart(stream, parts)
    }
    if (this.#ending) stream.end()
  }

  end(): void {
    this.#ending = true
    this.flush()
  }
}

function joined(parts: readonly Part[], bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes)
  let offset = 0
  for (const { body, compressed } of parts) {
    offset = buffer.writeUInt8(compressed ? 1 : 0, offset)
    offset = buffer.writeUInt32BE(body.byteLength, offset)
    buffer.set(body, offset)
    offset += body.byteLength
  }
  return buffer
}

function writeApart(stream: Http2Stream, parts: readonly Part[]): void {
  stream.cork()
  for (const { body, compressed } of parts) {
    const prefix = Buffer.allocUnsafe(PREFIX_BYTES)
    prefix.writeUInt8(compressed ? 1 : 0, 0)
    prefix.writeUInt32BE(body.byteLength, 1)
    stream.write(prefix)
    stream.write(body)
  }
  stream.uncork()
}
