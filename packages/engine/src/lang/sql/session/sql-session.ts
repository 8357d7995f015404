import { ReusableAbort } from '@orbit-ts/base'
import type { DataType } from '../../../scalar/data-type.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import { findTimeZone } from '../../../scalar/temporal/time-zones.js'
import type { Row, Value } from '../../../scalar/value.js'
import { parseStatements } from '../parse/parse-statements.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import type {
  ExecuteOptions,
  ParsedStatement,
  PreparedStatement,
  ResultColumn,
  SessionEvent,
  SqlSession,
  StatementResult,
  TransactionStatus,
} from '../session-contract.js'
import type { ClientFacts } from './client-facts.js'
import type { Cursor } from './cursors.js'
import { describeStatement } from './describe-statement.js'
import { limitError } from './limit-error.js'
import {
  currentPlan,
  drain,
  queryTag,
  sourceOf,
  startPlan,
  treeOf,
  type Prepared,
  type QueryRun,
  type QuerySource,
} from './query-statement.js'
import { LiftedStatement, type LiftedQuery } from './lifted-plans.js'
import { begunBatches, mayRunAgain, runPlanned, type PlanOf } from './run-planned.js'
import { NotificationQueue, type Notification } from './notifications.js'
import { SequenceMemory } from './sequence-services.js'
import { SessionActivity } from './session-activity.js'
import { SessionContext } from './session-context.js'
import { SessionSettings, type SettingChange } from './session-settings.js'
import { sessionRows } from './session-rows.js'
import type { SessionState } from './session-state.js'
import { SessionTransaction } from './session-transaction.js'
import { SERVER_VERSION } from './setting-definitions.js'
import { searchPath } from './search-path.js'
import type { SqlEngine } from './sql-engine.js'
import { StatementRun } from './statement-run.js'
import type { StatementScope } from './statement-scope.js'
import { closeCursors } from './transaction-statements.js'
import { isQuery, mayRunInFailedTransaction, runUtility } from './utility-statements.js'

interface OpenSessionOptions {
  readonly user: string
  readonly isSuperuser: boolean
  readonly processId: number
  readonly database: string
  readonly settings: Readonly<Record<string, string>>
  readonly serverSettings: Readonly<Record<string, string>>
  readonly client: ClientFacts
  readonly catalog: CatalogSnapshot
}

export class OpenSession implements SqlSession, SessionState {
  readonly engine: SqlEngine
  readonly processId: number
  readonly settings: SessionSettings
  readonly transaction: SessionTransaction
  readonly scalar: SessionContext
  readonly activity: SessionActivity
  readonly prepared = new Map<string, PreparedStatement>()
  readonly cursors = new Map<string, Cursor>()
  readonly sequences = new SequenceMemory()
  readonly aborts = new ReusableAbort()
  /** Who connected. */
  readonly authenticatedUser: string
  readonly client: ClientFacts
  readonly #notifications = new NotificationQueue()
  readonly #listeners: ((event: SessionEvent) => void)[] = []
  #catalog: CatalogSnapshot
  #isClosed = false

  constructor(engine: SqlEngine, options: OpenSessionOptions) {
    this.engine = engine
    this.processId = options.processId
    this.authenticatedUser = options.user
    this.client = options.client
    this.#catalog = options.catalog
    this.settings = new SessionSettings(
      {
        ...options.serverSettings,
        session_authorization: options.user,
        is_superuser: options.isSuperuser ? 'on' : 'off',
      },
      options.settings,
      (change) => this.emit({ kind: 'setting', ...change }),
    )
    this.activity = new SessionActivity(engine.database.env)
    this.transaction = new SessionTransaction(engine, this.settings, engine.database.env, () =>
      engine.locks.releaseAll(this, 'transaction'),
    )
    this.scalar = new SessionContext(
      this.env,
      this.settings,
      this.transaction,
      this.#facts(options.database),
      findTimeZone,
    )
    this.scalar.start(options.catalog)
  }

  get env(): SessionState['env'] {
    return this.engine.database.env
  }

  get sessionUser(): string {
    return this.settings.get('session_authorization')
  }

  get user(): string {
    const role = this.settings.get('role')
    return role === 'none' ? this.sessionUser : role
  }

  get transactionStatus(): TransactionStatus {
    return this.transaction.status
  }

  /** The catalog as the last statement saw it. */
  get catalog(): CatalogSnapshot {
    return this.#catalog
  }

  typeByOid(oid: number): DataType | undefined {
    const scalar = this.engine.registry.typeByOid(oid) ?? this.#catalog.typeByOid(oid)
    return scalar === undefined ? undefined : { scalar, modifier: -1 }
  }

  async parse(text: string): Promise<readonly ParsedStatement[]> {
    const lifted = this.engine.liftedPlans.recognize(text)
    if (lifted !== undefined) return [lifted]
    try {
      return parseStatements(text).map((tree) => ({ text: tree.text, offset: tree.offset, tree }))
    } catch (error) {
      this.engine.liftedPlans.forget(text)
      throw error
    }
  }

  async prepare(
    statement: ParsedStatement,
    parameterTypes: readonly (DataType | undefined)[],
  ): Promise<PreparedStatement> {
    const tree = treeOf(statement)
    if (this.transaction.isFailed && !mayRunInFailedTransaction(tree)) this.transaction.requireUsable()
    const source: QuerySource = { tree, parameterTypes, plan: undefined }
    try {
      const described = await describeStatement(this, source, () => this.#currentCatalog())
      const prepared: Prepared = { statement, source, ...described }
      return prepared
    } catch (error) {
      await this.transaction.failStatement()
      throw limitError(error)
    }
  }

  async execute(
    statement: PreparedStatement | ParsedStatement,
    parameters: readonly Value[],
    options: ExecuteOptions = {},
  ): Promise<StatementResult> {
    const run = new StatementRun(this, options.signal)
    if (statement instanceof LiftedStatement) return this.#runLifted(run, statement)
    const source = sourceOf(statement)
    this.activity.begin(source.tree.text)
    try {
      if (!mayRunInFailedTransaction(source.tree)) this.transaction.requireUsable()
      return await (isQuery(source.tree)
        ? this.runQuery(run, source, parameters)
        : runUtility(this, run, source, parameters))
    } catch (error) {
      throw await run.fail(error)
    }
  }

  beginImplicit(): void {
    this.transaction.beginBatch()
  }

  async endImplicit(): Promise<void> {
    if (this.transaction.isBlock || !this.transaction.isOpen) return
    await this.transaction.commit()
    await closeCursors(this, (isHoldable) => !isHoldable)
  }

  reportedSettings(): readonly SettingChange[] {
    return this.settings.reported()
  }

  setting(name: string): string {
    return this.settings.get(name)
  }

  onEvent(listener: (event: SessionEvent) => void): void {
    this.#listeners.push(listener)
  }

  cursorColumns(name: string): readonly ResultColumn[] | undefined {
    return this.cursors.get(name)?.columns
  }

  async failTransaction(): Promise<void> {
    await this.transaction.failStatement()
  }

  notified(notification: Notification): void {
    // Who never takes what it listens to cannot have it kept for ever.
    this.emit({ kind: this.#notifications.add(notification) ? 'notified' : 'terminate' })
  }

  deliverNotifications(): void {
    if (this.#notifications.isEmpty || this.transaction.status !== 'idle') return
    for (const each of this.#notifications.take()) this.emit({ kind: 'notification', ...each })
  }

  emit(event: SessionEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.engine.forget(this)
    await closeCursors(this, () => true)
    await this.transaction.rollback()
    await this.engine.dropTemporary(this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #currentCatalog(): Promise<CatalogSnapshot> {
    this.#catalog = this.transaction.isOpen
      ? await this.engine.loadCatalog(await this.transaction.statement())
      : await this.engine.readCatalog()
    this.scalar.start(this.#catalog)
    return this.#catalog
  }

  runQuery(
    run: StatementRun,
    source: QuerySource,
    parameters: readonly Value[],
    begun?: StatementScope,
  ): Promise<StatementResult> {
    return this.#runPlanned(
      run,
      (catalog) => ({ plan: currentPlan(this, source, catalog), values: parameters }),
      begun,
    )
  }

  #runPlanned(run: StatementRun, planOf: PlanOf, begun?: StatementScope): Promise<StatementResult> {
    const work = ({ plan, values }: LiftedQuery, scope: StatementScope): Promise<StatementResult> =>
      this.#runStarted(run, scope, startPlan(this, plan, values, scope))
    return runPlanned(this, run, planOf, work, begun)
  }

  /** As it was recognized, or from its own tree where that will not do. */
  async #runLifted(run: StatementRun, statement: LiftedStatement): Promise<StatementResult> {
    this.activity.begin(statement.text)
    try {
      this.transaction.requireUsable()
      const scope = await run.scope()
      const lifted = this.engine.liftedPlans.query(this, statement, scope.catalog)
      if (lifted !== undefined) return await this.#runShared(run, scope, statement, lifted)
      const source = sourceOf(statement)
      // SELECT INTO begins as a query does.
      if (!isQuery(source.tree)) return await runUtility(this, run, source, [])
      return await this.runQuery(run, source, [], scope)
    } catch (error) {
      throw await run.fail(error)
    }
  }

  #runShared(
    run: StatementRun,
    scope: StatementScope,
    statement: LiftedStatement,
    lifted: LiftedQuery,
  ): Promise<StatementResult> {
    let first: LiftedQuery | undefined = lifted
    const planOf = (catalog: CatalogSnapshot): LiftedQuery => {
      const query = first ?? { plan: currentPlan(this, sourceOf(statement), catalog), values: [] }
      first = undefined
      return query
    }
    return this.#runPlanned(run, planOf, scope)
  }

  async #runStarted(run: StatementRun, scope: StatementScope, query: QueryRun): Promise<StatementResult> {
    this.#catalog = scope.catalog
    const { bound } = query.plan
    const { columns } = bound
    if (columns === undefined) {
      await drain(query.execution)
      await this.transaction.commitStatement()
      await run.succeed()
      return { kind: 'command', tag: queryTag(query, 0) }
    }
    const rows = mayRunAgain(bound)
      ? await begunBatches(query.execution, bound)
      : query.execution[Symbol.asyncIterator]()
    const batches = new StatementRows(run, rows, bound.isModifying)
    return {
      kind: 'rows',
      columns,
      batches,
      tag: () => queryTag(query, batches.count),
      suspend: () => run.suspendTimeout(),
      resume: () => run.resumeTimeout(),
    }
  }

  #facts(database: string): ScalarContext['session'] {
    const user = (): string => this.user
    const sessionUser = (): string => this.sessionUser
    const path = (): string[] =>
      searchPath(this.settings.get('search_path'), this.user, (name) => this.#catalog.hasSchema(name))
    return {
      get user() {
        return user()
      },
      get sessionUser() {
        return sessionUser()
      },
      database,
      processId: this.processId,
      serverVersion: SERVER_VERSION,
      systemRows: (relation) => sessionRows(this, relation),
      shownSetting: (name) => this.settings.show(name),
      get searchPath() {
        return path()
      },
    }
  }
}

/** The rows of a query; the statement ends with them. A change that is left early is still made in full. */
class StatementRows implements AsyncIterableIterator<Row[]> {
  readonly #run: StatementRun
  readonly #rows: AsyncIterator<Row[], void>
  readonly #isModifying: boolean
  #count = 0
  #isDone = false

  constructor(run: StatementRun, rows: AsyncIterator<Row[], void>, isModifying: boolean) {
    this.#run = run
    this.#rows = rows
    this.#isModifying = isModifying
  }

  /** Rows that have been read. */
  get count(): number {
    return this.#count
  }

  async next(): Promise<IteratorResult<Row[], undefined>> {
    if (this.#isDone) return END
    try {
      const next = await this.#rows.next()
      if (next.done !== true) {
        this.#count += next.value.length
        return next
      }
      this.#isDone = true
      await this.#run.succeed()
      return END
    } catch (error) {
      this.#isDone = true
      throw await this.#run.fail(error)
    }
  }

  async return(): Promise<IteratorResult<Row[], undefined>> {
    if (this.#isDone) return END
    this.#isDone = true
    try {
      if (this.#isModifying) while ((await this.#rows.next()).done !== true);
      else await this.#rows.return?.()
      await this.#run.succeed()
    } catch (error) {
      // The reader is gone; the transaction knows.
      await this.#run.fail(error)
    }
    return END
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

const END = { done: true, value: undefined } as const
