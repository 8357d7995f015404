import type { Interceptor } from '../rpc/store-rpc.js'
import type { ExecDetails } from '../telemetry/exec-details.js'

/** Of every raw call. */
export interface RawCallOptions {
  readonly signal?: AbortSignal | undefined
  /** Filled in with what the call cost. */
  readonly details?: ExecDetails | undefined
  /** Around each of these calls, inside those of the client. */
  readonly interceptors?: readonly Interceptor[] | undefined
}

/** Of raw writes. */
export interface RawPutOptions extends RawCallOptions {
  /** Whole seconds from now. Default: for ever. Needs API V1TTL or V2. */
  readonly ttlSeconds?: number | undefined
}

/** Of raw scans. */
export interface RawScanOptions extends RawCallOptions {
  /** Values are empty. Default false. */
  readonly keysOnly?: boolean | undefined
  /** From the end of the range to its start. Default false. */
  readonly reverse?: boolean | undefined
}

/** One key and its value. */
export interface RawEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** One entry of `batchPut`. */
export interface RawPut extends RawEntry {
  /** Overrides that of the call. */
  readonly ttlSeconds?: number | undefined
}

/** What `checksum` gives for a range. */
export interface RawChecksum {
  /** XOR of the CRC-64 of every entry. */
  readonly crc64Xor: bigint
  readonly totalKvs: bigint
  readonly totalBytes: bigint
}

/** Of `compareAndSwap`. */
export interface CompareAndSwapOptions extends RawPutOptions {
  /** What must be there; undefined: nothing. */
  readonly expected: Uint8Array | undefined
}

/** Whether it was swapped, and for what. */
export interface CompareAndSwapResult {
  readonly swapped: boolean
  /** What was there; undefined: nothing. */
  readonly previous: Uint8Array | undefined
}

/** Most entries that one `scan` gives; TiKV's limit. `entries` has none. */
export const RAW_SCAN_LIMIT = 10_240
