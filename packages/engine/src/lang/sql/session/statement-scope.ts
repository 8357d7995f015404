import type { TransactionContext } from '../../../txn/database-transaction.js'
import type { LoadedCatalog } from '../catalog/snapshot.js'

/** What one statement runs in. */
export interface StatementScope {
  readonly context: TransactionContext
  readonly catalog: LoadedCatalog
  readonly signal: AbortSignal
  /** What it leaves behind until it ends; run in reverse. */
  readonly cleanups: (() => Promise<void>)[]
}
