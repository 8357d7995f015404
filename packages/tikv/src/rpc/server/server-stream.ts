import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Env, Timer } from '@orbit-ts/base'
import { GrpcStatus } from '../grpc-status.js'
import { encodeMessage, encodingOf, metadataOf, parseTimeout } from '../http2/grpc-wire.js'
import { MessageReader, type MessageEncoding } from '../http2/message-reader.js'
import { TurnWriter } from '../http2/turn-writer.js'
import { RpcRefusal, type CallContext, type Handler, type Service } from '../service.js'
import type { Metadata } from '../transport.js'
import { refusalOf, serveCall, type RequestSink } from './serve-call.js'

export interface ServerStreamOptions {
  readonly env: Env
  readonly service: Service
  readonly messageBytesMax: number
  readonly encoding: MessageEncoding
}

/**
 * The server's end of one call over HTTP/2.
 *
 * Invariants:
 * 1. Whatever the caller sends ends at worst this stream, with a status; a stream that breaks aborts the handler.
 * 2. Exactly one status is sent, unless the stream broke.
 */
export class ServerStream {
  readonly #stream: ServerHttp2Stream
  readonly #options: ServerStreamOptions
  readonly #abort = new AbortController()
  #writer: TurnWriter | undefined
  #sink: RequestSink | undefined
  #refusal: RpcRefusal | undefined
  #deadline: Timer | undefined
  #over = false

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, options: ServerStreamOptions) {
    this.#stream = stream
    this.#options = options
    stream.on('error', () => undefined)
    stream.on('close', () => this.#onClose())
    try {
      this.#open(headers)
    } catch (error) {
      this.#end(refusalOf(error))
    }
  }

  #open(headers: IncomingHttpHeaders): void {
    const handler = this.#handlerFor(headers)
    const timeoutMs = parseTimeout(headers['grpc-timeout']?.toString())
    const encoding = encodingOf(headers)
    if (timeoutMs !== undefined) {
      this.#deadline = this.#options.env.timers.set(() => this.#onDeadline(), timeoutMs)
    }
    this.#sink = this.#serve(handler, metadataOf(headers))
    const reader = new MessageReader((bytes) => {
      if (!this.#over) this.#sink?.onMessage(handler.method.decodeRequest(bytes))
    }, this.#options.messageBytesMax)
    reader.encoding = encoding
    this.#stream.on('data', (chunk: Buffer) => {
      try {
        if (!this.#over) reader.push(chunk)
      } catch (error) {
        this.#giveUp(refusalOf(error))
      }
    })
    this.#stream.on('end', () => {
      if (this.#over) return
      if (reader.partial)
        this.#giveUp(new RpcRefusal(GrpcStatus.INTERNAL, 'the requests ended inside a message'))
      else this.#sink?.onEnd()
    })
  }

  #handlerFor(headers: IncomingHttpHeaders): Handler {
    const path = headers[':path'] ?? ''
    if (headers['content-type']?.startsWith('application/grpc') !== true) {
      throw new RpcRefusal(GrpcStatus.INTERNAL, 'the content type is not application/grpc')
    }
    const handler = this.#options.service.handlers.get(path)
    if (handler !== undefined) return handler
    throw new RpcRefusal(GrpcStatus.UNIMPLEMENTED, `the server does not implement ${path}`)
  }

  #serve(handler: Handler, metadata: Metadata): RequestSink {
    const { signal } = this.#abort
    const { remoteAddress, remotePort } = this.#stream.session?.socket ?? {}
    const context: CallContext = { metadata, signal, peer: `${remoteAddress}:${remotePort}` }
    return serveCall(
      handler,
      {
        send: (response) => this.#send(handler.method.encodeResponse(response)),
        drained: () => this.#drained(),
        end: (refusal) => this.#end(refusal),
        destroy: () => this.#break(),
      },
      context,
    )
  }

  #send(message: Uint8Array): void {
    if (this.#over || this.#stream.closed || this.#stream.destroyed) return
    this.#respond().write(message)
  }

  /** Sends the headers, once. */
  #respond(): TurnWriter {
    if (this.#writer !== undefined) return this.#writer
    const { encoding } = this.#options
    const stream = this.#stream
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-accept-encoding': 'identity,gzip',
        ...(encoding === 'gzip' ? { 'grpc-encoding': 'gzip' } : {}),
      },
      { waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers(statusHeaders(this.#refusal)))
    this.#writer = new TurnWriter(encoding)
    this.#writer.attach(stream)
    return this.#writer
  }

  #drained(): Promise<void> {
    this.#writer?.flush()
    const stream = this.#stream
    if (!stream.writableNeedDrain || stream.destroyed) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        stream.off('drain', done)
        stream.off('close', done)
        resolve()
      }
      stream.once('drain', done)
      stream.once('close', done)
    })
  }

  #end(refusal: RpcRefusal | undefined): void {
    if (this.#over) return
    this.#over = true
    this.#deadline?.cancel()
    this.#refusal = refusal
    const stream = this.#stream
    if (stream.closed || stream.destroyed) return
    if (this.#writer === undefined && refusal !== undefined) {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', ...statusHeaders(refusal) },
        { endStream: true },
      )
    } else {
      this.#respond().end()
    }
    // What the caller still sends is read and dropped, or its half of the stream would stay open.
    stream.resume()
  }

  /** Ends the call although its handler is still at work. */
  #giveUp(refusal: RpcRefusal): void {
    this.#end(refusal)
    this.#abortHandler()
  }

  #onDeadline(): void {
    this.#giveUp(new RpcRefusal(GrpcStatus.DEADLINE_EXCEEDED, 'the deadline of the call has passed'))
  }

  #break(): void {
    this.#over = true
    this.#deadline?.cancel()
    this.#stream.close(constants.NGHTTP2_REFUSED_STREAM)
  }

  #onClose(): void {
    this.#deadline?.cancel()
    if (this.#over) return
    this.#over = true
    this.#abortHandler()
  }

  #abortHandler(): void {
    this.#abort.abort()
    this.#sink?.onAbort()
  }
}

function statusHeaders(refusal: RpcRefusal | undefined): Record<string, string> {
  if (refusal === undefined) return { 'grpc-status': String(GrpcStatus.OK) }
  return { 'grpc-status': String(refusal.status), 'grpc-message': encodeMessage(refusal.message) }
}
