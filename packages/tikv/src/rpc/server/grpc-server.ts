import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
} from 'node:http2'
import type { Socket } from 'node:net'
import { OrbitError, systemEnv, type Env } from '@orbit-ts/base'
import { SESSION_MEMORY_MAX_MB } from '../http2/http2-link.js'
import type { MessageEncoding } from '../http2/message-reader.js'
import type { Service } from '../service.js'
import { ServerStream } from './server-stream.js'

export interface ServerTls {
  /** PEM texts. */
  readonly cert: string
  readonly key: string
  /** When given, callers must present a certificate of one of these authorities. */
  readonly clientCa?: string | undefined
}

export interface GrpcServerOptions {
  readonly service: Service
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** Default 0: any that is free. */
  readonly port?: number | undefined
  readonly tls?: ServerTls | undefined
  readonly env?: Env | undefined
  /** A longer request ends its call with `RESOURCE_EXHAUSTED`. Default 256 MiB. */
  readonly messageBytesMax?: number | undefined
  /** Of answers. Default `identity`. */
  readonly encoding?: MessageEncoding | undefined
}

const MESSAGE_BYTES_MAX = 256 * 1024 * 1024

/** As TiKV has them. */
const STREAMS_MAX = 1024
const WINDOW_BYTES = 2 * 1024 * 1024

/**
 * Serves a {@link Service} as gRPC over HTTP/2.
 *
 * Invariants:
 * 1. A caller that breaks the protocol loses its stream or its connection, and nobody else's.
 * 2. After `close` no socket is left, and every handler under way has been aborted.
 */
export class GrpcServer {
  readonly host: string
  readonly #server: Http2Server | Http2SecureServer
  readonly #env: Env
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<ServerHttp2Session>()
  #closed: Promise<void> | undefined

  private constructor(server: Http2Server | Http2SecureServer, host: string, env: Env) {
    this.host = host
    this.#env = env
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.on('session', (session) => {
      this.#sessions.add(session)
      session.setLocalWindowSize(WINDOW_BYTES)
      session.on('error', () => undefined)
      session.on('close', () => this.#sessions.delete(session))
    })
    // What a caller does wrong has ended its connection already.
    server.on('sessionError', () => undefined)
    server.on('tlsClientError', () => undefined)
  }

  /** Errors: `RPC_FAILED` when the port cannot be had. */
  static async listen(options: GrpcServerOptions): Promise<GrpcServer> {
    const host = options.host ?? '127.0.0.1'
    const server = create(options)
    const env = options.env ?? systemEnv
    const grpc = new GrpcServer(server, host, env)
    const streamOptions = {
      env,
      service: options.service,
      messageBytesMax: options.messageBytesMax ?? MESSAGE_BYTES_MAX,
      encoding: options.encoding ?? 'identity',
    }
    server.on('stream', (stream, headers) => void new ServerStream(stream, headers, streamOptions))
    await listen(server, host, options.port ?? 0)
    return grpc
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** `host:port`, as a client dials it. */
  get address(): string {
    return this.host.includes(':') ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`
  }

  get connectionCount(): number {
    return this.#sessions.size
  }

  /** Tells every caller to open no more calls on its connection (`GOAWAY`); those under way go on. */
  drain(): void {
    for (const session of this.#sessions) session.close()
  }

  /** Breaks every connection as a crash does; the server goes on listening. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const gone = [...this.#sockets].map(
      (socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())),
    )
    const ended = new Promise<void>((resolve) => void this.#server.close(() => resolve()))
    for (const session of this.#sessions) session.destroy()
    this.dropConnections()
    await Promise.all([ended, ...gone])
    // The system gives the listening socket back in the closing phase of a turn, which begins after what waits in it.
    await this.#env.timers.nextTurn()
    await this.#env.timers.nextTurn()
  }
}

function create(options: GrpcServerOptions): Http2Server | Http2SecureServer {
  const http2 = {
    settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: STREAMS_MAX, enablePush: false },
    maxSessionMemory: SESSION_MEMORY_MAX_MB,
  }
  const { tls } = options
  if (tls === undefined) return createServer(http2)
  return createSecureServer({
    ...http2,
    cert: tls.cert,
    key: tls.key,
    ALPNProtocols: ['h2'],
    ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
  })
}

function listen(server: Http2Server | Http2SecureServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (cause: Error): void => {
      const reason = `cannot listen on ${host}:${port}: ${cause.message}`
      reject(new OrbitError('RPC_FAILED', reason, { address: `${host}:${port}` }, { cause }))
    }
    server.once('error', refused)
    server.listen(port, host, () => {
      server.off('error', refused)
      server.on('error', () => undefined)
      resolve()
    })
  })
}
