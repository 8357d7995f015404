import { compareBytes, defined, EMPTY_BYTES, OrbitError, toHex, type Env, type Timer } from '@orbit-ts/base'
import { PeerRole, StoreState, type Peer, type Region, type StoreLabel } from '../gen/metapb.js'
import type { BootstrapOptions, ClusterEvent, RegionState, StoreInfo } from './cluster-types.js'
import { RegionMap } from './region-map.js'

const TIKV_VERSION = '8.5.0'

export interface ClusterStateOptions {
  readonly env: Env
  /** Default: drawn from `env.random`. */
  readonly clusterId?: bigint | undefined
  /** The first number that {@link ClusterState.allocateId} gives. Default 1. */
  readonly firstId?: bigint | undefined
}

/** What a split names one of the new regions and its peers, in the order of the old region's peers. */
export interface SplitIds {
  readonly regionId: bigint
  readonly peerIds: readonly bigint[]
}

/**
 * Who is in the test cluster: stores, regions, peers and leaders. One object that the test PD and every test store share.
 *
 * Invariants:
 * 1. Regions cover every key, each key once; keys are as PD has them (memcomparable for transactional data and API V2,
 *    plain for raw data of API V1).
 * 2. A region's epoch grows as TiKV's does: `version` with its range, `confVer` with its peers. A new leader changes neither.
 * 3. A leader is a voter of its region; a region without a majority of running voters elects none.
 * 4. Values that were given out never change; a change replaces them and is told to the listeners afterwards.
 */
export class ClusterState {
  readonly env: Env
  readonly clusterId: bigint
  readonly #stores = new Map<bigint, StoreInfo>()
  readonly #regions = new RegionMap()
  readonly #listeners = new Set<(event: ClusterEvent) => void>()
  readonly #elections = new Set<Timer>()
  #lastId: bigint

  constructor(options: ClusterStateOptions) {
    this.env = options.env
    this.#lastId = (options.firstId ?? 1n) - 1n
    this.clusterId = options.clusterId ?? BigInt(Math.floor(options.env.random.float() * 2 ** 48)) + 1n
  }

  /** A number that no store, region or peer had before. */
  allocateId(): bigint {
    this.#lastId++
    return this.#lastId
  }

  /** Calls `listener` after each change until the returned function is called. */
  onChange(listener: (event: ClusterEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * Creates stores and the first regions. Region `n` is led by the store `n mod stores`.
   * @throws `INVALID_ARGUMENT` for a second call, and for numbers or keys that make no cluster.
   */
  bootstrap(options: BootstrapOptions = {}): void {
    const storeCount = options.stores ?? 3
    if (this.#stores.size > 0) throw refused('the cluster was bootstrapped already')
    if (!Number.isInteger(storeCount) || storeCount < 1) {
      throw refused(`stores is ${storeCount}; give a whole number of at least 1`)
    }
    const splitKeys = [...(options.splitKeys ?? [])].sort(compareBytes)
    requireDistinct(splitKeys)
    for (let index = 0; index < storeCount; index++) {
      const address = options.address?.(index) ?? `store-${index + 1}:20160`
      this.addStore(address, options.labels?.(index))
    }
    const replicas = Math.min(options.replicas ?? 3, storeCount)
    const starts = [EMPTY_BYTES, ...splitKeys]
    starts.forEach((start, index) =>
      this.#createRegion(start, splitKeys[index] ?? EMPTY_BYTES, index, replicas),
    )
  }

  /** A new running store without peers. */
  addStore(address: string, labels: readonly StoreLabel[] = []): StoreInfo {
    const store: StoreInfo = {
      id: this.allocateId(),
      address,
      state: StoreState.Up,
      running: true,
      labels,
      version: TIKV_VERSION,
      startTimestamp: this.#nowSeconds(),
    }
    this.#putStore(store)
    return store
  }

  /** All stores, tombstones included, by id. */
  stores(): readonly StoreInfo[] {
    return [...this.#stores.values()]
  }

  findStore(id: bigint): StoreInfo | undefined {
    return this.#stores.get(id)
  }

  /** @throws `INVALID_ARGUMENT` for an unknown id, as every operation below. */
  store(id: bigint): StoreInfo {
    const store = this.#stores.get(id)
    if (store === undefined) throw refused(`store ${id} does not exist`)
    return store
  }

  /** Regions in the order of their keys. */
  regions(): readonly RegionState[] {
    return this.#regions.all()
  }

  findRegion(id: bigint): RegionState | undefined {
    return this.#regions.byId(id)
  }

  region(id: bigint): RegionState {
    const found = this.#regions.byId(id)
    if (found === undefined) throw refused(`region ${id} does not exist`)
    return found
  }

  regionOf(key: Uint8Array): RegionState {
    return this.#regions.byKey(key)
  }

  /** The region that holds the keys just before `key`; for an empty key the last region. Undefined at the first key. */
  regionBefore(key: Uint8Array): RegionState | undefined {
    return this.#regions.before(key)
  }

  /** Regions that share a key with the range, in order. An empty `end` has no bound. */
  regionsIn(start: Uint8Array, end: Uint8Array): readonly RegionState[] {
    return this.#regions.overlapping(start, end)
  }

  /** Peers of the region whose store does not run. */
  downPeers(id: bigint): readonly Peer[] {
    return this.region(id).region.peers.filter((peer) => !this.#isRunning(peer.storeId))
  }

  /**
   * Cuts a region at keys strictly inside it. As TiKV does by default, the old id keeps the last part; all parts get the
   * same epoch, `version` grown by the number of cuts, and the leaders stay on the leader's store.
   * @param ids Of the new regions in order. Default: allocated here.
   * @returns The parts in order, or the region alone when `keys` has none that cuts it.
   */
  splitRegion(
    regionId: bigint,
    keys: readonly Uint8Array[],
    ids: readonly SplitIds[] = [],
  ): readonly RegionState[] {
    const old = this.region(regionId)
    const inside = [...keys].sort(compareBytes).filter((key) => isInside(old.region, key))
    const cuts = inside.filter(
      (key, index) => index === 0 || compareBytes(key, inside[index - 1] ?? key) !== 0,
    )
    if (cuts.length === 0) return [old]
    const epoch = epochOf(old.region)
    const regionEpoch = { confVer: epoch.confVer, version: epoch.version + BigInt(cuts.length) }
    const last: Region = { ...old.region, startKey: cuts.at(-1) ?? EMPTY_BYTES, regionEpoch }
    this.#regions.put({ ...old, region: last })
    const starts = [old.region.startKey, ...cuts]
    const created = cuts.map((endKey, index) =>
      this.#insertPart(
        old,
        { ...old.region, startKey: starts[index] ?? EMPTY_BYTES, endKey, regionEpoch },
        ids[index],
      ),
    )
    const parts = [...created, this.region(regionId)]
    for (const region of parts) this.#emit({ kind: 'region', region })
    return parts
  }

  /** Splits the region that holds `key` so that a region starts there. */
  splitAt(key: Uint8Array): readonly RegionState[] {
    return this.splitRegion(this.regionOf(key).region.id, [key])
  }

  /**
   * Joins two neighbours; the target's id stays. Its peers keep their stores, and its version grows above both.
   * @throws `INVALID_ARGUMENT` when they are not neighbours.
   */
  mergeRegions(sourceId: bigint, targetId: bigint): RegionState {
    const source = this.region(sourceId)
    const target = this.region(targetId)
    const before = isNeighbour(source.region, target.region)
    if (!before && !isNeighbour(target.region, source.region)) {
      throw refused(`regions ${sourceId} and ${targetId} are not neighbours`)
    }
    // Preparing the merge gives the source one version more, committing it puts the target above both.
    const versions = [epochOf(source.region).version + 1n, epochOf(target.region).version]
    const version = versions.reduce((a, b) => (a > b ? a : b)) + 1n
    const region: Region = {
      ...target.region,
      startKey: before ? source.region.startKey : target.region.startKey,
      endKey: before ? target.region.endKey : source.region.endKey,
      regionEpoch: { confVer: epochOf(target.region).confVer, version },
    }
    this.#regions.remove(sourceId)
    this.#regions.put({ ...target, region })
    this.#emit({ kind: 'region-removed', regionId: sourceId })
    return this.#announce(targetId)
  }

  /** @throws `INVALID_ARGUMENT` when the store has no running voter of the region. */
  transferLeader(regionId: bigint, storeId: bigint): RegionState {
    const state = this.region(regionId)
    const peer = state.region.peers.find((candidate) => candidate.storeId === storeId)
    if (peer === undefined || !this.#canLead(peer)) {
      throw refused(`store ${storeId} has no running voter of region ${regionId}`)
    }
    return this.#setLeader(state, peer)
  }

  /** Leaves the region without a leader until `transferLeader` or `elect`. */
  dropLeader(regionId: bigint): RegionState {
    return this.#setLeader(this.region(regionId), undefined)
  }

  /** Elects the first running voter when a majority of voters runs; otherwise the region has no leader. */
  elect(regionId: bigint): RegionState {
    const state = this.region(regionId)
    const voters = state.region.peers.filter(isVoter)
    const running = voters.filter((peer) => this.#isRunning(peer.storeId))
    const quorum = running.length * 2 > voters.length
    const candidates = running.filter((peer) => !peer.isWitness)
    return this.#setLeader(state, quorum ? candidates[0] : undefined)
  }

  addPeer(regionId: bigint, storeId: bigint, role: PeerRole = PeerRole.Voter, isWitness = false): Peer {
    const { region } = this.region(regionId)
    this.store(storeId)
    if (region.peers.some((peer) => peer.storeId === storeId)) {
      throw refused(`region ${regionId} has a peer on store ${storeId} already`)
    }
    const peer: Peer = { id: this.allocateId(), storeId, role, isWitness }
    this.setPeers(regionId, [...region.peers, peer])
    return peer
  }

  /** Removes the peer on a store; when it led, another peer is elected. */
  removePeer(regionId: bigint, storeId: bigint): void {
    const { region, leader } = this.region(regionId)
    if (region.peers.length === 1) throw refused(`region ${regionId} has one peer; add another first`)
    this.setPeers(
      regionId,
      region.peers.filter((peer) => peer.storeId !== storeId),
    )
    if (leader?.storeId === storeId) this.elect(regionId)
  }

  /** Gives a region other peers, or its peers other roles; `changes` is how many differ, by which `confVer` grows. */
  setPeers(regionId: bigint, peers: readonly Peer[], changes = 1): void {
    const state = this.region(regionId)
    const epoch = epochOf(state.region)
    const regionEpoch = { confVer: epoch.confVer + BigInt(changes), version: epoch.version }
    this.#regions.put({ ...state, region: { ...state.region, peers: [...peers], regionEpoch } })
    this.#announce(regionId)
  }

  /**
   * Ends a store's process. The regions that it led elect another leader after `electionMs` (default 0: at once); until
   * then PD and the other peers still name the old one.
   */
  stopStore(storeId: bigint, options: { readonly electionMs?: number } = {}): void {
    this.#putStore({ ...this.store(storeId), running: false })
    const electionMs = options.electionMs ?? 0
    if (electionMs === 0) this.#electLeaderless()
    else this.#electLater(electionMs)
  }

  /** Starts a stopped store, possibly at another address or with other labels. */
  startStore(
    storeId: bigint,
    changes: { readonly address?: string; readonly labels?: readonly StoreLabel[] } = {},
  ): StoreInfo {
    const old = this.store(storeId)
    const store: StoreInfo = {
      ...old,
      address: changes.address ?? old.address,
      labels: changes.labels ?? old.labels,
      running: true,
      startTimestamp: this.#nowSeconds(),
    }
    this.#putStore(store)
    this.#electLeaderless()
    return store
  }

  /** What PD has recorded of the store; a tombstone has no peers left. */
  setStoreState(storeId: bigint, state: StoreState): void {
    const hosted = this.regions().some(({ region }) => region.peers.some((peer) => peer.storeId === storeId))
    if (state === StoreState.Tombstone && hosted) {
      throw refused(`store ${storeId} still has peers; remove them before it becomes a tombstone`)
    }
    this.#putStore({ ...this.store(storeId), state })
  }

  setStoreAddress(storeId: bigint, address: string): void {
    this.#putStore({ ...this.store(storeId), address })
  }

  setStoreVersion(storeId: bigint, version: string): void {
    this.#putStore({ ...this.store(storeId), version })
  }

  setStoreLabels(storeId: bigint, labels: readonly StoreLabel[]): void {
    this.#putStore({ ...this.store(storeId), labels })
  }

  /** Marks a region as being flashed back to an earlier time (0n: no longer), which closes it to other commands. */
  setFlashback(regionId: bigint, startTs: bigint): RegionState {
    const state = this.region(regionId)
    const region = { ...state.region, isInFlashback: startTs !== 0n, flashbackStartTs: startTs }
    this.#regions.put({ ...state, region })
    return this.#announce(regionId)
  }

  /** Cancels elections to come. */
  close(): void {
    for (const timer of this.#elections) timer.cancel()
    this.#elections.clear()
  }

  #electLater(delayMs: number): void {
    const timer = this.env.timers.set(() => {
      this.#elections.delete(timer)
      this.#electLeaderless()
    }, delayMs)
    this.#elections.add(timer)
  }

  #createRegion(startKey: Uint8Array, endKey: Uint8Array, index: number, replicas: number): void {
    const ids = [...this.#stores.keys()]
    const peers = Array.from({ length: replicas }, (_, offset): Peer => {
      const storeId = defined(ids[(index + offset) % ids.length], 'a store')
      return { id: this.allocateId(), storeId, role: PeerRole.Voter, isWitness: false }
    })
    const region: Region = {
      id: this.allocateId(),
      startKey,
      endKey,
      regionEpoch: { confVer: BigInt(replicas), version: 1n },
      peers,
      isInFlashback: false,
      flashbackStartTs: 0n,
    }
    this.#regions.put({ region, leader: peers[0], term: 6n })
    this.#announce(region.id)
  }

  #insertPart(parent: RegionState, range: Region, ids: SplitIds | undefined): RegionState {
    const peers = range.peers.map((peer, index) => ({
      ...peer,
      id: ids?.peerIds[index] ?? this.allocateId(),
    }))
    const leader = peers.find((peer) => peer.storeId === parent.leader?.storeId)
    const id = ids?.regionId ?? this.allocateId()
    const state: RegionState = { region: { ...range, id, peers }, leader, term: 6n }
    this.#regions.put(state)
    return state
  }

  #setLeader(state: RegionState, leader: Peer | undefined): RegionState {
    if (state.leader?.id === leader?.id) return state
    this.#regions.put({ ...state, leader, term: state.term + 1n })
    return this.#announce(state.region.id)
  }

  #electLeaderless(): void {
    for (const { region, leader } of [...this.regions()]) {
      if (leader === undefined || !this.#isRunning(leader.storeId)) this.elect(region.id)
    }
  }

  #canLead(peer: Peer): boolean {
    return isVoter(peer) && !peer.isWitness && this.#isRunning(peer.storeId)
  }

  #isRunning(storeId: bigint): boolean {
    return this.#stores.get(storeId)?.running === true
  }

  #putStore(store: StoreInfo): void {
    this.#stores.set(store.id, store)
    this.#emit({ kind: 'store', store })
  }

  #announce(regionId: bigint): RegionState {
    const region = this.region(regionId)
    this.#emit({ kind: 'region', region })
    return region
  }

  #emit(event: ClusterEvent): void {
    for (const listener of [...this.#listeners]) listener(event)
  }

  #nowSeconds(): bigint {
    return BigInt(Math.floor(this.env.clock.nowMs() / 1000))
  }
}

function refused(reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', reason)
}

function requireDistinct(sorted: readonly Uint8Array[]): void {
  sorted.forEach((key, index) => {
    const previous = sorted[index - 1] ?? EMPTY_BYTES
    if (compareBytes(key, previous) === 0) {
      throw refused(`split key ${toHex(key)} is empty or given twice; give distinct keys`)
    }
  })
}

function isVoter(peer: Peer): boolean {
  return peer.role === PeerRole.Voter || peer.role === PeerRole.IncomingVoter
}

function isInside(region: Region, key: Uint8Array): boolean {
  return (
    compareBytes(key, region.startKey) > 0 &&
    (region.endKey.length === 0 || compareBytes(key, region.endKey) < 0)
  )
}

function isNeighbour(left: Region, right: Region): boolean {
  return left.endKey.length > 0 && compareBytes(left.endKey, right.startKey) === 0
}

function epochOf(region: Region): { readonly confVer: bigint; readonly version: bigint } {
  return defined(region.regionEpoch, 'the epoch of a region')
}
