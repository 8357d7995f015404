import { compareBytes, EMPTY_BYTES, equalBytes, type Clock } from '@orbit-ts/base'
import * as kv from '../../gen/kvrpcpb.js'
import type { Bounds } from '../mvcc/mvcc-state.js'
import { crc64 } from './crc64.js'
import { COLUMN_FAMILIES, RawData, type ColumnFamily } from './raw-data.js'

/** Ends a raw command; its text goes into the answer's `error`. */
export class RawError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RawError'
  }
}

/**
 * The raw commands of a cluster, by TiKV's rules. Keys are those of the request: with API V2 they carry their prefix.
 * Every command takes effect at one moment, so that compare-and-swap is atomic towards all of them.
 */
export class RawStore {
  readonly #data: RawData
  readonly #apiVersion: kv.APIVersion

  constructor(clock: Clock, apiVersion: kv.APIVersion) {
    this.#data = new RawData(clock)
    this.#apiVersion = apiVersion
  }

  get(request: kv.RawGetRequest): kv.RawGetResponse {
    const value = this.#data.get(this.#family(request.cf), request.key)
    return kv.RawGetResponse.create(value === undefined ? { notFound: true } : { value })
  }

  batchGet(request: kv.RawBatchGetRequest): kv.RawBatchGetResponse {
    const family = this.#family(request.cf)
    const response = kv.RawBatchGetResponse.create()
    for (const key of request.keys) {
      const value = this.#data.get(family, key)
      if (value !== undefined) response.pairs.push(kv.KvPair.create({ key, value }))
    }
    return response
  }

  put(request: kv.RawPutRequest): kv.RawPutResponse {
    this.#requireTtl([request.ttl])
    this.#data.put(this.#family(request.cf), request.key, request.value, request.ttl)
    return kv.RawPutResponse.create()
  }

  batchPut(request: kv.RawBatchPutRequest): kv.RawBatchPutResponse {
    const family = this.#family(request.cf)
    const { pairs, ttls } = request
    this.#requireTtl(ttls)
    if (ttls.length > 1 && ttls.length !== pairs.length) {
      throw new RawError('The length of ttls does not equal to the length of pairs')
    }
    pairs.forEach(({ key, value }, index) => {
      const ttl = (ttls.length === 1 ? ttls[0] : ttls[index]) ?? 0n
      this.#data.put(family, key, value, ttl)
    })
    return kv.RawBatchPutResponse.create()
  }

  delete(request: kv.RawDeleteRequest): kv.RawDeleteResponse {
    this.#data.delete(this.#family(request.cf), request.key)
    return kv.RawDeleteResponse.create()
  }

  batchDelete(request: kv.RawBatchDeleteRequest): kv.RawBatchDeleteResponse {
    const family = this.#family(request.cf)
    for (const key of request.keys) this.#data.delete(family, key)
    return kv.RawBatchDeleteResponse.create()
  }

  deleteRange(request: kv.RawDeleteRangeRequest): kv.RawDeleteRangeResponse {
    this.#data.deleteRange(this.#family(request.cf), request.startKey, request.endKey)
    return kv.RawDeleteRangeResponse.create()
  }

  scan(request: kv.RawScanRequest, bounds: Bounds): kv.RawScanResponse {
    return kv.RawScanResponse.create({ kvs: this.#scanRange(request, request, request.limit, bounds) })
  }

  /** A range without an end goes to the start of the next range. */
  batchScan(request: kv.RawBatchScanRequest, bounds: Bounds): kv.RawBatchScanResponse {
    const { ranges, reverse, eachLimit } = request
    const full = ranges.map(({ startKey, endKey }, index) => ({
      startKey,
      endKey: endKey.length > 0 ? endKey : (ranges[index + 1]?.startKey ?? EMPTY_BYTES),
    }))
    for (const { startKey, endKey } of full) {
      const order = compareBytes(startKey, endKey)
      if (endKey.length > 0 && (reverse ? order <= 0 : order >= 0)) throw new RawError('Invalid KeyRanges')
    }
    const kvs = full.flatMap((range) => this.#scanRange(range, request, eachLimit, bounds))
    return kv.RawBatchScanResponse.create({ kvs })
  }

  keyTtl(request: kv.RawGetKeyTTLRequest): kv.RawGetKeyTTLResponse {
    if (this.#apiVersion === kv.APIVersion.V1) throw new RawError('get ttl on non-ttl store')
    const ttl = this.#data.ttl(this.#family(request.cf), request.key)
    return kv.RawGetKeyTTLResponse.create(ttl === undefined ? { notFound: true } : { ttl })
  }

  compareAndSwap(request: kv.RawCASRequest): kv.RawCASResponse {
    const family = this.#family(request.cf)
    this.#requireTtl([request.ttl])
    const current = this.#data.get(family, request.key)
    const expected = request.previousNotExist ? undefined : request.previousValue
    const succeed =
      current === undefined || expected === undefined ? current === expected : equalBytes(current, expected)
    if (succeed && request.delete) this.#data.delete(family, request.key)
    else if (succeed) this.#data.put(family, request.key, request.value, request.ttl)
    return kv.RawCASResponse.create({
      succeed,
      previousNotExist: current === undefined,
      previousValue: current ?? EMPTY_BYTES,
    })
  }

  checksum(request: kv.RawChecksumRequest, bounds: Bounds): kv.RawChecksumResponse {
    const response = kv.RawChecksumResponse.create()
    const options = { cf: '', keyOnly: false, reverse: false }
    for (const range of request.ranges) {
      for (const { key, value } of this.#scanRange(range, options, Infinity, bounds)) {
        response.checksum ^= crc64(key, value)
        response.totalKvs++
        response.totalBytes += BigInt(key.length + value.length)
      }
    }
    return response
  }

  /** Every column family at once, without asking anybody. */
  destroyRange(start: Uint8Array, end: Uint8Array): void {
    for (const family of COLUMN_FAMILIES) this.#data.deleteRange(family, start, end)
  }

  /** Going down, `startKey` is the upper bound (exclusive) and `endKey` the lower one; an empty `startKey` is the smallest key. */
  #scanRange(
    range: { readonly startKey: Uint8Array; readonly endKey: Uint8Array },
    options: { readonly cf: string; readonly keyOnly: boolean; readonly reverse: boolean },
    limit: number,
    bounds: Bounds,
  ): kv.KvPair[] {
    const { reverse } = options
    if (reverse && range.startKey.length === 0) return []
    const [from, to] = reverse ? [range.endKey, range.startKey] : [range.startKey, range.endKey]
    const start = compareBytes(from, bounds.start) < 0 ? bounds.start : from
    const bounded = bounds.end.length > 0 && (to.length === 0 || compareBytes(bounds.end, to) < 0)
    const found = this.#data.scan(this.#family(options.cf), start, bounded ? bounds.end : to, {
      limit,
      reverse,
    })
    return [...found].map(({ key, value }) =>
      kv.KvPair.create({ key, value: options.keyOnly ? EMPTY_BYTES : value }),
    )
  }

  #requireTtl(ttls: readonly bigint[]): void {
    if (this.#apiVersion === kv.APIVersion.V1 && ttls.some((ttl) => ttl !== 0n)) {
      throw new RawError('ttl is not enabled, but get put request with ttl')
    }
  }

  #family(name: string): ColumnFamily {
    if (name === '') return 'default'
    const family = COLUMN_FAMILIES.find((candidate) => candidate === name)
    if (family === undefined) throw new RawError(`invalid cf name: ${name}`)
    if (this.#apiVersion === kv.APIVersion.V2) {
      throw new RawError(`cf is deprecated in API V2, cf name: ${name}`)
    }
    return family
  }
}
