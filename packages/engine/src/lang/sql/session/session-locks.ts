/**
 * Locks of sessions on names: of LOCK TABLE, of the statements that it keeps away, and of the advisory functions. They
 * are of this process: a store that several processes share needs other means, and the callers refuse there.
 *
 * Invariants:
 * 1. No two owners hold modes that conflict on one key.
 * 2. Who waits is served in the order of arrival; who holds a key already does not wait behind others for more of it.
 * 3. An owner never waits in a ring of owners that wait for one another: the last to come fails with deadlock_detected.
 * 4. A key that nobody holds or waits for takes no memory.
 */
import { OrbitError, type Env, type Timer } from '@orbit-ts/base'
import { queryError } from '../../../scalar/condition.js'

/** PostgreSQL's modes, by its numbers. */
export const LOCK_MODE = {
  accessShare: 1,
  rowShare: 2,
  rowExclusive: 3,
  shareUpdateExclusive: 4,
  share: 5,
  shareRowExclusive: 6,
  exclusive: 7,
  accessExclusive: 8,
} as const

export type LockMode = (typeof LOCK_MODE)[keyof typeof LOCK_MODE]

/** Which modes keep a mode away (PostgreSQL's documentation, "Conflicting Lock Modes"). */
const CONFLICTS: Readonly<Record<LockMode, readonly LockMode[]>> = {
  1: [8],
  2: [7, 8],
  3: [5, 6, 7, 8],
  4: [4, 5, 6, 7, 8],
  5: [3, 4, 6, 7, 8],
  6: [3, 4, 5, 6, 7, 8],
  7: [2, 3, 4, 5, 6, 7, 8],
  8: [1, 2, 3, 4, 5, 6, 7, 8],
}

/** Until when a lock is held, unless it is released before. */
export type LockExtent = 'transaction' | 'session'

/** Who holds locks: a session. */
export interface LockOwner {
  readonly processId: number
}

/** What to lock. */
export interface LockRequest {
  readonly key: string
  readonly mode: LockMode
  readonly extent: LockExtent
}

export interface LockWait {
  readonly env: Env
  /** Its reason is what the wait fails with. */
  readonly signal: AbortSignal
  /** Milliseconds; 0: any time. */
  readonly timeoutMs: number
}

/** A lock, as `pg_locks` shows it. */
export interface ShownLock {
  readonly key: string
  readonly processId: number
  readonly mode: LockMode
  readonly isGranted: boolean
}

interface Hold {
  readonly owner: LockOwner
  readonly mode: LockMode
  readonly extent: LockExtent
  count: number
}

interface Waiter {
  readonly owner: LockOwner
  readonly request: LockRequest
  readonly grant: () => void
}

interface Entry {
  readonly holds: Hold[]
  readonly waiters: Waiter[]
}

export class SessionLocks {
  readonly #entries = new Map<string, Entry>()
  readonly #keysOf = new Map<LockOwner, Set<string>>()

  /** @returns whether it is held now; nobody waited. */
  tryAcquire(owner: LockOwner, request: LockRequest): boolean {
    const entry = this.#entries.get(request.key)
    if (entry !== undefined && this.#blockers(entry, owner, request.mode, entry.waiters).size > 0)
      return false
    this.#hold(owner, request)
    return true
  }

  /** @throws deadlock_detected, lock_not_available when the time is over, the signal's reason */
  acquire(owner: LockOwner, request: LockRequest, wait: LockWait): Promise<void> {
    if (this.tryAcquire(owner, request)) return Promise.resolve()
    if (this.#wouldDeadlock(owner, request)) return Promise.reject(deadlock(owner))
    return this.#wait(owner, request, wait)
  }

  /** @returns false when it was not held so */
  release(owner: LockOwner, { key, mode, extent }: LockRequest): boolean {
    const entry = this.#entries.get(key)
    const found = entry?.holds.find(
      (hold) => hold.owner === owner && hold.mode === mode && hold.extent === extent,
    )
    if (entry === undefined || found === undefined) return false
    found.count--
    if (found.count === 0) this.#drop(entry, key, (hold) => hold === found)
    return true
  }

  /** Everything that an owner holds until the end of its transaction, or of its session. */
  releaseAll(owner: LockOwner, extent: LockExtent): void {
    for (const key of this.#keysOf.get(owner) ?? []) {
      const entry = this.#entries.get(key)
      if (entry !== undefined)
        this.#drop(entry, key, (hold) => hold.owner === owner && hold.extent === extent)
    }
  }

  /** The process ids of those that an owner waits for. */
  blockersOf(processId: number): number[] {
    for (const entry of this.#entries.values()) {
      const at = entry.waiters.findIndex(({ owner }) => owner.processId === processId)
      const waiter = entry.waiters[at]
      if (waiter === undefined) continue
      const ahead = entry.waiters.slice(0, at)
      const blockers = this.#blockers(entry, waiter.owner, waiter.request.mode, ahead)
      return [...blockers].map((owner) => owner.processId)
    }
    return []
  }

  *shown(): Generator<ShownLock> {
    for (const [key, { holds, waiters }] of this.#entries) {
      for (const { owner, mode } of holds) yield { key, processId: owner.processId, mode, isGranted: true }
      for (const { owner, request } of waiters)
        yield { key, processId: owner.processId, mode: request.mode, isGranted: false }
    }
  }

  #hold(owner: LockOwner, { key, mode, extent }: LockRequest): void {
    let entry = this.#entries.get(key)
    if (entry === undefined) this.#entries.set(key, (entry = { holds: [], waiters: [] }))
    const same = entry.holds.find(
      (hold) => hold.owner === owner && hold.mode === mode && hold.extent === extent,
    )
    if (same === undefined) entry.holds.push({ owner, mode, extent, count: 1 })
    else same.count++
    let keys = this.#keysOf.get(owner)
    if (keys === undefined) this.#keysOf.set(owner, (keys = new Set()))
    keys.add(key)
  }

  #drop(entry: Entry, key: string, isDropped: (hold: Hold) => boolean): void {
    const kept = entry.holds.filter((hold) => !isDropped(hold))
    const gone = new Set(entry.holds.filter(isDropped).map(({ owner }) => owner))
    entry.holds.splice(0, entry.holds.length, ...kept)
    for (const owner of gone) if (!kept.some((hold) => hold.owner === owner)) this.#forgetKey(owner, key)
    this.#serve(entry, key)
  }

  #forgetKey(owner: LockOwner, key: string): void {
    const keys = this.#keysOf.get(owner)
    keys?.delete(key)
    if (keys?.size === 0) this.#keysOf.delete(owner)
  }

  /** Grants what can be granted now, in order. */
  #serve(entry: Entry, key: string): void {
    for (let at = 0; at < entry.waiters.length;) {
      const waiter = entry.waiters[at]
      if (waiter === undefined) break
      const ahead = entry.waiters.slice(0, at)
      if (this.#blockers(entry, waiter.owner, waiter.request.mode, ahead).size > 0) at++
      else {
        entry.waiters.splice(at, 1)
        this.#hold(waiter.owner, waiter.request)
        waiter.grant()
      }
    }
    if (entry.holds.length === 0 && entry.waiters.length === 0) this.#entries.delete(key)
  }

  /** Who keeps an owner from a mode: holders, and those who wait before it unless it holds some of the key already. */
  #blockers({ holds }: Entry, owner: LockOwner, mode: LockMode, ahead: readonly Waiter[]): Set<LockOwner> {
    const conflicts = CONFLICTS[mode]
    const blockers = new Set<LockOwner>()
    let isHolder = false
    for (const hold of holds) {
      if (hold.owner === owner) isHolder = true
      else if (conflicts.includes(hold.mode)) blockers.add(hold.owner)
    }
    if (isHolder) return blockers
    for (const waiter of ahead) {
      if (waiter.owner !== owner && conflicts.includes(waiter.request.mode)) blockers.add(waiter.owner)
    }
    return blockers
  }

  #wouldDeadlock(owner: LockOwner, { key, mode }: LockRequest): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    const waitsFor = this.#waits()
    const seen = new Set<LockOwner>(this.#blockers(entry, owner, mode, entry.waiters))
    for (const each of seen) {
      if (each === owner) return true
      for (const next of waitsFor.get(each) ?? []) seen.add(next)
    }
    return false
  }

  #waits(): Map<LockOwner, Set<LockOwner>> {
    const waits = new Map<LockOwner, Set<LockOwner>>()
    for (const entry of this.#entries.values()) {
      for (const [at, { owner, request }] of entry.waiters.entries())
        waits.set(owner, this.#blockers(entry, owner, request.mode, entry.waiters.slice(0, at)))
    }
    return waits
  }

  #wait(owner: LockOwner, request: LockRequest, { env, signal, timeoutMs }: LockWait): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = this.#entries.get(request.key)
      if (signal.aborted || entry === undefined) {
        reject(OrbitError.from(signal.reason))
        return
      }
      let timer: Timer | undefined
      const end = (): void => {
        timer?.cancel()
        signal.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = {
        owner,
        request,
        grant: () => {
          end()
          resolve()
        },
      }
      const giveUp = (reason: unknown): void => {
        end()
        entry.waiters.splice(entry.waiters.indexOf(waiter), 1)
        this.#serve(entry, request.key)
        reject(OrbitError.from(reason))
      }
      const onAbort = (): void => giveUp(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      if (timeoutMs > 0) timer = env.timers.set(() => giveUp(lockTimeout()), timeoutMs, { keepAlive: true })
      entry.waiters.push(waiter)
    })
  }
}

function lockTimeout(): OrbitError {
  return queryError('lock_not_available', 'canceling statement due to lock timeout')
}

function deadlock({ processId }: LockOwner): OrbitError {
  return queryError('deadlock_detected', 'deadlock detected', {
    detail: `Process ${processId} waits for a lock of a process that waits for it.`,
  })
}
