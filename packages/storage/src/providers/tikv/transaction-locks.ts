/**
 * The locks of one transaction.
 *
 * - Exclusive locks are pessimistic locks of the servers. Under `snapshot` and `serializable` they are taken at the
 *   snapshot's timestamp: a key that changed after it conflicts. Before the first read a key that has changed moves the
 *   snapshot forward instead.
 * - Leased keys are shared by a lease where there is one, and announced before they are locked (`TransactionLeases`).
 * - Shared locks are claims (`SharedClaims`); under `read-committed` they besides keep writers waiting (`Sharers`).
 *
 * Invariants:
 * 1. Lock calls run one after the other.
 * 2. A key is in `exclusive` only while the servers hold it for this transaction.
 */
import { hasCode, toBinaryString, type OrbitError } from '@orbit-ts/base'
import type { BufferedWrite } from '../../transaction/write-buffer.js'
import type { KeyTurn } from './key-turns.js'
import type { NativeTransaction } from './native-transaction.js'
import { LockWaits } from './lock-waits.js'
import { lockedKeys } from './locked-keys.js'
import { SharedClaims } from './shared-claims.js'
import type { Turn } from './sharers.js'
import { knownConflict } from './tikv-error.js'
import { KeySet, type TikvStore } from './tikv-store.js'
import type { TransactionLeases } from './leases/transaction-leases.js'
import type { TransactionView, ViewSettings } from './transaction-view.js'

export interface TransactionLocksParts {
  readonly store: TikvStore
  readonly settings: ViewSettings
  readonly view: TransactionView
  readonly leases: TransactionLeases
  /** Ends waits. */
  readonly signal: AbortSignal
  /** @throws when the transaction has ended */
  readonly requireAlive: () => void
}

interface Writes {
  readonly count: number
  has(id: string): boolean
  values(): Iterable<{ readonly key: Uint8Array }>
}

export interface PreparedCommit {
  readonly marks: readonly Uint8Array[]
  readonly beforeTs: bigint | undefined
}

/** The places of one commit, to be left when it has ended; those of the shared keys when they are locked. */
export interface CommitTurn {
  readonly claims: KeyTurn
  readonly writes: KeyTurn | undefined
}

export class TransactionLocks {
  readonly #parts: TransactionLocksParts
  readonly #exclusive = new KeySet()
  readonly #claims: SharedClaims
  /** Where it may stand in the lists of sharers. */
  readonly #listed = new Set<string>()
  readonly #waits = new LockWaits()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(parts: TransactionLocksParts) {
    this.#parts = parts
    this.#claims = new SharedClaims(parts.store, parts.settings.lockWaitMs)
  }

  /** Resolves when no lock call is under way; never rejects. */
  get settled(): Promise<unknown> {
    return this.#turn
  }

  /** Gives whether it holds them all already, so that nothing can have changed meanwhile. */
  lock(keys: readonly Uint8Array[], waitMs: number, isLeased = false): Promise<boolean> {
    const { leases, signal } = this.#parts
    return this.#inTurn(async (waits) => {
      const isAnnounced =
        isLeased && (await leases.announce(this.#holdsAny, AbortSignal.any([signal, waits])))
      const wanted = keys.filter((key) => !this.#exclusive.has(key))
      if (wanted.length === 0) return !isAnnounced
      await this.#lock(wanted, waitMs, waits)
      if (isLeased && this.#isReadCommitted) await this.#requireUnchanged(wanted)
      return false
    })
  }

  /** Gives whether nobody had to be asked, so that nothing can have changed meanwhile. */
  share(keys: readonly Uint8Array[], waitMs: number, isLeased = false): Promise<boolean> {
    return this.#inTurn(async (waits) => {
      const wanted = keys.filter((key) => !this.#isProtected(key))
      if (isLeased && (await this.#parts.leases.share(wanted))) return true
      await (this.#isReadCommitted
        ? this.#shareForAll(wanted, waitMs, waits)
        : this.#share(wanted, waitMs, waits))
      return false
    })
  }

  /** See `Transaction.endWaits`. */
  endWaits(reason: OrbitError): void {
    this.#waits.end(reason)
  }

  /**
   * Called when the commit begins: takes its places in the lines of the keys that it shares and writes, all at once, so
   * that no two commits can be before one another.
   */
  enterCommit(writes: Iterable<BufferedWrite>): CommitTurn {
    const { turns } = this.#parts.store
    const all = [...writes]
    // In the lines of keys that it shares it stands already.
    const unshared = all.map(({ key }) => key).filter((key) => !this.#claims.has(key))
    return {
      claims: turns.enter(this.#claims.keys),
      writes: this.#holdsAny ? undefined : turns.enter(byId(unshared)),
    }
  }

  /**
   * Waits for the commits of this process that began earlier and write one of the same keys: on the servers they would
   * wait for one another, each holding a part of what the others want. Who holds locks does not wait in line.
   * @throws LOCK_TIMEOUT, ABORTED; TRANSACTION_CONFLICT when one that was before has changed a key
   */
  async awaitTurn({ writes: turn }: CommitTurn, writes: Iterable<BufferedWrite>): Promise<void> {
    const { store, settings, view, signal, requireAlive } = this.#parts
    if (turn === undefined || this.#holdsAny || settings.lockWaitMs === 0) return
    await this.#waits.during((waits) => turn.ready(settings.lockWaitMs, signal, waits))
    requireAlive()
    const at = await view.snapshotTs()
    if (at === undefined) return
    // Of an insert the servers know more: whether the key is there.
    const changed = [...writes].filter(({ mustBeAbsent }) => !mustBeAbsent).map(({ key }) => key)
    const conflict = store.commits.newerThan(at, byId(changed))
    if (conflict !== undefined) throw knownConflict(conflict)
  }

  /**
   * Takes the locks that the commit of these writes needs.
   * @returns marks to delete with the commit, and the timestamp before which it has to come
   */
  prepareCommit(writes: Writes): Promise<PreparedCommit> {
    return this.#waits.during((waits) => this.#prepareCommit(writes, waits))
  }

  async #prepareCommit(writes: Writes, waits: AbortSignal): Promise<PreparedCommit> {
    const { store, settings, view } = this.#parts
    const native = await view.native()
    const waitMs = settings.lockWaitMs
    await this.#awaitSharers(native, writes, waits)
    const marks = this.#exclusive.without(writes).map((key) => store.keys.mark(key))
    const at = await view.snapshotTs()
    if (at !== native.client.startTs) {
      const written = [...writes.values()].map(({ key }) => key).filter((key) => !this.#exclusive.has(key))
      const encoded = written.map((key) => store.keys.encode(key))
      const forCommit = { waitMs, forCommit: true, signal: waits } as const
      await native.lock(
        encoded,
        at === undefined ? { ...forCommit, conflict: 'refresh' } : { ...forCommit, at },
      )
      await native.lock(marks, { ...forCommit, conflict: 'refresh' })
    }
    const isOwn = (id: string): boolean => writes.has(id) || this.#exclusive.hasId(id)
    await this.#claims.makeGood(native, isOwn)
    // As late as can be: whatever was waited for until here takes nothing of the time that is left of a lease.
    const late = new SharedClaims(store, waitMs)
    const beforeTs = await this.#parts.leases.commitBefore(late, writes.count)
    await late.makeGood(native, isOwn)
    return { marks, beforeTs }
  }

  /** Others of this process need not wait for it any more. */
  leave(isUndetermined: boolean): void {
    this.#parts.store.sharers.leave(this.#listed, this)
    this.#parts.leases.leave(isUndetermined)
  }

  get #isReadCommitted(): boolean {
    return this.#parts.settings.isolation === 'read-committed'
  }

  /** What was written by a definition must not be followed by another change of it than this transaction's own. */
  async #requireUnchanged(keys: readonly Uint8Array[]): Promise<void> {
    this.#parts.leases.claim(keys, this.#claims)
    await this.#claims.requireUnchanged(keys)
  }

  #isProtected(key: Uint8Array): boolean {
    return this.#exclusive.has(key) || this.#claims.has(key) || this.#parts.leases.shares(key)
  }

  /** Whether anybody could be waiting for this transaction. */
  get #holdsAny(): boolean {
    return this.#exclusive.size > 0 || this.#listed.size > 0
  }

  #inTurn<T>(work: (waits: AbortSignal) => Promise<T>): Promise<T> {
    const before = this.#turn
    const running = this.#waits.during(async (waits) => {
      await before
      refuseEnded(waits)
      return work(waits)
    })
    this.#turn = running.catch(() => undefined)
    return running
  }

  async #lock(wanted: readonly Uint8Array[], waitMs: number, waits: AbortSignal): Promise<void> {
    const { store, requireAlive, signal } = this.#parts
    const leftMs = this.#countdown(waitMs)
    const line = waitMs === 0 || this.#holdsAny ? undefined : store.turns.enter(byId(wanted))
    try {
      await line?.ready(waitMs, signal, waits)
      requireAlive()
      await this.#behindSharers(wanted, leftMs, waits, () => this.#lockOnServers(wanted, leftMs, waits))
      this.#exclusive.add(wanted)
    } finally {
      line?.leave()
    }
  }

  /** Does `work`, which locks the keys, when nobody else shares any of them. */
  async #behindSharers(
    keys: readonly Uint8Array[],
    leftMs: () => number,
    waits: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> {
    const { store, view } = this.#parts
    const foreign = store.sharers.foreign(keys, this)
    if (foreign.length === 0) {
      await work()
      return
    }
    const turn = await this.#turnFor(foreign, leftMs, waits)
    try {
      await store.sharers.want(foreign, turn)
      await work()
    } finally {
      if (view.isOpen) await store.sharers.stopWanting(foreign, turn).catch(() => undefined)
    }
  }

  async #awaitSharers(native: NativeTransaction, writes: Writes, waits: AbortSignal): Promise<void> {
    const { store, settings } = this.#parts
    if (store.sharers.isEmpty) return
    const keys = [...writes.values()].map(({ key }) => key).filter((key) => !this.#exclusive.has(key))
    const foreign = store.sharers.foreign(keys, this)
    if (foreign.length === 0) return
    const leftMs = this.#countdown(settings.lockWaitMs)
    for (const key of foreign) this.#listed.add(toBinaryString(key))
    await store.sharers.want(foreign, { owner: this, native, leftMs, signal: waits })
    this.#parts.requireAlive()
  }

  async #lockOnServers(keys: readonly Uint8Array[], leftMs: () => number, waits: AbortSignal): Promise<void> {
    const { store, view, requireAlive } = this.#parts
    const encoded = keys.map((key) => store.keys.encode(key))
    for (;;) {
      requireAlive()
      const native = await view.native()
      const at = await view.snapshotTs()
      if (at === undefined) {
        await native.lock(encoded, { waitMs: leftMs(), conflict: 'refresh', signal: waits })
        if (!this.#isReadCommitted) view.move()
        return
      }
      try {
        await native.lock(encoded, { waitMs: leftMs(), at, signal: waits })
        return
      } catch (error) {
        if (!hasCode(error, 'TRANSACTION_CONFLICT') || !view.mayMove(this.#holdsAny)) throw error
      }
      if (this.#holdsAny) view.move()
      else await view.restart()
    }
  }

  async #share(keys: readonly Uint8Array[], waitMs: number, waits: AbortSignal): Promise<void> {
    const { view } = this.#parts
    await this.#untilUnlocked(keys, this.#countdown(waitMs), waits)
    this.#claims.add(keys, (await view.reader()).readTs)
  }

  async #shareForAll(keys: readonly Uint8Array[], waitMs: number, waits: AbortSignal): Promise<void> {
    const { store, view, signal } = this.#parts
    const begun = view.isOpen
    const leftMs = this.#countdown(waitMs)
    const turn = await this.#turnFor(keys, leftMs, waits)
    for (const key of keys) await store.sharers.share(key, turn)
    const waited = await this.#untilUnlocked(keys, leftMs, waits)
    // What changed until now this transaction can still read.
    const { startTs } = turn.native.client
    const since = begun || waited ? await store.client.txn.currentTimestamp({ signal }) : startTs
    this.#claims.add(keys, since)
  }

  /**
   * Waits until nobody else holds any of the keys. Where somebody does, it waits among those who want the lock, and gives
   * it back at once. The snapshot moves forward then, unless something was read.
   * @returns whether it had to wait
   */
  async #untilUnlocked(
    keys: readonly Uint8Array[],
    leftMs: () => number,
    waits: AbortSignal,
  ): Promise<boolean> {
    const { store, view, signal } = this.#parts
    const locked = await lockedKeys(store, keys, signal)
    if (locked.length === 0) return false
    const native = await view.native()
    for (const key of locked) {
      const encoded = [store.keys.encode(key)]
      await native.lock(encoded, { waitMs: leftMs(), conflict: 'refresh', signal: waits })
      await native.release(encoded)
    }
    if (!this.#isReadCommitted && view.mayMove(this.#holdsAny)) {
      if (this.#holdsAny) view.move()
      else await view.restart()
    }
    return true
  }

  async #turnFor(keys: readonly Uint8Array[], leftMs: () => number, signal: AbortSignal): Promise<Turn> {
    for (const key of keys) this.#listed.add(toBinaryString(key))
    return { owner: this, native: await this.#parts.view.native(), leftMs, signal }
  }

  /** Milliseconds that are left of `waitMs`: 0 when it is not to wait at all, otherwise at least 1. */
  #countdown(waitMs: number): () => number {
    const { clock } = this.#parts.store.env
    const endMs = clock.monotonicMs() + waitMs
    return () => (waitMs === 0 ? 0 : Math.max(1, endMs - clock.monotonicMs()))
  }
}

/** @throws the reason of `endWaits` */
function refuseEnded(waits: AbortSignal): void {
  if (waits.aborted) throw waits.reason
}

function byId(keys: readonly Uint8Array[]): ReadonlyMap<string, Uint8Array> {
  return new Map(keys.map((key) => [toBinaryString(key), key]))
}
