import { compareBytes, equalBytes, OrbitError, toHex } from '@orbit-ts/base'
import type { Entry } from '../../provider.js'
import type { TikvStore } from './tikv-store.js'

/** Entries of the range that are looked at to find the one that changed. */
const LOOKED_AT_MAX = 1024
const HEX = /^([0-9a-f]{2})*$/

/**
 * The error with the first key of the range that is not as it was at `since`, where it can be told from the first
 * entries; otherwise the error as it is.
 */
export async function namedRangeConflict(
  store: TikvStore,
  error: OrbitError,
  since: bigint,
): Promise<OrbitError> {
  const { start, end } = error.details
  if (typeof start !== 'string' || typeof end !== 'string' || !HEX.test(start) || !HEX.test(end)) return error
  const range = { start: Buffer.from(start, 'hex'), end: Buffer.from(end, 'hex') }
  try {
    const [before, now] = await Promise.all([
      entriesAt(store, range, since),
      entriesAt(store, range, undefined),
    ])
    const changed = firstDifference(before, now)
    if (changed === undefined) return error
    const key = toHex(changed)
    return new OrbitError('TRANSACTION_CONFLICT', error.reason, { ...error.details, key }, { cause: error })
  } catch {
    // The conflict is certain; only its key is not.
    return error
  }
}

async function entriesAt(
  store: TikvStore,
  range: { readonly start: Uint8Array; readonly end: Uint8Array },
  timestamp: bigint | undefined,
): Promise<Entry[]> {
  const view = await store.client.txn.snapshot(timestamp)
  const entries: Entry[] = []
  for await (const rows of view.scan(range, { limit: LOOKED_AT_MAX })) entries.push(...rows)
  return entries
}

function firstDifference(before: readonly Entry[], now: readonly Entry[]): Uint8Array | undefined {
  for (let at = 0; at < Math.max(before.length, now.length); at++) {
    const [old, current] = [before[at], now[at]]
    if (old === undefined || current === undefined) return (old ?? current)?.key
    const order = compareBytes(old.key, current.key)
    if (order !== 0) return order < 0 ? old.key : current.key
    if (!equalBytes(old.value, current.value)) return old.key
  }
  return undefined
}
