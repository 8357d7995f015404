import { toBinaryString } from '@orbit-ts/base'
import type { BatchGetResponse, BufferBatchGetResponse, LockInfo } from '../gen/kvrpcpb.js'
import { forEachBatch, type Again, type RegionBatch } from '../region/by-region.js'
import type { SendOutcome } from '../region/region-request.js'
import type { Backoffer } from '../retry/backoffer.js'
import { tikvMethods } from '../rpc/methods.js'
import { ReadAttempts, type RegionReader } from './region-reader.js'
import type { CachedValue } from './value-cache.js'

/** What is read: committed values, with their commit timestamps, or what the reader's own transaction has flushed. */
export type BatchGetKind = 'values' | 'versioned' | 'flushed'

const KEYS_PER_REQUEST = 5120
const REQUESTS_AT_ONCE = 64

type Answer = BatchGetResponse | BufferBatchGetResponse
type Values = Map<string, CachedValue>

/** The values in the order of the keys, read with one request for each region, the regions at once. */
export async function batchGet(
  reader: RegionReader,
  backoffer: Backoffer,
  keys: readonly Uint8Array[],
  kind: BatchGetKind,
): Promise<CachedValue[]> {
  const found: Values = new Map()
  await forEachBatch<Uint8Array>({
    regions: reader.core.regions,
    backoffer,
    items: keys,
    keyOf: (key) => key,
    batchItemsMax: KEYS_PER_REQUEST,
    concurrency: REQUESTS_AT_ONCE,
    work: (batch, own) => readBatch(reader, own, batch, kind, found),
  })
  return keys.map((key) => found.get(toBinaryString(key)))
}

async function readBatch(
  reader: RegionReader,
  backoffer: Backoffer,
  { region, items }: RegionBatch<Uint8Array>,
  kind: BatchGetKind,
  found: Values,
): Promise<Again<Uint8Array> | undefined> {
  const attempts = new ReadAttempts()
  let pending = items
  for (;;) {
    const { response, regionError } = await send(reader, backoffer, region, pending, kind, attempts)
    if (regionError !== undefined) return { items: pending, regionError }
    // Pairs that come with an error of the whole response are not to be trusted, nor are they all there.
    const { lockedKeys, locks } =
      response.error === undefined
        ? take(reader, response, found)
        : { lockedKeys: pending, locks: reader.locksOf(response.error) }
    if (locks.length === 0) return undefined
    attempts.meetLock()
    pending = lockedKeys
    await reader.settleLocks(backoffer, locks, { cleanInLine: kind === 'versioned' })
  }
}

function send(
  reader: RegionReader,
  backoffer: Backoffer,
  region: RegionBatch<Uint8Array>['region'],
  keys: readonly Uint8Array[],
  kind: BatchGetKind,
  attempts: ReadAttempts,
): Promise<SendOutcome<Answer>> {
  const request = { context: undefined, keys: [...keys], version: reader.readTs }
  if (kind === 'flushed') {
    return reader.send(backoffer, region, tikvMethods.kvBufferBatchGet, request, attempts)
  }
  const needCommitTs = kind === 'versioned'
  return reader.send(backoffer, region, tikvMethods.kvBatchGet, { ...request, needCommitTs }, attempts)
}

/** Keeps the values; gives the keys that were locked. */
function take(
  reader: RegionReader,
  { pairs }: Answer,
  found: Values,
): { lockedKeys: Uint8Array[]; locks: LockInfo[] } {
  const lockedKeys: Uint8Array[] = []
  const locks: LockInfo[] = []
  for (const { key, value, commitTs, error } of pairs) {
    if (error === undefined) {
      found.set(toBinaryString(key), { value, commitTs })
      continue
    }
    locks.push(...reader.locksOf(error))
    lockedKeys.push(error.locked?.key ?? key)
  }
  return { lockedKeys, locks }
}
