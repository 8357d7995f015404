/**
 * What one transaction has to do with leases (`KeyLeases`): leased keys that it has read or shares by a lease, and those that
 * it is going to change.
 *
 * Invariants:
 * 1. What it relies on holds at its commit: that comes before the end of the lease, or shares the keys as of the end.
 * 2. Once it has announced changes, it reads nothing from before `Announcement.clearAt`, and commits before `until`.
 */
import { toBinaryString } from '@orbit-ts/base'
import { composeTimestamp } from '@orbit-ts/tikv'
import type { SharedClaims } from '../shared-claims.js'
import { ownError } from '../tikv-error.js'
import { KeySet, type TikvStore } from '../tikv-store.js'
import type { TransactionView } from '../transaction-view.js'
import type { Announcement } from './key-leases.js'
import type { Lease } from './lease.js'

/** A commit that may come this close to the end of a lease does not count on getting there in time, ... */
const MARGIN_MS = 100
/** ... nor one that twice the time of the slowest of late would not be enough for, ... */
const SLOWEST_TIMES = 2
/** ... and each key that it writes may take so long. */
const KEY_MS = 0.1

export class TransactionLeases {
  readonly #store: TikvStore
  readonly #view: TransactionView
  readonly #isSerializable: boolean
  readonly #relied = new Map<Lease, KeySet>()
  #announcement: Announcement | undefined
  #commitBeganMs: number | undefined
  #hasEnded = false

  constructor(store: TikvStore, view: TransactionView, isSerializable: boolean) {
    this.#store = store
    this.#view = view
    this.#isSerializable = isSerializable
  }

  /** Reads a leased key, of which the transaction has written nothing itself. */
  async get(key: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { reader, readTs, endsByItself = false } = await this.#view.reader()
    const lease = this.#leaseAt(readTs)
    // What is read has to be so at the commit, too.
    if (lease !== undefined && this.#isSerializable) this.#rely(lease, [key])
    const id = toBinaryString(key)
    if (lease?.has(id) === true) return lease.value(id)
    const { counters, keys } = this.#store
    const startedMs = counters.startRead(1)
    const value = await reader.get(keys.encode(key), endsByItself ? {} : { signal })
    counters.endRead(startedMs)
    lease?.remember(id, value)
    return value
  }

  /** Whether it shares the key by a lease: from then on, whatever follows. */
  shares(key: Uint8Array): boolean {
    return [...this.#relied.values()].some((keys) => keys.has(key))
  }

  /** Puts among the claims those of the keys that it shares by a lease which has run out. */
  claim(keys: readonly Uint8Array[], claims: SharedClaims): void {
    for (const [lease, shared] of this.#relied)
      claims.add(
        keys.filter((key) => shared.has(key)),
        lease.until - 1n,
      )
  }

  /** Shares the keys without asking anybody; false when no lease covers what the transaction reads. */
  async share(keys: readonly Uint8Array[]): Promise<boolean> {
    const readTs = await this.#view.readTs()
    const lease = this.#leaseAt(readTs)
    if (lease === undefined) return false
    // Under `read-committed` the transaction that would have to lock the keys may begin later than it reads.
    if ((await this.#view.native()).client.startTs >= lease.until) return false
    this.#rely(lease, keys)
    return true
  }

  /**
   * Announces that it is going to change leased keys, and moves the snapshot behind all leases.
   * @returns false when it had announced them before
   * @throws TRANSACTION_CONFLICT when it has read before: run again, it finds the keys announced
   */
  async announce(holdsLocks: boolean, signal: AbortSignal): Promise<boolean> {
    if (this.#announcement !== undefined) return false
    const view = this.#view
    const { leases } = this.#store
    const announcement = await leases.announce(signal)
    this.#announcement = announcement
    if (this.#hasEnded) this.leave()
    if (this.#hasEnded || !view.isOpen) return true
    const at = await view.snapshotTs()
    if (at === undefined || at >= announcement.clearAt) return true
    if (!view.mayMove(holdsLocks)) throw announcedTooLate()
    if (holdsLocks) view.move()
    else await view.restart()
    return true
  }

  /**
   * Before which timestamp the commit has to come; undefined: whenever. What relies on a lease that may end before it
   * is put among the claims.
   */
  async commitBefore(claims: SharedClaims, writeCount: number): Promise<bigint | undefined> {
    let end = this.#announcement?.until
    if (this.#relied.size > 0) this.#commitBeganMs = this.#store.env.clock.monotonicMs()
    for (const [lease, keys] of this.#relied) {
      if (await this.#endsSoon(lease, writeCount))
        claims.add([...keys.values()], await this.#lastCovered(lease))
      else if (end === undefined || lease.until < end) end = lease.until
    }
    return end
  }

  /** The transaction has ended. @param isUndetermined it may still come to be committed */
  leave(isUndetermined = false): void {
    const { leases, env } = this.#store
    this.#hasEnded = true
    this.#relied.clear()
    if (this.#commitBeganMs !== undefined)
      leases.slowestCommit.note(env.clock.monotonicMs() - this.#commitBeganMs)
    if (this.#announcement !== undefined)
      leases.changed(isUndetermined ? this.#announcement.until : undefined)
    this.#announcement = undefined
  }

  /** None for those that change leased keys: they read and lock as if there were no leases. */
  #leaseAt(timestamp: bigint): Lease | undefined {
    return this.#announcement === undefined ? this.#store.leases.at(timestamp) : undefined
  }

  #rely(lease: Lease, keys: readonly Uint8Array[]): void {
    const known = this.#relied.get(lease) ?? new KeySet()
    known.add(keys)
    this.#relied.set(lease, known)
  }

  async #endsSoon(lease: Lease, writeCount: number): Promise<boolean> {
    const native = await this.#view.native()
    const { slowestCommit } = this.#store.leases
    const marginMs = Math.ceil(MARGIN_MS + SLOWEST_TIMES * slowestCommit.ms + KEY_MS * writeCount)
    return native.estimatedTs + composeTimestamp(marginMs, 0) >= lease.until
  }

  /** The last timestamp not after the present at which nobody had changed the keys. */
  async #lastCovered(lease: Lease): Promise<bigint> {
    const now = await this.#store.client.txn.currentTimestamp()
    return now < lease.until ? now : lease.until - 1n
  }
}

function announcedTooLate(): Error {
  return ownError(
    'TRANSACTION_CONFLICT',
    'this transaction has read before it announced that it changes definitions, which others may still count on; run it again',
    { reason: 'announced-too-late' },
  )
}
