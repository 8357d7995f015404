/**
 * Exclusive locks on keys, first come first served, with deadlocks found when the wait would begin.
 *
 * Invariants:
 * 1. A key has at most one owner; a key without owner has no entry, so the table holds only what is locked.
 * 2. The head of the queue becomes owner the moment the owner leaves: nobody overtakes.
 * 3. A wait that would close a cycle is refused (`TRANSACTION_DEADLOCK`) before it begins; so no cycle ever exists.
 */
import { OrbitError, toHex, fromBinaryString, type Env, type Timer } from '@orbit-ts/base'

/** Who holds or wants locks. Compared by identity. */
export interface LockOwner {
  readonly id: string
  readonly label: string | undefined
}

interface Waiter {
  readonly owner: LockOwner
  readonly grant: () => void
  readonly fail: (error: OrbitError) => void
}

interface KeyLock {
  owner: LockOwner
  /** How many calls of the owner rely on the lock: it goes when the last of them takes it back. */
  uses: number
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

  ownerOf(id: string): LockOwner | undefined {
    return this.#locks.get(id)?.owner
  }

  /**
   * Locks every key for `owner`, waiting up to `waitMs` in all (0: not at all). Either all or, when it throws, none of
   * those that were not held before.
   */
  async acquire(owner: LockOwner, ids: readonly string[], waitMs: number): Promise<void> {
    const deadlineMs = this.#env.clock.monotonicMs() + waitMs
    const acquired: string[] = []
    try {
      // One order for all callers: two transactions that lock the same keys in one call each never deadlock.
      for (const id of [...new Set(ids)].sort()) {
        await this.#acquireOne(owner, id, waitMs, deadlineMs)
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
    if (lock?.owner === owner && --lock.uses === 0) this.#passOn(owner, id, lock)
  }

  /** Frees all that `owner` holds and ends its waits with `reason`. */
  releaseAll(owner: LockOwner, reason: () => OrbitError): void {
    for (const id of this.#waiting.get(owner) ?? []) {
      for (const waiter of this.#locks.get(id)?.queue.filter((entry) => entry.owner === owner) ?? []) {
        waiter.fail(reason())
      }
    }
    for (const id of this.#held.get(owner) ?? []) {
      const lock = this.#locks.get(id)
      if (lock?.owner === owner) this.#passOn(owner, id, lock)
    }
  }

  async #acquireOne(owner: LockOwner, id: string, waitMs: number, deadlineMs: number): Promise<void> {
    const lock = this.#locks.get(id)
    if (lock === undefined) {
      this.#locks.set(id, { owner, uses: 1, queue: [] })
      this.#noteHeld(owner, id)
      return
    }
    if (lock.owner === owner) {
      lock.uses++
      return
    }
    if (waitMs <= 0) throw notAvailable(id, lock.owner)
    this.#refuseDeadlock(owner, id, lock)
    await this.#wait(owner, id, lock, waitMs, deadlineMs)
  }

  #wait(owner: LockOwner, id: string, lock: KeyLock, waitMs: number, deadlineMs: number): Promise<void> {
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
        grant: () => {
          leave()
          resolve()
        },
        fail: (error) => {
          leave()
          reject(error)
        },
      }
      lock.queue.push(waiter)
      timer = this.#env.timers.set(
        () => waiter.fail(lockTimeout(id, lock.owner, waitMs)),
        Math.max(0, deadlineMs - this.#env.clock.monotonicMs()),
        { keepAlive: true },
      )
    })
  }

  /** Gives the key to the next in line. */
  #passOn(owner: LockOwner, id: string, lock: KeyLock): void {
    const held = this.#held.get(owner)
    held?.delete(id)
    if (held?.size === 0) this.#held.delete(owner)
    const next = lock.queue[0]
    if (next === undefined) {
      this.#locks.delete(id)
      return
    }
    // One transaction may wait for the same key in several calls.
    const granted = lock.queue.filter((waiter) => waiter.owner === next.owner)
    lock.owner = next.owner
    lock.uses = granted.length
    this.#noteHeld(next.owner, id)
    for (const waiter of granted) waiter.grant()
  }

  #noteHeld(owner: LockOwner, id: string): void {
    const held = this.#held.get(owner)
    if (held === undefined) this.#held.set(owner, new Set([id]))
    else held.add(id)
  }

  #refuseDeadlock(owner: LockOwner, id: string, lock: KeyLock): void {
    // An earlier call of the same transaction may wait in this line: the new one will be served together with it.
    const own = lock.queue.findIndex((waiter) => waiter.owner === owner)
    const path = own < 0 ? this.#pathTo(owner, lock, lock.queue.length, newSearch()) : undefined
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

  /** The waits that lead from those ahead in `lock`'s line to `target`, or undefined. */
  #pathTo(target: LockOwner, lock: KeyLock, ahead: number, search: Search): DeadlockEdge[] | undefined {
    // A whole line is followed once: who stands in it waits for none but those who are followed with it.
    if (ahead === lock.queue.length) search.lines.add(lock)
    for (let index = -1; index < ahead; index++) {
      const blocker = index < 0 ? lock.owner : lock.queue[index]?.owner
      if (blocker === target) return []
      if (blocker === undefined || search.owners.has(blocker)) continue
      search.owners.add(blocker)
      for (const id of this.#waiting.get(blocker) ?? []) {
        const waited = this.#locks.get(id)
        if (waited === undefined || search.lines.has(waited)) continue
        const place = waited.queue.findIndex((waiter) => waiter.owner === blocker)
        const rest = this.#pathTo(target, waited, Math.max(0, place), search)
        const edge = { transaction: nameOf(blocker), waitsForKey: toHex(fromBinaryString(id)), heldBy: '' }
        if (rest !== undefined) return [edge, ...rest]
      }
    }
    return undefined
  }
}

function nameOf(owner: LockOwner): string {
  return owner.label === undefined ? owner.id : `${owner.label} (${owner.id})`
}

function notAvailable(id: string, owner: LockOwner): OrbitError {
  const key = toHex(fromBinaryString(id))
  return new OrbitError('LOCK_NOT_AVAILABLE', `key ${key} is locked by transaction ${nameOf(owner)}`, {
    key,
    heldBy: nameOf(owner),
  })
}

function lockTimeout(id: string, owner: LockOwner, waitMs: number): OrbitError {
  const key = toHex(fromBinaryString(id))
  return new OrbitError(
    'LOCK_TIMEOUT',
    `key ${key} was not released by transaction ${nameOf(owner)} within ${waitMs} ms; end that transaction sooner or wait longer`,
    { key, heldBy: nameOf(owner), waitMs },
  )
}
