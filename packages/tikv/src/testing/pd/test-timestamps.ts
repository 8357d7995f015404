import type { Env } from '@orbit-ts/base'
import type { Timestamp } from '../../gen/pdpb.js'

const LOGICAL_MAX = 1n << 18n

/** PD's timestamps from the test's clock. They never go back, whatever the clock does. */
export class TestTimestamps {
  readonly #env: Env
  #physical = 0n
  #logical = 0n

  constructor(env: Env) {
    this.#env = env
  }

  /** `count` timestamps, of which the last is returned. */
  take(count: number): Timestamp {
    const now = BigInt(Math.floor(this.#env.clock.nowMs()))
    if (now > this.#physical) {
      this.#physical = now
      this.#logical = 0n
    }
    this.#logical += BigInt(count)
    if (this.#logical >= LOGICAL_MAX) {
      this.#physical += 1n
      this.#logical = BigInt(count)
    }
    return { physical: this.#physical, logical: this.#logical, suffixBits: 0 }
  }
}
