import type { ErrorCode } from '@orbit-ts/base'
import type { Anomaly, Dice, HistoryTransaction, Level } from '@orbit-ts/tikv/testing/histories'
import type { Database, ObjectSchema } from '../database.js'
import type { DatabaseTransaction } from '../txn/database-transaction.js'
import type { Attempt } from './attempt.test.data.js'

/** What one transaction does. It may run several times, then with an attempt of its own each time. */
export interface Step {
  readonly label: string
  /** What is to be applied instead of a transaction being run. */
  readonly schema?: ObjectSchema
  run(tx: DatabaseTransaction, attempt: Attempt): Promise<void>
}

/** An attempt that has ended, or never will. */
export interface Ended {
  readonly attempt: Attempt
  readonly transaction: HistoryTransaction
}

/** What databases do to one cluster, and what must be true of it. */
export interface FaultWorkload {
  readonly name: string
  readonly schema: readonly ObjectSchema[]
  /** What the data may refuse. */
  readonly refusals: readonly ErrorCode[]
  fill(tx: DatabaseTransaction): Promise<void>
  next(dice: Dice): Step
  /** @param db where everything has ended */
  check(db: Database, ended: readonly Ended[], level: Level): Promise<Anomaly[]>
}
