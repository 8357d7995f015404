import type { Env } from '@orbit-ts/base'
import type { GCBarrierInfo, GCState } from '../../gen/pdpb.js'

const FOREVER = 0x7fff_ffff_ffff_ffffn

interface Held {
  readonly timestamp: bigint
  /** By the wall clock; undefined: for ever. */
  readonly expiresMs: number | undefined
  readonly ttlSeconds: bigint
}

/** What PD refuses a change of the garbage-collection state with. */
export class GcRefusal extends Error {}

/**
 * The garbage-collection state of one keyspace.
 *
 * Invariants:
 * 1. gcSafePoint ≤ txnSafePoint; neither goes back.
 * 2. txnSafePoint does not pass a barrier or a service safe point that has not expired.
 */
export class TestGcState {
  readonly #env: Env
  readonly #barriers = new Map<string, Held>()
  readonly #services = new Map<string, Held>()
  #txnSafePoint = 0n
  #gcSafePoint = 0n

  constructor(env: Env) {
    this.#env = env
  }

  get gcSafePoint(): bigint {
    return this.#gcSafePoint
  }

  state(): GCState {
    this.#expire()
    return {
      keyspaceScope: undefined,
      isKeyspaceLevelGc: false,
      txnSafePoint: this.#txnSafePoint,
      gcSafePoint: this.#gcSafePoint,
      gcBarriers: [...this.#barriers].map(([id, held]) => barrierInfo(id, held)),
    }
  }

  advanceTxn(target: bigint): { old: bigint; new: bigint; blocker: string } {
    this.#expire()
    const old = this.#txnSafePoint
    if (target < old)
      throw new GcRefusal(`trying to update txn safe point to a smaller value ${target}, current ${old}`)
    let reached = target
    let blocker = ''
    for (const [id, { timestamp }] of [...this.#barriers, ...this.#services]) {
      if (timestamp >= reached) continue
      reached = timestamp
      blocker = `BarrierID: ${id}`
    }
    if (reached > old) this.#txnSafePoint = reached
    return { old, new: this.#txnSafePoint, blocker }
  }

  advanceGc(target: bigint): { old: bigint; new: bigint } {
    const old = this.#gcSafePoint
    if (target < old)
      throw new GcRefusal(`trying to update GC safe point to a smaller value ${target}, current ${old}`)
    if (target > this.#txnSafePoint)
      throw new GcRefusal(`GC safe point ${target} exceeds txn safe point ${this.#txnSafePoint}`)
    this.#gcSafePoint = target
    return { old, new: target }
  }

  setBarrier(id: string, timestamp: bigint, ttlSeconds: bigint): GCBarrierInfo {
    if (id === '' || id === 'gc_worker') throw new GcRefusal(`barrier id ${JSON.stringify(id)} is reserved`)
    if (timestamp < this.#txnSafePoint) {
      throw new GcRefusal(
        `trying to set a GC barrier on ts ${timestamp} which is already behind the txn safe point ${this.#txnSafePoint}`,
      )
    }
    const held = this.#held(timestamp, ttlSeconds)
    this.#barriers.set(id, held)
    return barrierInfo(id, held)
  }

  deleteBarrier(id: string): GCBarrierInfo | undefined {
    const held = this.#barriers.get(id)
    this.#barriers.delete(id)
    return held === undefined ? undefined : barrierInfo(id, held)
  }

  /** The older call: never refuses, gives what it settled on. Moves the txn safe point along, as PD does for old clients. */
  updateSafePoint(target: bigint): bigint {
    if (target > this.#gcSafePoint) this.#gcSafePoint = target
    if (this.#gcSafePoint > this.#txnSafePoint) this.#txnSafePoint = this.#gcSafePoint
    return this.#gcSafePoint
  }

  /** The smallest service safe point after the change, and whose it is. */
  updateService(
    id: string,
    ttlSeconds: bigint,
    target: bigint,
  ): { id: string; ttl: bigint; minimum: bigint } {
    this.#expire()
    if (ttlSeconds <= 0n) this.#services.delete(id)
    else if (target >= this.#minimum().minimum || this.#services.size === 0) {
      this.#services.set(id, this.#held(target, ttlSeconds))
    }
    return this.#minimum()
  }

  #minimum(): { id: string; ttl: bigint; minimum: bigint } {
    let least = {
      id: 'gc_worker',
      ttl: FOREVER,
      minimum: this.#services.get('gc_worker')?.timestamp ?? this.#txnSafePoint,
    }
    for (const [id, held] of this.#services) {
      if (held.timestamp < least.minimum) least = { id, ttl: held.ttlSeconds, minimum: held.timestamp }
    }
    return least
  }

  #held(timestamp: bigint, ttlSeconds: bigint): Held {
    const forever = ttlSeconds >= FOREVER / 1000n
    const expiresMs = forever ? undefined : this.#env.clock.nowMs() + Number(ttlSeconds) * 1000
    return { timestamp, ttlSeconds, expiresMs }
  }

  #expire(): void {
    const nowMs = this.#env.clock.nowMs()
    for (const kept of [this.#barriers, this.#services]) {
      for (const [id, { expiresMs }] of kept) {
        if (expiresMs !== undefined && expiresMs <= nowMs) kept.delete(id)
      }
    }
  }
}

const barrierInfo = (id: string, held: Held): GCBarrierInfo => ({
  barrierId: id,
  barrierTs: held.timestamp,
  ttlSeconds: held.ttlSeconds,
})
