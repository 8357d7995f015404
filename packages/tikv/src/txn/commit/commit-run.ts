import { hasCode } from '@orbit-ts/base'
import { Op } from '../../gen/kvrpcpb.js'
import type { SnapshotParts } from '../../snapshot/snapshot.js'
import type { Timestamp } from '../../timestamp.js'
import type { TransactionBuffer } from '../buffer/transaction-buffer.js'
import type { PessimisticLocks } from '../pessimistic/pessimistic-locks.js'
import type { PipelinedWriter } from '../pipelined/pipelined-writer.js'
import type { LockHeartbeat } from './lock-heartbeat.js'
import { keyOf, prepareMutations, type MutationSet } from './mutations.js'
import type { ReadSet } from './read-set.js'
import type { TransactionCalls } from './transaction-calls.js'
import { TwoPhaseCommitter } from './two-phase-committer.js'
import { validateReads } from './validate-reads.js'

export type CommitProtocol = 'none' | 'one-phase' | 'async' | 'two-phase' | 'pipelined'

export interface CommitOutcome {
  readonly protocol: CommitProtocol
  readonly commitTs: Timestamp | undefined
  readonly onePc: boolean
  readonly asyncCommit: boolean
  readonly asyncCommitFallback: boolean
  readonly onePcFallback: boolean
}

export interface CommitRunOptions {
  readonly parts: SnapshotParts
  readonly calls: TransactionCalls
  readonly buffer: TransactionBuffer
  readonly locks: PessimisticLocks
  readonly writer: PipelinedWriter | undefined
  readonly readSet: ReadSet | undefined
  readonly heartbeat: LockHeartbeat
}

const NOTHING: CommitOutcome = {
  protocol: 'none',
  commitTs: undefined,
  onePc: false,
  asyncCommit: false,
  asyncCommitFallback: false,
  onePcFallback: false,
}

/** How a transaction ends on the servers. */
export class CommitRun {
  readonly #options: CommitRunOptions

  constructor(options: CommitRunOptions) {
    this.#options = options
  }

  /** @throws as `Transaction.commit`; what it had locked is then given back, unless the outcome is undetermined. */
  async commit(signal: AbortSignal | undefined): Promise<CommitOutcome> {
    const { writer, locks, heartbeat } = this.#options
    if (writer !== undefined) {
      const commitTs = await writer.commit(signal)
      return commitTs === undefined ? NOTHING : { ...NOTHING, protocol: 'pipelined', commitTs }
    }
    const set = await this.#prepare(signal)
    if (set === undefined) {
      heartbeat.stop()
      return NOTHING
    }
    const { telemetry } = this.#options.calls.core
    telemetry.transactionKeys.observe(set.items.length)
    telemetry.transactionBytes.observe(set.bytes)
    const committed = await new TwoPhaseCommitter({
      calls: this.#options.calls,
      set,
      forUpdateTs: locks.count === 0 ? 0n : locks.forUpdateTs,
      heartbeat,
      validate: this.#validation(set),
    }).commit(signal)
    const protocol = committed.onePc ? 'one-phase' : committed.asyncCommit ? 'async' : 'two-phase'
    return { protocol, ...committed }
  }

  async rollBack(): Promise<void> {
    const { writer, locks } = this.#options
    await (writer === undefined ? locks.rollBack() : writer.rollBack())
  }

  async #prepare(signal: AbortSignal | undefined): Promise<MutationSet | undefined> {
    const { buffer, locks, calls } = this.#options
    try {
      await locks.settle()
      if (locks.count > 0) await locks.checkInserts(signal)
      return prepareMutations(buffer, {
        pessimistic: locks.count > 0,
        assertions: (calls.options.assertions ?? 'off') !== 'off',
        primary: locks.primary,
        lockConstraints: locks.constraints,
      })
    } catch (error) {
      await locks.rollBack()
      throw error
    }
  }

  /** Undefined when nothing was read that could have changed. */
  #validation(
    set: MutationSet,
  ): ((commitTs: Timestamp, signal: AbortSignal | undefined) => Promise<void>) | undefined {
    const { parts, calls, readSet } = this.#options
    if (readSet === undefined) return undefined
    // The absence of a key that is only checked is not kept by a lock: it counts as read.
    for (const item of set.hasChecks ? set.items : []) {
      const key = keyOf(item)
      if (item.mutation.op === Op.CheckNotExists && !readSet.has(key)) readSet.addKey(key, undefined)
    }
    return (commitTs, signal) => validateReads(parts, calls, readSet, commitTs, signal)
  }
}

/** Under which name the end of a transaction is counted. */
export function outcomeOf(error: unknown): string {
  if (hasCode(error, 'COMMIT_UNDETERMINED')) return 'undetermined'
  return hasCode(error, 'TRANSACTION_CONFLICT') ? 'conflict' : 'failed'
}
