import { OrbitError, type Env } from '@orbit-ts/base'
import { DialBackoff } from '../dial-backoff.js'
import { GrpcStatus } from '../grpc-status.js'
import type { Method } from '../method.js'
import { closedError, rpcError } from '../rpc-error.js'
import { StreamChannel, type RawHandlers, type RawOptions, type RawStream } from '../stream-channel.js'
import type { ChannelState } from '../transport.js'
import { Http2ClientStream } from './http2-client-stream.js'
import { Http2Link } from './http2-link.js'
import type { MessageEncoding } from './message-reader.js'
import { parseAddress, type Address } from './parse-address.js'
import type { TlsCredentials } from './tls-credentials.js'

export interface Http2ChannelOptions {
  readonly env: Env
  readonly credentials: TlsCredentials | undefined
  readonly dialTimeoutMs: number
  readonly keepaliveTimeMs: number
  readonly keepaliveTimeoutMs: number
  readonly windowBytes: number
  readonly encoding: MessageEncoding
  /** Called for each dial, with what resolves when nothing is left of that connection. */
  readonly onDial: (gone: Promise<void>) => void
  readonly onClose: (channel: Http2Channel) => void
}

type AnyStream = Http2ClientStream<unknown, unknown>

/**
 * A connection to one server that is dialled when it is needed.
 *
 * Invariants:
 * 1. At most one link takes new streams; older ones that drain end with their last stream.
 * 2. Calls made while it dials wait for it; those made while a failure is waited out fail with that failure.
 * 3. A stream belongs to one link or waits, and fails with its link.
 */
export class Http2Channel extends StreamChannel {
  readonly address: string
  readonly #target: Address
  readonly #secure: boolean
  readonly #options: Http2ChannelOptions
  readonly #backoff: DialBackoff
  readonly #links = new Map<Http2Link, Set<AnyStream>>()
  #current: Http2Link | undefined
  #closed = false

  constructor(address: string, options: Http2ChannelOptions) {
    super(options.env)
    this.address = address
    this.#target = parseAddress(address)
    this.#secure = this.#target.secure || options.credentials !== undefined
    this.#options = options
    this.#backoff = new DialBackoff(options.env)
  }

  get state(): ChannelState {
    if (this.#closed) return 'closed'
    if (this.#current?.connecting === true) return 'connecting'
    if (this.#current?.usable !== undefined) return 'ready'
    return this.#backoff.blockedBy === undefined ? 'idle' : 'failed'
  }

  openRaw<Request, Response>(
    method: Method<Request, Response>,
    handlers: RawHandlers<Response>,
    options: RawOptions,
  ): RawStream<Request> {
    const stream = new Http2ClientStream(method, handlers, options, {
      address: this.address,
      authority: this.#target.authority,
      scheme: this.#secure ? 'https' : 'http',
      encoding: this.#options.encoding,
    })
    const blocked = this.#closed ? closedError(`the connection to ${this.address}`) : this.#backoff.blockedBy
    if (blocked === undefined) this.#place(stream)
    else queueMicrotask(() => stream.fail(blocked))
    return stream
  }

  close(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    const why = OrbitError.from(
      error ?? rpcError(GrpcStatus.UNAVAILABLE, 'the connection was closed', this.address),
    )
    for (const link of [...this.#links.keys()]) link.close(why)
    this.#options.onClose(this)
  }

  #place(stream: AnyStream): void {
    const link = this.#usableLink()
    const streams = this.#links.get(link)
    streams?.add(stream)
    stream.onOver = () => streams?.delete(stream)
    if (!link.connecting) this.#start(stream, link)
  }

  #usableLink(): Http2Link {
    const current = this.#current
    if (current?.connecting === true || current?.usable !== undefined) return current
    const link = new Http2Link(
      {
        ...this.#options,
        address: this.#target,
        name: this.address,
        secure: this.#secure,
      },
      {
        onReady: () => this.#onReady(link),
        onDraining: () => this.#forget(link),
        onDown: (error) => this.#onDown(link, error),
      },
    )
    this.#links.set(link, new Set())
    this.#current = link
    this.#options.onDial(link.gone)
    return link
  }

  #onReady(link: Http2Link): void {
    this.#backoff.succeeded()
    for (const stream of this.#links.get(link) ?? []) this.#start(stream, link)
  }

  #start(stream: AnyStream, link: Http2Link): void {
    const session = link.usable
    try {
      if (session !== undefined) stream.start(link, session)
      else throw new Error('the server takes no more calls on this connection')
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const error = rpcError(GrpcStatus.UNAVAILABLE, reason, this.address, { cause })
      queueMicrotask(() => stream.fail(error))
    }
  }

  #onDown(link: Http2Link, error: OrbitError): void {
    const dialFailed = this.#current === link && !link.wasReady
    this.#forget(link)
    if (dialFailed && !this.#closed) this.#backoff.failed(error)
    const streams = this.#links.get(link)
    this.#links.delete(link)
    for (const stream of streams ?? []) stream.fail(error)
  }

  #forget(link: Http2Link): void {
    if (this.#current === link) this.#current = undefined
  }
}
