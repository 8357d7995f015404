import type { Context } from '../gen/kvrpcpb.js'
import type { Region } from '../gen/metapb.js'
import type { KeyRange } from '../key-range.js'
import type { KvMethod } from '../rpc/method.js'

/**
 * Between the user's keys and those of the cluster: API V1 raw, V1 transactional, V1TTL, or V2 with a keyspace.
 * Everything above the request sender and the region cache sees user keys only.
 * Equivalent in client-go: `internal/apicodec`.
 */
export interface ApiCodec {
  /** What every request's context carries: `apiVersion` and, for V2, the keyspace. */
  readonly context: Partial<Context>
  readonly keyspaceId: number | undefined
  /** A user key as PD's region boundaries have it. */
  encodeRegionKey(key: Uint8Array): Uint8Array
  encodeRegionRange(range: KeyRange): KeyRange
  /** The region with boundaries clamped to user keys, or undefined when it lies outside the keyspace. */
  decodeRegion(region: Region): Region | undefined
  /** Same object when nothing changes; otherwise a changed copy. Never changes what it is given. */
  encodeRequest<Request, Response>(method: KvMethod<Request, Response>, request: Request): Request
  /** Keys in pairs, locks, key errors, region errors and MVCC facts. May change `response` in place. */
  decodeResponse<Request, Response>(method: KvMethod<Request, Response>, response: Response): Response
}
