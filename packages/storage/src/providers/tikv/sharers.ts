/**
 * Who shares which keys under `read-committed` in this process, and who waits for them to end.
 *
 * Without a snapshot there is little that a commit could compare with, so those who want to write wait for those who
 * share, and those who come to share wait behind them. All of them wait on the servers, where deadlocks are found: each
 * locks a key of its own, on which the others wait. Transactions of other processes are not waited for: of one that
 * shares and one that writes there, the one that commits later conflicts (`SharedClaims`).
 *
 * Invariants:
 * 1. A transaction stands in the list of a key before it asks the servers for the lock of its own key.
 * 2. Who shares a key stands in the list from before it is told so until it has ended.
 */
import { hasCode, toBinaryString, toHex } from '@orbit-ts/base'
import type { NativeTransaction } from './native-transaction.js'
import { ownError } from './tikv-error.js'
import type { TikvKeys } from './tikv-keys.js'

/** Compared by identity. */
export type Owner = object

/** One transaction in the list of one key. */
interface Place {
  /** The key on which others wait. */
  readonly encoded: Uint8Array
  /** Settles when its lock was granted, or refused. */
  granted: Promise<unknown>
}

/** The lists of one kind, by key. */
class Places {
  readonly #lists = new Map<string, Map<Owner, Place>>()

  get isEmpty(): boolean {
    return this.#lists.size === 0
  }

  others(id: string, owner: Owner): Place[] {
    const list = this.#lists.get(id)
    return list === undefined ? [] : [...list].filter(([other]) => other !== owner).map(([, place]) => place)
  }

  has(id: string, owner: Owner): boolean {
    return this.#lists.get(id)?.has(owner) === true
  }

  add(id: string, owner: Owner, place: Place): void {
    const list = this.#lists.get(id) ?? new Map<Owner, Place>()
    this.#lists.set(id, list.set(owner, place))
  }

  remove(id: string, owner: Owner): Place | undefined {
    const list = this.#lists.get(id)
    const place = list?.get(owner)
    list?.delete(owner)
    if (list?.size === 0) this.#lists.delete(id)
    return place
  }
}

/** On whose behalf something is locked, and how long that may take. */
export interface Turn {
  readonly owner: Owner
  readonly native: NativeTransaction
  /** Milliseconds that are left; 0: not to wait at all. */
  readonly leftMs: () => number
  /** Ends waits. */
  readonly signal?: AbortSignal
}

export class Sharers {
  readonly #keys: TikvKeys
  readonly #sharing = new Places()
  readonly #wanting = new Places()

  constructor(keys: TikvKeys) {
    this.#keys = keys
  }

  get isEmpty(): boolean {
    return this.#sharing.isEmpty && this.#wanting.isEmpty
  }

  /** Of the keys, those that others share. */
  foreign(keys: readonly Uint8Array[], owner: Owner): Uint8Array[] {
    if (this.#sharing.isEmpty) return []
    return keys.filter((key) => this.#sharing.others(toBinaryString(key), owner).length > 0)
  }

  /**
   * Shares the key, behind those who want to write it.
   * @throws LOCK_NOT_AVAILABLE, LOCK_TIMEOUT, TRANSACTION_DEADLOCK, ABORTED
   */
  async share(key: Uint8Array, turn: Turn): Promise<void> {
    const id = toBinaryString(key)
    const { owner } = turn
    for (;;) {
      const [first] = this.#wanting.others(id, owner)
      if (first === undefined) break
      await this.#waitFor(key, first, turn)
    }
    if (!this.#sharing.has(id, owner)) await this.#take(this.#sharing, 'sharing', key, turn)
  }

  /**
   * Waits until nobody else of this process shares the keys, and keeps others from sharing them until `wanted` is told to
   * `leave`.
   * @throws LOCK_NOT_AVAILABLE, LOCK_TIMEOUT, TRANSACTION_DEADLOCK, ABORTED
   */
  async want(keys: readonly Uint8Array[], turn: Turn): Promise<void> {
    for (const key of keys) {
      const id = toBinaryString(key)
      const { owner } = turn
      if (turn.leftMs() > 0 && !this.#wanting.has(id, owner))
        await this.#take(this.#wanting, 'wanting', key, turn)
      for (const other of this.#sharing.others(id, owner)) await this.#waitFor(key, other, turn)
    }
  }

  /** The keys are not wanted any more, or locked now, which keeps everybody away. */
  async stopWanting(keys: readonly Uint8Array[], { owner, native }: Turn): Promise<void> {
    const left = keys
      .map((key) => this.#wanting.remove(toBinaryString(key), owner)?.encoded)
      .filter((encoded) => encoded !== undefined)
    if (left.length > 0) await native.release(left)
  }

  /** The transaction has ended; its locks on the servers go with it. */
  leave(keys: Iterable<string>, owner: Owner): void {
    for (const id of keys) {
      this.#sharing.remove(id, owner)
      this.#wanting.remove(id, owner)
    }
  }

  async #take(places: Places, kind: 'sharing' | 'wanting', key: Uint8Array, turn: Turn): Promise<void> {
    const { owner, native } = turn
    const encoded = this.#keys.own(kind, key, native.client.startTs)
    // Nobody but those who wait for this transaction ever asks for the lock, and only for a moment.
    const granted = native.lock([encoded], { waitMs: Infinity, conflict: 'refresh' })
    places.add(toBinaryString(key), owner, { encoded, granted })
    try {
      await granted
    } catch (error) {
      places.remove(toBinaryString(key), owner)
      throw error
    }
  }

  async #waitFor(
    key: Uint8Array,
    { encoded, granted }: Place,
    { native, leftMs, signal }: Turn,
  ): Promise<void> {
    await granted.catch(() => undefined)
    const waitMs = leftMs()
    try {
      await native.lock([encoded], { waitMs, conflict: 'refresh', signal })
      await native.release([encoded])
    } catch (error) {
      const details = { key: toHex(key) }
      if (hasCode(error, 'LOCK_NOT_AVAILABLE'))
        throw ownError(
          'LOCK_NOT_AVAILABLE',
          `key ${toHex(key, 64)} is locked by another transaction`,
          details,
        )
      if (!hasCode(error, 'LOCK_TIMEOUT')) throw error
      throw ownError(
        'LOCK_TIMEOUT',
        `key ${toHex(key, 64)} stayed locked by another transaction for ${waitMs} ms`,
        {
          ...details,
          waitMs,
        },
      )
    }
  }
}
