import { defined, equalBytes, toBinaryString } from '@orbit-ts/base'
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

/** The values in the order of the keys, read with one request for each region, the regions at once. */
export async function batchGet(
  reader: RegionReader,
  backoffer: Backoffer,
  keys: readonly Uint8Array[],
  kind: BatchGetKind,
): Promise<CachedValue[]> {
  const found = new FoundValues(keys)
  await forEachBatch<number>({
    regions: reader.core.regions,
    backoffer,
    items: keys.map((_, at) => at),
    keyOf: (at) => found.keyAt(at),
    batchItemsMax: KEYS_PER_REQUEST,
    concurrency: REQUESTS_AT_ONCE,
    work: (batch, own) => readBatch(reader, own, batch, kind, found),
  })
  return found.values()
}

/**
 * The values by the places of their keys. Servers answer in the order of the keys that they were asked for, absent ones
 * left out, so that a walk along both finds the places; what does not fit is kept by key.
 */
class FoundValues {
  readonly #keys: readonly Uint8Array[]
  readonly #values: CachedValue[]
  #strays: Map<string, CachedValue> | undefined

  constructor(keys: readonly Uint8Array[]) {
    this.#keys = keys
    this.#values = new Array<CachedValue>(keys.length).fill(undefined)
  }

  keyAt(at: number): Uint8Array {
    return defined(this.#keys[at], 'a key that was asked for')
  }

  /** The index in `places` of the next one at or after `from` with this key; -1 without. */
  find(places: readonly number[], from: number, key: Uint8Array): number {
    if (this.#strays !== undefined) return -1
    for (let index = from; index < places.length; index++)
      if (equalBytes(this.keyAt(places[index] ?? 0), key)) return index
    return -1
  }

  put(place: number, value: CachedValue): void {
    this.#values[place] = value
  }

  putStray(key: Uint8Array, value: CachedValue): void {
    this.#strays ??= new Map()
    this.#strays.set(toBinaryString(key), value)
  }

  /** The values in the order of the keys; a key that was asked for twice has its value twice. */
  values(): CachedValue[] {
    const values = this.#values
    if (!values.includes(undefined)) return values
    const byKey = this.#strays ?? new Map<string, CachedValue>()
    for (const [at, value] of values.entries()) {
      if (value !== undefined) byKey.set(toBinaryString(this.keyAt(at)), value)
    }
    if (byKey.size === 0) return values
    return values.map((value, at) => value ?? byKey.get(toBinaryString(this.keyAt(at))))
  }
}

async function readBatch(
  reader: RegionReader,
  backoffer: Backoffer,
  { region, items }: RegionBatch<number>,
  kind: BatchGetKind,
  found: FoundValues,
): Promise<Again<number> | undefined> {
  const attempts = new ReadAttempts()
  let pending = items
  for (;;) {
    const keys = pending.map((at) => found.keyAt(at))
    const { response, regionError } = await send(reader, backoffer, region, keys, kind, attempts)
    if (regionError !== undefined) return { items: pending, regionError }
    // Pairs that come with an error of the whole response are not to be trusted, nor are they all there.
    const { locked, locks } =
      response.error === undefined
        ? take(reader, response, pending, found)
        : { locked: pending, locks: reader.locksOf(response.error) }
    if (locks.length === 0) return undefined
    attempts.meetLock()
    pending = locked
    await reader.settleLocks(backoffer, locks, { cleanInLine: kind === 'versioned' })
  }
}

function send(
  reader: RegionReader,
  backoffer: Backoffer,
  region: RegionBatch<number>['region'],
  keys: Uint8Array[],
  kind: BatchGetKind,
  attempts: ReadAttempts,
): Promise<SendOutcome<Answer>> {
  const { readTs: version } = reader
  if (kind === 'flushed') {
    const request = { context: undefined, keys, version }
    return reader.send(backoffer, region, tikvMethods.kvBufferBatchGet, request, attempts)
  }
  const request = { context: undefined, keys, version, needCommitTs: kind === 'versioned' }
  return reader.send(backoffer, region, tikvMethods.kvBatchGet, request, attempts)
}

/** Keeps the values; gives the places of the keys that were locked. */
function take(
  reader: RegionReader,
  { pairs }: Answer,
  places: readonly number[],
  found: FoundValues,
): { locked: readonly number[]; locks: LockInfo[] } {
  const locked: Uint8Array[] = []
  const locks: LockInfo[] = []
  let next = 0
  for (const { key, value, commitTs, error } of pairs) {
    if (error !== undefined) {
      locks.push(...reader.locksOf(error))
      locked.push(error.locked?.key ?? key)
      continue
    }
    const index = found.find(places, next, key)
    if (index < 0) found.putStray(key, { value, commitTs })
    else found.put(places[index] ?? 0, { value, commitTs })
    if (index >= 0) next = index + 1
  }
  if (locked.length === 0) return { locked: [], locks }
  const ids = new Set(locked.map(toBinaryString))
  const waiting = places.filter((at) => ids.has(toBinaryString(found.keyAt(at))))
  // A lock on a key that nobody asked for: all are read again.
  return { locked: waiting.length > 0 ? waiting : places, locks }
}
