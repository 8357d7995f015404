import { systemEnv } from '@orbit-ts/base'
import { PdProcess } from './pd-process.js'

export interface DevStoresOptions {
  readonly stores: number
  /** 0: any that is free. */
  readonly pdPort: number
  readonly storePort: number
  /** A program to be PD. Default: one within this process. */
  readonly pdServer: string | undefined
  readonly signal: AbortSignal
}

/** TiKV servers that keep their data in memory, and the PD in front of them. */
export interface DevStores extends AsyncDisposable {
  readonly pdEndpoints: readonly string[]
  /** `host:port` of each. */
  readonly addresses: readonly string[]
}

/** @throws RPC_FAILED: a port is taken; PD_UNAVAILABLE, PD_REFUSED, ABORTED: of `pdServer` */
export async function startDevStores(options: DevStoresOptions): Promise<DevStores> {
  const { TestCluster, PdBridge } = await import('@orbit-ts/tikv/testing')
  const { stores, pdPort, storePort, pdServer, signal } = options
  const common = { env: systemEnv, stores, ...(storePort > 0 && { storePort }) }
  if (pdServer === undefined) {
    const cluster = await TestCluster.start({
      ...common,
      transport: 'sockets',
      ...(pdPort > 0 && { pdPort }),
    })
    return storesOf(cluster, cluster.pdEndpoints, () => cluster.close())
  }
  const pd = await PdProcess.start({ program: pdServer, port: pdPort, env: systemEnv, signal })
  try {
    const bridge = await PdBridge.start({ ...common, pdEndpoints: [pd.endpoint] })
    return storesOf(bridge.cluster, [pd.endpoint], async () => {
      await bridge.close()
      await pd.close()
    })
  } catch (error) {
    await pd.close()
    throw error
  }
}

interface Cluster {
  readonly faults: { logLimit: number }
  readonly state: { stores(): readonly { readonly address: string }[] }
}

function storesOf(
  { faults, state }: Cluster,
  pdEndpoints: readonly string[],
  close: () => Promise<void>,
): DevStores {
  // Nobody reads the log of calls here, and what it keeps adds up.
  faults.logLimit = 0
  const addresses = state.stores().map(({ address }) => address)
  return { pdEndpoints, addresses, [Symbol.asyncDispose]: close }
}
