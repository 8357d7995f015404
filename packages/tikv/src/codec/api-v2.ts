import { APIVersion, type Context } from '../gen/kvrpcpb.js'
import type { Region } from '../gen/metapb.js'
import type { KeyRange } from '../key-range.js'
import type { KvMethod } from '../rpc/method.js'
import type { ApiCodec } from './api-codec.js'
import { decodeRegionErrorKeys } from './decode-keys.js'
import { KeyspacePrefix } from './keyspace-prefix.js'
import { requestEncoders, responseDecoders } from './keyspace-messages.js'
import { keysOf, memcomparableBoundaries, withBoundaries } from './region-boundaries.js'

/**
 * The API of clusters with keyspaces: every key gets the keyspace's prefix on its way out and loses it on its way in.
 *
 * Invariants:
 * 1. No request leaves the keyspace: an empty bound is the keyspace's own.
 * 2. A key of another keyspace in an answer is `PROTOCOL_VIOLATION`, but for regions, which are cut or left out.
 */
export class ApiV2Codec implements ApiCodec {
  readonly context: Partial<Context>
  readonly keyspaceId: number
  readonly #prefix: KeyspacePrefix

  constructor(mode: 'raw' | 'transaction', keyspaceId: number) {
    this.keyspaceId = keyspaceId
    this.context = { apiVersion: APIVersion.V2, keyspaceId }
    this.#prefix = new KeyspacePrefix(mode, keyspaceId)
  }

  encodeRegionKey(key: Uint8Array): Uint8Array {
    return memcomparableBoundaries.encode(this.#prefix.encode(key))
  }

  encodeRegionRange(range: KeyRange): KeyRange {
    const { start, end } = this.#prefix.encodeRange(range)
    return { start: memcomparableBoundaries.encode(start), end: memcomparableBoundaries.encode(end) }
  }

  decodeRegion(region: Region): Region | undefined {
    const keys = keysOf(region, memcomparableBoundaries)
    const range = keys === undefined ? undefined : this.#prefix.clamp(keys.start, keys.end)
    return range === undefined ? undefined : withBoundaries(region, range.start, range.end)
  }

  encodeRequest<Request, Response>(method: KvMethod<Request, Response>, request: Request): Request {
    const encode = requestEncoders.get(method.path)
    // The table has one row a method, typed where it is written.
    return encode === undefined ? request : (encode(request, this.#prefix) as Request)
  }

  decodeResponse<Request, Response>(method: KvMethod<Request, Response>, response: Response): Response {
    decodeRegionErrorKeys(response, this, (key) => (this.#prefix.has(key) ? this.#prefix.decode(key) : key))
    responseDecoders.get(method.path)?.(response, this.#prefix, this)
    return response
  }
}
