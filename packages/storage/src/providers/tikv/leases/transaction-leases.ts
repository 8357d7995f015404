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

/** A commit that may come this close to the end of a lease does not count on getting there in time. */
const MARGIN_MS = 100

export class TransactionLeases {
  readonly #store: TikvStore
  readonly #view: TransactionView
  readonly #isSerializable: boolean
  readonly #relied = new Map<Lease, KeySet>()
  #announcement: Announcement | undefined

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
   * @throws TRANSACTION_CONFLICT when it has read before: run again, it finds the keys announced
   */
  async announce(holdsLocks: boolean, signal: AbortSignal): Promise<void> {
    if (this.#announcement !== undefined) return
    const view = this.#view
    this.#announcement = await this.#store.leases.announce(signal)
    if (!view.isOpen) return
    const at = await view.snapshotTs()
    if (at === undefined || at >= this.#announcement.clearAt) return
    if (!view.mayMove(holdsLocks)) throw announcedTooLate()
    if (holdsLocks) view.move()
    else await view.restart()
  }

  /**
   * Before which timestamp the commit has to come; undefined: whenever. What relies on a lease that may end before it
   * is put among the claims.
   */
  async commitBefore(claims: SharedClaims): Promise<bigint | undefined> {
    let end = this.#announcement?.until
    for (const [lease, keys] of this.#relied) {
      if (await this.#endsSoon(lease)) claims.add([...keys.values()], await this.#lastCovered(lease))
      else if (end === undefined || lease.until < end) end = lease.until
    }
    return end
  }

  /** The transaction has ended. */
  leave(): void {
    this.#relied.clear()
    if (this.#announcement !== undefined) this.#store.leases.changed()
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

  async #endsSoon(lease: Lease): Promise<boolean> {
    const native = await this.#view.native()
    return native.estimatedTs + composeTimestamp(MARGIN_MS, 0) >= lease.until
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
