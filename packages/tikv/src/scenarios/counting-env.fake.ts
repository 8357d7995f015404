import { systemEnv, type Env } from '@orbit-ts/base'

/** The real clock, `speed` times as fast, that knows how many of its timers wait. */
export class CountingEnv implements Env {
  readonly #speed: number
  readonly #startMs = systemEnv.clock.nowMs()
  readonly #startMonotonicMs = systemEnv.clock.monotonicMs()
  readonly #pending = new Set<object>()

  constructor(speed = 1) {
    this.#speed = speed
  }

  readonly random: Env['random'] = systemEnv.random

  readonly clock: Env['clock'] = {
    nowMs: () => this.#startMs + this.clock.monotonicMs(),
    monotonicMs: () => (systemEnv.clock.monotonicMs() - this.#startMonotonicMs) * this.#speed,
  }

  readonly timers: Env['timers'] = {
    set: (callback, delayMs, options) => {
      const entry = {}
      const fire = (): void => {
        this.#pending.delete(entry)
        callback()
      }
      const timer = systemEnv.timers.set(fire, delayMs / this.#speed, options)
      this.#pending.add(entry)
      return {
        cancel: () => {
          this.#pending.delete(entry)
          timer.cancel()
        },
      }
    },
    nextTurn: () => systemEnv.timers.nextTurn(),
  }

  get pendingTimers(): number {
    return this.#pending.size
  }
}
