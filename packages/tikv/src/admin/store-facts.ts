import type { ClientCore } from '../core/client-core.js'
import { StoreState as WireState } from '../gen/metapb.js'
import { servingStores } from './store-calls.js'
import type { AdminCallOptions } from './admin-options.js'

/** A TiKV server as PD knows it, from its latest heartbeat. */
export interface StoreFacts {
  readonly id: bigint
  readonly address: string
  /** `down` is for the caller to say: PD has no such state, see `figures` and `lastHeartbeatMs`. */
  readonly state: 'up' | 'offline'
  /** Milliseconds since 1970; 0: it never had one. */
  readonly lastHeartbeatMs: number
  /** Undefined as long as PD has had no heartbeat since it started. */
  readonly figures: StoreFigures | undefined
}

export interface StoreFigures {
  readonly capacityBytes: number
  readonly availableBytes: number
  readonly usedBytes: number
  /** Peers of regions on it, leaders or not. */
  readonly regionCount: number
  readonly isBusy: boolean
  /** From 1, fast, to 100. 0: it does not say. */
  readonly slowScore: number
}

const NANOSECONDS_PER_MS = 1_000_000n

/**
 * One request to PD for the list, and one for each store.
 * @throws `PD_UNAVAILABLE`
 */
export async function storeFacts(
  core: ClientCore,
  { signal }: AdminCallOptions,
): Promise<readonly StoreFacts[]> {
  const stores = await servingStores(core, signal)
  const found = await Promise.all(stores.map(({ id }) => core.pd.getStoreStatistics(id, { signal })))
  // One that was removed meanwhile is left out.
  return found.flatMap((answer): StoreFacts[] => {
    if (answer === undefined) return []
    const { store, statistics } = answer
    return [
      {
        id: store.id,
        address: store.address,
        state: store.state === WireState.Up ? 'up' : 'offline',
        lastHeartbeatMs: Number(store.lastHeartbeat / NANOSECONDS_PER_MS),
        figures: statistics && {
          capacityBytes: Number(statistics.capacity),
          availableBytes: Number(statistics.available),
          usedBytes: Number(statistics.usedSize),
          regionCount: statistics.regionCount,
          isBusy: statistics.isBusy,
          slowScore: Number(statistics.slowScore),
        },
      },
    ]
  })
}
