import { APIVersion, type Context, type SplitRegionResponse } from '../gen/kvrpcpb.js'
import type { Region } from '../gen/metapb.js'
import type { KeyRange } from '../key-range.js'
import type { KvMethod } from '../rpc/method.js'
import { tikvMethods } from '../rpc/methods.js'
import type { ApiCodec } from './api-codec.js'
import { decodeRegionErrorKeys, decodeSplitRegions } from './decode-keys.js'
import {
  keysOf,
  memcomparableBoundaries,
  plainBoundaries,
  withBoundaries,
  type BoundaryCoding,
} from './region-boundaries.js'

/** The API of clusters without keyspaces: keys are what the user says; only PD may see them encoded. */
export class ApiV1Codec implements ApiCodec {
  /** Clusters of API V1TTL ask for V1 too: they know one kind of request. */
  readonly context: Partial<Context> = { apiVersion: APIVersion.V1 }
  readonly keyspaceId = undefined
  readonly #boundaries: BoundaryCoding

  /** @param mode `transaction`: region boundaries are memcomparable; `raw`: they are the keys themselves */
  constructor(mode: 'raw' | 'transaction') {
    this.#boundaries = mode === 'transaction' ? memcomparableBoundaries : plainBoundaries
  }

  encodeRegionKey(key: Uint8Array): Uint8Array {
    return this.#boundaries.encode(key)
  }

  encodeRegionRange(range: KeyRange): KeyRange {
    return { start: this.#boundaries.encode(range.start), end: this.#boundaries.encode(range.end) }
  }

  decodeRegion(region: Region): Region | undefined {
    if (this.#boundaries === plainBoundaries) return region
    const range = keysOf(region, this.#boundaries)
    return range === undefined ? undefined : withBoundaries(region, range.start, range.end)
  }

  encodeRequest<Request, Response>(_method: KvMethod<Request, Response>, request: Request): Request {
    return request
  }

  decodeResponse<Request, Response>(method: KvMethod<Request, Response>, response: Response): Response {
    if (this.#boundaries === plainBoundaries) return response
    decodeRegionErrorKeys(response, this, (key) => key)
    // The path says which message it is.
    if (method.path === tikvMethods.splitRegion.path)
      decodeSplitRegions(response as SplitRegionResponse, this)
    return response
  }
}
