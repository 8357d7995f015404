/**
 * One transaction over several stores: a branch in each that it touches, and two-phase commit over those that have
 * something to lose.
 *
 * Invariants:
 * 1. It is committed at the moment the decision log says so, and only this object ever asks the log to commit it.
 * 2. `commit` resolves only when that is durable; from then on no reader of a guarded store sees what was before.
 * 3. Once aborted or failed before the decision it changes nothing, whatever is still prepared: the log has no record.
 */
import { assert, hasCode, OrbitError } from '@orbit-ts/base'
import type { Transaction } from '../provider.js'
import type { DecisionLog } from './decision-log.js'
import type { GuardedTransaction } from './guarded-transaction.js'
import type { Participant } from './participant.js'
import type { ProtocolStep, TransactionState } from './transaction-state.js'

export interface DistributedCommitResult {
  /** `Committing` when some stores could not be reached after the decision: see `pending`. */
  readonly state: 'Committed' | 'Committing'
  /**
   * The stores in which the writes are not applied yet, though committed for good. Their readers apply them first, and
   * so does the coordinator as soon as it can.
   */
  readonly pending: readonly string[]
}

/** What a transaction needs of its coordinator. */
export interface TransactionContext {
  readonly id: string
  readonly timeoutMs: number
  readonly log: DecisionLog
  /** @throws INVALID_ARGUMENT when there is no store of this name */
  beginBranch(store: string): Promise<GuardedTransaction>
  participant(store: string): Participant
  /** Waits for clean-up, but not for stores that are out of reach: recovery does it then. */
  patiently(cleanUp: Promise<unknown>): Promise<void>
  onStep(step: ProtocolStep): void | Promise<void>
  onEnd(state: TransactionState): void
}

type Workers = readonly (readonly [string, GuardedTransaction])[]

export class DistributedTransaction implements AsyncDisposable {
  readonly id: string
  readonly #context: TransactionContext
  readonly #branches = new Map<string, Promise<GuardedTransaction>>()
  #state: TransactionState = 'Active'
  #isDeciding = false
  #isUndetermined = false

  constructor(context: TransactionContext) {
    this.id = context.id
    this.#context = context
  }

  get state(): TransactionState {
    return this.#state
  }

  /** The stores it has touched. */
  get stores(): readonly string[] {
    return [...this.#branches.keys()].sort()
  }

  /**
   * The transaction's part in a store, begun when it is first asked for. It reads a snapshot of its store of its own;
   * its `commit` is refused.
   * @throws INVALID_ARGUMENT (no such store), TRANSACTION_CLOSED, and what the store's `begin` throws
   */
  async on(store: string): Promise<Transaction> {
    this.#requireState('Active')
    let branch = this.#branches.get(store)
    if (branch === undefined) {
      branch = this.#context.beginBranch(store)
      this.#branches.set(store, branch)
      branch.catch(() => this.#branches.delete(store))
    }
    return branch
  }

  /**
   * Makes everything durable without deciding. Only to hold several transactions at this point is a reason to call it:
   * `commit` does it by itself. While it is prepared its keys are closed to other writers; after `timeoutMs` others
   * may abort it.
   * @throws as `commit`: it is aborted then
   */
  async prepare(): Promise<void> {
    this.#requireState('Active')
    this.#state = 'Preparing'
    await this.#prepare(await this.#workers())
  }

  /**
   * Commits all of it or nothing. With work in one store only it is that store's own commit.
   * @throws what a store's `commit` throws: nothing was changed anywhere
   * @throws TRANSACTION_TIMEOUT: it was prepared for longer than `timeoutMs`, and others aborted it
   * @throws TRANSACTION_ABORTED: a store failed while preparing; nothing was changed
   * @throws COMMIT_UNDETERMINED: the decision log failed while deciding. All stores will agree on one outcome; calling
   *   `commit` again may say which
   */
  async commit(): Promise<DistributedCommitResult> {
    if (this.#state === 'Active') {
      this.#state = 'Preparing'
      const workers = await this.#workers()
      if (workers.length < 2) return this.#commitOne(workers[0]?.[1])
      await this.#prepare(workers)
    }
    this.#requireState('Prepared')
    return this.#decide()
  }

  /** Harmless on one that has ended. One that is being decided is left to its outcome. */
  async rollback(): Promise<void> {
    if (this.#isDeciding || this.#isUndetermined) return
    if (this.#state === 'Active') {
      await this.#context.patiently(this.#endBranches())
      this.#end('Aborted')
    } else if (this.#state === 'Prepared') {
      await this.#abort(await this.#workers())
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rollback()
  }

  /** For the coordinator that closes: ends what holds the stores, and leaves what is prepared to recovery. */
  async abandon(): Promise<void> {
    if (this.#state === 'Active') await this.rollback()
  }

  async #commitOne(branch: GuardedTransaction | undefined): Promise<DistributedCommitResult> {
    this.#state = 'Committing'
    try {
      await branch?.commitAlone()
    } catch (error) {
      if (hasCode(error, 'COMMIT_UNDETERMINED')) this.#context.onEnd('Committing')
      else this.#end('Aborted')
      throw error
    } finally {
      await this.#endBranches()
    }
    this.#end('Committed')
    return { state: 'Committed', pending: [] }
  }

  async #prepare(workers: Workers): Promise<void> {
    try {
      await this.#record(workers.map(([store]) => store))
      await this.#step({ step: 'recorded' })
      await this.#prepareAll(workers)
    } catch (error) {
      await this.#abort(workers)
      throw failure(error)
    }
    await this.#endBranches()
    this.#state = 'Prepared'
    await this.#step({ step: 'all-prepared' })
  }

  async #record(participants: readonly string[]): Promise<void> {
    const { id, log, timeoutMs } = this.#context
    await log.record({ id, participants, timeoutMs })
  }

  async #prepareAll(workers: Workers): Promise<void> {
    const { id, log, timeoutMs } = this.#context
    const results = await Promise.allSettled(
      workers.map(async ([store, branch]) => {
        await branch.prepare({ id, log: log.identity, timeoutMs })
        await this.#step({ step: 'prepared', store })
      }),
    )
    const failed = results.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  async #decide(): Promise<DistributedCommitResult> {
    const { id, log, timeoutMs } = this.#context
    if (this.#isDeciding) throw this.#wrongState()
    this.#isDeciding = true
    try {
      const outcome = await log.decide(id, this.#isUndetermined)
      if (outcome === 'aborted') {
        this.#isDeciding = false
        await this.#abort(await this.#workers())
        throw new OrbitError(
          'TRANSACTION_TIMEOUT',
          `transaction ${id} across stores was prepared for longer than its ${timeoutMs} ms, and was aborted; pass timeoutMs`,
          { id, timeoutMs },
        )
      }
      this.#state = 'Committing'
    } catch (error) {
      // Anything but undetermined was not written, so it can still be decided, here or by giving up.
      if (hasCode(error, 'COMMIT_UNDETERMINED')) {
        this.#isUndetermined = true
        this.#context.onEnd('Prepared')
      }
      throw error
    } finally {
      this.#isDeciding = false
    }
    await this.#step({ step: 'decided' })
    return this.#apply()
  }

  async #apply(): Promise<DistributedCommitResult> {
    const { id, log } = this.#context
    const stores = (await this.#workers()).map(([store]) => store)
    const results = await Promise.allSettled(
      stores.map(async (store) => {
        await this.#context.participant(store).finish(id, 'committed')
        await this.#step({ step: 'applied', store })
      }),
    )
    const pending = stores.filter((_, at) => results[at]?.status === 'rejected')
    if (pending.length > 0) {
      this.#end('Committing')
      return { state: 'Committing', pending }
    }
    try {
      await log.forget(id)
      await this.#step({ step: 'forgotten' })
    } catch {
      // It is applied everywhere; recovery removes the record.
    }
    this.#end('Committed')
    return { state: 'Committed', pending: [] }
  }

  /** Nobody else ever decides to commit it, so what cannot be cleaned up now is presumed aborted later. */
  async #abort(workers: Workers): Promise<void> {
    await this.#context.patiently(this.#cleanUp(workers))
    this.#end('Aborted')
  }

  async #cleanUp(workers: Workers): Promise<void> {
    const { id, log } = this.#context
    await this.#endBranches()
    try {
      const outcome = await log.abort(id)
      assert(outcome === 'aborted', 'nobody but its owner commits a transaction', { id })
      await this.#step({ step: 'abort-decided' })
    } catch (error) {
      if (hasCode(error, 'INTERNAL')) throw error
      // Its record goes when the log is back.
    }
    await Promise.allSettled(
      workers.map(async ([store]) => {
        await this.#context.participant(store).finish(id, 'aborted')
        await this.#step({ step: 'rolled-back', store })
      }),
    )
  }

  /** The branches whose outcome matters. One that could not be begun has left the list already. */
  async #workers(): Promise<Workers> {
    const begun = await Promise.allSettled(
      [...this.#branches].map(async ([store, branch]) => [store, await branch] as const),
    )
    return begun
      .flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      .filter(([, branch]) => branch.hasWork)
  }

  async #endBranches(): Promise<void> {
    await Promise.allSettled([...this.#branches.values()].map(async (branch) => (await branch).end()))
  }

  #step(step: ProtocolStep): void | Promise<void> {
    return this.#context.onStep(step)
  }

  #end(state: TransactionState): void {
    this.#state = state
    this.#context.onEnd(state)
  }

  #requireState(state: TransactionState): void {
    if (this.#state !== state) throw this.#wrongState()
  }

  #wrongState(): OrbitError {
    return new OrbitError(
      'TRANSACTION_CLOSED',
      `transaction ${this.id} across stores is ${this.#state}; begin a new one`,
      { id: this.id, state: this.#state },
    )
  }
}

/** Before the decision no outcome is open: what a store could not say about its part does not matter any more. */
function failure(error: unknown): unknown {
  if (!hasCode(error, 'COMMIT_UNDETERMINED')) return error
  return new OrbitError(
    'TRANSACTION_ABORTED',
    'a store failed while it prepared a transaction across stores; it was aborted and changed nothing',
    {},
    { cause: error },
  )
}
