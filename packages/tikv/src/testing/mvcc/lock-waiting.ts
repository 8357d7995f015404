import { defined, toBinaryString, type Env } from '@orbit-ts/base'
import type { Timer } from '@orbit-ts/base'
import type { WaitForEntry } from '../../gen/deadlock.js'
import { type LockInfo, WriteConflict_Reason } from '../../gen/kvrpcpb.js'
import type { Timestamp } from '../../timestamp.js'
import { findCircle, keyHash, waitForEntry, type WaitEdge } from './deadlock-detector.js'
import { MvccError } from './mvcc-error.js'
import type { ReleasedLock } from './mvcc-txn.js'
import { lockInfo, type Lock } from './records.js'

/** A pessimistic lock request that met another transaction's lock. */
export interface WaitRequest {
  readonly key: Uint8Array
  readonly startTs: Timestamp
  readonly primary: Uint8Array
  readonly lock: LockInfo
  /** 0n: the store's limit. Longer waits are cut to it. */
  readonly timeoutMs: bigint
  /** The first lock of a transaction cannot close a circle of waits. */
  readonly isFirstLock: boolean
  /** Fair locking: when the lock is released, the request is taken up again instead of being sent back. */
  readonly resumable: boolean
  readonly resourceGroupTag: Uint8Array
  /** Takes the request up again. Gives the lock that it meets now, or undefined when it is settled. */
  readonly resume: () => LockInfo | undefined
  readonly refuse: (error: MvccError) => void
}

interface Waiter {
  readonly request: WaitRequest
  lock: LockInfo
  readonly wakeUpIndex: number
  /** When the lock changed hands during the wait. */
  updatedAtMs: number | undefined
  timer: Timer | undefined
}

interface KeyQueue {
  readonly waiters: Waiter[]
  /** Counts the wake-ups that sent a request back: who came before the latest one is woken by the delayed one. */
  wakeUpIndex: number
  delayed: Timer | undefined
  lastReleased: ReleasedLock | undefined
}

export interface LockWaitLimits {
  /** TiKV's `wait-for-lock-timeout`, default 1 s. */
  readonly timeoutMs: number
  /** TiKV's `wake-up-delay-duration`, default 20 ms. */
  readonly wakeUpDelayMs: number
}

/**
 * Who waits for which pessimistic lock.
 *
 * Invariants:
 * 1. Of a key's waiters the one with the smallest start timestamp is woken first.
 * 2. A wait ends by release, by its timeout or by a deadlock, whichever is first, and exactly once.
 * 3. An ordinary request is sent back with a write conflict when it is woken; the other ordinary ones of the key follow
 *    `wakeUpDelayMs` later, because nobody may hold the lock then. A resumable one gets the lock while the others wait on.
 */
export class LockWaiting {
  readonly #env: Env
  readonly #limits: LockWaitLimits
  readonly #isBusy: (key: Uint8Array) => boolean
  readonly #queues = new Map<string, KeyQueue>()

  /** @param isBusy Whether a command is at work on the key, so that no request may be taken up again now. */
  constructor(env: Env, limits: LockWaitLimits, isBusy: (key: Uint8Array) => boolean) {
    this.#env = env
    this.#limits = limits
    this.#isBusy = isBusy
  }

  get waiting(): number {
    let count = 0
    for (const queue of this.#queues.values()) count += queue.waiters.length
    return count
  }

  wait(request: WaitRequest): void {
    const queue = this.#queueOf(request.key)
    const waiter: Waiter = {
      request,
      lock: request.lock,
      wakeUpIndex: queue.wakeUpIndex,
      updatedAtMs: undefined,
      timer: undefined,
    }
    const limit = BigInt(this.#limits.timeoutMs)
    const timeoutMs = request.timeoutMs === 0n || request.timeoutMs > limit ? limit : request.timeoutMs
    waiter.timer = this.#env.timers.set(() => this.#timeOut(waiter), Number(timeoutMs))
    this.#push(queue, waiter)
    if (!request.isFirstLock) this.#refuseDeadlock(waiter)
  }

  /** Wakes those who waited for these locks. */
  onReleased(released: readonly ReleasedLock[]): void {
    for (const lock of released) {
      const queue = this.#queues.get(toBinaryString(lock.key))
      if (queue !== undefined) this.#wakeFirst(queue, lock)
    }
  }

  /** Locks that were given: their waiters wait for another transaction now. */
  onAcquired(acquired: readonly { readonly key: Uint8Array; readonly lock: Lock }[]): void {
    for (const { key, lock } of acquired) {
      const queue = this.#queues.get(toBinaryString(key))
      for (const waiter of [...(queue?.waiters ?? [])]) {
        waiter.lock = lockInfo(key, lock)
        waiter.updatedAtMs = this.#env.clock.monotonicMs()
        if (!waiter.request.isFirstLock && waiter.request.resumable) this.#refuseDeadlock(waiter)
      }
    }
  }

  /** All waits, as `GetLockWaitInfo` lists them. */
  entries(): WaitForEntry[] {
    return [...this.#allWaiters()].map((waiter) => waitForEntry(edgeOf(waiter)))
  }

  close(): void {
    for (const waiter of this.#allWaiters()) waiter.timer?.cancel()
    for (const queue of this.#queues.values()) queue.delayed?.cancel()
    this.#queues.clear()
  }

  #wakeFirst(queue: KeyQueue, released: ReleasedLock): void {
    queue.lastReleased = released
    const waiter = queue.waiters.shift()
    if (waiter === undefined) return
    if (waiter.request.resumable) {
      this.#resume(queue, waiter)
      return
    }
    queue.wakeUpIndex++
    this.#sendBack(waiter, released)
    if (queue.waiters.length > 0) this.#wakeRestLater(queue)
    this.#dropIfEmpty(released.key, queue)
  }

  #resume(queue: KeyQueue, waiter: Waiter): void {
    const lock = waiter.request.resume()
    if (lock === undefined) {
      waiter.timer?.cancel()
      this.#dropIfEmpty(waiter.request.key, queue)
      return
    }
    waiter.lock = lock
    this.#queues.set(toBinaryString(waiter.request.key), queue)
    this.#push(queue, waiter)
  }

  /** Each wake-up puts the delayed one off again. */
  #wakeRestLater(queue: KeyQueue): void {
    queue.delayed?.cancel()
    queue.delayed = this.#env.timers.set(() => this.#wakeRest(queue), this.#limits.wakeUpDelayMs)
  }

  #wakeRest(queue: KeyQueue): void {
    queue.delayed = undefined
    const released = queue.lastReleased
    if (released === undefined) return
    if (this.#isBusy(released.key)) {
      this.#wakeRestLater(queue)
      return
    }
    for (;;) {
      const waiter = queue.waiters[0]
      if (waiter === undefined || waiter.wakeUpIndex >= queue.wakeUpIndex) break
      queue.waiters.shift()
      if (waiter.request.resumable) {
        this.#resume(queue, waiter)
        break
      }
      this.#sendBack(waiter, released)
    }
    this.#dropIfEmpty(released.key, queue)
  }

  #sendBack(waiter: Waiter, released: ReleasedLock): void {
    const { key, startTs, primary } = waiter.request
    waiter.timer?.cancel()
    waiter.request.refuse(
      new MvccError({
        kind: 'WriteConflict',
        startTs,
        conflictStartTs: released.startTs,
        conflictCommitTs: released.commitTs,
        key,
        primary,
        reason: WriteConflict_Reason.PessimisticRetry,
      }),
    )
  }

  #timeOut(waiter: Waiter): void {
    this.#remove(waiter)
    const since = waiter.updatedAtMs
    const durationToLastUpdateMs =
      since === undefined ? 0n : BigInt(Math.max(1, Math.floor(this.#env.clock.monotonicMs() - since)))
    waiter.request.refuse(
      new MvccError({ kind: 'KeyIsLocked', lock: { ...waiter.lock, durationToLastUpdateMs } }),
    )
  }

  #refuseDeadlock(waiter: Waiter): void {
    const last = edgeOf(waiter)
    const others = [...this.#allWaiters()].filter((other) => other !== waiter && !other.request.isFirstLock)
    const circle = findCircle(others.map(edgeOf), last)
    if (circle === undefined) return
    waiter.timer?.cancel()
    this.#remove(waiter)
    waiter.request.refuse(
      new MvccError({
        kind: 'Deadlock',
        startTs: last.waiter,
        lockTs: last.holder,
        lockKey: last.key,
        // The key that the other one waits for, which this transaction holds.
        deadlockKeyHash: keyHash(defined(circle.at(-2), 'the wait that closes the circle').key),
        waitChain: circle,
      }),
    )
  }

  #queueOf(key: Uint8Array): KeyQueue {
    const name = toBinaryString(key)
    let queue = this.#queues.get(name)
    if (queue === undefined) {
      queue = { waiters: [], wakeUpIndex: 0, delayed: undefined, lastReleased: undefined }
      this.#queues.set(name, queue)
    }
    return queue
  }

  #push(queue: KeyQueue, waiter: Waiter): void {
    const { startTs } = waiter.request
    const index = queue.waiters.findIndex((other) => other.request.startTs > startTs)
    queue.waiters.splice(index < 0 ? queue.waiters.length : index, 0, waiter)
  }

  #remove(waiter: Waiter): void {
    const queue = this.#queues.get(toBinaryString(waiter.request.key))
    const index = queue?.waiters.indexOf(waiter) ?? -1
    if (queue === undefined || index < 0) return
    queue.waiters.splice(index, 1)
    this.#dropIfEmpty(waiter.request.key, queue)
  }

  #dropIfEmpty(key: Uint8Array, queue: KeyQueue): void {
    if (queue.waiters.length > 0) return
    queue.delayed?.cancel()
    queue.delayed = undefined
    const name = toBinaryString(key)
    if (this.#queues.get(name) === queue) this.#queues.delete(name)
  }

  *#allWaiters(): Generator<Waiter> {
    for (const queue of this.#queues.values()) yield* queue.waiters
  }
}

function edgeOf(waiter: Waiter): WaitEdge {
  return {
    waiter: waiter.request.startTs,
    holder: waiter.lock.lockVersion,
    key: waiter.request.key,
    resourceGroupTag: waiter.request.resourceGroupTag,
  }
}
