import type { Env } from '@orbit-ts/base'
import { composeTimestamp, physicalMs, type Timestamp } from '../timestamp.js'

/**
 * A timestamp that is a little old: what lock expiry and stale reads need, without asking PD each time.
 *
 * Invariants:
 * 1. It is never ahead of PD, and never goes back.
 * 2. It is fetched when someone asks and the last one is older than the interval; concurrent askers share the fetch.
 */
export class LowResolutionClock {
  readonly #env: Env
  readonly #intervalMs: number
  readonly #fetch: () => Promise<Timestamp>
  #last: { readonly timestamp: Timestamp; readonly atMs: number } | undefined
  #fetching: Promise<Timestamp> | undefined

  constructor(env: Env, intervalMs: number, fetch: () => Promise<Timestamp>) {
    this.#env = env
    this.#intervalMs = intervalMs
    this.#fetch = fetch
  }

  async now(): Promise<Timestamp> {
    if (this.#last !== undefined && this.#ageMs() < this.#intervalMs) return this.#last.timestamp
    this.#fetching ??= this.#fetchOnce().finally(() => (this.#fetching = undefined))
    return this.#fetching
  }

  /** PD's time `agoMs` ago, reckoned with the local clock since the last fetch. */
  async ago(agoMs: number): Promise<Timestamp> {
    const base = await this.now()
    return composeTimestamp(Math.floor(physicalMs(base) + this.#ageMs() - agoMs), 0)
  }

  /** Takes note of a timestamp that PD gave anyhow. */
  observe(timestamp: Timestamp): void {
    if (this.#last !== undefined && timestamp <= this.#last.timestamp) return
    this.#last = { timestamp, atMs: this.#env.clock.monotonicMs() }
  }

  async #fetchOnce(): Promise<Timestamp> {
    this.observe(await this.#fetch())
    return this.#last === undefined ? 0n : this.#last.timestamp
  }

  #ageMs(): number {
    return this.#last === undefined
      ? Number.POSITIVE_INFINITY
      : this.#env.clock.monotonicMs() - this.#last.atMs
  }
}
