import type { OrbitError } from '@orbit-ts/base'
import type { Store as StoreMeta, StoreLabel } from '../gen/metapb.js'
import type { Liveness } from '../rpc/store-rpc.js'
import { StoreHealth } from './store-health.js'

/**
 * - `unresolved`: its address was never asked for.
 * - `resolved`: its address is known.
 * - `needCheck`: a call failed; the address is used until PD has been asked again.
 * - `tombstone`: removed from the cluster.
 */
export type StoreState = 'unresolved' | 'resolved' | 'needCheck' | 'tombstone'

/** One TiKV server as the client knows it. Changed by {@link StoreCache} alone. */
export class Store {
  readonly id: bigint
  /** The id in metrics. */
  readonly label: string
  address = ''
  state: StoreState = 'unresolved'
  isTiFlash = false
  labels: Readonly<Record<string, string>> = {}
  /** Why it is not called, though it serves. */
  refusal: OrbitError | undefined
  /**
   * Counts how often the store was found unreachable or removed. A region remembers the number it was loaded at: when
   * they differ, its replica on this store is not used until the region has been loaded again.
   */
  epoch = 0
  liveness: Liveness = 'reachable'
  readonly health = new StoreHealth()
  #waitUntilMs = 0

  constructor(id: bigint) {
    this.id = id
    this.label = String(id)
  }

  update(meta: StoreMeta): void {
    this.address = meta.address
    this.labels = Object.fromEntries(meta.labels.map(({ key, value }) => [key, value]))
    this.isTiFlash = isTiFlash(meta.labels)
    this.state = 'resolved'
  }

  hasLabels(labels: Readonly<Record<string, string>> | undefined): boolean {
    if (labels === undefined) return true
    for (const name in labels) if (this.labels[name] !== labels[name]) return false
    return true
  }

  /** The store said that a request would wait this long. */
  setEstimatedWait(waitMs: number, nowMs: number): void {
    this.#waitUntilMs = nowMs + waitMs
  }

  estimatedWaitMs(nowMs: number): number {
    return Math.max(0, this.#waitUntilMs - nowMs)
  }
}

/** By what it says of itself in its labels. */
export function isTiFlash(labels: readonly StoreLabel[]): boolean {
  return labels.some(
    ({ key, value }) => key === 'engine' && (value === 'tiflash' || value === 'tiflash_compute'),
  )
}
