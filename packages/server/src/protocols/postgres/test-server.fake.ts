/** A PostgreSQL server over a database in memory, for tests; its time is the test's. */
import { TestEnv, configFromCode, silentLogger, systemEnv, type Env, type InputOf } from '@orbit-ts/base'
import { openDatabase } from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'
import { PostgresServer } from './postgres-server.js'
import { postgresSettings } from './postgres-settings.js'
import { WireClient } from './wire-client.fake.js'

export interface TestServerOptions {
  readonly settings?: InputOf<typeof postgresSettings>
  readonly host?: string
  /** Default: one whose time stands still until it is moved on. */
  readonly env?: Env
}

export class TestServer implements AsyncDisposable {
  readonly engine: SqlEngine
  readonly server: PostgresServer
  readonly port: number
  readonly #clients: WireClient[] = []

  private constructor(engine: SqlEngine, server: PostgresServer, port: number) {
    this.engine = engine
    this.server = server
    this.port = port
  }

  static async start({
    settings = {},
    host = '127.0.0.1',
    env = new TestEnv(),
  }: TestServerOptions = {}): Promise<TestServer> {
    const database = await openDatabase({ storage: { kind: 'memory' }, env })
    const engine = await SqlEngine.open(database)
    try {
      const server = await PostgresServer.create({
        engine,
        settings: configFromCode(postgresSettings, { host, port: 0, ...settings }),
        env,
        logger: silentLogger,
      })
      const url = await server.listen()
      return new TestServer(engine, server, Number(new URL(url).port))
    } catch (error) {
      await database.close()
      throw error
    }
  }

  async open(parameters: Readonly<Record<string, string>> = {}): Promise<WireClient> {
    const client = await WireClient.open(this.port, parameters)
    this.#clients.push(client)
    return client
  }

  async connect(): Promise<WireClient> {
    const client = await WireClient.connect(this.port)
    this.#clients.push(client)
    return client
  }

  /** Waits until some session runs a statement whose text begins so. */
  async untilRunning(text: string): Promise<void> {
    const isRunning = (): boolean =>
      [...this.engine.sessions.values()].some(
        ({ activity }) => activity.isRunning && activity.text.startsWith(text),
      )
    while (!isRunning()) await systemEnv.timers.nextTurn()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()))
    await this.server.close(0)
    await this.engine.database.close()
  }
}
