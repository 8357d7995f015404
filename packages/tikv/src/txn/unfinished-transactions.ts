import type { Logger } from '@orbit-ts/base'
import type { LockHeartbeat } from './commit/lock-heartbeat.js'

/** What outlives a transaction whose owner forgot it. Must not refer to the transaction. */
export interface UnfinishedFacts {
  readonly startTs: bigint
  readonly heartbeat: Pick<LockHeartbeat, 'stop'>
  /** It wrote or locked something. */
  changed: boolean
}

/**
 * Notices transactions that were neither committed nor rolled back when the garbage collector takes them: says so in
 * the log, and lets their locks expire.
 */
export class UnfinishedTransactions {
  readonly #registry: FinalizationRegistry<UnfinishedFacts>

  constructor(logger: Logger) {
    this.#registry = new FinalizationRegistry((facts) => reportUnfinished(logger, facts))
  }

  watch(transaction: object, facts: UnfinishedFacts): void {
    this.#registry.register(transaction, facts, facts)
  }

  forget(facts: UnfinishedFacts): void {
    this.#registry.unregister(facts)
  }
}

export function reportUnfinished(logger: Logger, { startTs, heartbeat, changed }: UnfinishedFacts): void {
  heartbeat.stop()
  if (!changed) return
  logger.warn(
    { startTs: String(startTs) },
    'a transaction was neither committed nor rolled back; its locks stay until they expire. Use `await using`, or commit() or rollback() in every path',
  )
}
