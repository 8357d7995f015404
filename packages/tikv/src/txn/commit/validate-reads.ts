import type { KeyRange } from '../../key-range.js'
import { runBounded } from '../../region/run-bounded.js'
import { Snapshot, type SnapshotParts } from '../../snapshot/snapshot.js'
import type { Timestamp } from '../../timestamp.js'
import { changed, RowDigest, type RangeRead, type ReadSet } from './read-set.js'
import type { TransactionCalls } from './transaction-calls.js'

const KEYS_AT_ONCE = 10_240
const CHECKS_AT_ONCE = 16

/**
 * Reads everything again at the commit timestamp. The argument for why that is enough is in `read-set.ts`.
 * @throws TRANSACTION_CONFLICT when something differs, or is locked by another transaction that may yet commit.
 */
export async function validateReads(
  parts: SnapshotParts,
  calls: TransactionCalls,
  reads: ReadSet,
  commitTs: Timestamp,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { priority, resourceGroup, resourceGroupTag, requestSource, interceptors } = calls.options
  const snapshot = new Snapshot(parts, commitTs, {
    ignoreLocksOf: [calls.startTs],
    failOnLock: true,
    // Of two that check at once what the other writes, the older one goes on, and the younger one gives way.
    passLocksAfter: calls.startTs,
    leaderOnly: true,
    cacheBytesMax: 0,
    details: calls.details,
    priority,
    resourceGroup,
    resourceGroupTag,
    requestSource,
    interceptors,
  })
  const { formatKey } = parts.core.telemetry
  const checkKeys = async (part: readonly Uint8Array[], own: AbortSignal): Promise<void> => {
    const values = await snapshot.batchGet(part, { signal: own })
    for (const [index, key] of part.entries()) {
      if (reads.isUnchanged(key, values[index])) continue
      throw changed(`key ${formatKey(key)} was changed after this serializable transaction read it`, {
        key: formatKey(key),
      })
    }
  }
  const checkRange = async (read: RangeRead, own: AbortSignal): Promise<void> => {
    if (await isUnchanged(snapshot, read, own)) return
    throw changed(
      `rows from ${text(read.range, formatKey)} were changed after this serializable transaction read them`,
      { start: formatKey(read.range.start), end: formatKey(read.range.end) },
    )
  }
  const tasks: ((own: AbortSignal) => Promise<void>)[] = reads.ranges.map(
    (read) => (own) => checkRange(read, own),
  )
  const { keys } = reads
  for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
    tasks.push((own) => checkKeys(keys.slice(at, at + KEYS_AT_ONCE), own))
  }
  await runBounded({
    tasks,
    concurrency: CHECKS_AT_ONCE,
    signal,
    run: (check, scope) => check(scope.signal),
  })
}

async function isUnchanged(snapshot: Snapshot, read: RangeRead, signal: AbortSignal): Promise<boolean> {
  const { range, reverse, keysOnly } = read
  const digest = new RowDigest()
  for await (const rows of snapshot.scan(range, { reverse, keysOnly, signal })) {
    digest.add(rows)
    if (digest.rows > read.rows) return false
  }
  return digest.finish() === read.digest
}

function text({ start, end }: KeyRange, formatKey: (key: Uint8Array) => string): string {
  return `${start.length === 0 ? 'the first key' : formatKey(start)} to ${end.length === 0 ? 'the last' : formatKey(end)}`
}
