import { compareBytes } from '@orbit-ts/base'
import type { ClientCore } from '../../core/client-core.js'
import type { LockInfo } from '../../gen/kvrpcpb.js'
import type { KeyRange } from '../../key-range.js'
import type { RegionVersion } from '../../region/region-request.js'
import { BackoffBudgets } from '../../retry/backoff-kind.js'
import type { Backoffer } from '../../retry/backoffer.js'
import { tikvMethods } from '../../rpc/methods.js'
import type { Timestamp } from '../../timestamp.js'
import { keyAfter } from '../../snapshot/key-after.js'
import { errorOfKeyError, expandSharedLocks } from '../key-errors.js'
import type { LockResolver } from './lock-resolver.js'
import { callRegion, writeContext } from './region-calls.js'

/** Half of the status cache: the look-ups of one page must not push each other out of it. */
export const LOCKS_PER_PAGE = 1024

export interface LockPage {
  readonly locks: readonly LockInfo[]
  readonly region: RegionVersion
  /** Where the next page begins; undefined after the last one of the range. */
  readonly next: Uint8Array | undefined
}

export interface LockRangeOptions {
  readonly signal?: AbortSignal | undefined
  /** Locks in one request. Default and largest useful value: {@link LOCKS_PER_PAGE}. */
  readonly pageSize?: number | undefined
}

/** The locks of the range that are not younger than `maxTs`, region by region. */
export async function* scanLocks(
  core: ClientCore,
  range: KeyRange,
  maxTs: Timestamp,
  options: LockRangeOptions = {},
): AsyncGenerator<LockPage, void, undefined> {
  let start: Uint8Array | undefined = range.start
  while (start !== undefined) {
    const backoffer = core.backoffer(BackoffBudgets.gcResolve, options.signal)
    const page: LockPage = await readPage(core, backoffer, { start, end: range.end }, maxTs, options.pageSize)
    yield page
    start = page.next
  }
}

/**
 * Ends all transactions that left locks in the range and are not younger than `maxTs`, and cleans their locks: the
 * first half of garbage collection. Gives the number of locks found.
 */
export async function resolveLockRange(
  core: ClientCore,
  resolver: LockResolver,
  range: KeyRange,
  maxTs: Timestamp,
  options: LockRangeOptions = {},
): Promise<number> {
  let found = 0
  let start: Uint8Array | undefined = range.start
  let backoffer = core.backoffer(BackoffBudgets.gcResolve, options.signal)
  while (start !== undefined) {
    const page: LockPage = await readPage(core, backoffer, { start, end: range.end }, maxTs, options.pageSize)
    // Otherwise the region changed after its locks were read: read them again, on what is left of the budget.
    if (await resolver.resolveBatch(backoffer, page.locks, page.region)) {
      found += page.locks.length
      start = page.next
      backoffer = core.backoffer(BackoffBudgets.gcResolve, options.signal)
    }
  }
  return found
}

async function readPage(
  core: ClientCore,
  backoffer: Backoffer,
  range: KeyRange,
  maxTs: Timestamp,
  pageSize: number = LOCKS_PER_PAGE,
): Promise<LockPage> {
  for (;;) {
    const region = await core.regions.locate(backoffer, range.start)
    const endKey = nearerEnd(region.endKey, range.end)
    const response = await callRegion(
      { core, backoffer, details: undefined },
      region,
      tikvMethods.kvScanLock,
      {
        context: writeContext(core),
        maxVersion: maxTs,
        startKey: range.start,
        limit: pageSize,
        endKey,
      },
    )
    if (response === undefined) continue
    if (response.error !== undefined) throw errorOfKeyError(response.error, core.telemetry.formatKey)
    const last = response.locks.at(-1)
    const full = response.locks.length >= pageSize && last !== undefined
    const next = full ? keyAfter(last.key) : endKey
    const ended = next.length === 0 || (range.end.length > 0 && compareBytes(next, range.end) >= 0)
    return { locks: expandSharedLocks(response.locks), region, next: ended ? undefined : next }
  }
}

/** The smaller of two upper bounds, of which an empty one is open. */
function nearerEnd(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  if (b.length === 0) return a
  return compareBytes(a, b) <= 0 ? a : b
}
