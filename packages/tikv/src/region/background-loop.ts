import type { Env, Timer } from '@orbit-ts/base'

export interface LoopOptions {
  readonly env: Env
  readonly intervalMs: number
  /** True, or a promise of true, ends the loop; so does an error, silently: what can fail is for `run` to report. */
  run(): unknown
}

/**
 * Runs something again and again, `intervalMs` after it last ended.
 *
 * Invariants:
 * 1. Runs never overlap; a `trigger` during a run starts another one right after it.
 * 2. After `close` nothing runs and no timer is left.
 */
export class BackgroundLoop {
  readonly #options: LoopOptions
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #triggered = false
  #closed = false

  constructor(options: LoopOptions) {
    this.#options = options
  }

  get closed(): boolean {
    return this.#closed
  }

  start(): this {
    this.#schedule()
    return this
  }

  /** Runs now, or once more when a run is under way. */
  trigger(): void {
    if (this.#closed) return
    this.#triggered = true
    if (this.#running === undefined) this.#fire()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#running
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = this.#options.env.timers.set(() => this.#fire(), this.#options.intervalMs)
  }

  #fire(): void {
    this.#timer?.cancel()
    this.#running = this.#runOnce()
  }

  async #runOnce(): Promise<void> {
    let again = true
    while (again) {
      this.#triggered = false
      if (await this.#ends()) this.#closed = true
      again = this.#triggered && !this.#closed
    }
    this.#running = undefined
    this.#schedule()
  }

  async #ends(): Promise<boolean> {
    try {
      return (await this.#options.run()) === true
    } catch {
      return true
    }
  }
}
