import { delay, hasCode, OrbitError, type Env } from '@orbit-ts/base'
import type { BackoffKind } from './backoff-kind.js'
import { abortedDuring } from './aborted-during.js'
import { pause } from './pause.js'

/** What a {@link Backoffer} reports each sleep to; the `backoff_seconds` metric. */
export type SleepObserver = (kind: string, sleepMs: number) => void

export interface BackofferOptions {
  readonly env: Env
  /** Total sleep allowed, milliseconds. */
  readonly budgetMs: number
  readonly signal?: AbortSignal | undefined
  /** Ends a sleep too: that of the client which closes. What is thrown then is its reason. */
  readonly closing?: AbortSignal | undefined
  readonly onSleep?: SleepObserver | undefined
}

interface KindState {
  attempts: number
  sleptMs: number
  /** As planned, before the caller's limit. */
  lastMs: number
}

const ERRORS_KEPT = 3
const NO_SLEEPS: Backoffer['sleeps'] = new Map()

/**
 * Sleeps between the attempts of one operation, longer each time, until its budget is spent.
 *
 * Invariants:
 * 1. Each kind grows on its own: `base·2ⁿ` up to its cap.
 * 2. The operation ends when what it slept, without excluded kinds, reaches the budget. A sleep of an excluded kind ends
 *    it when the excluded sleeps reach both that kind's own limit and the budget.
 * 3. The error is that of the kind that slept longest, excluded ones left out; its details hold the last errors.
 * 4. A fork shares nothing with its origin afterwards but keeps how far each kind has grown; `merge` takes the fork's
 *    sleeps over.
 *
 * Equivalent in client-go: `config/retry.Backoffer`.
 */
export class Backoffer {
  readonly env: Env
  readonly signal: AbortSignal | undefined
  readonly #budgetMs: number
  readonly #closing: AbortSignal | undefined
  readonly #onSleep: SleepObserver | undefined
  #states: Map<BackoffKind, KindState> | undefined
  #errors: readonly string[] = []
  #countedMs = 0
  #excludedMs = 0

  constructor(options: BackofferOptions) {
    this.env = options.env
    this.signal = options.signal
    this.#budgetMs = options.budgetMs
    this.#closing = options.closing
    this.#onSleep = options.onSleep
  }

  /** Sleeps that count against the budget so far, milliseconds. */
  get sleptMs(): number {
    return this.#countedMs
  }

  /** All sleeps so far, excluded ones too, milliseconds. */
  get totalMs(): number {
    return this.#countedMs + this.#excludedMs
  }

  /** All sleeps by kind, for execution details. */
  get sleeps(): ReadonlyMap<string, { readonly attempts: number; readonly sleptMs: number }> {
    if (this.#states === undefined) return NO_SLEEPS
    return new Map(
      [...this.#states].map(([kind, { attempts, sleptMs }]) => [kind.name, { attempts, sleptMs }]),
    )
  }

  /**
   * Waits as `kind` says, at most `maxSleepMs`.
   * @throws the kind's error when the budget is spent; `ABORTED` when the signal is aborted, as {@link explained};
   *   `CLIENT_CLOSED`.
   */
  async backoff(kind: BackoffKind, cause: Error | string, maxSleepMs?: number): Promise<void> {
    try {
      await this.#backoff(kind, cause, maxSleepMs)
    } catch (error) {
      throw this.explained(error)
    }
  }

  /** Of an abort: with what stood in the way until then. Any other error as it is. */
  explained(error: unknown): unknown {
    const longest = this.#longest()
    if (!hasCode(error, 'ABORTED') || longest === undefined) return error
    return abortedDuring(error, longest.code, `${longest.reason}; last: ${this.#errors.at(-1) ?? ''}`)
  }

  async #backoff(kind: BackoffKind, cause: Error | string, maxSleepMs: number | undefined): Promise<void> {
    if (this.signal?.aborted === true) return delay(this.env, 0, this.signal)
    this.#remember(kind, cause)
    if (this.#isSpent(kind)) throw this.#spent(kind, cause)
    const state = this.#state(kind)
    const planned = jittered(kind, state, this.env)
    const sleepMs = maxSleepMs === undefined ? planned : Math.min(planned, maxSleepMs)
    state.attempts += 1
    state.lastMs = planned
    state.sleptMs += sleepMs
    if (kind.excludedUpToMs === undefined) this.#countedMs += sleepMs
    else this.#excludedMs += sleepMs
    this.#onSleep?.(kind.name, sleepMs)
    await pause(this.env, sleepMs, this.signal, this.#closing)
  }

  fork(signal: AbortSignal | undefined = this.signal): Backoffer {
    const fork = new Backoffer({
      env: this.env,
      budgetMs: this.#budgetMs,
      signal,
      closing: this.#closing,
      onSleep: this.#onSleep,
    })
    fork.#copy(this)
    return fork
  }

  /** Takes over what a fork slept when it slept longer. */
  merge(fork: Backoffer): void {
    if (fork.totalMs > this.totalMs) this.#copy(fork)
  }

  #copy(from: Backoffer): void {
    this.#states =
      from.#states === undefined
        ? undefined
        : new Map([...from.#states].map(([kind, state]) => [kind, { ...state }]))
    this.#errors = from.#errors
    this.#countedMs = from.#countedMs
    this.#excludedMs = from.#excludedMs
  }

  #isSpent(kind: BackoffKind): boolean {
    if (this.#countedMs >= this.#budgetMs) return true
    return (
      kind.excludedUpToMs !== undefined &&
      this.#excludedMs >= kind.excludedUpToMs &&
      this.#excludedMs >= this.#budgetMs
    )
  }

  #state(kind: BackoffKind): KindState {
    this.#states ??= new Map()
    let state = this.#states.get(kind)
    if (state === undefined) {
      state = { attempts: 0, sleptMs: 0, lastMs: kind.baseMs }
      this.#states.set(kind, state)
    }
    return state
  }

  #remember(kind: BackoffKind, cause: Error | string): void {
    const text = `${kind.name}: ${typeof cause === 'string' ? cause : cause.message}`
    this.#errors = [...this.#errors, text].slice(-ERRORS_KEPT)
  }

  #spent(last: BackoffKind, cause: Error | string): OrbitError {
    const longest = this.#longest() ?? last
    return new OrbitError(
      longest.code,
      `${longest.reason}: gave up after ${this.totalMs} ms of waiting (budget ${this.#budgetMs} ms); last: ${this.#errors.at(-1) ?? ''}`,
      { kind: longest.name, sleptMs: this.totalMs, errors: [...this.#errors] },
      { cause: typeof cause === 'string' ? undefined : cause },
    )
  }

  #longest(): BackoffKind | undefined {
    let best: BackoffKind | undefined
    let most = 0
    for (const [kind, { sleptMs }] of this.#states ?? []) {
      if (kind.excludedUpToMs !== undefined || sleptMs <= most) continue
      best = kind
      most = sleptMs
    }
    return best
  }
}

function jittered(kind: BackoffKind, { attempts, lastMs }: KindState, env: Env): number {
  const fullMs = Math.min(kind.capMs, kind.baseMs * 2 ** Math.min(attempts, 30))
  const between = (leastMs: number, mostMs: number): number =>
    Math.floor(leastMs + env.random.float() * (mostMs - leastMs))
  switch (kind.jitter) {
    case 'none':
      return fullMs
    case 'full':
      return between(0, fullMs)
    case 'equal':
      return between(fullMs / 2, fullMs)
    case 'decorrelated':
      return Math.min(kind.capMs, between(kind.baseMs, lastMs * 3))
  }
}
