import type { CachedRegion } from './cached-region.js'
import type { Store } from './store.js'

export interface RegionCacheDiagnostics {
  readonly regionCount: number
  readonly regions: readonly RegionDiagnostics[]
  readonly stores: readonly StoreDiagnostics[]
}

/** Ids as decimal strings, keys as logs show them. */
export interface RegionDiagnostics {
  readonly id: string
  /** Version of the configuration, then of the range. */
  readonly epoch: string
  readonly startKey: string
  readonly endKey: string
  readonly leaderStore: string
  readonly stores: readonly string[]
  readonly valid: boolean
}

export interface StoreDiagnostics {
  readonly id: string
  readonly address: string
  readonly state: string
  readonly liveness: string
  readonly isSlow: boolean
  /** How often the store was found out of reach. */
  readonly epoch: number
}

export function describeRegion(
  region: CachedRegion,
  formatKey: (key: Uint8Array) => string,
  nowMs: number,
): RegionDiagnostics {
  return {
    id: String(region.id),
    epoch: `${region.epoch.confVer}:${region.epoch.version}`,
    startKey: formatKey(region.startKey),
    endKey: formatKey(region.endKey),
    leaderStore: region.leader.store.label,
    stores: region.replicas.map(({ store }) => store.label),
    valid: !region.isExpired(nowMs) && !region.reloadOnAccess,
  }
}

export function describeStore(store: Store): StoreDiagnostics {
  const { label: id, address, state, liveness, epoch } = store
  return { id, address, state, liveness, isSlow: store.health.isSlow, epoch }
}

/** The first `count` of the items. */
export function* take<T>(items: Iterable<T>, count: number): Generator<T, void, void> {
  let taken = 0
  for (const item of items) {
    if (taken === count) return
    taken += 1
    yield item
  }
}
