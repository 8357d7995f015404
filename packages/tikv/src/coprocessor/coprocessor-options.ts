import type { ExecDetailsV2 } from '../gen/kvrpcpb.js'
import type { KeyRange } from '../key-range.js'
import type { ReplicaOptions } from '../region/region-request.js'
import type { Interceptor } from '../rpc/store-rpc.js'
import type { ExecDetails } from '../telemetry/exec-details.js'
import type { Timestamp } from '../timestamp.js'

/** What the servers run, over which keys. */
export interface CoprocessorRequest {
  /** 103: a DAG plan, 104: statistics (analyze), 105: checksum. Default 103. */
  readonly tp?: bigint | undefined
  /** The plan as bytes: a `tipb.DAGRequest` for 103. Not looked into. */
  readonly data: Uint8Array
  /** In key order, without overlaps. */
  readonly ranges: readonly KeyRange[]
  /** The versions that are read. */
  readonly startTs: Timestamp
  /** The plan reads from the end of the ranges to their start. Default false. */
  readonly descending?: boolean | undefined
  /** Passed on. Default 0. */
  readonly schemaVersion?: bigint | undefined
}

/** Sizes of pages. */
export interface PagingOptions {
  /** Rows of the first page of each region; doubles page by page. Default 128. */
  readonly minSize?: number | undefined
  /** Default 50 000. */
  readonly maxSize?: number | undefined
  /** Pages grow no more once one has half so many bytes, and shrink by half after one with more. Default 4 MiB. */
  readonly targetBytes?: number | undefined
}

/** How a coprocessor request is sent. */
export interface CoprocessorOptions extends ReplicaOptions {
  /** Regions asked at once. Default 15. */
  readonly concurrency?: number | undefined
  /** Responses come in the order of the ranges (of their ends, when descending). Default false: as they arrive. */
  readonly ordered?: boolean | undefined
  /** Pages of growing size instead of one response a region. */
  readonly paging?: PagingOptions | boolean | undefined
  /** One stream of responses a region (`CoprocessorStream`). Neither paged nor cached. Default false. */
  readonly streaming?: boolean | undefined
  /** May answer from the client's cache, after the server has confirmed that nothing changed. Default true. */
  readonly cache?: boolean | undefined
  /** Default `snapshot`. `read-committed` ignores locks. */
  readonly isolation?: 'snapshot' | 'read-committed' | undefined
  /** Default `normal`. */
  readonly priority?: 'low' | 'normal' | 'high' | undefined
  /** Keeps what is read out of the servers' block cache. Default false. */
  readonly notFillCache?: boolean | undefined
  readonly resourceGroupTag?: Uint8Array | undefined
  readonly requestSource?: string | undefined
  /** Of one request. Default 60 s. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly interceptors?: readonly Interceptor[] | undefined
  /** Filled in with what the call cost. */
  readonly details?: ExecDetails | undefined
}

/** One answer of one region. */
export interface CoprocessorResponse {
  /** As the server wrote it: a `tipb.SelectResponse` for a DAG plan. */
  readonly data: Uint8Array
  readonly regionId: bigint
  /** What was asked for; of a page, what was left to read. */
  readonly ranges: readonly KeyRange[]
  /** What a page covered; undefined when it covered all that was asked for. */
  readonly range: KeyRange | undefined
  /** Whether the data came from the client's cache. */
  readonly cached: boolean
  /** What the server reports of its work. */
  readonly server: ExecDetailsV2 | undefined
}
