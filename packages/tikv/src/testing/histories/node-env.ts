import type { Env, Timer } from '@orbit-ts/base'

/**
 * The clock and timers of one process of a simulated cluster, above those of all.
 *
 * Invariants:
 * 1. After `kill` nothing of the process runs: its timers are gone, and no turn of it ever comes.
 * 2. Its wall clock may jump ahead; durations are not touched by that.
 */
export class NodeEnv implements Env {
  readonly #env: Env
  readonly #timers = new Set<Timer>()
  #aheadMs = 0
  #killed = false

  constructor(env: Env) {
    this.#env = env
  }

  get killed(): boolean {
    return this.#killed
  }

  jump(ms: number): void {
    this.#aheadMs += ms
  }

  kill(): void {
    this.#killed = true
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }

  get random(): Env['random'] {
    return this.#env.random
  }

  readonly clock: Env['clock'] = {
    nowMs: () => this.#env.clock.nowMs() + this.#aheadMs,
    monotonicMs: () => this.#env.clock.monotonicMs(),
  }

  readonly timers: Env['timers'] = {
    set: (callback, delayMs, options) => {
      if (this.#killed) return { cancel: () => undefined }
      const run = (): void => {
        this.#timers.delete(timer)
        callback()
      }
      const timer = this.#env.timers.set(run, delayMs, options)
      this.#timers.add(timer)
      return {
        cancel: () => {
          this.#timers.delete(timer)
          timer.cancel()
        },
      }
    },
    nextTurn: async () => {
      await this.#env.timers.nextTurn()
      if (this.#killed) await new Promise(() => undefined)
    },
  }
}
