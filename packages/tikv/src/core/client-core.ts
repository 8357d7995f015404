import type { Env, Logger } from '@orbit-ts/base'
import type { ApiCodec } from '../codec/api-codec.js'
import type { TiKVConfig } from '../config/tikv-config.js'
import type { PdClient } from '../pd/pd-client.js'
import type { RegionLocator } from '../region/region-locator.js'
import type { RegionSender } from '../region/region-request.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { StoreRpc } from '../rpc/store-rpc.js'
import type { Telemetry } from '../telemetry/telemetry.js'

/**
 * What every part of an open client stands on. Built once by `TiKVClient.connect`; tests build it over the
 * in-process transport.
 */
export interface ClientCore {
  readonly env: Env
  readonly logger: Logger
  readonly config: TiKVConfig
  readonly telemetry: Telemetry
  readonly codec: ApiCodec
  /** Speaks user keys: wrapped by the codec. */
  readonly pd: PdClient
  readonly rpc: StoreRpc
  readonly regions: RegionLocator
  readonly sender: RegionSender
  /** Aborted when the client closes; background work stops on it. */
  readonly closing: AbortSignal
  backoffer(budgetMs: number, signal?: AbortSignal): Backoffer
  /**
   * Runs work that outlives its caller (secondary commits, lock clean-up): bounded, ended at close, its errors logged.
   * False when there is no room: then do it in line.
   */
  inBackground(name: string, work: (signal: AbortSignal) => Promise<void>): boolean
}
