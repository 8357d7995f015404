import type { Timestamp } from '../../timestamp.js'
import {
  finalWrites,
  nameOf,
  type Anomaly,
  type HistoryTransaction,
  type Operation,
  type Version,
  type Versions,
} from './history.js'

/**
 * Checks what transactions saw against the versions that the servers have in the end, by the timestamps of both.
 *
 * - Committed writes are there, under the commit timestamp that was acknowledged; writes of failed transactions are not;
 *   of a transaction with an unknown outcome all are there under one timestamp, or none. No version is anybody else's.
 * - A read sees the newest version at the start timestamp; one with a lock sees the version before its own commit. In a
 *   serializable transaction that wrote, every read is still right at the commit timestamp.
 * - Between the start and the commit of a transaction nobody else wrote a key that it wrote without having locked it.
 * - A transaction starts at or after the commit timestamp of all that had been acknowledged when it began.
 */
export function checkVersions(history: readonly HistoryTransaction[], versions: Versions): Anomaly[] {
  const byStart = new Map(
    history.flatMap((one) => (one.startTs === undefined ? [] : [[one.startTs, one] as const])),
  )
  return [
    ...[...versions].flatMap(([key, list]) => list.flatMap((version) => checkOwner(key, version, byStart))),
    ...history.flatMap((transaction) => checkTransaction(transaction, versions)),
    ...checkRealTime(history),
  ]
}

/** A transaction as it turned out; `commitTs` undefined: nothing of it is there. */
interface Settled {
  readonly transaction: HistoryTransaction
  readonly startTs: Timestamp
  readonly commitTs: Timestamp | undefined
}

type Report = (kind: string, detail: string) => void

function checkOwner(
  key: string,
  version: Version,
  byStart: ReadonlyMap<Timestamp, HistoryTransaction>,
): Anomaly[] {
  const { startTs, commitTs, value } = version
  const owner = byStart.get(startTs)
  const where = `${key} has ${value} of ${startTs} at ${commitTs}`
  if (owner === undefined) return [{ kind: 'from-nowhere', detail: `${where}, which nobody wrote` }]
  if (commitTs <= startTs) return [{ kind: 'timestamps', detail: `${where}, committed before it started` }]
  const writes = finalWrites(owner)
  if (writes.has(key) && writes.get(key) === value) return []
  return [{ kind: 'from-nowhere', detail: `${where}; ${nameOf(owner)} wrote ${writes.get(key)}` }]
}

function checkTransaction(transaction: HistoryTransaction, versions: Versions): Anomaly[] {
  const { startTs } = transaction
  if (startTs === undefined) return []
  const anomalies: Anomaly[] = []
  const report: Report = (kind, detail) =>
    void anomalies.push({ kind, detail: `${nameOf(transaction)} ${detail}` })
  const commitTs = checkAtomicity(transaction, startTs, versions, report)
  const settled: Settled = { transaction, startTs, commitTs }
  checkReads(settled, versions, report)
  checkConflicts(settled, versions, report)
  return anomalies
}

/** @returns When its writes were committed, as the servers have it. */
function checkAtomicity(
  transaction: HistoryTransaction,
  startTs: Timestamp,
  versions: Versions,
  report: Report,
): Timestamp | undefined {
  const { outcome } = transaction
  const keys = [...finalWrites(transaction).keys()]
  const found = keys.map((key) => versions.get(key)?.find((version) => version.startTs === startTs)?.commitTs)
  const present = found.filter((commitTs) => commitTs !== undefined)
  const missing = keys.filter((_, at) => found[at] === undefined)
  if (outcome === 'aborted' && present.length > 0)
    report('aborted-write', `failed, and wrote at ${present.join()}`)
  if (outcome === 'committed' && missing.length > 0)
    report('lost-write', `was committed, and ${missing.join()} are missing`)
  if (outcome === 'undetermined' && missing.length > 0 && present.length > 0) {
    report('torn', `wrote at ${present.join()}, and ${missing.join()} are missing`)
  }
  if (new Set(present).size > 1) report('torn', `has more than one commit timestamp: ${present.join()}`)
  if (outcome === 'committed' && present.some((commitTs) => commitTs !== transaction.commitTs)) {
    report('timestamps', `was told ${transaction.commitTs} as its commit timestamp and has ${present.join()}`)
  }
  return present[0]
}

function checkReads({ transaction, startTs, commitTs }: Settled, versions: Versions, report: Report): void {
  const serializable = transaction.isolation === 'serializable'
  const own = new Map<string, string | undefined>()
  for (const operation of transaction.operations) {
    if (operation.kind === 'write') {
      own.set(operation.key, operation.value)
      continue
    }
    const atStart = operation.kind === 'range' || !operation.locked || own.has(operation.key)
    const checkAt = (seenBy: (version: Version) => boolean, when: string): void => {
      const expected = answer(operation, versions, own, seenBy)
      const got = operation.kind === 'read' ? String(operation.value) : textOf(operation.rows)
      if (got !== expected)
        report('wrong-read', `read ${target(operation)} = ${got} and not ${expected} (${when})`)
    }
    if (atStart) checkAt((version) => version.commitTs <= startTs, `at its start, ${startTs}`)
    if (commitTs !== undefined && (!atStart || serializable)) {
      checkAt((version) => version.commitTs < commitTs, `at its commit, ${commitTs}`)
    }
  }
}

/** What the operation must have seen. */
function answer(
  operation: Exclude<Operation, { kind: 'write' }>,
  versions: Versions,
  own: ReadonlyMap<string, string | undefined>,
  seenBy: (version: Version) => boolean,
): string {
  const valueOf = (key: string): string | undefined =>
    own.has(key) ? own.get(key) : versions.get(key)?.findLast(seenBy)?.value
  if (operation.kind === 'read') return String(valueOf(operation.key))
  const keys = new Set([...versions.keys(), ...own.keys()])
  const inside = [...keys].filter((key) => key >= operation.start && key < operation.end).sort()
  return textOf(
    inside.flatMap((key) => {
      const value = valueOf(key)
      return value === undefined ? [] : [[key, value] as const]
    }),
  )
}

function target(operation: Exclude<Operation, { kind: 'write' }>): string {
  return operation.kind === 'read' ? operation.key : `[${operation.start}, ${operation.end})`
}

function textOf(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([key, value]) => `${key}=${value}`).join(' ')
}

function checkConflicts(
  { transaction, startTs, commitTs }: Settled,
  versions: Versions,
  report: Report,
): void {
  if (commitTs === undefined) return
  const locked = new Set(
    transaction.operations.flatMap((one) => (one.kind === 'read' && one.locked ? [one.key] : [])),
  )
  for (const key of finalWrites(transaction).keys()) {
    if (locked.has(key)) continue
    const other = versions
      .get(key)
      ?.find((version) => version.commitTs > startTs && version.commitTs < commitTs)
    if (other !== undefined) {
      report('lost-update', `wrote ${key} over the version of ${other.startTs} at ${other.commitTs}`)
    }
  }
}

function checkRealTime(history: readonly HistoryTransaction[]): Anomaly[] {
  const acknowledged = history
    .filter(({ outcome, commitTs }) => outcome === 'committed' && commitTs !== undefined)
    .sort((a, b) => a.endedAt - b.endedAt)
  const begun = history.filter(({ startTs }) => startTs !== undefined).sort((a, b) => a.begunAt - b.begunAt)
  const anomalies: Anomaly[] = []
  let newest: HistoryTransaction | undefined
  let at = 0
  for (const transaction of begun) {
    for (let next = acknowledged[at]; next !== undefined && next.endedAt < transaction.begunAt;) {
      if ((next.commitTs ?? 0n) > (newest?.commitTs ?? 0n)) newest = next
      next = acknowledged[++at]
    }
    if (newest === undefined || (transaction.startTs ?? 0n) >= (newest.commitTs ?? 0n)) continue
    const detail = `${nameOf(transaction)} started at ${transaction.startTs}, after ${nameOf(newest)} had been acknowledged with ${newest.commitTs}`
    anomalies.push({ kind: 'realtime', detail })
  }
  return anomalies
}
