import type { Peer, Region, RegionEpoch } from '../gen/metapb.js'
import { compareKeys } from './compare-keys.js'
import type { RegionVersion } from './region-request.js'
import type { Store } from './store.js'

/** Why a region is not used any more. */
export type InvalidReason =
  'no-leader' | 'region-not-found' | 'epoch-not-match' | 'store-not-found' | 'replaced' | 'other'

/** A peer that may be asked: its store is a TiKV server that is there. */
export interface RegionReplica {
  readonly peer: Peer
  readonly store: Store
  /** The store's epoch when the region was loaded, or when the peer was last named leader. */
  storeEpoch: number
}

export interface RegionLife {
  readonly ttlMs: number
  /** The time to live varies by up to this much, so that regions loaded together do not expire together. */
  readonly jitterMs: number
  readonly random: () => number
}

export interface CachedRegionParts {
  readonly meta: Region
  readonly epoch: RegionEpoch
  readonly replicas: readonly RegionReplica[]
  readonly leaderIndex: number
  /** PD reports peers down: the region is loaded again after its time to live, however much it is used. */
  readonly hasDownPeers: boolean
}

/**
 * One version of a region, with what the client learned of it since it was loaded.
 *
 * Invariants:
 * 1. Its id, epoch, keys and replicas do not change; leader, proxy and validity do.
 * 2. Once invalid it stays so.
 */
export class CachedRegion implements RegionVersion {
  readonly id: bigint
  readonly epoch: RegionEpoch
  readonly startKey: Uint8Array
  readonly endKey: Uint8Array
  readonly replicas: readonly RegionReplica[]
  /** Index of the replica that is asked as the leader. */
  leaderIndex: number
  /** Index of the replica that passes requests on to the leader, or -1. */
  proxyIndex = -1
  invalidReason: InvalidReason | undefined
  /** Loaded again when it is next looked up; until then it is not valid. */
  reloadOnAccess = false
  /** A replica on a store that came back is not used until the region is loaded again: soon, but not at once. */
  delayedReload: 'none' | 'pending' | 'ready' = 'none'
  expireAfterTtl: boolean
  #expiresAtMs: number
  readonly #life: RegionLife

  constructor(parts: CachedRegionParts, life: RegionLife, nowMs: number) {
    this.id = parts.meta.id
    this.epoch = parts.epoch
    this.startKey = parts.meta.startKey
    this.endKey = parts.meta.endKey
    this.replicas = parts.replicas
    this.leaderIndex = parts.leaderIndex
    this.expireAfterTtl = parts.hasDownPeers
    this.#life = life
    this.#expiresAtMs = this.#nextExpiry(nowMs)
  }

  /** The time at which it expires unless it is used, for eviction. */
  get expiresAtMs(): number {
    return this.#expiresAtMs
  }

  get leader(): RegionReplica {
    // The constructor's caller refuses regions without replicas, and the index is always of one.
    return this.replicas[this.leaderIndex] as RegionReplica
  }

  isExpired(nowMs: number): boolean {
    return this.invalidReason !== undefined || nowMs > this.#expiresAtMs
  }

  /** Whether it may still be used; using it prolongs its life. */
  touch(nowMs: number): boolean {
    if (this.invalidReason !== undefined || nowMs > this.#expiresAtMs) return false
    if (!this.expireAfterTtl && this.#expiresAtMs <= nowMs + this.#life.ttlMs)
      this.#expiresAtMs = this.#nextExpiry(nowMs)
    return true
  }

  /** For requests: valid, and not waiting to be loaded again. */
  isUsable(nowMs: number): boolean {
    return !this.reloadOnAccess && this.touch(nowMs)
  }

  invalidate(reason: InvalidReason): boolean {
    if (this.invalidReason !== undefined) return false
    this.invalidReason = reason
    return true
  }

  contains(key: Uint8Array): boolean {
    return (
      compareKeys(this.startKey, key) <= 0 &&
      (this.endKey.byteLength === 0 || compareKeys(key, this.endKey) < 0)
    )
  }

  /** Whether it holds the keys just before `key`; an empty key is the end of everything. */
  containsBefore(key: Uint8Array): boolean {
    if (key.byteLength === 0) return this.endKey.byteLength === 0
    return (
      compareKeys(this.startKey, key) < 0 &&
      (this.endKey.byteLength === 0 || compareKeys(key, this.endKey) <= 0)
    )
  }

  isSameVersion(other: RegionVersion): boolean {
    return (
      this.id === other.id &&
      this.epoch.version === other.epoch.version &&
      this.epoch.confVer === other.epoch.confVer
    )
  }

  replicaIndex(peer: Peer): number {
    return this.replicas.findIndex((replica) => isSamePeer(replica.peer, peer))
  }

  /** False when the peer is not one of the region's. */
  switchLeader(peer: Peer): boolean {
    const index = this.replicaIndex(peer)
    const replica = this.replicas[index]
    if (replica === undefined) return false
    if (index !== this.leaderIndex) {
      this.leaderIndex = index
      replica.storeEpoch = replica.store.epoch
    }
    return true
  }

  #nextExpiry(nowMs: number): number {
    return nowMs + this.#life.ttlMs + Math.floor(this.#life.random() * this.#life.jitterMs)
  }
}

export function isSamePeer(a: Peer, b: Peer): boolean {
  return a.id === b.id && a.storeId === b.storeId
}
