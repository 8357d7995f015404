import type { Env } from '@orbit-ts/base'

const REMEMBERED_MS = 10_000

/** How long commits that relied on leases have taken lately: the next ones may take as long. */
export class SlowestCommit {
  readonly #env: Env
  #ms = 0
  #notedAtMs = -Infinity

  constructor(env: Env) {
    this.#env = env
  }

  /** Milliseconds that one took, whatever came of it. */
  note(ms: number): void {
    if (ms < this.ms) return
    this.#ms = ms
    this.#notedAtMs = this.#env.clock.monotonicMs()
  }

  /** Of the last seconds, milliseconds; 0 when there was none. */
  get ms(): number {
    return this.#env.clock.monotonicMs() - this.#notedAtMs < REMEMBERED_MS ? this.#ms : 0
  }
}
