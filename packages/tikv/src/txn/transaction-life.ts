/**
 * From the begin of a transaction to its end.
 *
 * Invariants:
 * 1. It leaves `active` once, for a commit or an end; it is closed once, when that is done.
 * 2. When it is closed, its timer and listeners are gone and the signals that it gave are aborted.
 */
import { hasCode, OrbitError, type Timer } from '@orbit-ts/base'
import { sharedAbort } from '../retry/shared-abort.js'
import type { TransactionCalls } from './commit/transaction-calls.js'
import type { TransactionState } from './transaction-info.js'

export interface TransactionLifeOptions {
  readonly calls: TransactionCalls
  readonly rollBack: () => Promise<void>
  /** Called last. `outcome` is how the end is counted. */
  readonly onClosed: (outcome: string) => void
}

const nothing = (): void => undefined

/** Why reads end that are under way when their transaction was committed. One for all: nearly nobody sees it. */
const ENDED = new OrbitError('TRANSACTION_CLOSED', 'the transaction has ended; begin a new one')

export class TransactionLife {
  readonly #options: TransactionLifeOptions
  /** Made for the first who wants a signal: most transactions end without. */
  #stop: AbortController | undefined
  readonly #onAbort = (): void => this.#abort()
  readonly #onClientClosed = (): void => this.#timer?.cancel()
  #state: TransactionState = 'active'
  #ending: Promise<unknown> | undefined
  #timer: Timer | undefined

  constructor(options: TransactionLifeOptions) {
    this.#options = options
    this.#watch()
  }

  get state(): TransactionState {
    return this.#state
  }

  /**
   * Runs a call with a signal that its own one aborts, if it has one, and the end of the transaction.
   * @throws TRANSACTION_CLOSED, TRANSACTION_TIMEOUT, also when the end is why the call was aborted
   */
  async during<T>(own: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.requireActive()
    const { signal, release } = this.joined(own)
    try {
      return await work(signal)
    } catch (error) {
      throw this.explained(error)
    } finally {
      release()
    }
  }

  /**
   * A signal that `own` and the end of the transaction abort, until it is released: `AbortSignal.any` would leave
   * something behind on an `own` that outlives the call, with each one.
   */
  joined(own: AbortSignal | undefined): { readonly signal: AbortSignal; readonly release: () => void } {
    const stop = this.#stopSignal()
    if (own === undefined) return { signal: stop, release: nothing }
    const either = sharedAbort()
    const { signal } = either
    const onStop = (): void => either.abort(stop.reason)
    const onOwn = (): void => either.abort(own.reason)
    if (stop.aborted) onStop()
    else if (own.aborted) onOwn()
    stop.addEventListener('abort', onStop)
    own.addEventListener('abort', onOwn)
    const release = (): void => {
      stop.removeEventListener('abort', onStop)
      own.removeEventListener('abort', onOwn)
    }
    return { signal, release }
  }

  #stopSignal(): AbortSignal {
    this.#stop ??= sharedAbort()
    return this.#stop.signal
  }

  /** @throws TRANSACTION_CLOSED, TRANSACTION_TIMEOUT */
  requireActive(): void {
    if (this.#state !== 'active') throw this.#closedError()
  }

  /**
   * Runs the commit, which ends the transaction whatever comes of it; gives what `work` gives. Nothing but the signals of
   * the caller, `own` and that of the transaction, aborts it.
   */
  commit<T extends { readonly protocol: string }>(
    own: AbortSignal | undefined,
    work: (signal: AbortSignal | undefined) => Promise<T>,
    outcomeOf: (error: OrbitError) => { readonly state: TransactionState; readonly outcome: string },
  ): Promise<T> {
    this.#state = 'committing'
    this.#timer?.cancel()
    const result = this.#commit(own, work, outcomeOf)
    this.#ending = result.catch(() => undefined)
    return result
  }

  /** Rolls back what is active; otherwise waits for the end that is under way. */
  async rollBack(): Promise<void> {
    if (this.#state === 'active') this.#ending = this.#end('rolled-back')
    await this.#ending
  }

  /** Why a call was aborted, when the end of the transaction is why. */
  explained(error: unknown): unknown {
    const byItsEnd = this.#state === 'timed-out' || this.#state === 'rolled-back'
    const bySignal = this.#options.calls.options.signal?.aborted === true
    return byItsEnd && !bySignal && hasCode(error, 'ABORTED') ? this.#closedError() : error
  }

  async #commit<T extends { readonly protocol: string }>(
    own: AbortSignal | undefined,
    work: (signal: AbortSignal | undefined) => Promise<T>,
    outcomeOf: (error: OrbitError) => { readonly state: TransactionState; readonly outcome: string },
  ): Promise<T> {
    const isAbortable = own !== undefined || this.#options.calls.options.signal !== undefined
    const abort = isAbortable ? this.joined(own) : undefined
    let outcome = 'failed'
    try {
      const result = await work(abort?.signal)
      this.#state = 'committed'
      outcome = result.protocol
      return result
    } catch (error) {
      const failure = OrbitError.from(error)
      const end = outcomeOf(failure)
      this.#state = end.state
      outcome = end.outcome
      throw failure
    } finally {
      abort?.release()
      this.#close(outcome)
    }
  }

  async #end(state: 'rolled-back' | 'timed-out'): Promise<void> {
    this.#state = state
    this.#stop?.abort(state === 'rolled-back' ? ENDED : this.#closedError())
    try {
      await this.#options.rollBack()
    } finally {
      this.#close(state)
    }
  }

  #close(outcome: string): void {
    const { core, options } = this.#options.calls
    this.#timer?.cancel()
    options.signal?.removeEventListener('abort', this.#onAbort)
    core.closing.removeEventListener('abort', this.#onClientClosed)
    this.#stop?.abort(ENDED)
    this.#options.onClosed(outcome)
  }

  #abort(): void {
    if (this.#state === 'active') this.#ending = this.#end('rolled-back')
    else this.#stop?.abort(this.#options.calls.options.signal?.reason)
  }

  #watch(): void {
    const { core, options } = this.#options.calls
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (options.timeoutMs === undefined || options.timeoutMs === Infinity) return
    core.closing.addEventListener('abort', this.#onClientClosed, { once: true })
    this.#timer = core.env.timers.set(() => {
      if (this.#state === 'active') this.#ending = this.#end('timed-out')
    }, options.timeoutMs)
  }

  #closedError(): OrbitError {
    const { startTs, options } = this.#options.calls
    const details = { startTs: String(startTs), state: this.#state }
    return this.#state === 'timed-out'
      ? new OrbitError(
          'TRANSACTION_TIMEOUT',
          `transaction ${startTs} lived longer than its timeoutMs (${options.timeoutMs ?? 0} ms) and was rolled back`,
          details,
        )
      : new OrbitError(
          'TRANSACTION_CLOSED',
          `transaction ${startTs} is ${this.#state}; begin a new one`,
          details,
        )
  }
}
