import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2'
import { OrbitError } from '@orbit-ts/base'
import { encodeRequest } from '../encode-request.js'
import { GrpcStatus } from '../grpc-status.js'
import type { Method } from '../method.js'
import { rpcError } from '../rpc-error.js'
import { RpcRefusal } from '../service.js'
import type { RawHandlers, RawOptions, RawStream } from '../stream-channel.js'
import {
  encodingOf,
  refusedHeaders,
  requestHeaders,
  statusIn,
  statusOfReset,
  type FinalStatus,
} from './grpc-wire.js'
import { MessageReader, type MessageEncoding } from './message-reader.js'
import { TurnWriter } from './turn-writer.js'

export interface ClientStreamOptions {
  /** How errors name the server. */
  readonly address: string
  readonly authority: string
  readonly scheme: 'http' | 'https'
  readonly encoding: MessageEncoding
}

/** Where a stream runs: what it needs of its connection. */
export interface StreamLink {
  /** Whether the connection is gone. */
  readonly lost: boolean
  touch(): void
}

/**
 * The client's end of one call over HTTP/2. It takes messages before its connection stands.
 *
 * Invariants:
 * 1. `handlers.onEnd` is called at most once, and nothing after it.
 * 2. All messages that came before the status are delivered before an `onEnd` without an error.
 * 3. Once over, the HTTP/2 stream is closed; its later events are ignored.
 */
export class Http2ClientStream<Request, Response> implements RawStream<Request> {
  onOver: () => void = () => undefined
  readonly #method: Method<Request, Response>
  readonly #handlers: RawHandlers<Response>
  readonly #call: RawOptions
  readonly #options: ClientStreamOptions
  readonly #writer: TurnWriter
  readonly #reader: MessageReader
  #stream: ClientHttp2Stream | undefined
  #final: FinalStatus | undefined
  #cause: Error | undefined
  #bodyIgnored = false
  #paused = false
  #over = false

  constructor(
    method: Method<Request, Response>,
    handlers: RawHandlers<Response>,
    call: RawOptions,
    options: ClientStreamOptions,
  ) {
    this.#method = method
    this.#handlers = handlers
    this.#call = call
    this.#options = options
    this.#writer = new TurnWriter(options.encoding)
    this.#reader = new MessageReader((bytes) => this.#handlers.onMessage(method.decodeResponse(bytes)))
  }

  get bufferedBytes(): number {
    return this.#writer.bufferedBytes
  }

  send(request: Request): void {
    if (this.#over) return
    const message = encodeRequest(this.#method, request)
    try {
      this.#writer.write(message)
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error
      throw new OrbitError('LIMIT_EXCEEDED', `the request of ${this.#method.name}: ${error.message}`)
    }
  }

  end(): void {
    if (!this.#over) this.#writer.end()
  }

  cancel(): void {
    this.#finish(constants.NGHTTP2_CANCEL)
  }

  pause(): void {
    this.#paused = true
    this.#stream?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#stream?.resume()
  }

  /** Ends the call with an error, unless the server had said how it ended and all of it was delivered. */
  fail(error: Error): void {
    if (this.#over) return
    if (this.#final !== undefined && (this.#stream?.readableLength ?? 0) === 0) {
      this.#conclude()
      return
    }
    this.#finish(constants.NGHTTP2_CANCEL)
    this.#handlers.onEnd(error)
  }

  start(link: StreamLink, session: ClientHttp2Session): void {
    if (this.#over) return
    const { authority, scheme, encoding } = this.#options
    const { metadata, timeoutMs } = this.#call
    const headers = { path: this.#method.path, authority, scheme, encoding, metadata, timeoutMs }
    const stream = session.request(requestHeaders(headers), { endStream: false })
    this.#stream = stream
    stream.on('response', (received) => {
      link.touch()
      this.#onHeaders(received)
    })
    stream.on('data', (chunk: Buffer) => {
      link.touch()
      this.#onData(chunk)
    })
    stream.on('trailers', (trailers: IncomingHttpHeaders) => (this.#final ??= statusIn(trailers)))
    stream.on('end', () => this.#onEnd(stream, link))
    stream.on('error', (error: Error) => (this.#cause = error))
    stream.on('close', () => this.#onClose(stream, link))
    if (this.#paused) stream.pause()
    this.#writer.attach(stream)
  }

  #onHeaders(headers: IncomingHttpHeaders): void {
    this.#final = statusIn(headers) ?? refusedHeaders(headers)
    // The body of what is no gRPC answer, such as a proxy's error page.
    this.#bodyIgnored = this.#final !== undefined
    try {
      this.#reader.encoding = encodingOf(headers)
    } catch (error) {
      this.#breakOff(error)
    }
  }

  #onData(chunk: Buffer): void {
    if (this.#over || this.#bodyIgnored) return
    try {
      this.#reader.push(chunk)
    } catch (error) {
      this.#breakOff(error)
    }
  }

  /** The server sent what cannot be understood. */
  #breakOff(error: unknown): void {
    if (error instanceof RpcRefusal) {
      this.fail(rpcError(error.status, error.message, this.#options.address))
      return
    }
    const reason = `an answer to ${this.#method.name} cannot be decoded`
    this.fail(rpcError(GrpcStatus.INTERNAL, reason, this.#options.address, { cause: error }))
  }

  #onEnd(stream: ClientHttp2Stream, link: StreamLink): void {
    if (this.#over) return
    if (this.#final !== undefined) this.#conclude()
    // A reset also ends the readable side; `close` then tells which.
    else if (stream.rstCode === constants.NGHTTP2_NO_ERROR && !link.lost) {
      const reason = `${this.#method.name} ended without a status`
      this.fail(rpcError(GrpcStatus.INTERNAL, reason, this.#options.address))
    }
  }

  #onClose(stream: ClientHttp2Stream, link: StreamLink): void {
    if (this.#over) return
    const { address } = this.#options
    const options = { cause: this.#cause }
    if (link.lost) this.fail(rpcError(GrpcStatus.UNAVAILABLE, 'the connection was lost', address, options))
    else {
      const reason = `the server reset ${this.#method.name} (HTTP/2 code ${stream.rstCode})`
      this.fail(rpcError(statusOfReset(stream.rstCode), reason, address, options))
    }
  }

  #conclude(): void {
    const { status, message } = this.#final ?? { status: GrpcStatus.UNKNOWN, message: '' }
    const truncated = status === GrpcStatus.OK && this.#reader.partial
    this.#finish(constants.NGHTTP2_NO_ERROR)
    if (truncated) {
      const reason = `${this.#method.name} ended inside a message`
      this.#handlers.onEnd(rpcError(GrpcStatus.INTERNAL, reason, this.#options.address))
    } else {
      const failed = status === GrpcStatus.OK ? undefined : this.#refusal(status, message)
      this.#handlers.onEnd(failed)
    }
  }

  #refusal(status: number, message: string): OrbitError {
    const reason = message === '' ? `${this.#method.name} was refused` : message
    return rpcError(status, reason, this.#options.address)
  }

  #finish(code: number): void {
    if (this.#over) return
    this.#over = true
    this.#reader.stop()
    this.onOver()
    const stream = this.#stream
    if (stream !== undefined && !stream.closed && !stream.destroyed) stream.close(code)
  }
}
