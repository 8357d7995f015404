import type { Clock } from '@orbit-ts/base'
import type { ConcurrencyManager } from './concurrency-manager.js'
import type { MvccData } from './mvcc-data.js'
import type { MvccTxn } from './mvcc-txn.js'
import type { TxnStatusCache } from './txn-status-cache.js'

/** What the commands work on. */
export interface MvccState {
  readonly clock: Clock
  readonly data: MvccData
  readonly concurrency: ConcurrencyManager
  readonly statusCache: TxnStatusCache
}

/** User keys of a region. An empty `end` has no bound. */
export interface Bounds {
  readonly start: Uint8Array
  readonly end: Uint8Array
}

/** A writing command: fills `txn` and gives its answer. Refuses by throwing `MvccError`: nothing is written then. */
export type WriteCommand<Response> = (txn: MvccTxn) => Response
