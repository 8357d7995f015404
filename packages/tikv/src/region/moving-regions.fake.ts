import { delay, utf8 } from '@orbit-ts/base'
import type { GetRequest } from '../gen/kvrpcpb.js'
import { Peer, Region } from '../gen/metapb.js'
import type { RegionInfo } from '../pd/pd-client.js'
import type { FakeCluster, SeenCall, Step } from './fake-cluster.fake.js'

/** A region as the stores have it. */
interface TrueRegion {
  id: bigint
  start: string
  end: string
  confVer: bigint
  version: bigint
  peers: Peer[]
  /** Undefined while an election runs. */
  leader: Peer | undefined
}

/**
 * Stores that check requests as TiKV does, while regions split, merge and move; PD learns of it when it is told.
 *
 * A request that passes the check of its region's epoch but asks for a key outside of it is a fault of the client: it is
 * counted in `strays`.
 */
export class MovingRegions {
  readonly #cluster: FakeCluster
  #regions: TrueRegion[]
  #nextId = 100n
  strays = 0
  served = 0

  constructor(cluster: FakeCluster, bounds: readonly string[]) {
    this.#cluster = cluster
    const starts = ['', ...bounds]
    this.#regions = starts.map((start, index) =>
      this.#create(start, starts[index + 1] ?? '', [1n, 2n, 3n], 1n),
    )
    for (const { address, id } of cluster.stores.values())
      cluster.behaviour.set(address, async (call) => {
        await delay(cluster.env, Math.floor(cluster.env.random.float() * 12))
        return this.#answer(id, call)
      })
    this.tellPd()
  }

  get count(): number {
    return this.#regions.length
  }

  tellPd(): void {
    this.#cluster.regions = this.#regions.map((region) => this.#info(region))
  }

  split(index: number, at: string): void {
    const region = this.#regions[index]
    if (region === undefined || at <= region.start || (region.end !== '' && at >= region.end)) return
    region.version += 1n
    const left = this.#create(
      region.start,
      at,
      region.peers.map(({ storeId }) => storeId),
      region.version,
      region.confVer,
    )
    region.start = at
    this.#regions.splice(index, 0, left)
  }

  merge(index: number): void {
    const [target, source] = [this.#regions[index], this.#regions[index + 1]]
    if (target === undefined || source === undefined) return
    target.end = source.end
    target.version = (target.version > source.version ? target.version : source.version) + 1n
    this.#regions.splice(index + 1, 1)
  }

  /** -1: nobody leads for now. */
  elect(index: number, peer: number): void {
    const region = this.#regions[index]
    if (region !== undefined) region.leader = region.peers[peer]
  }

  /** Moves a peer that does not lead to the store that has none. */
  movePeer(index: number, peer: number): void {
    const region = this.#regions[index]
    const old = region?.peers[peer]
    if (region === undefined || old === undefined || old === region.leader) return
    const free = [...this.#cluster.stores.keys()].find((id) =>
      region.peers.every(({ storeId }) => storeId !== id),
    )
    if (free === undefined) return
    region.confVer += 2n
    region.peers[peer] = Peer.create({ id: this.#nextId++, storeId: free })
  }

  #create(start: string, end: string, stores: readonly bigint[], version: bigint, confVer = 1n): TrueRegion {
    const peers = stores.map((storeId) => Peer.create({ id: this.#nextId++, storeId }))
    return { id: this.#nextId++, start, end, confVer, version, peers, leader: peers[0] }
  }

  #info(region: TrueRegion): RegionInfo {
    return { region: this.#meta(region), leader: region.leader, downPeers: [], pendingPeers: [] }
  }

  #meta({ id, start, end, confVer, version, peers }: TrueRegion): Region {
    const regionEpoch = { confVer, version }
    return Region.create({ id, startKey: utf8(start), endKey: utf8(end), regionEpoch, peers: [...peers] })
  }

  #answer(storeId: bigint, { context, request, address }: SeenCall): Step {
    const index = this.#regions.findIndex(({ id }) => id === context.regionId)
    const region = this.#regions[index]
    const peer = region?.peers.find((one) => one.storeId === storeId)
    if (region === undefined || peer === undefined)
      return { regionError: { regionNotFound: { regionId: context.regionId } } }
    if (peer.id !== context.peer?.id)
      return {
        regionError: { mismatchPeerId: { requestPeerId: context.peer?.id ?? 0n, storePeerId: peer.id } },
      }
    if (peer !== region.leader) {
      const notLeader = {
        regionId: region.id,
        ...(region.leader === undefined ? {} : { leader: region.leader }),
      }
      return { regionError: { notLeader } }
    }
    const { regionEpoch } = context
    if (regionEpoch?.version !== region.version || regionEpoch.confVer !== region.confVer) {
      const near = this.#regions.slice(Math.max(0, index - 1), index + 1)
      return { regionError: { epochNotMatch: { currentRegions: near.map((one) => this.#meta(one)) } } }
    }
    const key = Buffer.from((request as GetRequest).key).toString()
    if (key < region.start || (region.end !== '' && key >= region.end)) {
      this.strays += 1
      return { regionError: { keyNotInRegion: { regionId: region.id } } }
    }
    this.served += 1
    return { value: address }
  }
}
