import type { Env } from '@orbit-ts/base'

const FIRST_MS = 100
const FACTOR = 1.6
const JITTER = 0.2
const MAX_MS = 3000

/**
 * When a broken connection may be dialled again: 100 ms × 1.6 per failure, up to 3 s, each varied by 20 %. There is no
 * timer: the next call after the wait dials, a call before it fails at once.
 */
export class DialBackoff {
  readonly #env: Env
  #failures = 0
  #untilMs = -Infinity
  #lastError: Error | undefined

  constructor(env: Env) {
    this.#env = env
  }

  /** The failure that is still waited out. */
  get blockedBy(): Error | undefined {
    return this.#env.clock.monotonicMs() < this.#untilMs ? this.#lastError : undefined
  }

  failed(error: Error): void {
    const waitMs = Math.min(MAX_MS, FIRST_MS * FACTOR ** this.#failures)
    const varied = waitMs * (1 + JITTER * (2 * this.#env.random.float() - 1))
    this.#failures += 1
    this.#lastError = error
    this.#untilMs = this.#env.clock.monotonicMs() + varied
  }

  succeeded(): void {
    this.#failures = 0
    this.#untilMs = -Infinity
    this.#lastError = undefined
  }
}
