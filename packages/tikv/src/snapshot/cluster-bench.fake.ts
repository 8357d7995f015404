import { configFromCode, Metrics, silentLogger, TestEnv, utf8 } from '@orbit-ts/base'
import { tikvConfig } from '../config/tikv-config.js'
import { BackgroundTasks } from '../core/background-tasks.js'
import { openCore, type OpenCore } from '../core/open-core.js'
import { RpcPdClient } from '../pd/rpc-pd-client.js'
import { PooledStoreRpc } from '../rpc/store-rpc-pool.js'
import { keyFormatter } from '../telemetry/format-key.js'
import { createTelemetry } from '../telemetry/telemetry.js'
import { TestCluster } from '../testing/test-cluster.js'
import type { Timestamp } from '../timestamp.js'
import { LockResolver } from '../txn/lock/lock-resolver.js'
import { TxnSafePoint } from '../txn/lock/safe-point.js'
import { Snapshot } from './snapshot.js'
import type { SnapshotOptions } from './snapshot-options.js'

/** A test cluster of three stores within the process, in virtual time, and what reads need of a client of it. */
export class ClusterBench {
  readonly env: TestEnv
  readonly cluster: TestCluster
  readonly core: OpenCore
  readonly resolver: LockResolver
  readonly safePoint: TxnSafePoint
  readonly background: BackgroundTasks
  readonly #pd: RpcPdClient
  readonly #rpc: PooledStoreRpc

  private constructor(
    env: TestEnv,
    cluster: TestCluster,
    parts: { core: OpenCore; pd: RpcPdClient; rpc: PooledStoreRpc; background: BackgroundTasks },
  ) {
    this.env = env
    this.cluster = cluster
    this.core = parts.core
    this.background = parts.background
    this.#pd = parts.pd
    this.#rpc = parts.rpc
    this.resolver = new LockResolver(parts.core)
    this.safePoint = new TxnSafePoint({
      env,
      logger: silentLogger,
      gc: parts.core.pd.gc,
      intervalMs: parts.core.config.safePointInterval,
      signal: parts.core.closing,
    })
  }

  static async open(splitKeys: readonly string[], seed = 1): Promise<ClusterBench> {
    const env = new TestEnv({ seed })
    const cluster = await advanceUntil(env, TestCluster.start({ env, splitKeys: splitKeys.map(utf8) }))
    const { transport } = cluster
    if (transport === undefined) throw new Error('no transport')
    const config = configFromCode(tikvConfig, { pdEndpoints: [...cluster.pdEndpoints] })
    const telemetry = createTelemetry(new Metrics(), keyFormatter(false))
    const logger = silentLogger
    const pd = await advanceUntil(env, RpcPdClient.connect({ env, logger, telemetry, transport, config }))
    const rpc = new PooledStoreRpc({ env, transport, config, telemetry, logger })
    const background = new BackgroundTasks({ max: 1000, logger, gauge: telemetry.backgroundTasks })
    const core = openCore('transaction', {
      env,
      logger,
      config,
      telemetry,
      pd,
      rpc,
      background,
      keyspaceId: undefined,
    })
    return new ClusterBench(env, cluster, { core, pd, rpc, background })
  }

  finish<T>(work: Promise<T>): Promise<T> {
    return advanceUntil(this.env, work)
  }

  tso(): Promise<Timestamp> {
    return this.finish(this.core.pd.getTimestamp())
  }

  async snapshot(readTs?: Timestamp, options: SnapshotOptions = {}): Promise<Snapshot> {
    const { core, resolver, safePoint } = this
    return new Snapshot({ core, resolver, safePoint }, readTs ?? (await this.tso()), options)
  }

  async close(): Promise<void> {
    await this.finish(this.background.close())
    await this.finish(this.core.close())
    await this.finish(this.#rpc.close())
    await this.finish(this.#pd.close())
    await this.finish(this.cluster.close())
  }
}

/** Moves time on, a millisecond at a time, until the work is done. */
async function advanceUntil<T>(env: TestEnv, work: Promise<T>): Promise<T> {
  const state = { done: false }
  const mark = (): void => void (state.done = true)
  work.then(mark, mark)
  for (let stepMs = 0; !state.done; stepMs = 1) await env.advance(stepMs)
  return work
}
