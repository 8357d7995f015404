import type { IsolationLevel, StorageProvider, Transaction } from '../../provider.js'
import { succeeds } from '../harness/assertions.js'
import { bytes } from '../harness/text.js'

/** `prevented`: it never happens. `occurs`: nothing at this level stands in its way, so it does. */
export type Outcome = 'prevented' | 'occurs'

/** A fixed interleaving of transactions and what every level must make of it. */
export interface Anomaly {
  readonly name: string
  readonly outcomes: Readonly<Record<IsolationLevel, Outcome>>
  /** Runs the interleaving and says whether the anomaly happened. */
  run(provider: StorageProvider, isolation: IsolationLevel): Promise<boolean>
}

/** What all levels must prevent. */
export const NEVER: Anomaly['outcomes'] = {
  'read-committed': 'prevented',
  snapshot: 'prevented',
  serializable: 'prevented',
}

/** What only `read-committed` lets happen. */
export const BELOW_SNAPSHOT: Anomaly['outcomes'] = { ...NEVER, 'read-committed': 'occurs' }

/** What only `serializable` prevents. */
export const BELOW_SERIALIZABLE: Anomaly['outcomes'] = { ...BELOW_SNAPSHOT, snapshot: 'occurs' }

/** True when the transaction commits, false when it gives way to a conflict. */
export function commits(tx: Transaction): Promise<boolean> {
  return succeeds(() => tx.commit(), 'TRANSACTION_CONFLICT')
}

export function put(tx: Transaction, key: string, value: string): void {
  tx.put(bytes(key), bytes(value))
}
