import { OrbitError } from '@orbit-ts/base'
import type { Timestamp } from '../../timestamp.js'
import type { FinalStatus } from './transaction-status.js'

/** As client-go: enough that a region-wide clean-up finds the transactions it just asked about. */
const STATUSES_MAX = 2048

/** Fates of transactions, the oldest ones forgotten. Only final ones: they never become wrong. */
export class StatusCache {
  readonly #statuses = new Map<Timestamp, FinalStatus>()

  get size(): number {
    return this.#statuses.size
  }

  get(startTs: Timestamp): FinalStatus | undefined {
    return this.#statuses.get(startTs)
  }

  /** @throws PROTOCOL_VIOLATION when another fate of the transaction was known. */
  add(startTs: Timestamp, status: FinalStatus): void {
    const known = this.#statuses.get(startTs)
    if (known !== undefined) {
      requireSame(startTs, known, status)
      return
    }
    this.#statuses.set(startTs, status)
    if (this.#statuses.size <= STATUSES_MAX) return
    for (const oldest of this.#statuses.keys()) {
      this.#statuses.delete(oldest)
      return
    }
  }
}

function requireSame(startTs: Timestamp, known: FinalStatus, status: FinalStatus): void {
  if (describe(known) === describe(status)) return
  throw new OrbitError(
    'PROTOCOL_VIOLATION',
    `transaction ${startTs} was ${describe(known)}, and now a server says that it was ${describe(status)}`,
    { startTs: String(startTs) },
  )
}

function describe(status: FinalStatus): string {
  return status.kind === 'committed' ? `committed at ${status.commitTs}` : 'rolled back'
}
