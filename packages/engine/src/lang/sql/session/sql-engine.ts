import type { ClientFacts } from './client-facts.js'
import { OrbitError } from '@orbit-ts/base'
import type { TransactionOptions } from '@orbit-ts/storage'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SpillDirectory } from '../../../exec/spill/spill-directory.js'
import type { SpillSpace } from '../../../exec/spill-space.js'
import type { Database } from '../../../database.js'
import { queryError } from '../../../scalar/condition.js'
import type { ScalarRegistry } from '../../../scalar/registry.js'
import { systemRegistry } from '../../../scalar/system-registry.js'
import type { TransactionContext } from '../../../txn/database-transaction.js'
import { emptyTables } from '../ddl/table/empty-tables.js'
import { temporarySchema } from '../catalog/temporary-schema.js'
import { loadCatalog } from '../catalog/load-catalog.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import { loadParser } from '../parse/parse-statements.js'
import type { SqlSession } from '../session-contract.js'
import { LiftedPlans } from './lifted-plans.js'
import { NotificationHub } from './notifications.js'
import { PlanCache } from './plan-cache.js'
import type { QueryPlan } from './query-plan.js'
import { SessionLocks } from './session-locks.js'
import type { SessionState } from './session-state.js'
import { OpenSession } from './sql-session.js'

export interface SqlEngineOptions {
  /** What clients call the database. Default `orbit`. */
  readonly databaseName?: string
  /** Where statements put what does not fit into memory. Default: a folder of the system's temporary one. */
  readonly spillPath?: string
  /** Bytes that one statement may put there. Default: no limit. */
  readonly spillLimitBytes?: number
  /** Plans kept for use by all sessions: so many for whole texts, and so many for texts with other literals. Default 1000. */
  readonly plansMax?: number
}

export interface SessionOptions {
  /** Default `orbit`, who may do everything. */
  readonly user?: string
  /** What the client calls the database; there is one, under any name. Default: the engine's. */
  readonly database?: string
  /** By name, as SET takes them. */
  readonly settings?: Readonly<Record<string, string>>
  /** Default: nothing is known. */
  readonly client?: ClientFacts
  /** What the server decides, and SHOW shows, by lower-case name. */
  readonly serverSettings?: Readonly<Record<string, string>>
}

const DEFAULT_USER = 'orbit'
const PLANS_MAX = 1000

/** SQL over a database. One for all sessions: it holds what they share. */
export class SqlEngine {
  readonly database: Database
  readonly databaseName: string
  readonly registry: ScalarRegistry = systemRegistry
  readonly plans: PlanCache<QueryPlan>
  readonly liftedPlans: LiftedPlans
  readonly locks = new SessionLocks()
  readonly notifications = new NotificationHub()
  /** Microseconds since 1970. */
  readonly startedMicros: number
  readonly #spill: SpillDirectory
  readonly #sessions = new Map<number, OpenSession>()
  #lastProcessId = 0

  private constructor(database: Database, spill: SpillDirectory, options: SqlEngineOptions) {
    this.database = database
    this.databaseName = options.databaseName ?? 'orbit'
    this.plans = new PlanCache(options.plansMax ?? PLANS_MAX)
    this.liftedPlans = new LiftedPlans(options.plansMax ?? PLANS_MAX)
    this.#spill = spill
    this.startedMicros = database.env.clock.nowMs() * 1000
  }

  /** Loads the parser, and prepares the place for temporary files. */
  static async open(database: Database, options: SqlEngineOptions = {}): Promise<SqlEngine> {
    const [spill] = await Promise.all([
      SpillDirectory.open({
        env: database.env,
        path: options.spillPath ?? join(tmpdir(), 'orbit-spill'),
        ...(options.spillLimitBytes === undefined ? {} : { limitBytes: options.spillLimitBytes }),
      }),
      loadParser(),
    ])
    return new SqlEngine(database, spill, options)
  }

  /**
   * @throws invalid_authorization_specification when there is no such user, or it may not log in; what SET throws for
   *   the settings
   */
  async openSession(options: SessionOptions = {}): Promise<SqlSession> {
    const user = options.user ?? DEFAULT_USER
    const catalog = await this.readCatalog()
    const role = catalog.roles().find(({ name }) => name === user)
    if (role === undefined)
      throw queryError('invalid_authorization_specification', `role "${user}" does not exist`)
    if (!role.canLogin)
      throw queryError('invalid_authorization_specification', `role "${user}" is not permitted to log in`)
    const { role: taken } = options.settings ?? {}
    if (taken !== undefined) this.checkRole(catalog, user, taken)
    const session = new OpenSession(this, {
      user,
      isSuperuser: role.isSuperuser,
      processId: ++this.#lastProcessId,
      database: options.database ?? this.databaseName,
      settings: options.settings ?? {},
      serverSettings: options.serverSettings ?? {},
      client: options.client ?? {},
      catalog,
    })
    this.#sessions.set(session.processId, session)
    return session
  }

  /** The sessions that are open, by process id. */
  get sessions(): ReadonlyMap<number, OpenSession> {
    return this.#sessions
  }

  forget(session: OpenSession): void {
    this.#sessions.delete(session.processId)
    this.locks.releaseAll(session, 'session')
    this.notifications.unlisten(session)
  }

  /** Where a store keeps nothing beyond the process there is nothing to be lax about. */
  begin({ durability, ...options }: TransactionOptions): Promise<TransactionContext> {
    const isKnown =
      durability !== undefined && this.database.storage.capabilities.durability.includes(durability)
    return this.database.beginContext(isKnown ? { ...options, durability } : options)
  }

  emptyTables(context: TransactionContext, ids: Set<number>): Promise<void> {
    return emptyTables(context, ids)
  }

  /** The catalog as it is now, outside of any transaction. */
  async readCatalog(): Promise<CatalogSnapshot> {
    const context = await this.begin({ isolation: 'read-committed' })
    try {
      return await loadCatalog(context)
    } catch (error) {
      throw OrbitError.from(error)
    } finally {
      await context.storage.rollback()
    }
  }

  loadCatalog(context: TransactionContext): Promise<CatalogSnapshot> {
    return loadCatalog(context)
  }

  /** Drops what was made for one session. */
  async dropTemporary({ processId }: Pick<SessionState, 'processId'>): Promise<void> {
    const schema = temporarySchema(processId)
    const catalog = await this.readCatalog()
    if (!catalog.hasSchema(schema)) return
    await using session = await this.openSession()
    const [statement] = await session.parse(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
    if (statement !== undefined) await session.execute(statement, [])
  }

  /** @throws invalid_parameter_value when there is no such role, insufficient_privilege when it may not be taken */
  checkRole(catalog: CatalogSnapshot, sessionUser: string, role: string): void {
    if (role === 'none' || role === sessionUser) return
    const roles = new Map(catalog.roles().map((each) => [each.name, each]))
    if (!roles.has(role)) throw queryError('invalid_parameter_value', `role "${role}" does not exist`)
    const seen = new Set([sessionUser])
    for (const name of seen) {
      const own = roles.get(name)
      if (own?.isSuperuser === true) return
      for (const group of own?.memberOf ?? []) seen.add(group)
    }
    if (!seen.has(role)) throw queryError('insufficient_privilege', `permission denied to set role "${role}"`)
  }

  spillSpace(): SpillSpace {
    return this.#spill.space()
  }
}
