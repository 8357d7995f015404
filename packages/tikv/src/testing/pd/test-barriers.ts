import type { Env } from '@orbit-ts/base'
import type { GCBarrierInfo } from '../../gen/pdpb.js'

export const FOREVER_SECONDS = 0x7fff_ffff_ffff_ffffn

interface Held {
  readonly timestamp: bigint
  /** By the wall clock; undefined: for ever. */
  readonly expiresMs: number | undefined
  readonly ttlSeconds: bigint
}

/** Timestamps that hold a safe point back, by name, each for its time to live. */
export class TestBarriers {
  readonly #env: Env
  readonly #held = new Map<string, Held>()

  constructor(env: Env) {
    this.#env = env
  }

  set(id: string, timestamp: bigint, ttlSeconds: bigint): GCBarrierInfo {
    const forever = ttlSeconds >= FOREVER_SECONDS / 1000n
    const expiresMs = forever ? undefined : this.#env.clock.nowMs() + Number(ttlSeconds) * 1000
    this.#held.set(id, { timestamp, ttlSeconds, expiresMs })
    return { barrierId: id, barrierTs: timestamp, ttlSeconds }
  }

  get(id: string): bigint | undefined {
    return this.list().find(({ barrierId }) => barrierId === id)?.barrierTs
  }

  delete(id: string): GCBarrierInfo | undefined {
    const found = this.list().find(({ barrierId }) => barrierId === id)
    this.#held.delete(id)
    return found
  }

  /** Without those whose time is over. */
  list(): GCBarrierInfo[] {
    const nowMs = this.#env.clock.nowMs()
    for (const [id, { expiresMs }] of this.#held) {
      if (expiresMs !== undefined && expiresMs <= nowMs) this.#held.delete(id)
    }
    return [...this.#held].map(([barrierId, { timestamp, ttlSeconds }]) => ({
      barrierId,
      barrierTs: timestamp,
      ttlSeconds,
    }))
  }
}
