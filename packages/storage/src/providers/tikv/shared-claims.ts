/**
 * The keys that a transaction shares. Sharing is a claim, which the commit makes good: it locks the keys, and makes sure
 * that nobody has written or exclusively locked any of them since it was shared. The locks become records, with which a
 * writer that began before conflicts. Sharers follow one another for the time of a commit only.
 *
 * What the servers say of a key that cannot be locked at the timestamp of the claim is which transaction committed it
 * last. When that was another sharer of this process, which had made sure of the key for itself (`ShareHistory`), its
 * word is enough. Otherwise all records of the key are looked at, under the lock. There a lock that was shared looks as
 * one that was exclusive. So a commit that merely held a key exclusively also deletes the key's mark, which nobody ever
 * writes: who shared the key finds that record.
 *
 * Invariants:
 * 1. The keys are locked in one order by all, and stay locked until the commit has ended.
 * 2. A claim is good only when no record but those of sharers came after it was made.
 */
import { hasCode, toBinaryString, toHex, type OrbitError } from '@orbit-ts/base'
import { conflictOf } from '@orbit-ts/tikv'
import type { NativeTransaction } from './native-transaction.js'
import { ownError } from './tikv-error.js'
import type { TikvStore } from './tikv-store.js'

/** `Op` of kvrpcpb. */
const LOCK = 2
const ROLLBACK = 3
const PESSIMISTIC_LOCK = 5

/** Keys that are locked one by one, after they could not be locked together. */
const SINGLES_MAX = 16
/** How often a key is asked for while others come before, until its records are looked at instead. */
const ATTEMPTS_MAX = 64

interface Claim {
  readonly id: string
  readonly key: Uint8Array
  readonly since: bigint
}

export class SharedClaims {
  readonly #store: TikvStore
  readonly #forCommit: { readonly waitMs: number; readonly forCommit: true }
  readonly #claims = new Map<string, Claim>()

  constructor(store: TikvStore, lockWaitMs: number) {
    this.#store = store
    this.#forCommit = { waitMs: lockWaitMs, forCommit: true }
  }

  get keys(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#claims].map(([id, { key }]) => [id, key]))
  }

  has(key: Uint8Array): boolean {
    return this.#claims.has(toBinaryString(key))
  }

  /**
   * @param since a timestamp at which nobody else held the keys, not before the start of the transaction that commits; a
   *   claim made before stays as it is
   */
  add(keys: readonly Uint8Array[], since: bigint): void {
    for (const key of keys) {
      const id = toBinaryString(key)
      if (!this.#claims.has(id)) this.#claims.set(id, { id, key, since })
    }
  }

  /** @throws TRANSACTION_CONFLICT when one of the keys, which the caller holds locked, was changed since it was shared */
  async requireUnchanged(keys: readonly Uint8Array[]): Promise<void> {
    for (const key of keys) {
      const claim = this.#claims.get(toBinaryString(key))
      if (claim !== undefined) await this.#requireUnchanged(claim)
    }
  }

  /**
   * Locks the keys for the commit of `native`, but for those that it writes or holds anyway.
   * @throws TRANSACTION_CONFLICT when one of them was written or held by others, and as locking
   */
  async makeGood(native: NativeTransaction, isOwn: (id: string) => boolean): Promise<void> {
    const claims = [...this.#claims.values()].filter(({ id }) => !isOwn(id))
    const bySince = new Map<bigint, Claim[]>()
    for (const claim of claims) bySince.set(claim.since, [...(bySince.get(claim.since) ?? []), claim])
    for (const [since, group] of bySince) await this.#lockGroup(native, group, since)
  }

  async #lockGroup(native: NativeTransaction, claims: readonly Claim[], since: bigint): Promise<void> {
    const { history, keys } = this.#store
    const encoded = claims.map(({ key }) => keys.encode(key))
    try {
      await native.lock(encoded, { ...this.#forCommit, at: since })
      for (const { id } of claims) history.note(id, native.client.startTs, since)
      return
    } catch (error) {
      if (!hasCode(error, 'TRANSACTION_CONFLICT')) throw error
    }
    if (claims.length <= SINGLES_MAX) {
      const inOrder = claims.toSorted((a, b) => (a.id < b.id ? -1 : 1))
      for (const claim of inOrder) await this.#lockOne(native, claim)
      return
    }
    await native.lock(encoded, { ...this.#forCommit, conflict: 'refresh' })
    for (const claim of claims) await this.#requireUnchanged(claim)
  }

  /** As long as only sharers whose word is known stand in the way, the key is locked at the timestamp of the last. */
  async #lockOne(native: NativeTransaction, claim: Claim): Promise<void> {
    const { id, key, since } = claim
    const { history, keys } = this.#store
    const encoded = [keys.encode(key)]
    const known = { at: since, unchangedSince: since }
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      try {
        await native.lock(encoded, { ...this.#forCommit, at: known.at })
        history.note(id, native.client.startTs, known.unchangedSince)
        return
      } catch (error) {
        const conflict = conflictOf(error)
        if (conflict === undefined) throw error
        // Whoever was waited for has given up, and left nothing.
        if (conflict.conflictCommitTs <= known.at) continue
        const vouched = history.unchangedSince(id, conflict.conflictTs)
        if (vouched === undefined || vouched > since) break
        known.at = conflict.conflictCommitTs
        known.unchangedSince = vouched
      }
    }
    await native.lock(encoded, { ...this.#forCommit, conflict: 'refresh' })
    await this.#requireUnchanged(claim)
    history.note(id, native.client.startTs, since)
  }

  /** The caller holds the key locked. */
  async #requireUnchanged({ key, since }: Claim): Promise<void> {
    const { client, keys } = this.#store
    const [records, marks] = await Promise.all([
      client.admin.mvccByKey(keys.encode(key)),
      client.admin.mvccByKey(keys.mark(key)),
    ])
    const isNews = ({ type, commitTs }: { readonly type: number; readonly commitTs: bigint }): boolean =>
      commitTs > since && type !== ROLLBACK && type !== LOCK
    // Who deletes the mark has held the key until now: it was committed, but for the mark itself.
    const isMarked = marks?.lock !== undefined && marks.lock.type !== PESSIMISTIC_LOCK
    if (isMarked || [...(records?.writes ?? []), ...(marks?.writes ?? [])].some(isNews)) throw changed(key)
  }
}

function changed(key: Uint8Array): OrbitError {
  return ownError(
    'TRANSACTION_CONFLICT',
    `key ${toHex(key, 64)}: shared-key-changed by a transaction that committed after this one shared it; run it again`,
    { key: toHex(key), reason: 'shared-key-changed' },
  )
}
