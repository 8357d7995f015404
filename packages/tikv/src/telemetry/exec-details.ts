import type { ExecDetailsV2 } from '../gen/kvrpcpb.js'

/** What one operation cost: filled in as it runs, read by its caller afterwards. */
export interface ExecDetails {
  /** RPCs by method name, retries included. */
  readonly rpcs: Map<string, { count: number; totalMs: number }>
  /** Sleeps by backoff kind. */
  readonly sleeps: Map<string, { attempts: number; sleptMs: number }>
  readonly regionErrors: Map<string, number>
  /** Sums of what the servers reported. */
  readonly scan: { processedKeys: bigint; totalKeys: bigint; processedBytes: bigint }
  readonly server: { processMs: number; waitMs: number; kvReadMs: number }
  resolveLockMs: number
}

/** Empty ones, to be given to calls as `details`. */
export function newExecDetails(): ExecDetails {
  return {
    rpcs: new Map(),
    sleeps: new Map(),
    regionErrors: new Map(),
    scan: { processedKeys: 0n, totalKeys: 0n, processedBytes: 0n },
    server: { processMs: 0, waitMs: 0, kvReadMs: 0 },
    resolveLockMs: 0,
  }
}

export function addRpc(details: ExecDetails, method: string, elapsedMs: number): void {
  const row = details.rpcs.get(method)
  if (row === undefined) details.rpcs.set(method, { count: 1, totalMs: elapsedMs })
  else {
    row.count += 1
    row.totalMs += elapsedMs
  }
}

/** Adds what a response's `exec_details_v2` says. */
export function addServerDetails(details: ExecDetails, server: ExecDetailsV2 | undefined): void {
  if (server === undefined) return
  const time = server.timeDetailV2
  if (time !== undefined) {
    details.server.processMs += Number(time.processWallTimeNs) / 1e6
    details.server.waitMs += Number(time.waitWallTimeNs) / 1e6
    details.server.kvReadMs += Number(time.kvReadWallTimeNs) / 1e6
  }
  const scan = server.scanDetailV2
  if (scan !== undefined) {
    details.scan.processedKeys += scan.processedVersions
    details.scan.totalKeys += scan.totalVersions
    details.scan.processedBytes += scan.processedVersionsSize
  }
}
