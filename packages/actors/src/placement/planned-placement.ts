import type { ActorAddress } from '@orbit-ts/storage'
import { nameOf, type ActorRegionMapper } from './actor-region-mapper.js'
import type { ActorActivity, PlacementObservation } from './placement-observation.js'
import type { ScoringContext } from './placement-score.js'

/** Where every actor is with the moves decided so far, and what that does to the nodes. */
export class PlannedPlacement implements ScoringContext {
  readonly nodes: readonly string[]
  readonly latencyMaxMs: number
  readonly #observation: PlacementObservation
  readonly #mapper: ActorRegionMapper
  readonly #storeOf: ReadonlyMap<number, number>
  readonly #loads = new Map<string, number>()
  /** Of every actor that was asked for: to hash a name is not cheap. */
  readonly #places = new Map<string, string | undefined>()

  private constructor(
    observation: PlacementObservation,
    mapper: ActorRegionMapper,
    storeOf: ReadonlyMap<number, number>,
  ) {
    this.#observation = observation
    this.#mapper = mapper
    this.#storeOf = storeOf
    for (const { id, load } of observation.nodes) this.#loads.set(id, load)
    this.nodes = mapper.nodes.filter((node) => this.#loads.has(node))
    let latencyMaxMs = 0
    for (const node of this.nodes) {
      for (const store of new Set(storeOf.values())) {
        latencyMaxMs = Math.max(latencyMaxMs, observation.latencyMs(node, store))
      }
    }
    this.latencyMaxMs = latencyMaxMs
  }

  /** @param movedSince actors that have left `from` since the loads were observed */
  static async of(
    observation: PlacementObservation,
    mapper: ActorRegionMapper,
    movedSince: readonly { readonly activity: ActorActivity; readonly from: string }[] = [],
  ): Promise<PlannedPlacement> {
    // An actor's own region is looked up when nothing was reported of it, so that it is known from here on.
    for (const { actor, accesses } of observation.actors)
      if (accesses.length > 0) await mapper.regionOf(actor)
    const storeOf = new Map(mapper.regions.map(({ id, storeId }) => [id, storeId]))
    const planned = new PlannedPlacement(observation, mapper, storeOf)
    for (const { activity, from } of movedSince) {
      const to = mapper.nodeOf(activity.actor)
      if (to !== undefined) planned.#shift(activity, from, to)
    }
    return planned
  }

  nodeOf(actor: ActorAddress): string | undefined {
    const name = nameOf(actor)
    if (!this.#places.has(name)) this.#places.set(name, this.#mapper.nodeOf(actor))
    return this.#places.get(name)
  }

  move(activity: ActorActivity, to: string): void {
    const from = this.nodeOf(activity.actor)
    this.#places.set(nameOf(activity.actor), to)
    if (from !== undefined) this.#shift(activity, from, to)
  }

  latencyToRegionMs(nodeId: string, regionId: number): number | undefined {
    const store = this.#storeOf.get(regionId)
    return store === undefined ? undefined : this.#observation.latencyMs(nodeId, store)
  }

  loadWithout(nodeId: string, activity: ActorActivity): number {
    const load = this.#loads.get(nodeId) ?? 1
    return this.nodeOf(activity.actor) === nodeId ? Math.max(0, load - activity.load) : load
  }

  isOn(nodeId: string, { actor }: { readonly actor: ActorAddress }): boolean {
    return this.nodeOf(actor) === nodeId
  }

  #shift({ load }: ActorActivity, from: string, to: string): void {
    this.#loads.set(from, Math.max(0, (this.#loads.get(from) ?? 0) - load))
    this.#loads.set(to, (this.#loads.get(to) ?? 0) + load)
  }
}
