import type { ReplicaOptions } from '../region/region-request.js'
import type { Interceptor } from '../rpc/store-rpc.js'
import type { ExecDetails } from '../telemetry/exec-details.js'
import type { Timestamp } from '../timestamp.js'

/**
 * - `snapshot`: the versions at the read timestamp; locks that may commit before it are resolved or waited for.
 * - `read-committed`: the latest committed versions at the read timestamp; locks are ignored.
 * - `read-committed-check-ts`: as `read-committed`, and a lock or a version newer than the read timestamp is a
 *   `TRANSACTION_CONFLICT`.
 */
export type ReadIsolation = 'snapshot' | 'read-committed' | 'read-committed-check-ts'

/** The server's queue: high before normal before low. */
export type ReadPriority = 'low' | 'normal' | 'high'

/** How a snapshot reads. */
export interface SnapshotOptions extends ReplicaOptions {
  /** Default `snapshot`. */
  readonly isolation?: ReadIsolation | undefined
  /** Default `normal`. */
  readonly priority?: ReadPriority | undefined
  /** The servers do not keep in their block cache what is read. Default false. */
  readonly notFillCache?: boolean | undefined
  /** Requests of one task share its turn in the servers' queues. */
  readonly taskId?: bigint | undefined
  /** A server that expects a longer wait refuses, so that another replica is asked. Default 0: none. */
  readonly busyThresholdMs?: number | undefined
  /** Name of the group in every request; nothing is accounted for by the client. */
  readonly resourceGroup?: string | undefined
  /** Bytes that the servers keep statistics by. */
  readonly resourceGroupTag?: Uint8Array | undefined
  /** Text that the servers keep statistics by. */
  readonly requestSource?: string | undefined
  /** The trace that the servers note their work under. Default: that of the OpenTelemetry span, if there is one. */
  readonly traceId?: Uint8Array | undefined
  /** Deadline of the first attempt; a slow server is then given up for another replica. Default: `requestTimeout`. */
  readonly readTimeoutMs?: number | undefined
  /** Rows in one request of a scan. Default 256. */
  readonly scanBatchSize?: number | undefined
  /** Memory for values read before, bytes: each key is asked for once. 0 keeps none. Default 16 MiB. */
  readonly cacheBytesMax?: number | undefined
  /** Transactions whose locks are not seen: the reader's own, when it reads what it has prewritten. */
  readonly ignoreLocksOf?: readonly Timestamp[] | undefined
  /** A lock of another transaction is a `TRANSACTION_CONFLICT` instead of being resolved. Default false. */
  readonly failOnLock?: boolean | undefined
  /**
   * With `failOnLock`: a lock of a transaction that began after this is no conflict when the servers can make that
   * transaction commit after what is read, at once.
   */
  readonly passLocksAfter?: Timestamp | undefined
  /**
   * A given timestamp that PD has not reached is `INVALID_ARGUMENT`: a read at one may see less than a later read at the
   * same. Asks PD when the timestamp is less than `lowResolutionInterval` old. Default false.
   */
  readonly refuseFuture?: boolean | undefined
  /** Around each of these calls, inside those of the client. */
  readonly interceptors?: readonly Interceptor[] | undefined
  /** Receives what the reads cost. */
  readonly details?: ExecDetails | undefined
}

/** Of one read. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
}

/** Of one scan. */
export interface ScanOptions extends ReadOptions {
  /** From the end of the range. Default false. */
  readonly reverse?: boolean | undefined
  /** Rows in all. Default: no bound. */
  readonly limit?: number | undefined
  /** Values come back empty. Default false. */
  readonly keysOnly?: boolean | undefined
  /** Every n-th row only. Default 1: all. */
  readonly sampleStep?: number | undefined
  /** Rows in one request and chunk. Default: that of the snapshot. */
  readonly batchSize?: number | undefined
}

/** One row. */
export interface KeyValue {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A value and when it was committed. */
export interface VersionedValue {
  readonly value: Uint8Array
  readonly commitTs: Timestamp
}
