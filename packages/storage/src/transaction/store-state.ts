/**
 * What the parts of `LocalTransactions` have in common: the engine, the history, the open snapshots and the number of
 * the latest commit.
 *
 * Invariants:
 * 1. `lastSeq` is the latest commit that is in the engine completely; new snapshots read at it.
 * 2. While a blind write (one without history) is under way no snapshot is opened.
 * 3. After `fail` nothing is read or written any more.
 */
import { OrbitError, type Env } from '@orbit-ts/base'
import { ActiveSnapshots } from './active-snapshots.js'
import { Counters } from './counters.js'
import type { LocalEngine, MaybePromise } from './local-engine.js'
import { LockTable } from './lock-table.js'
import { TrackedEngine } from './tracked-engine.js'
import { TurnBudget } from './turn-budget.js'
import { VersionHistory } from './version-history.js'

export class StoreState {
  readonly env: Env
  readonly engine: TrackedEngine
  readonly history: VersionHistory
  readonly locks: LockTable
  readonly snapshots: ActiveSnapshots = new ActiveSnapshots()
  readonly counters: Counters
  readonly turns: TurnBudget
  /** How many wait to open a snapshot until a blind write has ended. */
  snapshotWaiters = 0
  #lastSeq: number
  #failure: OrbitError | undefined
  #blindWrite: Promise<void> | undefined

  constructor(engine: LocalEngine, env: Env, historyBytesMax: number, lastSeq: number) {
    this.env = env
    this.engine = new TrackedEngine(engine)
    this.history = new VersionHistory(historyBytesMax)
    this.locks = new LockTable(env)
    this.counters = new Counters(env)
    this.turns = new TurnBudget(env)
    this.#lastSeq = lastSeq
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  /** Why the store takes no more work, if so. */
  get failure(): OrbitError | undefined {
    return this.#failure
  }

  /** Registers a snapshot at the latest commit and returns its number. */
  openSnapshot(): MaybePromise<number> {
    if (this.#blindWrite !== undefined) return this.#openSnapshotLater()
    this.snapshots.acquire(this.#lastSeq)
    return this.#lastSeq
  }

  /** One more reader of a snapshot that is open. */
  shareSnapshot(seq: number): number {
    this.snapshots.acquire(seq)
    return seq
  }

  closeSnapshot(seq: number): void {
    this.snapshots.release(seq)
    this.#prune()
  }

  /** Returns the function that ends it. */
  beginBlindWrite(): () => void {
    let end = (): void => undefined
    this.#blindWrite = new Promise<void>((resolve) => {
      end = () => {
        this.#blindWrite = undefined
        resolve()
      }
    })
    return end
  }

  applied(seq: number, group: { readonly startedMs: number; readonly commits: number }): void {
    this.#lastSeq = seq
    const { counters } = this
    counters.commitGroups++
    counters.transactionsCommitted += group.commits
    counters.writeLatencyMs += this.env.clock.monotonicMs() - group.startedMs
    this.#prune()
    this.history.trim()
  }

  /** The engine failed with an outcome that nobody knows. */
  fail(cause: unknown): void {
    this.counters.errorCount++
    const reason = cause instanceof Error ? cause.message : String(cause)
    this.#failure ??= new OrbitError(
      'STORAGE_CLOSED',
      `the store failed and must be opened again: ${reason}`,
      {},
      { cause },
    )
  }

  close(): void {
    this.#failure ??= new OrbitError('STORAGE_CLOSED', 'the store is closed')
  }

  /** Versions of a group that is being written (after `lastSeq`) stay: a snapshot may open before it has ended. */
  #prune(): void {
    if (!this.history.isEmpty) this.history.prune(this.snapshots.oldest ?? this.#lastSeq)
  }

  async #openSnapshotLater(): Promise<number> {
    this.snapshotWaiters++
    try {
      while (this.#blindWrite !== undefined) await this.#blindWrite
    } finally {
      this.snapshotWaiters--
    }
    this.snapshots.acquire(this.#lastSeq)
    return this.#lastSeq
  }
}
