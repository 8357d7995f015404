import { compareBytes, EMPTY_BYTES } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import type { KvPair } from '../gen/kvrpcpb.js'
import type { KeyRange } from '../key-range.js'
import type { RegionVersion } from '../region/region-request.js'
import type { Backoffer } from '../retry/backoffer.js'
import { tikvMethods } from '../rpc/methods.js'
import { requirePairs } from './raw-errors.js'
import type { RawEntry, RawScanOptions } from './raw-options.js'

/** A scan that goes on from where it stopped, page by page, region by region. */
export class RawScan {
  readonly #core: ClientCore
  readonly #columnFamily: string
  readonly #options: RawScanOptions
  #start: Uint8Array
  #end: Uint8Array
  #done = false

  constructor(core: ClientCore, columnFamily: string, range: KeyRange, options: RawScanOptions) {
    this.#core = core
    this.#columnFamily = columnFamily
    this.#options = options
    this.#start = range.start
    this.#end = range.end
  }

  get done(): boolean {
    return this.#done
  }

  /** The next entries, `limit` at most; may be none although more follow: see {@link done}. */
  async page(limit: number, backoffer: Backoffer): Promise<RawEntry[]> {
    const reverse = this.#options.reverse === true
    for (;;) {
      const region = reverse
        ? await this.#core.regions.locateEnd(backoffer, this.#end)
        : await this.#core.regions.locate(backoffer, this.#start)
      const part = this.#partOf(region)
      const outcome = await this.#core.sender.send(
        backoffer,
        region,
        tikvMethods.rawScan,
        {
          context: undefined,
          startKey: reverse ? this.#upperBound(part) : part.start,
          endKey: reverse ? part.start : part.end,
          limit,
          keyOnly: this.#options.keysOnly === true,
          cf: this.#columnFamily,
          reverse,
        },
        {
          timeoutMs: this.#core.config.requestTimeout,
          details: this.#options.details,
          interceptors: this.#options.interceptors,
        },
      )
      if (outcome.regionError !== undefined) {
        await this.#core.regions.backoffForRegionError(backoffer, outcome.regionError)
        continue
      }
      const { kvs } = outcome.response
      requirePairs(tikvMethods.rawScan.name, kvs)
      this.#moveOn(kvs, limit, part)
      return kvs.map(({ key, value }) => ({ key, value }))
    }
  }

  #partOf(region: RegionVersion): KeyRange {
    const start = compareBytes(region.startKey, this.#start) > 0 ? region.startKey : this.#start
    const endsFirst =
      region.endKey.length > 0 && (this.#end.length === 0 || compareBytes(region.endKey, this.#end) < 0)
    return { start, end: endsFirst ? region.endKey : this.#end }
  }

  /**
   * Servers read an open upper bound as the smallest key. A codec with keyspaces puts the end of the keyspace there;
   * otherwise it is a key that is longer, and so larger, than any that can be stored.
   */
  #upperBound({ end }: KeyRange): Uint8Array {
    if (end.length > 0 || this.#core.codec.keyspaceId !== undefined) return end
    return new Uint8Array(this.#core.config.keyBytesMax + 1).fill(0xff)
  }

  /** A full page goes on behind its last key, a short one with the next region. */
  #moveOn(kvs: readonly KvPair[], limit: number, part: KeyRange): void {
    const last = kvs.length >= limit ? kvs.at(-1)?.key : undefined
    if (this.#options.reverse === true) {
      this.#end = last ?? part.start
      this.#done = this.#end.length === 0 || compareBytes(this.#end, this.#start) <= 0
      return
    }
    this.#start = last === undefined ? part.end : following(last)
    const atEnd = last === undefined && part.end.length === 0
    this.#done = atEnd || (this.#end.length > 0 && compareBytes(this.#start, this.#end) >= 0)
    if (atEnd) this.#start = EMPTY_BYTES
  }
}

/** The least key after `key`. */
function following(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}
