import { OrbitError, type Env } from '@orbit-ts/base'
import type { LockWait } from '../transaction-options.js'

const NO_WAIT = -1n

/** How long one lock call still waits, whatever number of requests that takes. */
export class LockWaitClock {
  readonly #env: Env
  readonly #startedMs: number
  readonly #wait: Exclude<LockWait, 'default'>

  constructor(env: Env, wait: Exclude<LockWait, 'default'>) {
    this.#env = env
    this.#startedMs = env.clock.monotonicMs()
    this.#wait = wait === Infinity ? 'always' : wait
  }

  /**
   * `wait_timeout` of the next request: milliseconds, -1 for none.
   * @param answerWithinMs the request's own deadline: the server's wait ends well before, so that a long wait takes
   *   several requests and none of them passes for a server that does not answer.
   */
  requestTimeout(answerWithinMs: number): bigint {
    if (this.#wait === 'nowait') return NO_WAIT
    const mostMs = Math.max(1, Math.floor(answerWithinMs / 2))
    const leftMs = this.#wait === 'always' ? mostMs : Math.ceil(this.#wait - this.#elapsedMs)
    return leftMs <= 0 ? NO_WAIT : BigInt(Math.min(leftMs, mostMs))
  }

  /** @throws LOCK_NOT_AVAILABLE or LOCK_TIMEOUT when the waiting is over. */
  requireTimeLeft(key: string): void {
    if (this.#wait === 'always') return
    if (this.#wait === 'nowait') {
      throw new OrbitError('LOCK_NOT_AVAILABLE', `key ${key} is locked by another transaction`, { key })
    }
    if (this.#elapsedMs < this.#wait) return
    throw new OrbitError(
      'LOCK_TIMEOUT',
      `key ${key} was still locked by another transaction after ${this.#wait} ms; wait longer, or run the transaction again`,
      { key, waitMs: this.#wait },
    )
  }

  get #elapsedMs(): number {
    return this.#env.clock.monotonicMs() - this.#startedMs
  }
}
