/**
 * The transaction of a session: at most one at a time, opened by BEGIN, by a query of several statements, or by a
 * statement for itself.
 *
 * Invariants:
 * 1. The storage transaction begins with the first statement that needs one, so SET TRANSACTION may come before.
 * 2. `failed` holds from an error until ROLLBACK, COMMIT (which then rolls back) or ROLLBACK TO. Where there is no
 *    savepoint to go back to, the storage transaction is rolled back at once, and its locks are free.
 * 3. Settings end with the transaction as it does: kept by a commit, undone by a rollback.
 * 4. What waits for the commit (`afterCommit`) runs after it, once, in order, and never after a rollback.
 */
import { hasCode, type Env, type OrbitError, ReusableAbort } from '@orbit-ts/base'
import type { IsolationLevel, Savepoint, TransactionOptions } from '@orbit-ts/storage'
import { queryError } from '../../../scalar/condition.js'
import type { TransactionContext } from '../../../txn/database-transaction.js'
import type { TransactionStatus } from '../session-contract.js'
import type { SessionSettings, SettingsMark } from './session-settings.js'

/** What the session asks of the database. */
export interface TransactionSource {
  begin(options: TransactionOptions): Promise<TransactionContext>
  /** Takes all rows away from tables; forgets the ids of those that are gone. */
  emptyTables(context: TransactionContext, ids: Set<number>): Promise<void>
}

/** How a transaction is to run, as BEGIN and SET TRANSACTION say it. */
export interface TransactionModes {
  readonly isolation?: string
  readonly readOnly?: boolean
  readonly deferrable?: boolean
}

/** `statement`: for one statement; `batch`: for the statements of one message; `block`: from BEGIN on. */
type Extent = 'statement' | 'batch' | 'block'

interface CommitWork {
  readonly name?: string
  readonly work: () => Promise<void>
}

/** What a statement is undone to, inside a transaction that began before it. */
export interface StatementMark {
  readonly storage: Savepoint
  readonly settings: SettingsMark
  readonly afterCommit: number
  readonly beforeCommit: number
}

interface NamedSavepoint extends StatementMark {
  readonly name: string
}

const ISOLATION: Readonly<Record<string, IsolationLevel>> = {
  'read uncommitted': 'read-committed',
  'read committed': 'read-committed',
  'repeatable read': 'snapshot',
  serializable: 'serializable',
}

export class SessionTransaction {
  readonly #source: TransactionSource
  readonly #settings: SessionSettings
  readonly #env: Env
  #extent: Extent | undefined
  #status: TransactionStatus = 'idle'
  #context: TransactionContext | undefined
  readonly #aborts = new ReusableAbort()
  #abort: AbortController | undefined
  #savepoints: NamedSavepoint[] = []
  #afterCommit: CommitWork[] = []
  #beforeCommit: CommitWork[] = []
  #onceNames = new Set<string>()
  /** Tables of the session whose rows go with the transaction. */
  readonly #emptied = new Set<number>()
  #startedMicros = 0
  readonly #onRelease: () => void

  /** @param onRelease told when what is held until the end of a transaction is to be let go */
  constructor(source: TransactionSource, settings: SessionSettings, env: Env, onRelease: () => void) {
    this.#source = source
    this.#settings = settings
    this.#env = env
    this.#onRelease = onRelease
  }

  /** As a client is told it: a transaction of a statement's own, or of a batch, is none to it. */
  get status(): TransactionStatus {
    return this.#extent === 'block' ? this.#status : 'idle'
  }

  get isFailed(): boolean {
    return this.#status === 'failed'
  }

  /** BEGIN was said and no COMMIT or ROLLBACK since. */
  get isBlock(): boolean {
    return this.#extent === 'block'
  }

  /** A transaction is under way that outlives the statement. */
  get isOpen(): boolean {
    return this.#extent === 'block' || this.#extent === 'batch'
  }

  /** Microseconds since 1970: when the transaction began, or now where there is none. */
  get startedMicros(): number {
    return this.#extent === undefined ? this.#nowMicros() : this.#startedMicros
  }

  get isReadOnly(): boolean {
    return this.#settings.get('transaction_read_only') === 'on'
  }

  /** Undefined until a statement needed the store. */
  get context(): TransactionContext | undefined {
    return this.#context
  }

  /** BEGIN. Inside a batch the transaction under way becomes the block. @returns false when there was a block already */
  beginBlock(modes: TransactionModes): boolean {
    const isNew = this.#extent !== 'block'
    if (this.#extent === undefined) this.#start('block')
    else this.#extent = 'block'
    if (isNew || Object.keys(modes).length > 0) this.setModes(modes)
    return isNew
  }

  beginBatch(): void {
    if (this.#extent === undefined) this.#start('batch')
  }

  /** @throws active_sql_transaction when the isolation level comes too late. */
  setModes({ isolation, readOnly, deferrable }: TransactionModes): void {
    if (isolation !== undefined && isolation !== this.#settings.get('transaction_isolation')) {
      if (this.#context !== undefined)
        throw queryError(
          'active_sql_transaction',
          'SET TRANSACTION ISOLATION LEVEL must be called before any query',
        )
      this.#settings.force('transaction_isolation', isolation, true)
    }
    if (readOnly !== undefined) {
      if (!readOnly && this.isReadOnly && this.#context !== undefined)
        throw queryError('active_sql_transaction', 'transaction read-write mode must be set before any query')
      this.#settings.force('transaction_read_only', readOnly ? 'on' : 'off', true)
    }
    if (deferrable !== undefined)
      this.#settings.force('transaction_deferrable', deferrable ? 'on' : 'off', true)
  }

  /**
   * The transaction for a statement, which begins now: under read-committed it sees what is committed by now.
   * @throws in_failed_sql_transaction
   */
  async statement(): Promise<TransactionContext> {
    this.requireUsable()
    if (this.#extent === undefined) this.#start('statement')
    const context = (this.#context ??= await this.#open())
    await context.storage.refresh()
    return context
  }

  requireUsable(): void {
    if (this.#status !== 'failed') return
    throw queryError(
      'in_failed_sql_transaction',
      'current transaction is aborted, commands ignored until end of transaction block',
    )
  }

  /** Runs `work` before the transaction commits, as part of it. */
  beforeCommit(work: () => Promise<void>): void {
    this.#beforeCommit.push({ work })
  }

  /** A table loses its rows at the end of this transaction and of those after it, by the id of its object. */
  emptyAtCommit(table: number): void {
    this.#beforeCommit.push({ work: () => Promise.resolve(void this.#emptied.add(table)) })
  }

  /** Runs `work` once the transaction has committed. */
  afterCommit(work: () => Promise<void>): void {
    this.#afterCommit.push({ work })
  }

  /** As `afterCommit`, unless the transaction has registered work of this name already. */
  afterCommitOnce(name: string, work: () => Promise<void>): void {
    if (this.#onceNames.has(name)) return
    this.#onceNames.add(name)
    this.#afterCommit.push({ name, work })
  }

  /** The statement is done: a transaction of its own commits. */
  async endStatement(): Promise<void> {
    if (this.#extent === 'statement') await this.commit()
    // SET and its kin need nothing of the store, and hold all the same.
    else if (this.#extent === undefined) this.#settings.end(true)
  }

  /**
   * Commits a transaction of the statement's own, for one that can be run again.
   * @throws what {@link isOvertaken} knows, with nothing committed, when others were faster
   */
  async commitStatement(): Promise<void> {
    if (this.#extent !== 'statement') return
    const isReadCommitted = this.#context?.storage.isolation === 'read-committed'
    try {
      await this.commit()
    } catch (error) {
      if (isReadCommitted && hasCode(error, 'TRANSACTION_CONFLICT')) OVERTAKEN.add(error)
      throw error
    }
  }

  /** The statement failed: a transaction of its own is rolled back, another one is marked. */
  async failStatement(): Promise<void> {
    if (this.#extent === undefined) this.#settings.end(false)
    else if (this.#extent === 'statement') await this.rollback()
    else {
      this.#status = 'failed'
      if (this.#savepoints.length === 0) await this.#drop()
    }
  }

  /**
   * Where the statement under way has come to, for `restartStatement`; to be forgotten before any other statement is run.
   * Undefined for a statement that is a transaction of its own, and where the transaction's snapshot stays what it is.
   */
  mark(): StatementMark | undefined {
    const context = this.#context
    if (this.#extent === 'statement' || context?.storage.isolation !== 'read-committed') return undefined
    return this.#mark(context)
  }

  /** The statement is not to be undone any more. */
  unmark(mark: StatementMark | undefined): void {
    if (mark !== undefined) this.#context?.storage.release(mark.storage)
  }

  /**
   * Undoes a statement for it to be run again: a transaction of its own, or what it has done since its mark.
   * @returns false where neither can be
   */
  async restartStatement(mark: StatementMark | undefined): Promise<boolean> {
    if (this.#extent === 'statement') {
      await this.rollback()
      return true
    }
    const context = this.#context
    if (mark === undefined || context === undefined) return false
    this.#undoTo(mark, context)
    context.storage.release(mark.storage)
    return true
  }

  /** @returns false when there was nothing but a failed transaction to commit, which was rolled back. */
  async commit(): Promise<boolean> {
    if (this.#extent === undefined) return true
    if (this.#status === 'failed') {
      await this.rollback()
      return false
    }
    const context = this.#context
    const afterCommit = this.#afterCommit
    const emptied = [...this.#emptied]
    try {
      context?.beforeCommit(() => this.#finishTables(context))
      await context?.commit()
    } catch (error) {
      this.#emptied.clear()
      for (const table of emptied) this.#emptied.add(table)
      await this.rollback()
      throw context?.explain(error) ?? error
    }
    this.#end(true)
    for (const { work } of afterCommit) await work()
    return true
  }

  /** What temporary tables are to lose. */
  async #finishTables(context: TransactionContext): Promise<void> {
    for (const { work } of this.#beforeCommit.splice(0)) await work()
    if (this.#emptied.size > 0) await this.#source.emptyTables(context, this.#emptied)
  }

  async rollback(): Promise<void> {
    await this.#drop()
    this.#end(false)
  }

  async savepoint(name: string): Promise<void> {
    const context = await this.statement()
    this.#savepoints.push({ name, ...this.#mark(context) })
  }

  /** @throws savepoint_exception */
  release(name: string): void {
    const index = this.#indexOf(name)
    this.unmark(this.#savepoints[index])
    this.#savepoints.length = index
  }

  /** @throws savepoint_exception; whatever ended the transaction in the store */
  async rollbackTo(name: string): Promise<void> {
    const index = this.#indexOf(name)
    const savepoint = this.#savepoints[index]
    const context = this.#context
    if (savepoint === undefined || context === undefined) return
    this.#undoTo(savepoint, context)
    this.#savepoints.length = index + 1
    this.#status = 'active'
  }

  /** Ends whatever the storage transaction waits for. Where there is no savepoint to go back to, it ends itself. */
  interrupt(reason: OrbitError): void {
    if (this.#savepoints.length === 0) this.#abort?.abort(reason)
    else this.#context?.storage.endWaits(reason)
  }

  #mark({ storage }: TransactionContext): StatementMark {
    return {
      storage: storage.savepoint(),
      settings: this.#settings.mark(),
      afterCommit: this.#afterCommit.length,
      beforeCommit: this.#beforeCommit.length,
    }
  }

  #undoTo(mark: StatementMark, context: TransactionContext): void {
    context.storage.rollbackTo(mark.storage)
    context.forgetObjects()
    for (const { name: undone } of this.#afterCommit.splice(mark.afterCommit))
      if (undone !== undefined) this.#onceNames.delete(undone)
    this.#beforeCommit.splice(mark.beforeCommit)
    this.#settings.rollbackTo(mark.settings)
  }

  #indexOf(name: string): number {
    const index = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name)
    if (index >= 0) return index
    throw queryError('savepoint_exception', `savepoint "${name}" does not exist`)
  }

  #start(extent: Extent): void {
    this.#extent = extent
    this.#status = 'active'
    this.#startedMicros = this.#nowMicros()
    this.#settings.force('transaction_isolation', this.#settings.get('default_transaction_isolation'), true)
    this.#settings.force('transaction_read_only', this.#settings.get('default_transaction_read_only'), true)
  }

  async #open(): Promise<TransactionContext> {
    const lockTimeoutMs = Number(this.#settings.get('lock_timeout'))
    this.#abort = this.#aborts.take()
    return this.#source.begin({
      isolation: ISOLATION[this.#settings.get('transaction_isolation')] ?? 'read-committed',
      // A session ends its transactions itself; see idle_in_transaction_session_timeout.
      timeoutMs: Infinity,
      lockWaitMs: lockTimeoutMs === 0 ? Infinity : lockTimeoutMs,
      ...(this.#settings.get('synchronous_commit') === 'off' ? { durability: 'os' as const } : {}),
      signal: this.#abort.signal,
    })
  }

  async #drop(): Promise<void> {
    const context = this.#context
    this.#context = undefined
    this.#savepoints = []
    this.#afterCommit = []
    this.#beforeCommit = []
    this.#onceNames.clear()
    this.#onRelease()
    try {
      await context?.storage.rollback()
    } catch (error) {
      if (!hasCode(error, 'TRANSACTION_CLOSED')) throw error
    }
  }

  #end(isCommitted: boolean): void {
    this.#context = undefined
    if (this.#abort !== undefined) this.#aborts.giveBack(this.#abort)
    this.#abort = undefined
    this.#extent = undefined
    this.#status = 'idle'
    this.#savepoints = []
    this.#afterCommit = []
    this.#beforeCommit = []
    this.#onceNames.clear()
    this.#onRelease()
    this.#settings.end(isCommitted)
  }

  #nowMicros(): number {
    return this.#env.clock.nowMs() * 1000
  }
}

const OVERTAKEN = new WeakSet<Error>()

/** Of a statement whose own transaction, without a snapshot to keep to, could not be committed because of others. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof Error && OVERTAKEN.has(error)
}
