import { DialBackoff } from '../dial-backoff.js'
import { GrpcStatus } from '../grpc-status.js'
import type { Method } from '../method.js'
import { closedError, rpcError } from '../rpc-error.js'
import { StreamChannel, type RawHandlers, type RawOptions, type RawStream } from '../stream-channel.js'
import type { ChannelState } from '../transport.js'
import type { InProcessNetwork } from './in-process-network.js'
import { InProcessStream } from './in-process-stream.js'

export interface InProcessChannelOptions {
  readonly network: InProcessNetwork
  readonly from: string
  readonly address: string
  readonly onClose: () => void
}

/** A connection that is a reference. It still waits after a refusal, as one over a socket does. */
export class InProcessChannel extends StreamChannel {
  readonly address: string
  readonly #options: InProcessChannelOptions
  readonly #backoff: DialBackoff
  readonly #streams = new Set<InProcessStream<unknown, unknown>>()
  #connected = false
  #closed = false

  constructor(options: InProcessChannelOptions) {
    super(options.network.env)
    this.address = options.address
    this.#options = options
    this.#backoff = new DialBackoff(options.network.env)
  }

  get state(): ChannelState {
    if (this.#closed) return 'closed'
    if (this.#backoff.blockedBy !== undefined) return 'failed'
    return this.#connected ? 'ready' : 'idle'
  }

  openRaw<Request, Response>(
    method: Method<Request, Response>,
    handlers: RawHandlers<Response>,
    options: RawOptions,
  ): RawStream<Request> {
    const { network, from } = this.#options
    const stream = new InProcessStream(network, method, handlers, {
      from,
      to: this.address,
      path: method.path,
      metadata: options.metadata ?? {},
    })
    stream.onOver = () => this.#streams.delete(stream)
    this.#streams.add(stream)
    queueMicrotask(() => this.#start(stream))
    return stream
  }

  close(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    const why = error ?? rpcError(GrpcStatus.UNAVAILABLE, 'the connection was closed', this.address)
    for (const stream of [...this.#streams]) stream.fail(why)
    this.#options.onClose()
  }

  #start(stream: InProcessStream<unknown, unknown>): void {
    const { network } = this.#options
    if (this.#closed) {
      stream.fail(closedError(`the connection to ${this.address}`))
      return
    }
    const blocked = this.#backoff.blockedBy
    if (blocked !== undefined) {
      stream.fail(blocked)
      return
    }
    const service = network.serviceAt(this.address)
    const verdict = network.judgeCall(stream.call)
    if (service === undefined || verdict === 'refuse') {
      const error = rpcError(GrpcStatus.UNAVAILABLE, 'the connection was refused', this.address)
      this.#connected = false
      this.#backoff.failed(error)
      stream.fail(error)
      return
    }
    this.#connected = true
    this.#backoff.succeeded()
    if (verdict !== 'hang') stream.serve(service)
  }
}
