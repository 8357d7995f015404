import type { Clock } from '@orbit-ts/base'
import type { TxnStatus } from '../../gen/kvrpcpb.js'
import type { Timestamp } from '../../timestamp.js'

const KEEP_MS = 30_000
const ENTRIES_MAX = 4096

interface Known {
  readonly atMs: number
  readonly status: Pick<TxnStatus, 'commitTs' | 'minCommitTs' | 'rolledBack'>
}

/** What became of recent transactions, so that a late repeated prewrite of a committed one is checked with care. */
export class TxnStatusCache {
  readonly #clock: Clock
  readonly #known = new Map<Timestamp, Known>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(startTs: Timestamp, status: Known['status']): void {
    this.#known.delete(startTs)
    this.#known.set(startTs, { atMs: this.#clock.monotonicMs(), status })
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= ENTRIES_MAX) break
      this.#known.delete(oldest)
    }
  }

  committed(startTs: Timestamp, commitTs: Timestamp): void {
    this.note(startTs, { commitTs, minCommitTs: 0n, rolledBack: false })
  }

  status(startTs: Timestamp): Known['status'] | undefined {
    const known = this.#known.get(startTs)
    if (known === undefined) return undefined
    if (this.#clock.monotonicMs() - known.atMs <= KEEP_MS) return known.status
    this.#known.delete(startTs)
    return undefined
  }
}
