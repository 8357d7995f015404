import { OrbitError, type Env } from '@orbit-ts/base'

const WINDOW_MS = 30_000
const COOL_DOWN_MS = 10_000
const CALLS_PER_SECOND_MIN = 10
const TRIALS = 10

/**
 * Leaves PD alone while too many region look-ups fail: closed → open → half-open → closed.
 *
 * Invariants:
 * 1. It opens only after a whole window with at least 10 calls a second and the configured share of failures.
 * 2. Half-open lets 10 calls through; it closes when all have succeeded and opens again with the first that fails.
 * 3. A call counts only in the state in which it began.
 */
export class CircuitBreaker {
  readonly #env: Env
  readonly #failureShare: number
  #state: 'closed' | 'open' | 'half-open' = 'closed'
  #sinceMs: number
  #calls = 0
  #failures = 0
  #successes = 0
  /** Counts the changes of state. */
  #era = 0

  /** @param failurePercent 0 turns it off */
  constructor(env: Env, failurePercent: number) {
    this.#env = env
    this.#failureShare = failurePercent / 100
    this.#sinceMs = env.clock.monotonicMs()
  }

  get state(): 'closed' | 'open' | 'half-open' {
    return this.#state
  }

  /** @throws `PD_UNAVAILABLE` without a call while it is open. */
  async run<T>(call: () => Promise<T>, isFailure: (error: unknown) => boolean): Promise<T> {
    if (this.#failureShare === 0) return call()
    this.#admit()
    const era = this.#era
    try {
      const result = await call()
      this.#record(era, false)
      return result
    } catch (error) {
      this.#record(era, isFailure(error))
      throw error
    }
  }

  #admit(): void {
    const elapsedMs = this.#env.clock.monotonicMs() - this.#sinceMs
    if (this.#state === 'open' && elapsedMs >= COOL_DOWN_MS) this.#enter('half-open')
    else if (this.#state === 'closed' && elapsedMs >= WINDOW_MS) this.#judgeWindow(elapsedMs)
    if (this.#state === 'open' || (this.#state === 'half-open' && this.#calls >= TRIALS)) {
      throw new OrbitError(
        'PD_UNAVAILABLE',
        'region look-ups are paused, because too many of the last ones failed; they are tried again within 10 s',
        { circuit: this.#state },
      )
    }
    this.#calls += 1
  }

  #judgeWindow(elapsedMs: number): void {
    const busy = this.#calls >= (CALLS_PER_SECOND_MIN * elapsedMs) / 1000
    const failing = this.#failures >= this.#calls * this.#failureShare
    this.#enter(busy && failing ? 'open' : 'closed')
  }

  #record(era: number, failed: boolean): void {
    if (era !== this.#era) return
    if (failed) this.#failures += 1
    else this.#successes += 1
    if (this.#state !== 'half-open') return
    if (failed) this.#enter('open')
    else if (this.#successes === TRIALS) this.#enter('closed')
  }

  #enter(state: 'closed' | 'open' | 'half-open'): void {
    this.#state = state
    this.#sinceMs = this.#env.clock.monotonicMs()
    this.#era += 1
    this.#calls = 0
    this.#failures = 0
    this.#successes = 0
  }
}
