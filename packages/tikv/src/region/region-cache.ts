import { OrbitError, type Env, type Logger } from '@orbit-ts/base'
import { sharedAbort } from '../retry/shared-abort.js'
import type { TiKVConfig } from '../config/tikv-config.js'
import type { Error as RegionError } from '../gen/errorpb.js'
import type { Region } from '../gen/metapb.js'
import type { KeyRange } from '../key-range.js'
import type { PdClient, RegionInfo } from '../pd/pd-client.js'
import { abortable } from '../retry/abortable.js'
import { BackoffKinds } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { StoreRpc } from '../rpc/store-rpc.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { BackgroundLoop } from './background-loop.js'
import { CachedRegion, type InvalidReason, type RegionReplica } from './cached-region.js'
import { compareKeys } from './compare-keys.js'
import {
  describeRegion,
  describeStore,
  regionSize,
  take,
  type RegionCacheDiagnostics,
} from './region-diagnostics.js'
import { isRetriablePdError } from './pd-errors.js'
import { RegionBuilder } from './region-builder.js'
import { regionErrorKind } from './region-error-kind.js'
import { disjoint, isEmptyRange, rangesAfterKey } from './region-gaps.js'
import { RegionIndex, type InsertOptions } from './region-index.js'
import { keyAfter, RegionLoader, REGIONS_PER_CALL } from './region-loader.js'
import type { RegionKeys, RegionLocator, RegionPart } from './region-locator.js'
import type { RegionVersion } from './region-request.js'
import { StoreCache } from './store-cache.js'
import type { StoreVersion } from './store-version.js'
import type { Store } from './store.js'

export interface RegionCacheOptions {
  readonly env: Env
  readonly logger: Logger
  readonly config: Pick<
    TiKVConfig,
    'regionCacheTtl' | 'regionCacheMax' | 'storeLivenessTimeout' | 'storesRefreshInterval'
  >
  readonly telemetry: Telemetry
  /** Speaks user keys. */
  readonly pd: PdClient
  readonly rpc: StoreRpc
  /** Stores that are older are not called. */
  readonly minimumStoreVersion?: StoreVersion | undefined
}

/** What PD said: `stale` when the cache knows better. */
interface Loaded {
  readonly region: CachedRegion
  readonly stale: boolean
}

type Load = (allowFollower: boolean) => Promise<Loaded | undefined>

/** Real changes of regions that one operation may meet in a row without a wait: a few splits, but not a loop. */
const FREE_REGION_CHANGES = 16

const GC_INTERVAL_MS = 1000
const GC_REGIONS_PER_ROUND = 50

/**
 * Where keys live, as PD and the stores said last. All keys are user keys.
 *
 * Invariants:
 * 1. A look-up of a cached key takes no promise and asks nobody.
 * 2. A region never gives way to an older one, whoever reports it.
 * 3. A region that is not used for its time to live is asked for again; one with peers that are down, or on stores that
 *    cannot be reached, is so however much it is used.
 * 4. PD's followers may answer the first question; every further one goes to its leader.
 * 5. Every wait is bounded by the caller's backoffer and ends with its signal.
 * 6. After `close` no timer is left, and waits on PD have ended.
 *
 * Equivalent in client-go: `internal/locate.RegionCache`.
 */
export class RegionCache implements RegionLocator {
  readonly storeCache: StoreCache
  readonly #options: RegionCacheOptions
  readonly #index: RegionIndex
  readonly #loader: RegionLoader<Loaded>
  readonly #builder: RegionBuilder
  readonly #closing = sharedAbort()
  readonly #gcLoop: BackgroundLoop
  readonly #stopCollecting: () => void
  readonly #invalidations = new Map<InvalidReason, number>()
  readonly #regionChanges = new WeakMap<Backoffer, number>()
  #hits = 0
  #misses = 0
  #stale = 0
  #collected = 0

  constructor(options: RegionCacheOptions) {
    const { env, config, telemetry, pd } = options
    this.#options = options
    this.storeCache = new StoreCache(options)
    this.#index = new RegionIndex(config.regionCacheMax)
    this.#builder = new RegionBuilder({ env, ttlMs: config.regionCacheTtl, stores: this.storeCache })
    this.#loader = new RegionLoader({
      pd,
      closing: this.#closing.signal,
      onQuestion: (reason) => telemetry.regionLoads.add(1, { reason }),
      known: (key) => this.#known(key),
      accept: (info, ahead) => this.#accept(info, { invalidateReplaced: !ahead }),
    })
    this.#gcLoop = new BackgroundLoop({ env, intervalMs: GC_INTERVAL_MS, run: () => this.collectGarbage() })
    this.#stopCollecting = telemetry.regionCache.collect(() => this.#samples())
  }

  /** Starts what runs in the background: collection of unused regions, checks of stores. */
  start(): void {
    this.#gcLoop.start()
    this.storeCache.start()
  }

  /** How many regions are cached, invalid ones not yet collected included. */
  get size(): number {
    return this.#index.size
  }

  cached(key: Uint8Array): CachedRegion | undefined {
    const region = this.#index.find(key)
    if (region === undefined || !this.#isFresh(region)) return undefined
    this.#hits += 1
    return region
  }

  countCached(range: KeyRange): number {
    return isEmptyRange(range) ? 0 : this.#index.countIn(range.start, range.end)
  }

  async locate(backoffer: Backoffer, key: Uint8Array): Promise<CachedRegion> {
    const hit = this.cached(key)
    if (hit !== undefined) return hit
    const known = this.#index.find(key)
    return (
      (await this.#reload(backoffer, known, () => this.#loader.reload(key))) ??
      (await this.#load(backoffer, (allowFollower) => this.#loader.byKey(key, allowFollower)))
    )
  }

  async locateEnd(backoffer: Backoffer, key: Uint8Array): Promise<CachedRegion> {
    const known = this.#index.findBefore(key)
    if (known !== undefined && this.#isFresh(known)) {
      this.#hits += 1
      return known
    }
    return (
      (await this.#reload(backoffer, known, () => this.#loader.byEndKey(key, false))) ??
      (await this.#load(backoffer, (allowFollower) => this.#loader.byEndKey(key, allowFollower)))
    )
  }

  async locateById(backoffer: Backoffer, id: bigint): Promise<CachedRegion> {
    const known = this.#index.byId(id)
    if (known !== undefined && this.#isFresh(known)) {
      this.#hits += 1
      return known
    }
    const reloaded = await this.#reload(backoffer, known, () => this.#loader.byId(id))
    if (reloaded !== undefined) return reloaded
    this.#misses += 1
    const found = await this.#ask(backoffer, async () => ({ loaded: await this.#loader.byId(id) }), false)
    if (found.loaded === undefined)
      throw new OrbitError('REGION_UNAVAILABLE', `PD has no region ${id}`, { regionId: String(id) })
    return found.loaded.region
  }

  async groupKeys(backoffer: Backoffer, keys: readonly Uint8Array[]): Promise<readonly RegionKeys[]> {
    const missing = this.#missing(keys)
    if (missing.length > 1)
      await this.#preload(
        backoffer,
        missing.sort(compareKeys).map((key) => ({ start: key, end: keyAfter(key) })),
      )
    const groups: RegionGroup[] = []
    // Most calls stay in one region, and need no map.
    let byRegion: Map<CachedRegion, RegionGroup> | undefined
    let group: RegionGroup | undefined
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as Uint8Array
      if (group?.region.contains(key) !== true) {
        const region = this.cached(key) ?? (await this.locate(backoffer, key))
        if (group !== undefined) byRegion ??= new Map([[group.region, group]])
        group = byRegion?.get(region)
        if (group === undefined) {
          group = { region, keys: [], indexes: [] }
          groups.push(group)
          byRegion?.set(region, group)
        }
      }
      group.keys.push(key)
      group.indexes.push(index)
    }
    return groups
  }

  async splitRange(
    backoffer: Backoffer,
    range: KeyRange,
    limit: number = Number.POSITIVE_INFINITY,
  ): Promise<readonly RegionPart[]> {
    const parts: RegionPart[] = []
    let rest: KeyRange | undefined = isEmptyRange(range) ? undefined : range
    while (rest !== undefined && parts.length < limit) {
      const left = limit - parts.length
      const before = parts.length
      for (const region of await this.#regionsFrom(backoffer, rest, left)) {
        // What was loaded may overlap what is cached; only the region at the front of the rest continues it.
        if (rest === undefined || !region.contains(rest.start) || parts.length === limit) break
        const after: KeyRange | undefined = rangesAfterKey([rest], region.endKey)[0]
        parts.push({ region, range: { start: rest.start, end: after?.start ?? rest.end } })
        rest = after
      }
      if (parts.length === before)
        await backoffer.backoff(BackoffKinds.regionMiss, 'PD names regions that do not hold their keys')
    }
    return parts
  }

  async splitRanges(
    backoffer: Backoffer,
    ranges: readonly KeyRange[],
  ): Promise<readonly { readonly region: RegionVersion; readonly ranges: readonly KeyRange[] }[]> {
    const uncached = ranges.flatMap((range) => this.#uncachedRest(range) ?? [])
    if (uncached.length > 1) await this.#preload(backoffer, disjoint(uncached))
    const groups = new Map<RegionVersion, { region: RegionVersion; ranges: KeyRange[] }>()
    for (const range of ranges) {
      for (const part of await this.splitRange(backoffer, range)) {
        const group = groups.get(part.region)
        if (group === undefined) groups.set(part.region, { region: part.region, ranges: [part.range] })
        else group.ranges.push(part.range)
      }
    }
    return [...groups.values()]
  }

  async backoffForRegionError(backoffer: Backoffer, error: RegionError): Promise<void> {
    if (error.epochNotMatch !== undefined && error.epochNotMatch.currentRegions.length > 0) {
      const changes = (this.#regionChanges.get(backoffer) ?? 0) + 1
      this.#regionChanges.set(backoffer, changes)
      if (changes <= FREE_REGION_CHANGES) return
    }
    await backoffer.backoff(
      BackoffKinds.regionMiss,
      `region error ${regionErrorKind(error)} ${error.message}`,
    )
  }

  invalidate(region: RegionVersion, reason: string): void {
    const known = this.current(region)
    if (known !== undefined) this.invalidateRegion(known, asReason(reason))
  }

  async stores(): Promise<
    readonly { readonly id: bigint; readonly address: string; readonly isTiFlash: boolean }[]
  > {
    return this.storeCache.list()
  }

  /** What is known of a version of a region, when it may still be used. */
  current(region: RegionVersion): CachedRegion | undefined {
    const nowMs = this.#options.env.clock.monotonicMs()
    if (region instanceof CachedRegion && region.isUsable(nowMs)) return region
    const known = this.#index.byId(region.id)
    return known?.isSameVersion(region) === true && known.isUsable(nowMs) ? known : undefined
  }

  isUsable(region: CachedRegion): boolean {
    return region.isUsable(this.#options.env.clock.monotonicMs())
  }

  invalidateRegion(region: CachedRegion, reason: InvalidReason): void {
    if (!region.invalidate(reason)) return
    this.#invalidations.set(reason, (this.#invalidations.get(reason) ?? 0) + 1)
  }

  /**
   * Learns from an `epoch_not_match`. True when the same request to the same region may succeed: the store had not yet
   * applied the change that the cache knows of, and a wait for that is over.
   */
  async onEpochNotMatch(
    backoffer: Backoffer,
    region: CachedRegion,
    store: Store,
    current: readonly Region[],
  ): Promise<boolean> {
    if (current.some((meta) => meta.id === region.id && isNotNewer(meta, region))) {
      await backoffer.backoff(BackoffKinds.regionMiss, `region ${region.id} is ahead of store ${store.label}`)
      return true
    }
    for (const meta of current) {
      // Many requests learn of one split: the first of them has done the work.
      if (this.#isKnown(meta)) continue
      this.#insert(await this.#builder.buildFromStore(backoffer, meta, store), {})
    }
    this.invalidateRegion(region, 'epoch-not-match')
    return false
  }

  /** One round: drops some expired regions, and looks whether others should be loaded again. */
  collectGarbage(): void {
    const nowMs = this.#options.env.clock.monotonicMs()
    for (const region of this.#index.nextRound(GC_REGIONS_PER_ROUND)) {
      if (region.isExpired(nowMs)) {
        this.#index.remove(region)
        this.#collected += 1
      } else if (region.delayedReload === 'pending') {
        region.delayedReload = 'ready'
      } else if (region.delayedReload === 'none' && region.replicas.some(isOutOfReach)) {
        region.expireAfterTtl = true
      }
    }
  }

  /** Cached regions and known stores, for diagnostics; at most `regionsMax` of the regions. */
  describe(regionsMax = 100): RegionCacheDiagnostics {
    const { formatKey } = this.#options.telemetry
    const nowMs = this.#options.env.clock.monotonicMs()
    return {
      regionCount: this.size,
      sizeBytes: this.#sizeBytes(),
      hits: this.#hits,
      misses: this.#misses,
      regions: [...take(this.#index.all(), regionsMax)].map((region) =>
        describeRegion(region, formatKey, nowMs),
      ),
      stores: [...this.storeCache.all()].map(describeStore),
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new OrbitError('CLIENT_CLOSED', 'the client was closed'))
    this.#stopCollecting()
    await Promise.all([this.#gcLoop.close(), this.storeCache.close()])
    this.#index.clear()
  }

  #sizeBytes(): number {
    let sizeBytes = 0
    for (const region of this.#index.all()) sizeBytes += regionSize(region)
    return sizeBytes
  }

  #isFresh(region: CachedRegion): boolean {
    return region.delayedReload !== 'ready' && region.isUsable(this.#options.env.clock.monotonicMs())
  }

  #isKnown(meta: Region): boolean {
    const { confVer = 0n, version = 0n } = meta.regionEpoch ?? {}
    const known = this.#index.byId(meta.id)
    return known?.epoch.version === version && known.epoch.confVer === confVer && this.isUsable(known)
  }

  #known(key: Uint8Array): Loaded | undefined {
    const region = this.#index.find(key)
    return region !== undefined && this.#isFresh(region) ? { region, stale: false } : undefined
  }

  /**
   * Loads a region that may still be used but asked to be looked at again. When that fails the old one is used, and the
   * next look-up tries again. Undefined for regions that may not be used.
   */
  async #reload(
    backoffer: Backoffer,
    known: CachedRegion | undefined,
    load: () => Promise<Loaded | undefined>,
  ): Promise<CachedRegion | undefined> {
    if (known === undefined || !known.touch(this.#options.env.clock.monotonicMs())) return undefined
    const onAccess = known.reloadOnAccess
    known.reloadOnAccess = false
    known.delayedReload = 'none'
    try {
      const loaded = await abortable(load(), backoffer.signal)
      if (loaded === undefined) throw new OrbitError('REGION_UNAVAILABLE', 'PD has no such region')
      return loaded.region
    } catch (error) {
      if (!isRetriablePdError(error, backoffer.signal)) throw error
      known.reloadOnAccess = onAccess
      if (!onAccess) known.delayedReload = 'pending'
      return onAccess ? undefined : known
    }
  }

  async #load(backoffer: Backoffer, load: Load): Promise<CachedRegion> {
    this.#misses += 1
    let loaded = await this.#ask(backoffer, load, true)
    if (loaded.stale) {
      loaded = await this.#ask(backoffer, load, false)
    }
    return loaded.region
  }

  /** Asks until there is an answer; after the first time only PD's leader. */
  async #ask<T>(
    backoffer: Backoffer,
    load: (allowFollower: boolean) => Promise<T | undefined>,
    mayAskFollower: boolean,
  ): Promise<T> {
    for (let allowFollower = mayAskFollower; ; allowFollower = false) {
      if (this.#closing.signal.aborted) throw new OrbitError('CLIENT_CLOSED', 'the client was closed')
      let failure: OrbitError | undefined
      try {
        const loaded = await abortable(load(allowFollower), backoffer.signal)
        if (loaded !== undefined) return loaded
      } catch (error) {
        if (!isRetriablePdError(error, backoffer.signal)) throw backoffer.explained(error)
        failure = OrbitError.from(error)
      }
      // PD did answer when what it said of the region is of no use.
      if (failure?.code === 'REGION_UNAVAILABLE') await backoffer.backoff(BackoffKinds.pdRegionMiss, failure)
      else if (failure !== undefined) await backoffer.backoff(BackoffKinds.pdRpc, failure)
      else await backoffer.backoff(BackoffKinds.pdRegionMiss, 'PD gave no region, or left a gap')
    }
  }

  async #regionsFrom(backoffer: Backoffer, range: KeyRange, limit: number): Promise<readonly CachedRegion[]> {
    const hits: CachedRegion[] = []
    let region = this.cached(range.start)
    let rest: KeyRange | undefined = range
    while (region !== undefined && rest !== undefined && hits.length < limit) {
      hits.push(region)
      rest = rangesAfterKey([rest], region.endKey)[0]
      region = rest === undefined ? undefined : this.cached(rest.start)
    }
    if (hits.length > 0) return hits
    this.#misses += 1
    const count = Math.min(limit, REGIONS_PER_CALL)
    const loaded = await this.#ask(
      backoffer,
      (allowFollower) => this.#loader.byRange(range, count, allowFollower),
      true,
    )
    const regions = loaded.map((one) => this.#index.find(one.region.startKey) ?? one.region)
    // What PD said may be older than what is cached, and then leads nowhere.
    return regions[0]?.contains(range.start) === true ? regions : [await this.locate(backoffer, range.start)]
  }

  #missing(keys: readonly Uint8Array[]): Uint8Array[] {
    const missing: Uint8Array[] = []
    let region: CachedRegion | undefined
    for (const key of keys) {
      if (region?.contains(key) === true) continue
      region = this.#known(key)?.region
      if (region === undefined) missing.push(key)
    }
    return missing
  }

  /** The part of the range from the first region on that is not cached. */
  #uncachedRest(range: KeyRange): KeyRange | undefined {
    let rest: KeyRange | undefined = isEmptyRange(range) ? undefined : range
    while (rest !== undefined) {
      const region: CachedRegion | undefined = this.#known(rest.start)?.region
      if (region === undefined) return rest
      rest = rangesAfterKey([rest], region.endKey)[0]
    }
    return undefined
  }

  /** Loads the regions of many ranges, which are in order and do not overlap, with as few questions as possible. */
  async #preload(backoffer: Backoffer, ranges: readonly KeyRange[]): Promise<void> {
    let rest = ranges
    while (rest.length > 0) {
      const asked = rest
      const loaded = await this.#ask(
        backoffer,
        (allowFollower) => this.#loader.byRanges(asked, allowFollower),
        true,
      )
      const last = loaded.at(-1)
      if (last === undefined) return
      rest = rangesAfterKey(rest, last.region.endKey)
    }
  }

  async #accept(info: RegionInfo, options: InsertOptions): Promise<Loaded> {
    const region = await this.#builder.build(info)
    const inserted = this.#insert(region, options)
    return { region, stale: !inserted }
  }

  #insert(region: CachedRegion, options: InsertOptions): boolean {
    const inserted = this.#index.insert(region, options)
    if (!inserted) {
      this.#stale += 1
      this.#options.telemetry.staleRegions.add(1)
    }
    return inserted
  }

  #samples(): { value: number; labels: { operation: string; result: string } }[] {
    const sample = (operation: string, result: string, value: number) => ({
      value,
      labels: { operation, result },
    })
    return [
      sample('lookup', 'hit', this.#hits),
      sample('lookup', 'miss', this.#misses),
      sample('insert', 'stale', this.#stale),
      sample('remove', 'expired', this.#collected),
      sample('remove', 'evicted', this.#index.evictions),
      sample('invalidate', 'store', this.storeCache.invalidations),
      ...[...this.#invalidations].map(([reason, count]) => sample('invalidate', reason, count)),
    ]
  }
}

interface RegionGroup {
  readonly region: CachedRegion
  readonly keys: Uint8Array[]
  readonly indexes: number[]
}

const REASONS: ReadonlySet<string> = new Set<InvalidReason>([
  'no-leader',
  'region-not-found',
  'epoch-not-match',
  'store-not-found',
  'replaced',
  'other',
])

function asReason(reason: string): InvalidReason {
  return isReason(reason) ? reason : 'other'
}

function isReason(reason: string): reason is InvalidReason {
  return REASONS.has(reason)
}

function isOutOfReach({ store, storeEpoch }: RegionReplica): boolean {
  return store.epoch !== storeEpoch || store.liveness !== 'reachable'
}

/** Older in one respect, or the same, which the store had reached by the time it answered. */
function isNotNewer(meta: Region, than: RegionVersion): boolean {
  const { confVer = 0n, version = 0n } = meta.regionEpoch ?? {}
  const { epoch } = than
  return (
    confVer < epoch.confVer ||
    version < epoch.version ||
    (confVer === epoch.confVer && version === epoch.version)
  )
}
