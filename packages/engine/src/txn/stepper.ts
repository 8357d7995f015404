/**
 * Work over more data than one transaction takes, done in steps of a transaction each.
 *
 * Invariants:
 * 1. A step commits as a whole or not at all; what is left to do is seen from the store, never from memory alone. So
 *    work that was cut off anywhere goes on with the next step.
 * 2. A step that met too many conflicts, or did not fit into a transaction, is tried again with fewer records.
 * 3. Between steps the work ends when its signal says so.
 */
import { OrbitError, type ErrorCode } from '@orbit-ts/base'
import type { TransactOptions } from '@orbit-ts/storage'
import type { ModelContext } from '../models/model.js'

/** Errors that fewer records in one transaction make less likely. */
const TOO_MUCH: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'TRANSACTION_CONFLICT',
  'TRANSACTION_DEADLOCK',
  'TRANSACTION_TOO_LARGE',
  'TRANSACTION_TIMEOUT',
  'SNAPSHOT_TOO_OLD',
  'LOCK_TIMEOUT',
])

export type InTransaction = <T>(
  work: (context: ModelContext) => Promise<T>,
  options?: Pick<TransactOptions, 'signal'>,
) => Promise<T>

export class Stepper {
  /** Records that one step handles at most. */
  readonly recordsMax: number
  readonly #inTransaction: InTransaction

  constructor(inTransaction: InTransaction, recordsMax: number) {
    this.#inTransaction = inTransaction
    this.recordsMax = recordsMax
  }

  /**
   * Runs steps for as long as `goesOn` says of what the committed one returned.
   * @throws ABORTED when the signal ended it; what was done stays done.
   */
  async run<Result>(
    step: (context: ModelContext, recordsMax: number) => Promise<Result>,
    goesOn: (result: Result) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    let recordsMax = this.recordsMax
    for (;;) {
      refuseAborted(signal)
      try {
        const result = await this.#inTransaction((context) => step(context, recordsMax))
        if (!goesOn(result)) return
        recordsMax = Math.min(this.recordsMax, recordsMax * 2)
      } catch (error) {
        if (recordsMax === 1 || !(error instanceof OrbitError) || !TOO_MUCH.has(error.code)) throw error
        recordsMax = Math.ceil(recordsMax / 4)
      }
    }
  }
}

/** @throws ABORTED */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new OrbitError(
    'ABORTED',
    'the work was stopped between two steps; what was done stays, and it can go on',
  )
}
