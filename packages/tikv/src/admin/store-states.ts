import type { ClientCore } from '../core/client-core.js'
import type { AdminCallOptions, StoreState } from './admin-options.js'
import { servingStores } from './store-calls.js'

/**
 * The stores as PD lists them, each asked for its health (gRPC's health service) at once.
 * @throws `PD_UNAVAILABLE` when the stores cannot be listed.
 */
export async function storeStates(
  core: ClientCore,
  { signal }: AdminCallOptions,
): Promise<readonly StoreState[]> {
  const timeoutMs = Math.max(1, core.config.storeLivenessTimeout)
  const stores = await servingStores(core, signal)
  return Promise.all(
    stores.map(async ({ id, address }) => ({
      id,
      address,
      isReachable: await core.rpc.probe(address, timeoutMs).then(
        (liveness) => liveness === 'reachable',
        () => false,
      ),
    })),
  )
}
