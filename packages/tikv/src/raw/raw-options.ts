import type { Interceptor } from '../rpc/store-rpc.js'
import type { ExecDetails } from '../telemetry/exec-details.js'

export interface RawCallOptions {
  readonly signal?: AbortSignal | undefined
  /** Filled in with what the call cost. */
  readonly details?: ExecDetails | undefined
  readonly interceptors?: readonly Interceptor[] | undefined
}

export interface RawPutOptions extends RawCallOptions {
  /** Whole seconds from now. Default: for ever. Needs API V1TTL or V2. */
  readonly ttlSeconds?: number | undefined
}

export interface RawScanOptions extends RawCallOptions {
  /** Values are empty. Default false. */
  readonly keysOnly?: boolean | undefined
  /** From the end of the range to its start. Default false. */
  readonly reverse?: boolean | undefined
}

export interface RawEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export interface RawPut extends RawEntry {
  /** Overrides that of the call. */
  readonly ttlSeconds?: number | undefined
}

export interface RawChecksum {
  /** XOR of the CRC-64 of every entry. */
  readonly crc64Xor: bigint
  readonly totalKvs: bigint
  readonly totalBytes: bigint
}

export interface CompareAndSwapOptions extends RawPutOptions {
  /** What must be there; undefined: nothing. */
  readonly expected: Uint8Array | undefined
}

export interface CompareAndSwapResult {
  readonly swapped: boolean
  /** What was there; undefined: nothing. */
  readonly previous: Uint8Array | undefined
}

/** Most entries that one `scan` gives; TiKV's limit. `entries` has none. */
export const RAW_SCAN_LIMIT = 10_240
