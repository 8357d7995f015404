/**
 * The server for PostgreSQL clients: listens, admits, authenticates, cancels.
 *
 * Invariants:
 * 1. No more than `connections_max` clients that gave a user are connected at once; a cancel request is not counted.
 * 2. `close` refuses new clients at once and lets statements that run end within the time it is given; then it ends
 *    them, and cuts off who does not even take that.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { OrbitError, type Env, type Logger } from '@orbit-ts/base'
import {
  queryError,
  type ClientFacts,
  type CatalogRole,
  type SqlEngine,
  type SqlSession,
} from '@orbit-ts/engine/sql'
import { isLoopback } from '../../config/resolve-access.js'
import { makeVerifier, mockVerifier, parseVerifier, type Verifier } from './auth/scram.js'
import { cannotListen } from './check-address.js'
import { Connection, type ConnectionHost, type Credentials, type SecureSocket } from './connection.js'
import type { PostgresSettings } from './postgres-settings.js'
import { loadTls, startTls, type TlsIdentity } from './tls/start-tls.js'

export interface PostgresServerOptions {
  readonly engine: SqlEngine
  readonly settings: PostgresSettings
  readonly env: Env
  readonly logger: Logger
}

/** How long a client may take to read the last that it is sent when the server ends. */
const LAST_WORDS_MS = 1000

/** The user who may do everything, and who exists in every database. */
const SUPERUSER = 'orbit'

export class PostgresServer implements ConnectionHost {
  readonly env: Env
  readonly logger: Logger
  readonly messageSizeMaxBytes: number
  readonly authTimeoutMs: number
  readonly tlsRequired: boolean
  readonly startTls: ((socket: Socket, ahead: Buffer) => Promise<SecureSocket>) | undefined
  readonly #engine: SqlEngine
  readonly #settings: PostgresSettings
  readonly #host: string
  readonly #auth: 'trust' | 'scram-sha-256' | 'cert'
  readonly #superuser: Verifier | undefined
  readonly #mockSecret: Buffer
  readonly #server: Server
  readonly #all = new Set<Connection>()
  readonly #admitted = new Set<Connection>()
  readonly #running = new Set<Promise<void>>()
  readonly #sockets = new Set<Socket>()
  #isClosing = false

  private constructor(
    { engine, settings, env, logger }: PostgresServerOptions,
    superuser: Verifier | undefined,
    tls: TlsIdentity | undefined,
  ) {
    this.env = env
    this.logger = logger
    this.messageSizeMaxBytes = settings.messageSizeMaxMb * 1024 * 1024
    this.authTimeoutMs = settings.authTimeoutMs
    this.tlsRequired = settings.tlsRequired
    this.startTls = tls === undefined ? undefined : (socket) => startTls(tls, socket)
    this.#engine = engine
    this.#settings = settings
    this.#host = settings.host
    this.#auth = settings.auth ?? (isLoopback(this.#host) ? 'trust' : 'scram-sha-256')
    this.#superuser = superuser
    this.#mockSecret = Buffer.from(env.random.bytes(32))
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#accept(socket))
  }

  /** @throws CONFIG_INVALID: authentication that would let everybody in, or nobody; certificates that cannot be read */
  static async create(options: PostgresServerOptions): Promise<PostgresServer> {
    const { settings, engine } = options
    const tls = await loadTls(settings)
    const password = settings.password?.reveal()
    const server = new PostgresServer(
      options,
      password === undefined
        ? undefined
        : await makeVerifier(password, Buffer.from(options.env.random.bytes(16))),
      tls,
    )
    await server.#checkAccess(engine, settings.host)
    return server
  }

  /** Begins to accept clients. Gives the URL for them. @throws CONFIG_INVALID */
  async listen(): Promise<string> {
    const { port } = this.#settings
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => reject(cannotListen(this.#host, port, cause)))
      this.#server.listen({ host: this.#host, port }, resolve)
    })
    const address = this.#server.address()
    // A server that listens on a port has an address of this form.
    const { port: chosen } = address as AddressInfo
    return `postgres://${SUPERUSER}@${urlHost(this.#host)}:${chosen}/${this.#engine.databaseName}`
  }

  get connectionCount(): number {
    return this.#admitted.size
  }

  /** @param timeoutMs how long statements may go on */
  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const reason = queryError('admin_shutdown', 'terminating connection due to administrator command')
    for (const connection of this.#all) connection.shutDown(reason)
    const timer = this.env.timers.set(() => {
      for (const connection of this.#all) connection.terminate(reason)
    }, timeoutMs)
    await Promise.all(this.#running)
    timer.cancel()
    const cut = this.env.timers.set(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, LAST_WORDS_MS)
    await closed
    cut.cancel()
  }

  admit(connection: Connection): void {
    if (this.#isClosing) throw queryError('cannot_connect_now', 'the database system is shutting down')
    if (this.#admitted.size >= this.#settings.connectionsMax)
      throw queryError('too_many_connections', 'sorry, too many clients already')
    this.#admitted.add(connection)
  }

  forget(connection: Connection): void {
    this.#all.delete(connection)
    this.#admitted.delete(connection)
  }

  cancel(processId: number, secret: Buffer): void {
    for (const connection of this.#admitted) if (connection.processId === processId) connection.cancel(secret)
  }

  async credentials(user: string, certificateName: string | undefined): Promise<Credentials> {
    const roles = (await this.#engine.readCatalog()).roles()
    const role = roles.find(({ name }) => name === user)
    if (this.#auth === 'trust') return { user: role === undefined ? SUPERUSER : user, verifier: undefined }
    if (this.#auth === 'cert') {
      if (certificateName === user && role !== undefined) return { user, verifier: undefined }
      throw queryError(
        'invalid_authorization_specification',
        `certificate authentication failed for user "${user}"`,
      )
    }
    const isOver = (role?.validUntilMicros ?? Infinity) <= this.env.clock.nowMs() * 1000
    const stored = role?.verifier === undefined || isOver ? undefined : parseVerifier(role.verifier)
    const configured = user === SUPERUSER ? this.#superuser : undefined
    return { user, verifier: stored ?? configured ?? mockVerifier(user, this.#mockSecret) }
  }

  async openSession(
    user: string,
    settings: Readonly<Record<string, string>>,
    database: string,
    client: ClientFacts,
  ): Promise<SqlSession> {
    const role = (await this.#engine.readCatalog()).roles().find(({ name }) => name === user)
    if (role !== undefined && this.#isFull(role))
      throw queryError('too_many_connections', `too many connections for role "${user}"`)
    const workMemoryKb = String(this.#settings.workMemoryMb * 1024)
    return this.#engine.openSession({
      user,
      database,
      client,
      settings: { work_mem: workMemoryKb, ...settings },
      serverSettings: {
        ssl: this.startTls === undefined ? 'off' : 'on',
        max_connections: String(this.#settings.connectionsMax),
      },
    })
  }

  #isFull({ name, connectionLimit, isSuperuser }: CatalogRole): boolean {
    if (connectionLimit < 0 || isSuperuser) return false
    const sessions = [...this.#engine.sessions.values()].filter(({ sessionUser }) => sessionUser === name)
    return sessions.length >= connectionLimit
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const connection = new Connection(socket, this)
    this.#all.add(connection)
    // Those that have not shown who they are count too, so that nobody can hold any number of them open.
    if (this.#all.size > this.#settings.connectionsMax * 2) {
      connection.destroy()
    }
    const running = connection.run().finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  async #checkAccess(engine: SqlEngine, host: string): Promise<void> {
    if (this.#auth === 'trust' && !isLoopback(host)) {
      throw new OrbitError(
        'CONFIG_INVALID',
        `postgres.auth = "trust" would let in every machine that reaches "${host}"; use "scram-sha-256" or "cert", or listen on 127.0.0.1`,
        { field: 'postgres.auth', host },
      )
    }
    if (this.#auth !== 'scram-sha-256' || this.#superuser !== undefined) return
    const roles = (await engine.readCatalog()).roles()
    if (roles.some(({ verifier }) => verifier !== undefined)) return
    throw new OrbitError(
      'CONFIG_INVALID',
      'postgres.auth = "scram-sha-256" lets nobody in: no role has a password; set postgres.password (or ORBIT_POSTGRES_PASSWORD) for the user "orbit", or postgres.enabled = false',
      { field: 'postgres.password' },
    )
  }
}

/** A host that a client on this machine can use where the server listens on all addresses. */
function urlHost(host: string): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return reachable.includes(':') ? `[${reachable}]` : reachable
}
