/**
 * What a transaction sees, and the transaction of the client behind it.
 *
 * Invariants:
 * 1. The snapshot is fixed by the first read: before it, it may move forward; after it, never.
 * 2. `release` gives back what is held on the servers, whenever the client's transaction began.
 */
import type { IsolationLevel } from '../../provider.js'
import { NativeTransaction } from './native-transaction.js'
import type { TikvReader } from './scan-entries.js'
import { ownError } from './tikv-error.js'
import type { NamedTransaction, TikvStore } from './tikv-store.js'

export interface ViewSettings extends NamedTransaction {
  readonly isolation: IsolationLevel
  readonly lockWaitMs: number
}

/** A reader, and the timestamp whose versions it shows. */
export interface ReaderAt {
  readonly reader: TikvReader
  readonly readTs: bigint
  /** The end of the transaction ends its reads: they need no signal for that. */
  readonly endsByItself?: true
}

export class TransactionView {
  readonly #store: TikvStore
  readonly #settings: ViewSettings
  readonly #signal: AbortSignal
  #opening: Promise<NativeTransaction> | undefined
  /** Reads at a timestamp newer than that of the client's transaction. */
  #moved: { reader: Promise<ReaderAt> | undefined } | undefined
  /** What `refresh` has taken, under `read-committed`. */
  #statement: ReaderAt | undefined
  #snapshotCount = 0
  #hasRead = false

  constructor(store: TikvStore, settings: ViewSettings, signal: AbortSignal) {
    this.#store = store
    this.#settings = settings
    this.#signal = signal
  }

  /** Whether the client's transaction has begun. */
  get isOpen(): boolean {
    return this.#opening !== undefined
  }

  /**
   * The timestamp that decides whether a key has changed too late; undefined where there is none: under
   * `read-committed`, and when the snapshot is yet to be taken.
   */
  async snapshotTs(): Promise<bigint | undefined> {
    if (this.#settings.isolation === 'read-committed') return undefined
    if (this.#moved === undefined) return (await this.native()).client.startTs
    return (await this.#moved.reader)?.readTs
  }

  native(): Promise<NativeTransaction> {
    this.#opening ??= this.#begin()
    return this.#opening
  }

  /** Whether reads are of the snapshot that `refresh` has taken. */
  get isPinned(): boolean {
    return this.#statement !== undefined
  }

  /** How many snapshots `refresh` has taken. */
  get snapshotCount(): number {
    return this.#snapshotCount
  }

  /** Under `read-committed`: reads from now on are of one snapshot, taken now. */
  async refresh(): Promise<void> {
    this.#statement = await this.#present()
    this.#snapshotCount++
  }

  /** The timestamp of what is read next, which it fixes but under `read-committed`. */
  async readTs(): Promise<bigint> {
    if (this.#settings.isolation !== 'read-committed') return (await this.reader()).readTs
    return this.#statement?.readTs ?? (await this.native()).client.startTs
  }

  /** At the snapshot, which it fixes; under `read-committed` at that of the last `refresh`, or at the present. */
  async reader(): Promise<ReaderAt> {
    if (this.#settings.isolation === 'read-committed') return this.#statement ?? this.#present()
    this.#hasRead = true
    if (this.#moved === undefined) {
      const { client } = await this.native()
      return { reader: client, readTs: client.startTs, endsByItself: true }
    }
    this.#moved.reader ??= this.#present()
    return this.#moved.reader
  }

  /** Whether nothing was read yet, so that nobody can tell that the snapshot is a newer one. */
  mayMove(holdsLocks: boolean): boolean {
    if (this.#hasRead) return false
    // What a serializable transaction reads is checked as of one timestamp, which its locks cannot move.
    return this.#settings.isolation === 'snapshot' || !holdsLocks
  }

  /** Begins anew, with a newer snapshot. Nothing may be locked. */
  async restart(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    await this.release(opening)
  }

  /**
   * Reads from now on at a snapshot of their own, newer than the locks that are held.
   * @throws TRANSACTION_CONFLICT when something was read while the lock was waited for
   */
  move(): void {
    if (this.#hasRead) {
      throw ownError(
        'TRANSACTION_CONFLICT',
        'a key was changed while this transaction read and waited for its lock; run it again',
        { reason: 'locked-key-changed' },
      )
    }
    this.#moved = { reader: undefined }
  }

  /** Gives back what is held on the servers; never rejects. */
  async release(opening = this.#opening): Promise<void> {
    try {
      const native = await opening
      if (native === undefined) return
      this.#store.names.delete(native.client.startTs)
      await native.rollback()
    } catch {
      // It never began, or cannot be reached: its locks end by themselves.
    }
  }

  /** The transaction appears in deadlocks no more. */
  forget(): void {
    void this.#opening?.then(
      ({ client }) => this.#store.names.delete(client.startTs),
      () => undefined,
    )
  }

  async #begin(): Promise<NativeTransaction> {
    const { isolation, lockWaitMs } = this.#settings
    const native = await NativeTransaction.begin(this.#store, {
      mode: 'pessimistic',
      serializable: isolation === 'serializable',
      lockWaitMs,
      signal: this.#signal,
    })
    this.#store.names.set(native.client.startTs, this.#settings)
    return native
  }

  async #present(): Promise<ReaderAt> {
    const reader = await this.#store.client.txn.snapshot(undefined, { signal: this.#signal })
    return { reader, readTs: reader.readTs }
  }
}
