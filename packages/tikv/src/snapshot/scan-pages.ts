import { compareBytes, EMPTY_BYTES, OrbitError } from '@orbit-ts/base'
import type { KeyRange } from '../key-range.js'
import type { KvPair } from '../gen/kvrpcpb.js'
import type { RegionVersion } from '../region/region-request.js'
import { BackoffBudgets } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import { tikvMethods } from '../rpc/methods.js'
import { batchGet } from './batch-get.js'
import { keyAfter } from './key-after.js'
import { pointGet } from './point-get.js'
import { ReadAttempts, type RegionReader } from './region-reader.js'
import type { KeyValue, ScanOptions } from './snapshot-options.js'
import type { CachedValue } from './value-cache.js'

export const SCAN_BATCH_SIZE = 256
/** TiKV's default `max-key-size`. */
const SERVER_KEY_BYTES_MAX = 8192

interface Page {
  readonly rows: KeyValue[]
  /** What is left of the range; undefined when nothing is. */
  readonly rest: KeyRange | undefined
}

/** The rows of a range as chunks, region after region. */
export async function* scanPages(
  reader: RegionReader,
  range: KeyRange,
  options: ScanOptions,
): AsyncGenerator<KeyValue[], void, undefined> {
  requireScanOptions(options)
  const batchSize = checkedCount(
    'batchSize',
    options.batchSize ?? reader.options.scanBatchSize ?? SCAN_BATCH_SIZE,
    1,
  )
  let left = options.limit ?? Number.MAX_SAFE_INTEGER
  let rest: KeyRange | undefined = isEmpty(range) ? undefined : range
  while (rest !== undefined && left > 0) {
    const backoffer = reader.core.backoffer(BackoffBudgets.scan, options.signal)
    const limit = Math.min(batchSize, left)
    const from: KeyRange = rest
    const page: Page = await reader.measured('scan', backoffer, () =>
      readPage(reader, backoffer, from, options, limit),
    )
    left -= page.rows.length
    rest = page.rest
    if (page.rows.length > 0) yield page.rows
  }
}

async function readPage(
  reader: RegionReader,
  backoffer: Backoffer,
  range: KeyRange,
  options: ScanOptions,
  limit: number,
): Promise<Page> {
  const attempts = new ReadAttempts()
  const reverse = options.reverse === true
  for (;;) {
    const region = reverse
      ? await reader.core.regions.locateEnd(backoffer, range.end)
      : await reader.locate(backoffer, range.start)
    const part = partInside(range, region, reverse)
    const request = {
      context: undefined,
      startKey: reverse ? upperBound(reader, part.end) : part.start,
      endKey: reverse ? part.start : part.end,
      limit,
      version: reader.readTs,
      keyOnly: options.keysOnly === true,
      reverse,
      sampleStep: options.sampleStep ?? 0,
    }
    const { response, regionError } = await reader.send(
      backoffer,
      region,
      tikvMethods.kvScan,
      request,
      attempts,
    )
    if (regionError !== undefined) {
      await reader.core.regions.backoffForRegionError(backoffer, regionError)
      continue
    }
    await reader.checkVisible()
    if (response.error !== undefined) {
      attempts.meetLock()
      await reader.settleLocks(backoffer, reader.locksOf(response.error), { forRead: false })
      continue
    }
    const rest = remainder(range, part, response.pairs, limit, reverse)
    return { rows: await rowsOf(reader, backoffer, response.pairs, options), rest }
  }
}

/**
 * Servers take an empty bound of a reverse scan for the smallest key, above which nothing comes: what has no bound begins
 * behind the longest key there can be.
 */
function upperBound(reader: RegionReader, end: Uint8Array): Uint8Array {
  if (end.length > 0) return end
  return new Uint8Array(Math.max(reader.core.config.keyBytesMax, SERVER_KEY_BYTES_MAX) + 1).fill(0xff)
}

/** The part of the range in the region; its far end is the nearer of both. */
function partInside(range: KeyRange, region: RegionVersion, reverse: boolean): KeyRange {
  if (reverse) {
    const start = compareBytes(region.startKey, range.start) > 0 ? region.startKey : range.start
    return { start, end: range.end }
  }
  const { end } = range
  const nearer = end.length === 0 || (region.endKey.length > 0 && compareBytes(region.endKey, end) < 0)
  return { start: range.start, end: nearer ? region.endKey : end }
}

/** A page with fewer rows than asked for ends its region; a full one goes on behind its last key. */
function remainder(
  range: KeyRange,
  part: KeyRange,
  pairs: readonly KvPair[],
  limit: number,
  reverse: boolean,
): KeyRange | undefined {
  const lastPair = pairs.length < limit ? undefined : pairs.at(-1)
  if (reverse) {
    const end = lastPair === undefined ? part.start : keyOf(lastPair)
    return end.length === 0 || compareBytes(end, range.start) <= 0 ? undefined : { start: range.start, end }
  }
  const start = lastPair === undefined ? part.end : keyAfter(keyOf(lastPair))
  if (start.length === 0 || (range.end.length > 0 && compareBytes(start, range.end) >= 0)) return undefined
  return { start, end: range.end }
}

/** The rows of a page; locked ones are read again by themselves, and left out when they turn out to have no value. */
async function rowsOf(
  reader: RegionReader,
  backoffer: Backoffer,
  pairs: readonly KvPair[],
  options: ScanOptions,
): Promise<KeyValue[]> {
  const locked = pairs.filter(({ error }) => error !== undefined).map(keyOf)
  if (locked.length === 0) return pairs.map(({ key, value }) => ({ key, value }))
  for (const { error } of pairs) if (error !== undefined) reader.locksOf(error)
  const values = await readLocked(reader, backoffer, locked)
  const rows: KeyValue[] = []
  let next = 0
  for (const pair of pairs) {
    if (pair.error === undefined) {
      rows.push({ key: pair.key, value: pair.value })
      continue
    }
    const found = values[next]
    next += 1
    if (found !== undefined) {
      rows.push({ key: keyOf(pair), value: options.keysOnly === true ? EMPTY_BYTES : found.value })
    }
  }
  return rows
}

async function readLocked(
  reader: RegionReader,
  backoffer: Backoffer,
  keys: readonly Uint8Array[],
): Promise<CachedValue[]> {
  const [only] = keys
  const values =
    only !== undefined && keys.length === 1
      ? [await pointGet(reader, backoffer, only, false)]
      : await batchGet(reader, backoffer, keys, 'values')
  await reader.checkVisible()
  return values
}

/** A locked pair may name its key in the lock only. */
function keyOf({ key, error }: KvPair): Uint8Array {
  return key.length === 0 ? (error?.locked?.key ?? key) : key
}

function isEmpty({ start, end }: KeyRange): boolean {
  return end.length > 0 && compareBytes(start, end) >= 0
}

/** @throws INVALID_ARGUMENT */
export function requireScanOptions({ limit, batchSize, sampleStep }: ScanOptions): void {
  checkedCount('limit', limit ?? 0, 0)
  checkedCount('batchSize', batchSize ?? 1, 1)
  checkedCount('sampleStep', sampleStep ?? 1, 0)
}

function checkedCount(field: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value
  throw new OrbitError('INVALID_ARGUMENT', `${field} is ${value}; give a whole number of at least ${min}`, {
    field,
  })
}
