import { OrbitError, type Env, type Logger } from '@orbit-ts/base'
import { ApiV1Codec } from '../codec/api-v1.js'
import { ApiV2Codec } from '../codec/api-v2.js'
import type { ApiCodec } from '../codec/api-codec.js'
import { CodecPdClient } from '../codec/codec-pd-client.js'
import type { TiKVConfig } from '../config/tikv-config.js'
import type { HealthFeedback } from '../gen/kvrpcpb.js'
import type { RpcPdClient } from '../pd/rpc-pd-client.js'
import { RegionCache } from '../region/region-cache.js'
import { RequestSender } from '../region/request-sender.js'
import type { StoreVersion } from '../region/store-version.js'
import { Backoffer } from '../retry/backoffer.js'
import type { StoreRpc } from '../rpc/store-rpc.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { BackgroundTasks } from './background-tasks.js'
import type { ClientCore } from './client-core.js'

/** Raw keys and transactional keys have region boundaries of different forms, and so each a region cache of its own. */
export type KeyMode = 'raw' | 'transaction'

export interface CoreParts {
  readonly env: Env
  readonly logger: Logger
  readonly config: TiKVConfig
  readonly telemetry: Telemetry
  readonly pd: RpcPdClient
  readonly rpc: StoreRpc
  readonly background: BackgroundTasks
  /** Undefined for API V1. */
  readonly keyspaceId: number | undefined
  readonly minimumStoreVersion?: StoreVersion | undefined
}

/** A core with what closes it. */
export interface OpenCore extends ClientCore {
  readonly regions: RegionCache
  readonly sender: RequestSender
  onHealthFeedback(feedback: HealthFeedback): void
  close(): Promise<void>
}

export function openCore(mode: KeyMode, parts: CoreParts): OpenCore {
  const { env, logger, config, telemetry, rpc, background, minimumStoreVersion } = parts
  const codec = codecFor(mode, parts.keyspaceId)
  const gc = parts.keyspaceId === undefined ? parts.pd.gc : parts.pd.gcOf(parts.keyspaceId)
  const pd = new CodecPdClient(parts.pd, codec, gc)
  const regions = new RegionCache({ env, logger, config, telemetry, pd, rpc, minimumStoreVersion })
  const sender = new RequestSender({
    env,
    logger,
    config,
    telemetry,
    codec,
    cache: regions,
    rpc,
    clusterId: pd.clusterId,
  })
  regions.start()
  const onSleep = (kind: string, sleepMs: number): void =>
    telemetry.backoffSeconds.observe(sleepMs / 1000, { kind })
  return {
    env,
    logger,
    config,
    telemetry,
    codec,
    pd,
    rpc,
    regions,
    sender,
    closing: background.signal,
    backoffer: (budgetMs, signal) => {
      if (background.signal.aborted)
        throw new OrbitError('CLIENT_CLOSED', 'the client was closed; open another')
      const ownMs = (budgetMs * config.retryBudget) / 100
      return new Backoffer({ env, budgetMs: ownMs, signal, closing: background.signal, onSleep })
    },
    inBackground: (name, work) => background.start(name, work),
    onHealthFeedback: (feedback) => regions.storeCache.onHealthFeedback(feedback),
    close: async () => {
      sender.close()
      await regions.close()
    },
  }
}

function codecFor(mode: KeyMode, keyspaceId: number | undefined): ApiCodec {
  if (keyspaceId !== undefined) return new ApiV2Codec(mode, keyspaceId)
  return new ApiV1Codec(mode)
}
