import type { Env } from './env.js'

interface Pending {
  readonly dueMs: number
  readonly order: number
  readonly callback: () => void
}

/**
 * A virtual clock with seeded randomness: time moves only when `advance` is called.
 *
 * Invariants:
 * 1. Timers fire in order of due time, then in the order they were set.
 * 2. The same seed gives the same numbers.
 */
export class TestEnv implements Env {
  #nowMs: number
  #order = 0
  #state: number
  readonly #pending = new Set<Pending>()

  constructor(options: { seed?: number; startMs?: number } = {}) {
    this.#nowMs = options.startMs ?? 1_700_000_000_000
    this.#state = (options.seed ?? 1) >>> 0
  }

  readonly clock: Env['clock'] = {
    // Whole, as the wall clock of a machine is told; timers may be due in between.
    nowMs: () => Math.floor(this.#nowMs),
    monotonicMs: () => this.#nowMs,
  }

  readonly timers: Env['timers'] = {
    set: (callback, delayMs) => {
      const entry: Pending = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback }
      this.#pending.add(entry)
      return { cancel: () => void this.#pending.delete(entry) }
    },
    nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
  }

  readonly random: Env['random'] = {
    float: () => this.#next() / 4294967296,
    bytes: (length) => Uint8Array.from({ length }, () => this.#next() & 0xff),
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#pending.size
  }

  /** Moves time forward by `ms`, firing every timer that falls due on the way and letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    for (;;) {
      await this.timers.nextTurn()
      const next = this.#earliest()
      if (next === undefined || next.dueMs > endMs) break
      this.#pending.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.callback()
    }
    this.#nowMs = endMs
    await this.timers.nextTurn()
  }

  #earliest(): Pending | undefined {
    let best: Pending | undefined
    for (const entry of this.#pending) {
      if (
        best === undefined ||
        entry.dueMs < best.dueMs ||
        (entry.dueMs === best.dueMs && entry.order < best.order)
      ) {
        best = entry
      }
    }
    return best
  }

  /** mulberry32: small, seedable, good enough for tests. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return (z ^ (z >>> 14)) >>> 0
  }
}
