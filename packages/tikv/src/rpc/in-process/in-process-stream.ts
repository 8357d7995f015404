import { encodeRequest } from '../encode-request.js'
import { GrpcStatus } from '../grpc-status.js'
import type { Method } from '../method.js'
import { rpcError } from '../rpc-error.js'
import { refusalOf, serveCall, type RequestSink } from '../server/serve-call.js'
import type { CallContext, Handler, RpcRefusal, Service } from '../service.js'
import type { RawHandlers, RawStream } from '../stream-channel.js'
import type { InProcessNetwork } from './in-process-network.js'
import { Lane } from './lane.js'
import type { LinkCall, LinkMessage } from './link-hook.js'

/** Answers that a server may be ahead of its caller. */
const AHEAD_MAX = 64

type Item =
  | { readonly kind: 'message'; readonly payload: unknown }
  | { readonly kind: 'end'; readonly refusal: RpcRefusal | undefined }
  | { readonly kind: 'cut' }

/**
 * One call inside the process: a lane of requests, a lane of responses, and the handler between them.
 *
 * Invariants:
 * 1. `handlers.onEnd` is called at most once, and nothing after it.
 * 2. Once the call is over, the server's signal is aborted unless the server itself had ended the call.
 */
export class InProcessStream<Request, Response> implements RawStream<Request> {
  readonly call: LinkCall
  onOver: () => void = () => undefined
  readonly #network: InProcessNetwork
  readonly #method: Method<Request, Response>
  readonly #handlers: RawHandlers<Response>
  readonly #requests: Lane<Item>
  readonly #responses: Lane<Item>
  readonly #abort = new AbortController()
  readonly #untrack: () => void
  readonly #sent = { request: 0, response: 0 }
  #sink: RequestSink | undefined
  #handler: Handler | undefined
  #bufferedBytes = 0
  #over = false

  constructor(
    network: InProcessNetwork,
    method: Method<Request, Response>,
    handlers: RawHandlers<Response>,
    call: LinkCall,
  ) {
    this.call = call
    this.#network = network
    this.#method = method
    this.#handlers = handlers
    this.#requests = new Lane(network.env, (item) => this.#atServer(item))
    this.#responses = new Lane(network.env, (item) => this.#atCaller(item))
    this.#requests.pause()
    this.#untrack = network.track({ call, cut: (reason) => this.#lose(reason) })
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  send(request: Request): void {
    if (this.#over) return
    const payload = this.#network.passObjects ? request : encodeRequest(this.#method, request)
    this.#bufferedBytes += sizeOf(payload)
    this.#push('request', payload)
  }

  end(): void {
    this.#requests.push({ kind: 'end', refusal: undefined })
  }

  cancel(): void {
    if (this.#over) return
    this.#finish()
    queueMicrotask(() => this.#abortServer())
  }

  pause(): void {
    this.#responses.pause()
  }

  resume(): void {
    this.#responses.resume()
  }

  /** Ends the call at the caller; the server sees its caller go. */
  fail(error: Error): void {
    if (this.#over) return
    this.#finish()
    this.#abortServer()
    this.#handlers.onEnd(error)
  }

  /** The connection stands: hands the requests to the server. */
  serve(service: Service): void {
    if (this.#over) return
    const handler = service.handlers.get(this.call.path)
    if (handler === undefined) {
      const reason = `the server does not implement ${this.call.path}`
      this.fail(rpcError(GrpcStatus.UNIMPLEMENTED, reason, this.call.to))
      return
    }
    this.#handler = handler
    this.#sink = this.#serveWith(handler, (response) => {
      if (!this.#over) this.#push('response', response)
    })
    this.#requests.resume()
  }

  #serveWith(handler: Handler, respond: (payload: unknown) => void): RequestSink {
    const context: CallContext = {
      metadata: this.call.metadata,
      signal: this.#abort.signal,
      peer: 'in-process',
    }
    return serveCall(
      handler,
      {
        send: (response) =>
          respond(this.#network.passObjects ? response : handler.method.encodeResponse(response)),
        drained: () => this.#responses.below(AHEAD_MAX),
        end: (refusal) => this.#responses.push({ kind: 'end', refusal }),
        destroy: () => this.#responses.push({ kind: 'cut' }),
      },
      context,
    )
  }

  #push(direction: LinkMessage['direction'], payload: unknown): void {
    const lane = direction === 'request' ? this.#requests : this.#responses
    const verdict = this.#network.judgeMessage({
      call: this.call,
      direction,
      index: this.#sent[direction]++,
      sizeBytes: sizeOf(payload),
    })
    const item: Item = { kind: 'message', payload }
    if (verdict === 'drop') {
      // Where a call has one message, its end must not arrive in its place.
      if (this.#method.kind !== 'duplex') lane.seal()
      return
    }
    if (verdict === 'cut') lane.push({ kind: 'cut' })
    else if (verdict === 'duplicate') this.#duplicate(direction, item)
    else lane.push(item, verdict?.delayMs)
  }

  #duplicate(direction: LinkMessage['direction'], item: Extract<Item, { readonly kind: 'message' }>): void {
    if (direction === 'response' && this.#method.kind === 'unary') {
      this.#responses.push(item)
      return
    }
    if (direction === 'request' && this.#method.kind !== 'duplex') {
      this.#requests.push(item)
      queueMicrotask(() => this.#applyAgain(item.payload))
      return
    }
    const lane = direction === 'request' ? this.#requests : this.#responses
    lane.push(item)
    lane.push(item)
  }

  /** The copy of a request is applied as a call of its own, and nobody reads its answer. */
  #applyAgain(payload: unknown): void {
    const handler = this.#handler
    if (handler === undefined) return
    const ignore = (): void => undefined
    const context: CallContext = {
      metadata: this.call.metadata,
      signal: this.#abort.signal,
      peer: 'in-process',
    }
    const wire = { send: ignore, drained: () => Promise.resolve(), end: ignore, destroy: ignore }
    this.#deliverTo(serveCall(handler, wire, context), handler, payload)
  }

  #atServer(item: Item): void {
    const { kind } = item
    if (kind === 'cut') this.#lose('the connection was lost')
    else if (kind === 'end') this.#sink?.onEnd()
    else {
      this.#bufferedBytes -= sizeOf(item.payload)
      if (this.#handler !== undefined) this.#deliverTo(this.#sink, this.#handler, item.payload)
    }
  }

  #deliverTo(sink: RequestSink | undefined, handler: Handler, payload: unknown): void {
    let request: unknown
    try {
      request = payload instanceof Uint8Array ? handler.method.decodeRequest(payload) : payload
    } catch (error) {
      this.#responses.push({ kind: 'end', refusal: refusalOf(error) })
      return
    }
    sink?.onMessage(request)
  }

  #atCaller(item: Item): void {
    if (item.kind === 'cut') {
      this.#lose('the connection was lost')
    } else if (item.kind === 'end') {
      this.#finish()
      const { refusal } = item
      this.#handlers.onEnd(refusal && rpcError(refusal.status, refusal.message, this.call.to))
    } else if (item.payload instanceof Uint8Array) {
      this.#receive(item.payload)
    } else {
      this.#handlers.onMessage(item.payload as Response)
    }
  }

  #receive(payload: Uint8Array): void {
    let response: Response
    try {
      response = this.#method.decodeResponse(payload)
    } catch (cause) {
      const reason = `an answer to ${this.#method.name} cannot be decoded`
      this.fail(rpcError(GrpcStatus.INTERNAL, reason, this.call.to, { cause }))
      return
    }
    this.#handlers.onMessage(response)
  }

  #lose(reason: string): void {
    this.fail(rpcError(GrpcStatus.UNAVAILABLE, reason, this.call.to))
  }

  #finish(): void {
    this.#over = true
    this.#requests.stop()
    this.#responses.stop()
    this.#untrack()
    this.onOver()
  }

  #abortServer(): void {
    this.#abort.abort()
    this.#sink?.onAbort()
  }
}

function sizeOf(payload: unknown): number {
  return payload instanceof Uint8Array ? payload.byteLength : 0
}
