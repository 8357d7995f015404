/**
 * A transaction of the client whose waits this provider bounds, and whose locks are gone when it says so.
 *
 * Invariants:
 * 1. What has failed leaves no lock behind when it says so, except on servers that are full: those are left to take the
 *    locks away once they can.
 */
import { hasCode } from '@orbit-ts/base'
import { composeTimestamp, type Transaction } from '@orbit-ts/tikv'
import type { TikvStore } from './tikv-store.js'

export interface NativeOptions {
  readonly mode: 'optimistic' | 'pessimistic'
  readonly serializable: boolean
  /** Also of a commit that meets keys which others hold locked. */
  readonly lockWaitMs: number
  readonly startTs?: bigint
  readonly signal?: AbortSignal | undefined
}

export interface NativeLockOptions {
  readonly waitMs: number
  /** A key that was changed after this conflicts. Default: the newest timestamp of the transaction's locks. */
  readonly at?: bigint
  /** Without `at`: whether a key that was changed conflicts, or is locked at a newer timestamp. Default `fail`. */
  readonly conflict?: 'fail' | 'refresh'
  /** Taken for a commit that follows at once: it is gone soon when this process dies meanwhile. Default false. */
  readonly forCommit?: boolean
  /** Ends the wait; the transaction goes on. */
  readonly signal?: AbortSignal | undefined
}

/** Less than others wait for a lock by default, and more than a commit takes. */
const COMMIT_LOCK_TTL_MS = 5_000

export class NativeTransaction {
  readonly client: Transaction
  readonly #store: TikvStore
  readonly #work: Work
  readonly #begunAtMs: number
  #isFull = false

  private constructor(client: Transaction, store: TikvStore, work: Work) {
    this.client = client
    this.#store = store
    this.#work = work
    this.#begunAtMs = store.env.clock.monotonicMs()
  }

  /** About what PD's clock shows now. */
  get estimatedTs(): bigint {
    const ageMs = Math.ceil(this.#store.env.clock.monotonicMs() - this.#begunAtMs)
    return this.client.startTs + composeTimestamp(ageMs, 0)
  }

  static async begin(store: TikvStore, options: NativeOptions): Promise<NativeTransaction> {
    const { mode, serializable, lockWaitMs, startTs, signal } = options
    const work = new Work()
    const client = await store.client.txn.begin({
      mode,
      isolation: serializable ? 'serializable' : 'snapshot',
      lockWait: waitOf(lockWaitMs),
      lockAtCommit: true,
      hooks: { onBackgroundStart: () => work.begin(), onBackgroundEnd: () => work.end() },
      signal,
      ...(startTs === undefined ? {} : { startTs }),
    })
    return new NativeTransaction(client, store, work)
  }

  /** Locks all, or none when it throws. */
  async lock(
    keys: readonly Uint8Array[],
    { waitMs, at, conflict = 'fail', forCommit = false, signal }: NativeLockOptions,
  ): Promise<void> {
    try {
      const ttlMs = forCommit ? COMMIT_LOCK_TTL_MS : undefined
      await this.client.lock(keys, { wait: waitOf(waitMs), conflict, at, inOrder: true, ttlMs, signal })
    } catch (error) {
      await this.#quietAfter(error)
      throw error
    }
  }

  /** Gives back locks of keys that are not written. */
  async release(keys: readonly Uint8Array[]): Promise<void> {
    await this.client.release(keys)
    await this.#work.quiet()
  }

  /** The commit timestamp. @param beforeTs it must be smaller, or nothing is committed */
  async commit(beforeTs?: bigint): Promise<bigint> {
    try {
      const { commitTs = 0n } = await this.client.commit({ afterTs: this.#store.latestVersion, beforeTs })
      if (commitTs > this.#store.latestVersion) this.#store.latestVersion = commitTs
      return commitTs
    } catch (error) {
      if (!hasCode(error, 'COMMIT_UNDETERMINED')) await this.#quietAfter(error)
      throw error
    }
  }

  /** Also waits until its locks are gone. */
  async rollback(): Promise<void> {
    await this.client.rollback()
    if (!this.#isFull) await this.#work.quiet()
  }

  async #quietAfter(error: unknown): Promise<void> {
    this.#isFull ||= hasCode(error, 'STORAGE_FULL')
    if (!this.#isFull) await this.#work.quiet()
  }
}

/** What goes on behind the calls of one transaction. */
class Work {
  #running = 0
  #waiting: (() => void)[] = []

  begin(): void {
    this.#running += 1
  }

  end(): void {
    this.#running -= 1
    if (this.#running > 0) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  quiet(): Promise<void> {
    if (this.#running === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}

function waitOf(waitMs: number): 'nowait' | 'always' | number {
  return waitMs === 0 ? 'nowait' : waitMs === Infinity ? 'always' : waitMs
}
