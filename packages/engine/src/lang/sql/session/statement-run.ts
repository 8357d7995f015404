import { OrbitError, type Timer } from '@orbit-ts/base'
import { queryError } from '../../../scalar/condition.js'
import type { TransactionContext } from '../../../txn/database-transaction.js'
import { loadCatalog } from '../catalog/load-catalog.js'
import { cachedReadMoment } from './cached-execution.js'
import { Cleanups } from './cleanups.js'
import { limitError } from './limit-error.js'
import type { SessionState } from './session-state.js'
import type { StatementScope } from './statement-scope.js'

/**
 * One statement from its start to its end: its transaction, its timeout, what it leaves to be cleaned up.
 *
 * Invariant: it ends exactly once, by `succeed` or by `fail`; both clean up first.
 */
export class StatementRun {
  readonly #state: SessionState
  readonly #controller: AbortController
  readonly #outer: AbortSignal | undefined
  #cleanups = new Cleanups()
  #timeout: Timer | undefined
  #hasEnded = false

  constructor(state: SessionState, signal: AbortSignal | undefined) {
    this.#state = state
    this.#outer = signal
    this.#controller = state.aborts.take()
    this.#cleanups.add(() => state.aborts.giveBack(this.#controller))
    this.resumeTimeout()
    if (signal?.aborted === true) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** The client reads no further for now, which is no time that the statement takes. */
  suspendTimeout(): void {
    this.#timeout?.cancel()
    this.#timeout = undefined
  }

  /** From now on it may take as long as a statement may take. */
  resumeTimeout(): void {
    if (this.#hasEnded || this.#timeout !== undefined) return
    const timeoutMs = Number(this.#state.settings.get('statement_timeout'))
    if (timeoutMs > 0) this.#timeout = this.#state.env.timers.set(this.#onTimeout, timeoutMs)
  }

  /** Aborted, with the error to fail with, when the statement is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The transaction and the catalog as they are for this statement. */
  async scope(): Promise<StatementScope> {
    const cachedSince = cachedReadMoment(this.#state)
    const context = await this.#state.transaction.statement()
    const catalog = await loadCatalog(context)
    this.#state.scalar.start(catalog)
    return {
      context,
      catalog,
      snapshot: context.storage.snapshotCount,
      signal: this.#controller.signal,
      cachedSince,
      cleanups: this.#cleanups,
      keepOpen: this.#keepOpen,
    }
  }

  /** @throws what the commit of a transaction of its own fails with */
  async succeed(): Promise<void> {
    if (this.#hasEnded) return
    try {
      await this.#end()
    } catch (error) {
      await this.#state.transaction.failStatement()
      throw error
    }
    await this.#state.transaction.endStatement()
  }

  /** Marks or rolls back the transaction. Gives the error to throw. */
  async fail(error: unknown): Promise<unknown> {
    if (this.#hasEnded) return error
    const context = this.#state.transaction.context
    try {
      await this.#end()
    } finally {
      await this.#state.transaction.failStatement()
    }
    return this.#explained(error, context)
  }

  async #end(): Promise<void> {
    this.#hasEnded = true
    this.#state.activity.end()
    this.#timeout?.cancel()
    this.#outer?.removeEventListener('abort', this.#onAbort)
    await this.#cleanups.run()
  }

  /** Whatever was on its way when it was cancelled failed because of that. */
  #explained(error: unknown, context: TransactionContext | undefined): unknown {
    const { signal } = this.#controller
    if (signal.aborted && signal.reason instanceof OrbitError) return signal.reason
    const failure = limitError(error)
    return context?.explain(failure) ?? failure
  }

  readonly #keepOpen = (): Cleanups => {
    const kept = this.#cleanups
    this.#cleanups = new Cleanups()
    return kept
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#outer?.reason
    const isOurs = reason instanceof OrbitError && reason.details['sqlState'] !== undefined
    this.#cancel(isOurs ? reason : queryError('query_canceled', 'canceling statement due to user request'))
  }

  readonly #onTimeout = (): void => {
    this.#cancel(queryError('query_canceled', 'canceling statement due to statement timeout'))
  }

  #cancel(reason: OrbitError): void {
    this.#controller.abort(reason)
    this.#state.transaction.interrupt(reason)
  }
}
