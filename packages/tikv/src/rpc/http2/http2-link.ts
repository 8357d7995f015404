import { connect, type ClientHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { TLSSocket, type SecureContext } from 'node:tls'
import { OrbitError, type Env, type Timer } from '@orbit-ts/base'
import { GrpcStatus } from '../grpc-status.js'
import { rpcError } from '../rpc-error.js'
import { connectError, connectSocket } from './connect-socket.js'
import type { Address } from './parse-address.js'
import type { TlsCredentials } from './tls-credentials.js'

export interface LinkOptions {
  readonly env: Env
  readonly address: Address
  /** How errors name the server. */
  readonly name: string
  readonly secure: boolean
  readonly credentials: TlsCredentials | undefined
  readonly dialTimeoutMs: number
  readonly keepaliveTimeMs: number
  readonly keepaliveTimeoutMs: number
  readonly windowBytes: number
}

export interface LinkEvents {
  onReady(): void
  /** The server takes no new streams; those under way go on. */
  onDraining(): void
  /** Called once, also for a connection that never stood. */
  onDown(error: OrbitError): void
}

/** Node's own limit of 10 MB is less than one large answer. In MB. */
export const SESSION_MEMORY_MAX_MB = 4096

/**
 * One HTTP/2 connection, from its dial to its end.
 *
 * Invariants:
 * 1. It is ready once the server has sent its settings: one that accepts and then says nothing fails at the dial timeout.
 * 2. After `keepaliveTimeMs` without a byte read it pings; a ping not answered in `keepaliveTimeoutMs` ends it.
 * 3. When it is down its socket is destroyed and its timers are cancelled.
 */
export class Http2Link {
  /** Resolves once the link is down and its socket closed. */
  readonly gone: Promise<void>
  readonly #options: LinkOptions
  readonly #events: LinkEvents
  #state: 'connecting' | 'ready' | 'down' = 'connecting'
  #socket: Socket | undefined
  #session: ClientHttp2Session | undefined
  #timer: Timer
  #lastReadMs = 0
  #wasReady = false
  #onGone: () => void = () => undefined

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options
    this.#events = events
    this.gone = new Promise((resolve) => (this.#onGone = resolve))
    this.#timer = options.env.timers.set(() => this.#dialTimedOut(), options.dialTimeoutMs, {
      keepAlive: true,
    })
    if (options.credentials === undefined) this.#connect(undefined)
    else void this.#connectWith(options.credentials)
  }

  get connecting(): boolean {
    return this.#state === 'connecting'
  }

  /** Whether it ever stood. */
  get wasReady(): boolean {
    return this.#wasReady
  }

  /** The session, while it takes new streams. */
  get usable(): ClientHttp2Session | undefined {
    const session = this.#session
    if (this.#state !== 'ready' || session === undefined || session.closed || session.destroyed)
      return undefined
    return session
  }

  /** Whether the connection is gone, or just going. */
  get lost(): boolean {
    return this.#state === 'down' || this.#session?.destroyed === true || this.#socket?.destroyed === true
  }

  /** Something was read: the server lives. */
  touch(): void {
    this.#lastReadMs = this.#options.env.clock.monotonicMs()
  }

  close(error: OrbitError): void {
    this.#down(error)
  }

  async #connectWith(credentials: TlsCredentials): Promise<void> {
    try {
      this.#connect(await credentials.context())
    } catch (cause) {
      const { name } = this.#options
      const { reason } = OrbitError.from(cause)
      this.#down(new OrbitError('RPC_TLS', `${name}: ${reason}`, { address: name }, { cause }))
    }
  }

  #connect(context: SecureContext | undefined): void {
    if (this.#state === 'down') return
    const { address, secure, credentials, windowBytes } = this.#options
    const tls = secure
      ? { context, serverName: credentials?.serverName, verifyCn: credentials?.verifyCn ?? [] }
      : undefined
    const socket = connectSocket(address, tls)
    this.#socket = socket
    socket.on('error', (error: Error) => this.#failed(error))
    socket.on('close', () => {
      this.#failed(hungUp())
      this.#onGone()
    })
    if (socket instanceof TLSSocket) socket.once('secureConnect', () => this.#checkProtocol(socket))
    const session = connect(`${secure ? 'https' : 'http'}://${address.authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: windowBytes },
      maxSessionMemory: SESSION_MEMORY_MAX_MB,
    })
    this.#session = session
    session.on('error', (error: Error) => this.#failed(error))
    session.on('close', () => this.#failed(hungUp()))
    session.on('goaway', () => {
      if (this.#state === 'ready') this.#events.onDraining()
    })
    session.once('remoteSettings', () => this.#ready(session))
  }

  #checkProtocol(socket: TLSSocket): void {
    if (socket.alpnProtocol === 'h2') return
    this.#down(
      rpcError(GrpcStatus.UNAVAILABLE, 'the server does not offer HTTP/2 over TLS', this.#options.name),
    )
  }

  #ready(session: ClientHttp2Session): void {
    if (this.#state !== 'connecting') return
    this.#state = 'ready'
    this.#wasReady = true
    session.setLocalWindowSize(this.#options.windowBytes)
    this.touch()
    this.#armKeepalive(this.#options.keepaliveTimeMs)
    this.#events.onReady()
  }

  #armKeepalive(delayMs: number): void {
    this.#timer.cancel()
    this.#timer = this.#options.env.timers.set(() => this.#keepalive(), delayMs)
  }

  #keepalive(): void {
    const { env, keepaliveTimeMs, keepaliveTimeoutMs } = this.#options
    const silentMs = env.clock.monotonicMs() - this.#lastReadMs
    if (silentMs < keepaliveTimeMs) {
      this.#armKeepalive(keepaliveTimeMs - silentMs)
      return
    }
    // A session that was drained is gone before its connection is, when the server does not close that.
    if (this.#session === undefined || this.#session.destroyed) {
      this.#failed(hungUp())
      return
    }
    this.#timer = env.timers.set(() => this.#pingTimedOut(), keepaliveTimeoutMs)
    this.#session.ping((error) => {
      if (error !== null || this.#state !== 'ready') return
      this.touch()
      this.#armKeepalive(keepaliveTimeMs)
    })
  }

  #pingTimedOut(): void {
    const { name, keepaliveTimeoutMs } = this.#options
    const reason = `a keepalive ping was not answered within ${keepaliveTimeoutMs} ms`
    this.#down(rpcError(GrpcStatus.UNAVAILABLE, reason, name))
  }

  #dialTimedOut(): void {
    const { name, dialTimeoutMs } = this.#options
    this.#down(rpcError(GrpcStatus.UNAVAILABLE, `cannot connect within ${dialTimeoutMs} ms`, name))
  }

  #failed(cause: Error): void {
    if (this.#state === 'down') return
    const { name, secure } = this.#options
    if (this.#state === 'connecting') {
      this.#down(connectError(cause, name, secure))
      return
    }
    this.#down(rpcError(GrpcStatus.UNAVAILABLE, `the connection was lost: ${cause.message}`, name, { cause }))
  }

  #down(error: OrbitError): void {
    if (this.#state === 'down') return
    this.#state = 'down'
    this.#timer.cancel()
    // First those who wait learn why; the streams' own errors that follow say less.
    this.#events.onDown(error)
    this.#session?.destroy()
    if (this.#socket === undefined || this.#socket.closed) this.#onGone()
    else this.#socket.destroy()
  }
}

/** A code of the network: a server that goes away while it is dialled has not refused TLS. */
function hungUp(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })
}
