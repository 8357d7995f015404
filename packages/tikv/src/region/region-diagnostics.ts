import type { CachedRegion } from './cached-region.js'
import type { Store } from './store.js'

export interface RegionCacheDiagnostics {
  readonly regionCount: number
  /** Roughly what they take. */
  readonly sizeBytes: number
  /** Look-ups that were answered, and those that had to ask PD. */
  readonly hits: number
  readonly misses: number
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

/** An entry with its links, counters and places in the indexes. */
const REGION_BYTES = 400
const REPLICA_BYTES = 80

/** Roughly what a cached region takes. */
export function regionSize({ startKey, endKey, replicas }: CachedRegion): number {
  return REGION_BYTES + startKey.byteLength + endKey.byteLength + REPLICA_BYTES * replicas.length
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
