import type { TransactionContext } from '../../../txn/database-transaction.js'
import type { ReadMoment } from '../../../cache/query-result-cache.js'
import type { LoadedCatalog } from '../catalog/snapshot.js'
import type { Cleanups } from './cleanups.js'

/** What one statement runs in. */
export interface StatementScope {
  readonly context: TransactionContext
  readonly catalog: LoadedCatalog
  /** The snapshot that the catalog was read in: see `Transaction.snapshotCount`. */
  readonly snapshot: number
  readonly signal: AbortSignal
  /** When it began to read, where it may be answered from kept results. */
  readonly cachedSince: ReadMoment | undefined
  /** Run when it ends. */
  readonly cleanups: Cleanups
  /** For who goes on when the statement has ended: `cleanups` are theirs to run. */
  keepOpen(): Cleanups
}
