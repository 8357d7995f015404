import type { Env } from '@orbit-ts/base'
import type { GCBarrierInfo, GCState } from '../../gen/pdpb.js'
import { FOREVER_SECONDS, TestBarriers } from './test-barriers.js'

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
  readonly #barriers: TestBarriers
  readonly #services: TestBarriers
  readonly #globalBarriers: TestBarriers
  #txnSafePoint = 0n
  #gcSafePoint = 0n

  /** @param globalBarriers those of all keyspaces */
  constructor(env: Env, globalBarriers: TestBarriers) {
    this.#barriers = new TestBarriers(env)
    this.#services = new TestBarriers(env)
    this.#globalBarriers = globalBarriers
  }

  get txnSafePoint(): bigint {
    return this.#txnSafePoint
  }

  get gcSafePoint(): bigint {
    return this.#gcSafePoint
  }

  state(): GCState {
    return {
      keyspaceScope: undefined,
      isKeyspaceLevelGc: false,
      txnSafePoint: this.#txnSafePoint,
      gcSafePoint: this.#gcSafePoint,
      gcBarriers: this.#barriers.list(),
    }
  }

  advanceTxn(target: bigint): { old: bigint; new: bigint; blocker: string } {
    const old = this.#txnSafePoint
    if (target < old)
      throw new GcRefusal(`trying to update txn safe point to a smaller value ${target}, current ${old}`)
    let reached = target
    let blocker = ''
    for (const barriers of [this.#globalBarriers, this.#barriers, this.#services]) {
      for (const { barrierId, barrierTs } of barriers.list()) {
        if (barrierTs >= reached) continue
        reached = barrierTs
        blocker = `BarrierID: ${barrierId}`
      }
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
    return this.#barriers.set(id, timestamp, ttlSeconds)
  }

  deleteBarrier(id: string): GCBarrierInfo | undefined {
    return this.#barriers.delete(id)
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
    if (ttlSeconds <= 0n) this.#services.delete(id)
    else if (target >= this.#minimum().minimum || this.#services.list().length === 0) {
      this.#services.set(id, target, ttlSeconds)
    }
    return this.#minimum()
  }

  #minimum(): { id: string; ttl: bigint; minimum: bigint } {
    let least = {
      id: 'gc_worker',
      ttl: FOREVER_SECONDS,
      minimum: this.#services.get('gc_worker') ?? this.#txnSafePoint,
    }
    for (const { barrierId: id, barrierTs: minimum, ttlSeconds: ttl } of this.#services.list()) {
      if (minimum < least.minimum) least = { id, ttl, minimum }
    }
    return least
  }
}
