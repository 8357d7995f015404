/**
 * Locks on keys, exclusive or shared, first come first served, with deadlocks found when the wait would begin.
 *
 * Invariants:
 * 1. A key has one exclusive holder, or any number of shared ones; a key without holder has no entry, so the table holds
 *    only what is locked.
 * 2. The head of the queue gets the key the moment the holders let it: nobody overtakes, except a holder that wants a
 *    shared lock exclusively, for whom those in the line wait anyway.
 * 3. A wait that would close a cycle is refused (`TRANSACTION_DEADLOCK`) before it begins; so no cycle ever exists.
 */
import { OrbitError, toHex, fromBinaryString, type Env, type Timer } from '@orbit-ts/base'

/** Who holds or wants locks. Compared by identity. */
export interface LockOwner {
  readonly id: string
  readonly label: string | undefined
}

export type LockMode = 'exclusive' | 'shared'

interface Waiter {
  readonly owner: LockOwner
  readonly mode: LockMode
  readonly grant: () => void
  readonly fail: (error: OrbitError) => void
}

interface KeyLock {
  /** `exclusive` with one holder only. */
  mode: LockMode
  /** How many calls of each holder rely on the lock: it goes when the last of them takes it back. */
  readonly holders: Map<LockOwner, number>
  readonly queue: Waiter[]
}

/** What a search for a cycle has followed already. */
interface Search {
  readonly owners: Set<LockOwner>
  readonly lines: Set<KeyLock>
}

const newSearch = (): Search => ({ owners: new Set(), lines: new Set() })

export interface DeadlockEdge {
  readonly transaction: string
  readonly waitsForKey: string
  readonly heldBy: string
}

export class LockTable {
  readonly #env: Env
  readonly #locks = new Map<string, KeyLock>()
  readonly #held = new Map<LockOwner, Set<string>>()
  /** The keys each owner waits for now. */
  readonly #waiting = new Map<LockOwner, Set<string>>()

  constructor(env: Env) {
    this.#env = env
  }

  get isEmpty(): boolean {
    return this.#locks.size === 0
  }

  /** True when `owner` would have to wait for the key. */
  isForeign(owner: LockOwner, id: string, mode: LockMode): boolean {
    const lock = this.#locks.get(id)
    return lock !== undefined && !isOpen(lock, owner, mode)
  }

  /**
   * Locks every key for `owner`, waiting up to `waitMs` in all (0: not at all). Either all or, when it throws, none of
   * those that were not held before.
   */
  async acquire(
    owner: LockOwner,
    ids: readonly string[],
    waitMs: number,
    mode: LockMode = 'exclusive',
  ): Promise<void> {
    const deadlineMs = this.#env.clock.monotonicMs() + waitMs
    const acquired: string[] = []
    try {
      // One order for all callers: two transactions that lock the same keys in one call each never deadlock.
      for (const id of [...new Set(ids)].sort()) {
        await this.#acquireOne(owner, id, mode, waitMs, deadlineMs)
        acquired.push(id)
      }
    } catch (error) {
      for (const id of acquired) this.release(owner, id)
      throw error
    }
  }

  /** Takes back one `acquire` of the key. */
  release(owner: LockOwner, id: string): void {
    const lock = this.#locks.get(id)
    const uses = lock?.holders.get(owner)
    if (lock === undefined || uses === undefined) return
    if (uses === 1) this.#leave(owner, id, lock)
    else lock.holders.set(owner, uses - 1)
  }

  /** Ends the waits of `owner` with `reason`; what it holds, it keeps. */
  endWaits(owner: LockOwner, reason: () => OrbitError): void {
    for (const id of this.#waiting.get(owner) ?? []) {
      for (const waiter of this.#locks.get(id)?.queue.filter((entry) => entry.owner === owner) ?? []) {
        waiter.fail(reason())
      }
    }
  }

  /** Frees all that `owner` holds and ends its waits with `reason`. */
  releaseAll(owner: LockOwner, reason: () => OrbitError): void {
    this.endWaits(owner, reason)
    for (const id of this.#held.get(owner) ?? []) {
      const lock = this.#locks.get(id)
      if (lock?.holders.has(owner) === true) this.#leave(owner, id, lock)
    }
  }

  async #acquireOne(
    owner: LockOwner,
    id: string,
    mode: LockMode,
    waitMs: number,
    deadlineMs: number,
  ): Promise<void> {
    const lock = this.#locks.get(id)
    if (lock === undefined) {
      this.#locks.set(id, { mode, holders: new Map([[owner, 1]]), queue: [] })
      this.#noteHeld(owner, id)
      return
    }
    if (!this.isForeign(owner, id, mode)) {
      this.#hold(owner, id, lock, mode)
      return
    }
    if (waitMs <= 0) throw notAvailable(id, lock, owner)
    this.#refuseDeadlock(owner, id, lock)
    await this.#wait(owner, id, lock, mode, waitMs, deadlineMs)
  }

  #wait(
    owner: LockOwner,
    id: string,
    lock: KeyLock,
    mode: LockMode,
    waitMs: number,
    deadlineMs: number,
  ): Promise<void> {
    const waits = this.#waiting.get(owner) ?? new Set<string>()
    this.#waiting.set(owner, waits.add(id))
    return new Promise<void>((resolve, reject) => {
      let timer: Timer | undefined = undefined
      const leave = (): void => {
        timer?.cancel()
        const index = lock.queue.indexOf(waiter)
        if (index >= 0) lock.queue.splice(index, 1)
        // Another call of the same transaction may wait on.
        if (lock.queue.some((other) => other.owner === owner)) return
        waits.delete(id)
        if (waits.size === 0) this.#waiting.delete(owner)
      }
      const waiter: Waiter = {
        owner,
        mode,
        grant: () => {
          leave()
          resolve()
        },
        fail: (error) => {
          leave()
          reject(error)
          // Sharers may have waited behind one that wanted the key for itself.
          this.#serve(id, lock)
        },
      }
      // Behind an earlier call of the same transaction, so that none of the others ends up between the two.
      const own = lock.queue.findLastIndex((other) => other.owner === owner)
      const place = own >= 0 ? own + 1 : lock.holders.has(owner) ? 0 : lock.queue.length
      lock.queue.splice(place, 0, waiter)
      timer = this.#env.timers.set(
        () => waiter.fail(lockTimeout(id, lock, owner, waitMs)),
        Math.max(0, deadlineMs - this.#env.clock.monotonicMs()),
        { keepAlive: true },
      )
    })
  }

  #hold(owner: LockOwner, id: string, lock: KeyLock, mode: LockMode): void {
    if (mode === 'exclusive' || lock.holders.size === 0) lock.mode = mode
    lock.holders.set(owner, (lock.holders.get(owner) ?? 0) + 1)
    this.#noteHeld(owner, id)
  }

  #leave(owner: LockOwner, id: string, lock: KeyLock): void {
    const held = this.#held.get(owner)
    held?.delete(id)
    if (held?.size === 0) this.#held.delete(owner)
    lock.holders.delete(owner)
    this.#serve(id, lock)
  }

  /** Gives the key to those next in line, as many as may have it together. */
  #serve(id: string, lock: KeyLock): void {
    for (let next = lock.queue[0]; next !== undefined; next = lock.queue[0]) {
      const first = next
      const alone = lock.holders.size === 0 || (lock.holders.size === 1 && lock.holders.has(first.owner))
      if (!alone && (first.mode === 'exclusive' || lock.mode === 'exclusive')) return
      // One transaction may wait for the same key in several calls.
      for (const waiter of lock.queue.filter(
        ({ owner, mode }) => owner === first.owner && mode === first.mode,
      )) {
        this.#hold(waiter.owner, id, lock, waiter.mode)
        waiter.grant()
      }
    }
    if (lock.holders.size === 0) this.#locks.delete(id)
  }

  #noteHeld(owner: LockOwner, id: string): void {
    const held = this.#held.get(owner)
    if (held === undefined) this.#held.set(owner, new Set([id]))
    else held.add(id)
  }

  #refuseDeadlock(owner: LockOwner, id: string, lock: KeyLock): void {
    // An earlier call of the same transaction may wait in this line: the new one will be served together with it.
    const own = lock.queue.findIndex((waiter) => waiter.owner === owner)
    const ahead = lock.holders.has(owner) ? 0 : lock.queue.length
    const path = own < 0 ? this.#pathTo(owner, lock, ahead, newSearch(), owner) : undefined
    if (path === undefined) return
    const first: DeadlockEdge = {
      transaction: nameOf(owner),
      waitsForKey: toHex(fromBinaryString(id)),
      heldBy: '',
    }
    const names = [first, ...path]
    const cycle = names.map((edge, index) => ({
      ...edge,
      heldBy: names[(index + 1) % names.length]?.transaction ?? '',
    }))
    throw new OrbitError(
      'TRANSACTION_DEADLOCK',
      `waiting for key ${first.waitsForKey} would deadlock: ${[...cycle.map((edge) => edge.transaction), nameOf(owner)].join(' → ')}`,
      { cycle },
    )
  }

  /** The waits that lead from those ahead of `waiter` in `lock`'s line to `target`, or undefined. */
  #pathTo(
    target: LockOwner,
    lock: KeyLock,
    ahead: number,
    search: Search,
    waiter: LockOwner,
  ): DeadlockEdge[] | undefined {
    // A whole line is followed once: who stands in it waits for none but those who are followed with it.
    if (ahead === lock.queue.length && !lock.holders.has(waiter)) search.lines.add(lock)
    const blockers = [...lock.holders.keys(), ...lock.queue.slice(0, ahead).map(({ owner }) => owner)]
    for (const blocker of blockers) {
      if (blocker === waiter) continue
      if (blocker === target) return []
      if (search.owners.has(blocker)) continue
      search.owners.add(blocker)
      for (const id of this.#waiting.get(blocker) ?? []) {
        const waited = this.#locks.get(id)
        if (waited === undefined || search.lines.has(waited)) continue
        const place = waited.queue.findIndex(({ owner }) => owner === blocker)
        const rest = this.#pathTo(target, waited, Math.max(0, place), search, blocker)
        const edge = { transaction: nameOf(blocker), waitsForKey: toHex(fromBinaryString(id)), heldBy: '' }
        if (rest !== undefined) return [edge, ...rest]
      }
    }
    return undefined
  }
}

/** True when `owner` may hold the key at once: nobody else does, or all share it and nobody waits. */
function isOpen(lock: KeyLock, owner: LockOwner, mode: LockMode): boolean {
  if (lock.holders.has(owner)) return mode === 'shared' || lock.holders.size === 1
  return mode === 'shared' && lock.mode === 'shared' && lock.queue.length === 0
}

function nameOf(owner: LockOwner): string {
  return owner.label === undefined ? owner.id : `${owner.label} (${owner.id})`
}

/** Some holder other than `owner`. */
function otherHolder({ holders, queue }: KeyLock, owner: LockOwner): string {
  const others = [...holders.keys(), ...queue.map((waiter) => waiter.owner)].filter(
    (other) => other !== owner,
  )
  return nameOf(others[0] ?? owner)
}

function notAvailable(id: string, lock: KeyLock, owner: LockOwner): OrbitError {
  const key = toHex(fromBinaryString(id))
  const heldBy = otherHolder(lock, owner)
  return new OrbitError('LOCK_NOT_AVAILABLE', `key ${key} is locked by transaction ${heldBy}`, {
    key,
    heldBy,
  })
}

function lockTimeout(id: string, lock: KeyLock, owner: LockOwner, waitMs: number): OrbitError {
  const key = toHex(fromBinaryString(id))
  const heldBy = otherHolder(lock, owner)
  return new OrbitError(
    'LOCK_TIMEOUT',
    `key ${key} was not released by transaction ${heldBy} within ${waitMs} ms; end that transaction sooner or wait longer`,
    { key, heldBy, waitMs },
  )
}
