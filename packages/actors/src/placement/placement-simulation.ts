/**
 * A cluster on paper, to try settings of the `DataLocalityOptimizer` on: nodes beside stores, regions with leaders, and
 * groups of actors that use a region and call each other. The same seed gives the same cluster and the same noise.
 */
import { defined, type Env } from '@orbit-ts/base'
import { actorKeys, type ActorAddress } from '@orbit-ts/storage'
import { ActorRegionMapper } from './actor-region-mapper.js'
import type { ActorActivity, PlacementObservation } from './placement-observation.js'
import type { PlacedRegion } from './region-map.js'

export interface PlacementSimulationOptions {
  /** Only its randomness is used. */
  readonly env: Env
  /** Each has one node beside it. Default 4. */
  readonly stores?: number
  /** Each has a region of its own. Default 12. */
  readonly groups?: number
  /** Default 20. */
  readonly actorsPerGroup?: number
  /** By how much observed rates differ from the real ones, 0 to 1. Default 0.2. */
  readonly noise?: number
}

interface SimulatedActor {
  readonly actor: ActorAddress
  readonly accesses: readonly { readonly regionId: number; readonly rate: number }[]
  readonly calls: readonly { readonly actor: ActorAddress; readonly rate: number }[]
  readonly stateSizeBytes: number
  readonly load: number
}

const NEAR_MS = 0.2
const FAR_MS = 2
/** Of a node, when actors are spread evenly. */
const MEAN_LOAD = 0.5

export class PlacementSimulation {
  readonly mapper: ActorRegionMapper
  readonly #env: Env
  readonly #stores: number
  readonly #groups: number
  readonly #noise: number
  readonly #actors: readonly SimulatedActor[]
  readonly #regions: PlacedRegion[] = []

  constructor({
    env,
    stores = 4,
    groups = 12,
    actorsPerGroup = 20,
    noise = 0.2,
  }: PlacementSimulationOptions) {
    this.#env = env
    this.#stores = stores
    this.#groups = groups
    this.#noise = noise
    const nodes = Array.from({ length: stores }, (_, at) => `node-${at + 1}`)
    this.mapper = new ActorRegionMapper({ nodes })
    for (let group = 0; group < groups; group++)
      this.#report(this.#regionOf(group, 1 + this.#below(stores), 1))
    const share = (MEAN_LOAD * stores) / (groups * actorsPerGroup)
    this.#actors = Array.from({ length: groups * actorsPerGroup }, (_, at) =>
      this.#actor(Math.floor(at / actorsPerGroup), at % actorsPerGroup, actorsPerGroup, share),
    )
  }

  get actorCount(): number {
    return this.#actors.length
  }

  /** What one round sees: the real figures with noise. */
  observe(): PlacementObservation {
    const noisy = (rate: number): number => rate * (1 + this.#noise * (2 * this.#env.random.float() - 1))
    const actors: ActorActivity[] = this.#actors.map((actor) => ({
      ...actor,
      accesses: actor.accesses.map(({ regionId, rate }) => ({ regionId, rate: noisy(rate) })),
      calls: actor.calls.map((call) => ({ ...call, rate: noisy(call.rate) })),
    }))
    const loads = this.nodeLoads()
    return {
      nodes: this.mapper.nodes.map((id) => ({ id, load: loads[id] ?? 0 })),
      actors,
      latencyMs: (nodeId, storeId) => (nodeId === `node-${storeId}` ? NEAR_MS : FAR_MS),
    }
  }

  /** Which part of all reads and writes goes to a store that is not beside the node. */
  remoteAccessRatio(): number {
    const storeOf = new Map(this.#regions.map(({ id, storeId }) => [id, storeId]))
    return this.#ratio((actor, node) =>
      actor.accesses.map(({ regionId, rate }) => [rate, node !== `node-${storeOf.get(regionId)}`]),
    )
  }

  /** Which part of all calls goes to an actor on another node. */
  remoteCallRatio(): number {
    return this.#ratio((actor, node) =>
      actor.calls.map((call) => [call.rate, node !== this.mapper.nodeOf(call.actor)]),
    )
  }

  nodeLoads(): Readonly<Record<string, number>> {
    const loads: Record<string, number> = Object.fromEntries(this.mapper.nodes.map((node) => [node, 0]))
    for (const { actor, load } of this.#actors) {
      const node = defined(this.mapper.nodeOf(actor), 'the node of an actor')
      loads[node] = (loads[node] ?? 0) + load
    }
    return loads
  }

  /** Gives the leaders of some regions to other stores. */
  moveLeaders(count: number): void {
    for (let at = 0; at < count; at++) {
      const region = defined(this.#regions[this.#below(this.#regions.length)], 'a region')
      const storeId = 1 + ((region.storeId + this.#below(this.#stores - 1)) % this.#stores)
      this.#report({ ...region, storeId, confVersion: region.confVersion + 1 })
    }
  }

  #ratio(
    flows: (actor: SimulatedActor, node: string | undefined) => readonly (readonly [number, boolean])[],
  ): number {
    let [remote, all] = [0, 0]
    for (const actor of this.#actors) {
      for (const [rate, isRemote] of flows(actor, this.mapper.nodeOf(actor.actor))) {
        all += rate
        if (isRemote) remote += rate
      }
    }
    return remote / all
  }

  #report(region: PlacedRegion): void {
    const at = this.#regions.findIndex(({ id }) => id === region.id)
    this.#regions.splice(at < 0 ? this.#regions.length : at, at < 0 ? 0 : 1, region)
    this.mapper.report(region)
  }

  #regionOf(group: number, storeId: number, confVersion: number): PlacedRegion {
    const { start, end } = actorKeys.states(typeOf(group))
    return {
      id: group + 1,
      version: 1,
      confVersion,
      startKey: defined(start, 'the start of a type'),
      endKey: defined(end, 'the end of a type'),
      storeId,
    }
  }

  /** Most of its work is within its group, a little goes anywhere. */
  #actor(group: number, key: number, perGroup: number, share: number): SimulatedActor {
    const weight = 0.5 + this.#env.random.float()
    const neighbours = [(key + 1) % perGroup, (key + perGroup - 1) % perGroup]
    const stranger = this.#address(this.#below(this.#groups), this.#below(perGroup))
    return {
      actor: this.#address(group, key),
      accesses: [
        { regionId: group + 1, rate: 80 * weight },
        { regionId: 1 + this.#below(this.#groups), rate: 20 * weight },
      ],
      calls: [
        ...neighbours.map((other) => ({ actor: this.#address(group, other), rate: 10 })),
        { actor: stranger, rate: 2 },
      ],
      stateSizeBytes: Math.floor(this.#env.random.float() * 4 * 1024 * 1024),
      load: share * weight,
    }
  }

  #address(group: number, key: number): ActorAddress {
    return { type: typeOf(group), key: String(key) }
  }

  #below(bound: number): number {
    return Math.floor(this.#env.random.float() * bound)
  }
}

const typeOf = (group: number): string => `Group ${String(group).padStart(4, '0')}`
