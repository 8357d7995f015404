import type { Env, Timer } from '@orbit-ts/base'

/** However many deadlines fall close together, they are looked at no more often than this. */
const GAP_MS = 5

/**
 * One timer for any number of deadlines. It is set for the earliest that was noted; when it fires, `sweep` ends what is
 * overdue and says when the next one is due.
 */
export class DeadlineSweep {
  readonly #env: Env
  readonly #sweep: (nowMs: number) => number
  #timer: Timer | undefined
  #atMs = Infinity
  #earliestMs = -Infinity

  /** `sweep` gives the earliest deadline left, `Infinity` for none. */
  constructor(env: Env, sweep: (nowMs: number) => number) {
    this.#env = env
    this.#sweep = sweep
  }

  note(deadlineMs: number): void {
    const atMs = Math.max(deadlineMs, this.#earliestMs)
    if (atMs < this.#atMs) this.#arm(atMs)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#atMs = Infinity
  }

  #arm(atMs: number): void {
    this.#timer?.cancel()
    this.#atMs = atMs
    const waitMs = Math.max(0, atMs - this.#env.clock.monotonicMs())
    this.#timer = this.#env.timers.set(() => this.#fire(), waitMs, { keepAlive: true })
  }

  #fire(): void {
    const nowMs = this.#env.clock.monotonicMs()
    this.#atMs = Infinity
    this.#earliestMs = nowMs + GAP_MS
    const nextMs = this.#sweep(nowMs)
    if (nextMs !== Infinity) this.note(nextMs)
  }
}
