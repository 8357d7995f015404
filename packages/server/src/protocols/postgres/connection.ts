/**
 * One client, from its first byte to its last.
 *
 * Invariants:
 * 1. Nothing of a client is done before it has shown who it is, and that takes no longer than the authentication timeout.
 * 2. Whatever goes wrong ends this connection, and no other.
 * 3. When a client goes, the statement that it runs is cancelled and its transaction is rolled back.
 */
import type { Socket } from 'node:net'
import { OrbitError, ReusableAbort, type Env, type Logger, type Timer } from '@orbit-ts/base'
import { queryError, type ClientFacts, type SessionEvent, type SqlSession } from '@orbit-ts/engine/sql'
import { ByteWriter } from '@orbit-ts/storage'
import { authenticated, checkPassword } from './auth/authenticate.js'
import type { Verifier } from './auth/scram.js'
import { ClientStream } from './client-stream.js'
import { clientFacts } from './client-facts.js'
import { errorFields } from './report-error.js'
import { ProtocolSession } from './session/protocol-session.js'
import {
  readMessage,
  readStartup,
  type FrontendMessage,
  type StartupMessage,
} from './wire/frontend-messages.js'
import { MessageReader } from './wire/message-reader.js'
import { MessageWriter } from './wire/message-writer.js'

/** Before a client has shown who it is, its messages are small. */
const UNAUTHENTICATED_BYTES_MAX = 64 * 1024
const SECRET_BYTES = 4

/** What a connection asks of its server. */
export interface ConnectionHost {
  readonly env: Env
  readonly logger: Logger
  readonly messageSizeMaxBytes: number
  readonly authTimeoutMs: number
  readonly tlsRequired: boolean
  /** Undefined without TLS. Takes what was read ahead. */
  readonly startTls: ((socket: Socket, ahead: Buffer) => Promise<SecureSocket>) | undefined
  /** @throws too_many_connections, cannot_connect_now */
  admit(connection: Connection): void
  forget(connection: Connection): void
  cancel(processId: number, secret: Buffer): void
  /** How this user is to show who it is. @throws invalid_authorization_specification */
  credentials(user: string, certificateName: string | undefined): Promise<Credentials>
  /** Of a user who has shown who it is. @throws too_many_connections, and as the engine */
  openSession(
    user: string,
    settings: Readonly<Record<string, string>>,
    database: string,
    client: ClientFacts,
  ): Promise<SqlSession>
}

export interface SecureSocket {
  readonly socket: Socket
  /** For SCRAM: the hash of the server's certificate. */
  readonly channelBinding: Buffer | undefined
  /** The common name in the client's certificate, where it gave a trusted one. */
  readonly certificateName: string | undefined
}

export interface Credentials {
  /** The role that the session is of. */
  readonly user: string
  /** Undefined: no password is asked for. */
  readonly verifier: Verifier | undefined
}

export class Connection {
  readonly #host: ConnectionHost
  readonly #writer = new MessageWriter(new ByteWriter(8192))
  readonly #reader = new MessageReader(UNAUTHENTICATED_BYTES_MAX)
  readonly #secret: Buffer
  #socket: Socket
  #stream: ClientStream
  #secure: SecureSocket | undefined
  #session: SqlSession | undefined
  #statement: AbortController | undefined
  readonly #aborts = new ReusableAbort()
  /** What is to be given back when the message has been handled. */
  #taken: AbortController | undefined
  #closing: OrbitError | undefined
  #isIdle = false
  #isTelling = false
  #isTerminated = false
  #timeout: Timer | undefined
  #wake: (() => void) | undefined
  /** Waits for the client that end when the connection does. */
  readonly #waits = new Set<() => void>()

  constructor(socket: Socket, host: ConnectionHost) {
    this.#host = host
    this.#socket = socket
    this.#stream = new ClientStream(socket)
    this.#secret = Buffer.from(host.env.random.bytes(SECRET_BYTES))
  }

  get processId(): number | undefined {
    return this.#session?.processId
  }

  /** Serves the client until it goes. Never rejects. */
  async run(): Promise<void> {
    try {
      const startup = await this.#startup()
      if (startup !== undefined) await this.#serve(startup)
    } catch (error) {
      await this.#fail(error)
    } finally {
      this.#statement?.abort()
      this.#host.forget(this)
      this.#stream.end()
      await this.#session?.close().catch((error: unknown) => {
        this.#host.logger.error({ err: error }, 'a session could not be closed')
      })
    }
  }

  /** The client with this secret wants its statement to end. */
  cancel(secret: Buffer): void {
    if (secret.equals(this.#secret)) this.#statement?.abort()
  }

  /** Ends the connection: at once when it is idle, otherwise once its statement has ended. */
  shutDown(reason: OrbitError): void {
    this.#closing = reason
    if (this.#isIdle) this.#wakeUp()
  }

  /** Ends the connection at once: its statement is cancelled, and the client told why if it listens. */
  terminate(reason: OrbitError): void {
    this.#closing = reason
    this.#isTerminated = true
    this.#statement?.abort(reason)
    for (const giveUp of this.#waits) giveUp()
    this.#wakeUp()
  }

  destroy(): void {
    this.#statement?.abort()
    this.#stream.destroy()
  }

  async #startup(): Promise<(StartupMessage & { kind: 'startup' }) | undefined> {
    const { env, authTimeoutMs } = this.#host
    const timeout = env.timers.set(() => this.#stream.destroy(), authTimeoutMs)
    this.#timeout = timeout
    for (;;) {
      const raw = await this.#nextRaw()
      if (raw === undefined) return undefined
      const message = readStartup(raw)
      switch (message.kind) {
        case 'ssl':
          await this.#startTls()
          break
        case 'gss':
          await this.#sendByte('N')
          break
        case 'cancel':
          this.#host.cancel(message.processId, message.secret)
          return undefined
        case 'startup':
          this.#reader.isStartup = false
          return message
      }
    }
  }

  async #startTls(): Promise<void> {
    const { startTls } = this.#host
    if (startTls === undefined || this.#secure !== undefined) return this.#sendByte('N')
    await this.#sendByte('S')
    const ahead = Buffer.concat([this.#reader.takeRest(), this.#stream.detach()])
    // What came in the clear must not be taken for what comes encrypted.
    if (ahead.length > 0)
      throw queryError('protocol_violation', 'received unencrypted data after SSL request')
    this.#secure = await startTls(this.#socket, ahead)
    this.#socket = this.#secure.socket
    this.#stream = new ClientStream(this.#socket)
  }

  async #serve({ parameters, minorVersion }: StartupMessage & { kind: 'startup' }): Promise<void> {
    const host = this.#host
    const name = parameters.get('user')
    if (name === undefined || name === '') {
      throw queryError(
        'invalid_authorization_specification',
        'no PostgreSQL user name specified in startup packet',
      )
    }
    if (parameters.has('replication') && !/^(off|false|no|0)$/i.test(parameters.get('replication') ?? ''))
      throw queryError('feature_not_supported', 'replication is not supported')
    if (host.tlsRequired && this.#secure === undefined)
      throw queryError('invalid_authorization_specification', `connection of user "${name}" requires TLS`)
    host.admit(this)
    const unknown = [...parameters.keys()].filter((key) => key.startsWith('_pq_.'))
    if (minorVersion > 0 || unknown.length > 0) this.#writer.negotiateVersion(0, unknown)
    const { user, verifier } = await host.credentials(name, this.#secure?.certificateName)
    if (verifier !== undefined) {
      await checkPassword({
        user: name,
        verifier,
        channelBinding: this.#secure?.channelBinding,
        random: host.env.random,
        writer: this.#writer,
        flush: () => this.#flush(),
        nextMessage: () => this.#nextMessage(),
      })
    }
    this.#timeout?.cancel()
    const database = parameters.get('database') ?? name
    const client = clientFacts(this.#socket)
    this.#session = await host.openSession(user, startupSettings(parameters), database, client)
    this.#reader.sizeMaxBytes = host.messageSizeMaxBytes
    await this.#welcome(this.#session)
    await this.#loop(this.#session)
  }

  async #welcome(session: SqlSession): Promise<void> {
    authenticated(this.#writer)
    for (const { name, value } of session.reportedSettings()) this.#writer.parameterStatus(name, value)
    this.#writer.backendKeyData(session.processId, this.#secret)
    this.#writer.readyForQuery('idle')
    session.onEvent((event) => this.#onEvent(session, event))
    await this.#flush()
  }

  #onEvent(session: SqlSession, event: SessionEvent): void {
    switch (event.kind) {
      case 'setting':
        return void this.#writer.parameterStatus(event.name, event.value)
      case 'notification':
        return void this.#writer.notification(event.processId, event.channel, event.payload)
      case 'notified':
        return void this.#tellIdle(session)
      case 'cancel':
        return this.#statement?.abort()
      case 'terminate':
        return void this.terminate(
          queryError('admin_shutdown', 'terminating connection due to administrator command'),
        )
      case 'notice': {
        const { severity, sqlState, message, fields } = event
        const error = new OrbitError('QUERY_INVALID', message, { ...fields, sqlState })
        return void this.#writer.report('N', errorFields(error, severity))
      }
    }
  }

  /** A client that waits for nothing is told of notifications as they come, as fast as it takes them. */
  async #tellIdle(session: SqlSession): Promise<void> {
    if (!this.#isIdle || this.#isTelling) return
    this.#isTelling = true
    try {
      do {
        session.deliverNotifications()
        if (this.#writer.length === 0) break
        await this.#flush()
      } while (this.#isIdle)
    } catch (error) {
      // The one that waits for the client's next message ends the connection.
      if (error === this.#closing) return
      this.#host.logger.error({ err: error }, 'a client could not be told of notifications')
      this.destroy()
    } finally {
      this.#isTelling = false
    }
  }

  async #loop(session: SqlSession): Promise<void> {
    const protocol = new ProtocolSession({
      session,
      writer: this.#writer,
      flush: () => this.#flush(),
      nextMessage: () => this.#nextMessage(),
      statement: (known) => this.#startStatement(known),
      isEnding: (error) => this.#closing !== undefined && error === this.#closing,
    })
    // A client that goes takes its statement with it.
    this.#stream.closed.addEventListener('abort', () => this.#statement?.abort(), { once: true })
    for (;;) {
      const message = await this.#nextIdle(session, protocol)
      if (message === undefined || message.kind === 'terminate') return
      const pending = protocol.handle(message)
      if (pending !== undefined) await pending
      this.#endStatement()
      if (this.#closing !== undefined && !protocol.isBatch) throw this.#closing
    }
  }

  /** The next message of a client that has nothing under way; it may take its time only as the settings say. */
  async #nextIdle(session: SqlSession, protocol: ProtocolSession): Promise<FrontendMessage | undefined> {
    const ahead = this.#reader.next()
    if (ahead !== undefined) return readMessage(ahead)
    const inTransaction = session.transactionStatus !== 'idle' || protocol.isBatch
    const name = inTransaction ? 'idle_in_transaction_session_timeout' : 'idle_session_timeout'
    const timeoutMs = Number(session.setting(name))
    let expired: OrbitError | undefined
    const timer =
      timeoutMs > 0
        ? this.#host.env.timers.set(() => {
            expired = inTransaction
              ? queryError(
                  'idle_in_transaction_session_timeout',
                  'terminating connection due to idle-in-transaction timeout',
                )
              : queryError('idle_session_timeout', 'terminating connection due to idle-session timeout')
            this.#wakeUp()
          }, timeoutMs)
        : undefined
    this.#isIdle = !inTransaction
    if (this.#isIdle) void this.#tellIdle(session)
    try {
      const raw = await Promise.race([this.#nextRaw(), this.#woken()])
      const ending = expired ?? (raw === undefined ? this.#closing : undefined)
      if (ending !== undefined) throw ending
      return raw === undefined ? undefined : readMessage(raw)
    } finally {
      this.#isIdle = false
      timer?.cancel()
    }
  }

  #woken(): Promise<undefined> {
    return new Promise((resolve) => (this.#wake = () => resolve(undefined)))
  }

  #wakeUp(): void {
    this.#wake?.()
  }

  /**
   * What `work` gives; undefined once the connection is terminated. A race with one promise that lives as long as the
   * connection would be remembered by it as long.
   */
  #unlessTerminated<T>(work: Promise<T>): Promise<T | undefined> {
    if (this.#isTerminated) return Promise.race([work, Promise.resolve(undefined)])
    return new Promise((resolve, reject) => {
      const giveUp = (): void => resolve(undefined)
      this.#waits.add(giveUp)
      const isOver = (): void => void this.#waits.delete(giveUp)
      work.then(resolve, reject).then(isOver, isOver)
    })
  }

  #startStatement(known?: AbortController): AbortController {
    this.#statement = known ?? this.#statement ?? (this.#taken = this.#aborts.take())
    if (this.#stream.closed.aborted) this.#statement.abort()
    return this.#statement
  }

  #endStatement(): void {
    if (this.#taken !== undefined) this.#aborts.giveBack(this.#taken)
    this.#taken = undefined
    this.#statement = undefined
  }

  async #nextMessage(): Promise<FrontendMessage | undefined> {
    try {
      const raw = await this.#unlessTerminated(this.#nextRaw())
      return raw === undefined ? undefined : readMessage(raw)
    } catch (error) {
      // In the middle of a COPY too, a client that does not speak the protocol has lost its connection.
      if (error instanceof OrbitError) this.#closing ??= error
      throw error
    }
  }

  async #nextRaw(): Promise<ReturnType<MessageReader['next']>> {
    for (;;) {
      const message = this.#reader.next()
      if (message !== undefined) return message
      const chunk = await this.#stream.next()
      if (chunk === undefined) return undefined
      this.#reader.push(chunk)
    }
  }

  /** @throws why the connection ends, once it has to end at once: what is being sent goes no further */
  async #flush(): Promise<void> {
    if (this.#isTerminated && this.#closing !== undefined) throw this.#closing
    if (this.#writer.length === 0) return
    const sent = this.#stream.send(this.#writer.take())
    if (sent !== undefined) await this.#unlessTerminated(sent)
  }

  async #sendByte(letter: string): Promise<void> {
    await this.#stream.send(Buffer.from(letter))
  }

  /** Tells the client why its connection ends, if it can still be told. */
  async #fail(error: unknown): Promise<void> {
    if (this.#stream.closed.aborted) return
    if (!(error instanceof OrbitError)) this.#host.logger.error({ err: error }, 'a connection failed')
    this.#writer.report('E', errorFields(error, 'FATAL'))
    // Nobody waits for a client to read it.
    void this.#stream.send(this.#writer.take())
  }
}

/** Settings from the startup message: its own fields, and `options=-c name=value`. */
function startupSettings(parameters: ReadonlyMap<string, string>): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const [name, value] of parameters) {
    if (['user', 'database', 'replication', 'options'].includes(name) || name.startsWith('_pq_.')) continue
    settings[name] = value
  }
  const words = [...(parameters.get('options') ?? '').matchAll(/(?:\\.|\S)+/g)].map(([word]) =>
    word.replaceAll(/\\(.)/g, '$1'),
  )
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const text = word === '-c' ? (words[++at] ?? '') : word.replace(/^(?:-c|--)/, '')
    const equals = text.indexOf('=')
    if (equals <= 0 || text === word)
      if (word !== '-c')
        throw queryError('syntax_error', `invalid command-line argument for server process: ${word}`)
    settings[text.slice(0, equals).replaceAll('-', '_')] = text.slice(equals + 1)
  }
  return settings
}
