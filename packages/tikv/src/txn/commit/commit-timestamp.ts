import { hasCode, OrbitError } from '@orbit-ts/base'
import { BackoffBudgets, BackoffKinds, type BackoffKind } from '../../retry/backoff-kind.js'
import { physicalMs, type Timestamp } from '../../timestamp.js'
import type { TransactionCalls } from './transaction-calls.js'

const COMMIT_WAIT_MS = 1000

const COMMIT_TS_LAG: BackoffKind = {
  name: 'commitTSLag',
  baseMs: 2,
  capMs: 500,
  jitter: 'none',
  code: 'TRANSACTION_ABORTED',
  reason: "PD's clock is behind the timestamp that the commit has to wait for",
}

/** A fresh timestamp; PD is asked again for a while when it does not answer. */
export function freshTimestamp(calls: TransactionCalls, signal: AbortSignal | undefined): Promise<Timestamp> {
  return calls.within(BackoffBudgets.timestamp, signal, async (backoffer) => {
    for (;;) {
      try {
        return await calls.core.pd.getTimestamp({ signal })
      } catch (error) {
        if (!hasCode(error, 'PD_UNAVAILABLE')) throw error
        await backoffer.backoff(BackoffKinds.pdRpc, error)
      }
    }
  })
}

/**
 * A timestamp to commit at, or to put the commit behind. Where the transaction says `commitWait`, or the commit
 * `afterTs`, one that is larger.
 * Equivalent in client-go: `GetTimestampForCommit`.
 */
export async function commitTimestamp(
  calls: TransactionCalls,
  signal: AbortSignal | undefined,
): Promise<Timestamp> {
  const first = await freshTimestamp(calls, signal)
  const { commitWait } = calls.options
  const { timeoutMs = COMMIT_WAIT_MS } = commitWait ?? {}
  const untilTs = larger(commitWait?.untilTs ?? 0n, calls.commitAfterTs)
  if (first > untilTs) return first
  const lagMs = physicalMs(untilTs) - physicalMs(first)
  if (timeoutMs === 0 || lagMs > timeoutMs) {
    throw new OrbitError(
      'TRANSACTION_ABORTED',
      `PD's clock is ${lagMs} ms behind ${untilTs}, which the commit has to wait for, and it waits for ${timeoutMs} ms at most (commitWait.timeoutMs)`,
      { timestamp: String(first), untilTs: String(untilTs), lagMs, timeoutMs },
    )
  }
  return calls.within(timeoutMs, signal, async (backoffer) => {
    for (;;) {
      await backoffer.backoff(COMMIT_TS_LAG, `PD is ${lagMs} ms behind`)
      const next = await freshTimestamp(calls, signal)
      if (next > untilTs) return next
    }
  })
}

function larger(a: Timestamp, b: Timestamp): Timestamp {
  return a > b ? a : b
}
