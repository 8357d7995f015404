import { configFromCode, Metrics, silentLogger, TestEnv } from '@orbit-ts/base'
import { tikvConfig, type TiKVConfigInput } from '../config/tikv-config.js'
import { BackgroundTasks } from '../core/background-tasks.js'
import { openCore, type KeyMode, type OpenCore } from '../core/open-core.js'
import { RpcPdClient } from '../pd/rpc-pd-client.js'
import { PooledStoreRpc } from '../rpc/store-rpc-pool.js'
import { keyFormatter } from '../telemetry/format-key.js'
import { createTelemetry } from '../telemetry/telemetry.js'
import { TestCluster, type TestClusterOptions } from '../testing/test-cluster.js'

/** A test cluster in virtual time, and as many clients of it as a test wants. */
export class ClientBench {
  readonly env: TestEnv
  readonly cluster: TestCluster
  readonly #closers: (() => Promise<void>)[] = []

  private constructor(env: TestEnv, cluster: TestCluster) {
    this.env = env
    this.cluster = cluster
  }

  static async open(options: TestClusterOptions = {}): Promise<ClientBench> {
    const env = new TestEnv({ seed: 1 })
    return new ClientBench(env, await advanceUntil(env, TestCluster.start({ ...options, env })))
  }

  /** The core of one client. Its configuration says the version of the API, and the keyspace. */
  async core(mode: KeyMode, input: Partial<TiKVConfigInput> = {}): Promise<OpenCore> {
    const { env } = this
    const logger = silentLogger
    const transport = this.cluster.transport ?? refuse('the cluster is not in this process')
    const config = configFromCode(tikvConfig, { pdEndpoints: [...this.cluster.pdEndpoints], ...input })
    const telemetry = createTelemetry(new Metrics(), keyFormatter(false))
    const pd = await this.finish(RpcPdClient.connect({ env, logger, telemetry, transport, config }))
    const named = config.apiVersion === 'v2' ? (config.keyspace ?? 'DEFAULT') : undefined
    const keyspace = named === undefined ? undefined : await this.finish(pd.loadKeyspace(named))
    const rpc = new PooledStoreRpc({ env, transport, config, telemetry, logger })
    const background = new BackgroundTasks({ max: 1000, logger, gauge: telemetry.backgroundTasks })
    const keyspaceId = keyspace === undefined ? undefined : (keyspace.id ?? 0)
    const core = openCore(mode, { env, logger, config, telemetry, pd, rpc, background, keyspaceId })
    this.#closers.push(async () => {
      await background.close()
      await core.close()
      await rpc.close()
      await pd.close()
    })
    return core
  }

  /** Lets virtual time pass until the work is done. */
  finish<T>(work: Promise<T>): Promise<T> {
    return advanceUntil(this.env, work)
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await this.finish(close())
    await this.finish(this.cluster.close())
  }
}

function refuse(why: string): never {
  throw new Error(why)
}

async function advanceUntil<T>(env: TestEnv, work: Promise<T>): Promise<T> {
  const state = { done: false }
  const mark = (): void => void (state.done = true)
  work.then(mark, mark)
  for (let stepMs = 0; !state.done; stepMs = 1) await env.advance(stepMs)
  return work
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value)

/** The items of a sequence, in virtual time. */
export async function collect<T>(sequence: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of sequence) items.push(item)
  return items
}

export const range = (start: string, end: string): { start: Uint8Array; end: Uint8Array } => ({
  start: bytes(start),
  end: bytes(end),
})
