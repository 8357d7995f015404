import type { Env, Logger } from '@orbit-ts/base'

const REPEAT_MS = 10_000

/**
 * Tells the log that PD is lost: once when it is, then every 10 s at most with the number of attempts, and once when it
 * is back.
 */
export class LossLog {
  readonly #env: Env
  readonly #logger: Logger
  #attempts = 0
  #sinceMs = 0
  #toldMs = 0

  constructor(env: Env, logger: Logger) {
    this.#env = env
    this.#logger = logger
  }

  /** An attempt has failed. `why` is asked only when it is told. */
  lost(why: () => string): void {
    const nowMs = this.#env.clock.monotonicMs()
    this.#attempts += 1
    if (this.#attempts === 1) {
      this.#sinceMs = nowMs
      this.#logger.warn({}, why())
    } else if (nowMs - this.#toldMs < REPEAT_MS) return
    else this.#logger.warn(this.#facts(nowMs), `${why()}; still trying`)
    this.#toldMs = nowMs
  }

  /** An attempt was answered. */
  found(): void {
    if (this.#attempts === 0) return
    this.#logger.info(this.#facts(this.#env.clock.monotonicMs()), 'PD answers again')
    this.#attempts = 0
  }

  #facts(nowMs: number): { readonly attempts: number; readonly forMs: number } {
    return { attempts: this.#attempts, forMs: Math.round(nowMs - this.#sinceMs) }
  }
}
