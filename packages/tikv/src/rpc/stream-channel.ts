import { OrbitError, type Env } from '@orbit-ts/base'
import { CallGuard } from './call-guard.js'
import { GrpcStatus } from './grpc-status.js'
import type { Method } from './method.js'
import { ResponseQueue } from './response-queue.js'
import { abortedError, rpcError } from './rpc-error.js'
import type {
  CallOptions,
  Channel,
  ChannelState,
  Duplex,
  DuplexHandlers,
  Metadata,
  StreamOptions,
} from './transport.js'

/** One gRPC call as a transport sees it: messages both ways, whatever the kind of its method. */
export interface RawStream<Request> {
  /** Throws `INVALID_ARGUMENT` when the message cannot be encoded. Nothing happens once the stream has ended. */
  send(request: Request): void
  /** No more requests. */
  end(): void
  /** Ends the stream in silence: no handler is called any more. */
  cancel(): void
  readonly bufferedBytes: number
  /** Holds messages back, and with them the peer. */
  pause(): void
  resume(): void
}

/** As {@link DuplexHandlers}. Never called before `openRaw` has returned. */
export type RawHandlers<Response> = DuplexHandlers<Response>

export interface RawOptions {
  readonly metadata: Metadata | undefined
  /** Told to the server; whoever opens the stream ends it in time. */
  readonly timeoutMs: number | undefined
}

/** The three kinds of call of a {@link Channel}, over the one kind of stream that a transport has. */
export abstract class StreamChannel implements Channel {
  abstract readonly address: string
  abstract readonly state: ChannelState
  readonly #env: Env

  constructor(env: Env) {
    this.#env = env
  }

  abstract openRaw<Request, Response>(
    method: Method<Request, Response>,
    handlers: RawHandlers<Response>,
    options: RawOptions,
  ): RawStream<Request>
  abstract close(error?: Error): void

  unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted === true) {
        reject(abortedError(method.name, this.address, options.signal.reason))
        return
      }
      let answer: { readonly value: Response } | undefined
      const stream = this.openRaw(
        method,
        {
          onMessage: (value) => (answer = { value }),
          onEnd: (error) => {
            guard.release()
            if (error !== undefined) reject(error)
            else if (answer !== undefined) resolve(answer.value)
            else reject(this.#noAnswer(method.name))
          },
        },
        { metadata: options.metadata, timeoutMs: options.timeoutMs },
      )
      const fail = (error: unknown): void => {
        stream.cancel()
        reject(OrbitError.from(error))
      }
      const guard = new CallGuard(this.#env, { method: method.name, address: this.address, options }, fail)
      try {
        stream.send(request)
        stream.end()
      } catch (error) {
        guard.release()
        fail(error)
      }
    })
  }

  async *serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions,
  ): AsyncGenerator<Response, void, undefined> {
    if (options.signal?.aborted === true) throw abortedError(method.name, this.address, options.signal.reason)
    const queue = new ResponseQueue<Response>({
      pause: () => stream.pause(),
      resume: () => stream.resume(),
    })
    const stream = this.openRaw(method, queue, { metadata: options.metadata, timeoutMs: options.timeoutMs })
    const guard = new CallGuard(
      this.#env,
      { method: method.name, address: this.address, options },
      (error) => {
        stream.cancel()
        queue.onEnd(error)
      },
    )
    try {
      stream.send(request)
      stream.end()
      yield* queue.drain()
    } finally {
      guard.release()
      stream.cancel()
    }
  }

  duplex<Request, Response>(
    method: Method<Request, Response>,
    handlers: DuplexHandlers<Response>,
    options: StreamOptions,
  ): Duplex<Request> {
    let ended = false
    const finish = (error: Error | undefined): void => {
      if (ended) return
      ended = true
      handlers.onEnd(error)
    }
    const stream = this.openRaw(
      method,
      { onMessage: (response) => handlers.onMessage(response), onEnd: finish },
      { metadata: options.metadata, timeoutMs: undefined },
    )
    return {
      send: (request) => {
        if (ended) return false
        stream.send(request)
        return true
      },
      get bufferedBytes() {
        return stream.bufferedBytes
      },
      end: () => {
        if (!ended) stream.end()
      },
      cancel: () => {
        if (ended) return
        stream.cancel()
        finish(abortedError(method.name, this.address))
      },
    }
  }

  #noAnswer(method: string): Error {
    return rpcError(GrpcStatus.INTERNAL, `${method} ended without an answer`, this.address)
  }
}
