import type { TransactionMode } from '../../txn/transaction-options.js'
import type { Dice } from './dice.js'
import type { Anomaly, HistoryTransaction } from './history.js'
import type { HistoryOperations } from './recorder.js'

export type Level = 'snapshot' | 'serializable'

/** One kind of transaction, with what it does. May run several times: then with operations of another transaction. */
export interface Step {
  readonly label: string
  run(operations: HistoryOperations): Promise<void>
}

/** What the clients of a run do, and what must be true of what they saw. */
export interface Workload {
  readonly name: string
  /** All keys that it may use lie here. */
  readonly range: { readonly start: string; readonly end: string }
  /** Where regions may be cut. */
  readonly splitKeys: readonly string[]
  /** Payloads of the first values by key. */
  readonly initial: ReadonlyMap<string, string>
  next(dice: Dice, mode: TransactionMode): Step
  /** @param final What a reader saw after everything had ended. */
  check(history: readonly HistoryTransaction[], final: ReadonlyMap<string, string>, level: Level): Anomaly[]
}

export function numberedKeys(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(2, '0')}`)
}
