import { silentLogger, systemEnv, type Env, type Logger, type Timer } from '@orbit-ts/base'
import type { TiKVConfig } from '../../config/tikv-config.js'
import { closedError } from '../rpc-error.js'
import type { Channel, Transport } from '../transport.js'
import { Http2Channel } from './http2-channel.js'
import { TlsCredentials } from './tls-credentials.js'

/** The part of the client's configuration that concerns connections. */
export type Http2TransportConfig = Pick<
  TiKVConfig,
  | 'dialTimeout'
  | 'grpcKeepaliveTime'
  | 'grpcKeepaliveTimeout'
  | 'grpcInitialWindowSize'
  | 'grpcCompression'
  | 'tls'
>

export interface Http2TransportOptions {
  readonly config: Http2TransportConfig
  /** Default: the process's own. */
  readonly env?: Env | undefined
  readonly logger?: Logger | undefined
}

/** How often TLS files are looked at when nothing dials, so that bad ones are noticed before they are needed. */
const TLS_CHECK_MS = 60_000

/**
 * gRPC over HTTP/2 sockets. Addresses are `host:port`, also with `http://` or `https://`; with `tls` configured every
 * connection uses it.
 *
 * Errors of the constructor: `CONFIG_INVALID`; of `open`: `INVALID_ARGUMENT` for what is no address.
 */
export class Http2Transport implements Transport {
  readonly #env: Env
  readonly #config: Http2TransportConfig
  readonly #credentials: TlsCredentials | undefined
  readonly #channels = new Set<Http2Channel>()
  readonly #dials = new Set<Promise<void>>()
  #tlsTimer: Timer | undefined
  #closed = false

  constructor(options: Http2TransportOptions) {
    this.#env = options.env ?? systemEnv
    this.#config = options.config
    const { tls } = options.config
    if (tls !== undefined) {
      this.#credentials = new TlsCredentials(tls, options.logger ?? silentLogger)
      this.#watchTls(this.#credentials)
    }
  }

  open(address: string): Channel {
    const config = this.#config
    const channel = new Http2Channel(address, {
      env: this.#env,
      credentials: this.#credentials,
      dialTimeoutMs: config.dialTimeout,
      keepaliveTimeMs: config.grpcKeepaliveTime,
      keepaliveTimeoutMs: config.grpcKeepaliveTimeout,
      windowBytes: config.grpcInitialWindowSize,
      encoding: config.grpcCompression === 'gzip' ? 'gzip' : 'identity',
      onDial: (gone) => this.#track(gone),
      onClose: (closed) => this.#channels.delete(closed),
    })
    if (this.#closed) channel.close()
    else this.#channels.add(channel)
    return channel
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#tlsTimer?.cancel()
    for (const channel of [...this.#channels]) channel.close(closedError('the client'))
    await Promise.all(this.#dials)
  }

  #track(gone: Promise<void>): void {
    this.#dials.add(gone)
    void gone.then(() => this.#dials.delete(gone))
  }

  #watchTls(credentials: TlsCredentials): void {
    this.#tlsTimer = this.#env.timers.set(() => {
      // A failure is told to whoever dials; a change for the worse has been logged.
      credentials.context().catch(() => undefined)
      if (!this.#closed) this.#watchTls(credentials)
    }, TLS_CHECK_MS)
  }
}
