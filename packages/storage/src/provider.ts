/**
 * The storage contract: an ordered, transactional map from byte strings to byte strings. Everything else in Orbit is
 * written once above it; every backend implements it once.
 *
 * Invariants of every provider:
 * 1. Keys are ordered as unsigned bytes. A missing key is `undefined`, never an error. The empty key is a key.
 * 2. A transaction sees one snapshot (except `read-committed`) plus its own writes, and commits all or nothing. The
 *    snapshot begins at `begin` or at the first read, as the provider finds best.
 * 3. What a provider lacks it refuses with `STORAGE_UNSUPPORTED`; it never falls back to a weaker guarantee.
 * 4. The bytes a caller passes in are not copied: they must not be changed until the transaction has ended. The bytes
 *    a caller gets are its own to read, not to write.
 * 5. After a commit was acknowledged at durability `sync`, no crash of the process or the machine loses it.
 */
import type { OrbitError } from '@orbit-ts/base'
import type { Pushdown } from './pushdown/pushdown.js'

/** `[start, end)` in key order. A bound left out is open. */
export interface KeyRange {
  readonly start?: Uint8Array
  readonly end?: Uint8Array
}

export interface Entry {
  /** Empty when the scan asked for `valuesOnly`. */
  readonly key: Uint8Array
  /** Empty when the scan asked for `keysOnly`. */
  readonly value: Uint8Array
}

export interface ScanOptions {
  /** From the end of the range to its start. Default false. */
  readonly reverse?: boolean
  /** At most this many entries in all. Default: no limit. */
  readonly limit?: number
  /** Leave the values out. Default false. */
  readonly keysOnly?: boolean
  /**
   * Leave the keys out: the values of the same scan, in the same order. Some providers read without keys at much less
   * cost. Default false. @throws INVALID_ARGUMENT together with `keysOnly`.
   */
  readonly valuesOnly?: boolean
  /** At most this many entries in one chunk, and at most 65 536. Default 256. */
  readonly chunkSize?: number
  readonly signal?: AbortSignal
}

export interface Reader {
  /** The value, or undefined. */
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  /** One value or undefined for each key, in the order of `keys`. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  /**
   * Non-empty chunks in key order. Leaving the loop early frees what the scan holds. In a transaction it shows the
   * transaction's own writes as of its start.
   */
  scan(range: KeyRange, options?: ScanOptions): AsyncIterable<Entry[]>
}

export interface GetOptions {
  /**
   * The key is a leased one (see `LockOptions.leased`): the value may come from memory, as of the same snapshot as ever,
   * and is not locked in a `pessimistic` transaction. Default false.
   */
  readonly leased?: boolean
}

export type IsolationLevel = 'read-committed' | 'snapshot' | 'serializable'
export type TransactionMode = 'optimistic' | 'pessimistic'

/**
 * `sync`: acknowledged means on stable storage. `os`: acknowledged means handed to the operating system; a crash of
 * the machine (not of the process) may lose the latest commits, never tear one.
 */
export type Durability = 'sync' | 'os'

export interface TransactionOptions {
  /** Default `snapshot`. */
  readonly isolation?: IsolationLevel
  /**
   * `optimistic` (default): conflicts are found at commit. `pessimistic`: `get` and `getMany` inside lock what they
   * read, first come first served, so that a conflict waits instead of aborting.
   */
  readonly mode?: TransactionMode
  /**
   * Lifetime, milliseconds; Infinity: no end. Default: the provider's, 30 000. After it every call fails with
   * `TRANSACTION_TIMEOUT`.
   */
  readonly timeoutMs?: number
  /** Default: the provider's. */
  readonly durability?: Durability
  /** How long `lock` waits by default, milliseconds. Default: the provider's, 10 000. */
  readonly lockWaitMs?: number
  /** Aborting it rolls the transaction back; calls fail with `ABORTED`. */
  readonly signal?: AbortSignal
  /** A name that errors about this transaction show, for example in a deadlock's cycle. */
  readonly label?: string
}

export interface LockOptions {
  /**
   * `exclusive` (default): until this transaction ends, others that lock or write the key wait.
   * `shared`: any number of transactions may share the key, without waiting for one another; but one that writes or
   * exclusively locks it and one that shares it cannot both commit when they overlap: the later commit conflicts.
   * (A sharer under `read-committed` has no snapshot to compare with: whoever writes or locks the key waits for it.)
   * It protects what was read (a referenced row, a definition) at the price of a read, not of a queue.
   */
  readonly mode?: 'exclusive' | 'shared'
  /** `default`: the transaction's `lockWaitMs`. `nowait`: fail at once. A number: milliseconds. */
  readonly wait?: 'default' | 'nowait' | number
  /**
   * Leased keys seldom change, and nearly every transaction reads and shares them: definitions. Whoever changes one has
   * locked it exclusively, or another one by which those who read it protect it, with `leased`, before reading what the
   * change depends on. In return a provider may let transactions read and share them without asking the store. What they
   * see stays the same; under `read-committed` whoever changes such a key need not wait for those who share it, whose
   * commits then conflict. Where several processes share the store, the lock takes up to a second longer,
   * and a transaction that has read before may meet TRANSACTION_CONFLICT. Default false.
   */
  readonly leased?: boolean
}

/** A point to go back to. Valid in the transaction that made it, until that point itself is undone or released. */
export interface Savepoint {
  readonly id: number
}

export interface CommitResult {
  /** Strictly increasing per store; 0n when the transaction wrote nothing. */
  readonly version: bigint
}

export interface Transaction extends Reader, AsyncDisposable {
  readonly id: string
  readonly isolation: IsolationLevel
  readonly mode: TransactionMode
  /** `active` until commit or rollback begins; `undetermined` after a commit whose outcome nobody knows. */
  readonly status: 'active' | 'committing' | 'committed' | 'rolled-back' | 'undetermined'
  /** What the store can do beside its data; undefined where it only gives entries. See `Capabilities.pushdown`. */
  readonly pushdown?: Pushdown | undefined

  get(key: Uint8Array, options?: GetOptions): Promise<Uint8Array | undefined>
  put(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
  /**
   * As `put`, but the commit fails with `KEY_EXISTS` when the key is there, whatever this transaction does to the key
   * afterwards. Throws it at once when this transaction itself has put the key.
   */
  insert(key: Uint8Array, value: Uint8Array): void

  /**
   * Locks the keys until this transaction ends: all of them or, when it throws, none. The commit of a transaction that
   * wrote something counts as a change of the keys it only locked too, for transactions that want to write them and
   * began to read before.
   * Under `snapshot` and `serializable` it fails with `TRANSACTION_CONFLICT` when a key changed after this
   * transaction's first read; a lock taken before the first read moves the snapshot forward instead. Under
   * `read-committed` a snapshot that `refresh` has taken is taken anew: reads after a lock see what the transactions
   * that it waited for have committed.
   * @throws LOCK_TIMEOUT, LOCK_NOT_AVAILABLE, TRANSACTION_DEADLOCK (details.cycle), TRANSACTION_CONFLICT
   */
  lock(keys: readonly Uint8Array[], options?: LockOptions): Promise<void>

  /**
   * Calls under way that wait for locks of others fail with `reason`; the transaction goes on. What is called afterwards
   * waits as ever.
   */
  endWaits(reason: OrbitError): void

  /**
   * Under `read-committed`: what is read from here on, until the next call or lock, is of one snapshot, taken now. (Without any
   * call each read takes its own.) It gives a statement of several reads a consistent view. At the other levels, whose
   * one snapshot stays, it does nothing.
   */
  refresh(): Promise<void>

  /**
   * Under `read-committed`: how often `refresh` and locks have moved reads on to another snapshot, one that differs for
   * all that the provider knows; while it stays the same, reads are of the same one. At the other levels 0.
   */
  readonly snapshotCount: number

  savepoint(): Savepoint
  /** Undoes every write since the savepoint. Locks stay. The savepoint stays valid. */
  rollbackTo(savepoint: Savepoint): void
  /** Forgets the savepoint and those after it; their writes stay. Nothing is kept for going back to them. */
  release(savepoint: Savepoint): void

  /**
   * Waits for keys to write that others hold locked, up to the transaction's `lockWaitMs`.
   * @throws TRANSACTION_CONFLICT (details.key in hexadecimal, details.reason), KEY_EXISTS, LOCK_TIMEOUT,
   *   LOCK_NOT_AVAILABLE, TRANSACTION_DEADLOCK, SNAPSHOT_TOO_OLD, STORAGE_FULL: nothing was written.
   * @throws COMMIT_UNDETERMINED: the engine failed while writing; the commit may or may not be there.
   */
  commit(): Promise<CommitResult>
  /** Harmless on a transaction that has ended. */
  rollback(): Promise<void>
}

export interface Snapshot extends Reader, AsyncDisposable {
  readonly version: bigint
  close(): Promise<void>
}

export interface SnapshotOptions {
  readonly signal?: AbortSignal
}

export interface TransactOptions extends TransactionOptions {
  /** How often the closure may run in all. Default 10. */
  readonly attemptsMax?: number
  /** Pause before the second attempt, milliseconds; doubles with jitter up to `backoffMaxMs`. Default 1. */
  readonly backoffMs?: number
  /** Default 100. */
  readonly backoffMaxMs?: number
}

export type WriteOperation =
  | { readonly type: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: Uint8Array }

export type WriteBatch = readonly WriteOperation[]

export interface WriteOptions {
  readonly durability?: Durability
  readonly signal?: AbortSignal
}

export type ProviderKind = 'memory' | 'rocksdb' | 'cow-btree' | 'lsm-tree' | 'tikv' | (string & {})

/** What a provider really guarantees. */
export interface Capabilities {
  readonly isolationLevels: readonly IsolationLevel[]
  readonly modes: readonly TransactionMode[]
  /** The strongest first; empty when nothing outlives the process. */
  readonly durability: readonly Durability[]
  readonly snapshots: boolean
  /** Several processes may open the same store. */
  readonly distributed: boolean
  readonly watch: boolean
  readonly ttl: boolean
  /** Transactions have `pushdown`. Default false. */
  readonly pushdown?: boolean
  readonly keySizeMaxBytes: number
  readonly valueSizeMaxBytes: number
  readonly transactionSizeMaxBytes: number
}

export interface Health {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  /** Why, when not healthy. */
  readonly reason?: string
  /** How long the probe took, milliseconds. */
  readonly latencyMs: number
}

/** Counters since the store was opened. Latencies are totals in milliseconds, so that averages can be taken over any span. */
export interface ProviderMetrics {
  readonly readOperations: number
  readonly writeOperations: number
  readonly deleteOperations: number
  readonly readLatencyMs: number
  readonly writeLatencyMs: number
  readonly errorCount: number
  readonly transactionsActive: number
  readonly transactionsCommitted: number
  readonly transactionsRolledBack: number
  readonly conflicts: number
  readonly deadlocks: number
  /** Batches handed to the engine; `transactionsCommitted / commitGroups` is the mean size of a group commit. */
  readonly commitGroups: number
  /** Bytes of old versions kept for running snapshots, and its limit. */
  readonly historyBytes: number
  readonly historyBytesMax: number
  /** Facts of this engine only, by name. */
  readonly engine: Readonly<Record<string, number>>
}

export interface StorageProvider extends AsyncDisposable {
  readonly kind: ProviderKind
  readonly capabilities: Capabilities
  begin(options?: TransactionOptions): Promise<Transaction>
  snapshot(options?: SnapshotOptions): Promise<Snapshot>
  /**
   * Runs `work` in a transaction and commits it. Runs the whole again, in a new transaction, after
   * `TRANSACTION_CONFLICT`, `TRANSACTION_DEADLOCK`, `SNAPSHOT_TOO_OLD` and `STORAGE_UNAVAILABLE`, up to `attemptsMax`
   * times; then the last error is thrown. Any other error rolls back and is thrown at once; so is every error after
   * `work` has committed by itself.
   */
  transact<T>(work: (tx: Transaction) => Promise<T>, options?: TransactOptions): Promise<T>
  /** Atomic and blind: no reads, no conflicts, last one wins. Waits for keys that others hold locked. */
  write(batch: WriteBatch, options?: WriteOptions): Promise<CommitResult>
  health(): Promise<Health>
  metrics(): ProviderMetrics
  /** Waits for commits under way, rolls back the rest, frees everything. Harmless when called again. */
  close(): Promise<void>
}
