import type { Error as RegionError } from '../gen/errorpb.js'
import type { Context, ExecDetailsV2 } from '../gen/kvrpcpb.js'
import type { RegionEpoch } from '../gen/metapb.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { KvMethod } from '../rpc/method.js'
import type { Interceptor } from '../rpc/store-rpc.js'
import type { ExecDetails } from '../telemetry/exec-details.js'

/** A region at one moment of its history. Its keys are user keys. */
export interface RegionVersion {
  readonly id: bigint
  readonly epoch: RegionEpoch
  readonly startKey: Uint8Array
  /** Empty: no bound. */
  readonly endKey: Uint8Array
}

/** Which peer may answer a read. */
export type ReplicaRead = 'leader' | 'follower' | 'mixed' | 'learner' | 'prefer-leader'

/** Which replica answers a read. What cannot be answered there goes to the leader. */
export interface ReplicaOptions {
  /** Default `leader`. */
  readonly replicaRead?: ReplicaRead | undefined
  /** Reads at a timestamp every replica has already resolved; falls back to the leader. */
  readonly staleRead?: boolean | undefined
  /** Stores with all of these labels are preferred. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** These stores are preferred. */
  readonly storeIds?: readonly bigint[] | undefined
  /** Never another replica than the leader, whatever fails. */
  readonly leaderOnly?: boolean | undefined
  /** A leader that expects reads to wait longer than this hands them to an idle replica. */
  readonly busyThresholdMs?: number | undefined
}

export interface SendOptions extends ReplicaOptions {
  /** Of one attempt. A read with less than 30 s goes to another replica at once when its time is over. */
  readonly timeoutMs: number
  readonly interceptors?: readonly Interceptor[] | undefined
  readonly details?: ExecDetails | undefined
  /** The request was sent before (its answer was lost): every attempt carries `is_retry_request`. */
  readonly retry?: boolean | undefined
}

/** Every request and answer that the sender handles. */
export interface RegionRequest {
  context: Context | undefined
}
export interface RegionResponse {
  readonly regionError: RegionError | undefined
  readonly execDetailsV2?: ExecDetailsV2 | undefined
}

/** An answer without a region error. */
export interface SendSuccess<Response> {
  readonly response: Response
  readonly regionError: undefined
  readonly storeId: bigint
  readonly transportFailed: boolean
}

/**
 * A region error after which the caller waits (`RegionLocator.backoffForRegionError`), locates its keys anew and splits
 * its batch again. It may be one that no server sent: an empty `epochNotMatch` when no replica is left to ask.
 */
export interface SendRegionError {
  readonly response: undefined
  readonly regionError: RegionError
  readonly transportFailed: boolean
}

/**
 * What became of one request to one region. `transportFailed` tells that some attempt's answer was lost, or that a server
 * itself could not tell (`undetermined_result`), so that a write may have been applied.
 */
export type SendOutcome<Response> = SendSuccess<Response> | SendRegionError

/**
 * Sends a request to the region, following its leader and its replicas. Replaces `request.context` by a copy with the
 * region, peer, API version, replica and retry fields; the caller sets the others (priority, isolation, resolved
 * locks …), and one request object is in one `send` at a time. A `maxExecutionDurationMs` of 0 becomes the timeout.
 *
 * Errors: what ends a retry (`RAFT_ENTRY_TOO_LARGE`, `FLASHBACK_IN_PROGRESS`, `INVALID_ARGUMENT` for a timestamp from
 * the future, `STORAGE_FULL` once its budget is spent, `RPC_TLS` when repeated), the backoffer's, and those of a call
 * that was not made (`SERVER_BUSY`, `CLIENT_CLOSED`). After one of them `sendFailureIsUndetermined(error)` tells
 * whether a write may have been applied all the same.
 */
export interface RegionSender {
  send<Request extends RegionRequest, Response extends RegionResponse>(
    backoffer: Backoffer,
    region: RegionVersion,
    method: KvMethod<Request, Response>,
    request: Request,
    options: SendOptions,
  ): Promise<SendOutcome<Response>>
  /**
   * As `send`, for methods that answer with a stream of responses. A region error of the first response is handled as
   * `send` does; a later one, or a failure in transport once responses have been given, ends the stream with a
   * region error as its last outcome.
   */
  stream<Request extends RegionRequest, Response extends RegionResponse>(
    backoffer: Backoffer,
    region: RegionVersion,
    method: KvMethod<Request, Response>,
    request: Request,
    options: SendOptions,
  ): AsyncIterable<SendOutcome<Response>>
}
