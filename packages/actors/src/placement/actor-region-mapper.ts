/**
 * Where actors belong: the region that holds an actor's keys, and the node that runs it.
 *
 * The region follows from the actor's keys alone. The node is at first that of a consistent-hash ring; it changes when
 * the actor is moved, or when the node goes.
 *
 * Invariants:
 * 1. A region that is known is never replaced by an older one (see `RegionMap`), so reports may come in any order.
 * 2. Every actor has a node as long as there is one; a move to a node that is not there is refused.
 * 3. Memory is bounded: of actors only those that were moved are kept, at most `movedMax`; the one moved longest ago
 *    goes back to its place on the ring first.
 */
import { didYouMean, OrbitError } from '@orbit-ts/base'
import { actorKeys, type ActorAddress } from '@orbit-ts/storage'
import { ConsistentHashRing } from './consistent-hash-ring.js'
import { RegionMap, type PlacedRegion, type RegionChange } from './region-map.js'

export interface ActorRegionMapperOptions {
  /** The nodes that run actors, by id. */
  readonly nodes: Iterable<string>
  /** Asked for regions that are not known, for example PD. Default: what is not reported stays unknown. */
  readonly locate?: (key: Uint8Array) => Promise<PlacedRegion | undefined>
  /** How many moved actors are remembered. Default 100 000. */
  readonly movedMax?: number
}

/** Counters since it was made, but for the first two. */
export interface ActorRegionMetrics {
  /** Regions known now. */
  readonly regions: number
  /** Actors that are not where the ring has them. */
  readonly actorsMoved: number
  readonly lookUps: number
  /** Answered without asking `locate`. */
  readonly hits: number
  readonly splits: number
  readonly merges: number
  readonly regionMoves: number
  /** Reports that were older than what is known. */
  readonly staleReports: number
}

export class ActorRegionMapper {
  readonly #regions = new RegionMap()
  readonly #ring: ConsistentHashRing
  readonly #locate: ((key: Uint8Array) => Promise<PlacedRegion | undefined>) | undefined
  readonly #movedMax: number
  /** The node of actors that were moved, in the order of their moves. */
  readonly #moved = new Map<string, string>()
  readonly #counts: Record<RegionChange, number> = { new: 0, split: 0, merge: 0, moved: 0, same: 0, stale: 0 }
  #lookUps = 0
  #hits = 0

  constructor(options: ActorRegionMapperOptions) {
    this.#ring = new ConsistentHashRing(options.nodes)
    this.#locate = options.locate
    this.#movedMax = options.movedMax ?? 100_000
  }

  get nodes(): readonly string[] {
    return this.#ring.members
  }

  get regions(): readonly PlacedRegion[] {
    return this.#regions.regions
  }

  /** The region in which the actor's state begins; undefined when nobody knows. */
  async regionOf(actor: ActorAddress): Promise<PlacedRegion | undefined> {
    const key = actorKeys.state(actor)
    this.#lookUps++
    const known = this.#regions.find(key)
    if (known !== undefined) {
      this.#hits++
      return known
    }
    const located = await this.#locate?.(key)
    if (located === undefined) return undefined
    this.report(located)
    return this.#regions.find(key)
  }

  /** Takes in what a store or PD says of a region, also after a split, a merge or a move, and says which it was. */
  report(region: PlacedRegion): RegionChange {
    const change = this.#regions.apply(region)
    this.#counts[change]++
    return change
  }

  /** The node that is to run the actor; undefined when there are no nodes. */
  nodeOf(actor: ActorAddress): string | undefined {
    return this.#moved.get(nameOf(actor)) ?? this.#ring.memberOf(nameOf(actor))
  }

  /** @throws INVALID_ARGUMENT: no such node */
  moveActor(actor: ActorAddress, node: string): void {
    if (!this.nodes.includes(node)) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `"${node}" is no node; there are ${this.nodes.join(', ') || 'none'}${didYouMean(node, this.nodes)}`,
        { node },
      )
    }
    const name = nameOf(actor)
    this.#moved.delete(name)
    if (this.#ring.memberOf(name) === node) return
    this.#moved.set(name, node)
    if (this.#moved.size <= this.#movedMax) return
    for (const oldest of this.#moved.keys()) {
      this.#moved.delete(oldest)
      return
    }
  }

  /** Actors that were moved stay where they are. */
  addNode(node: string): void {
    this.#ring.add(node)
  }

  /** Its actors go to where the ring has them. */
  removeNode(node: string): void {
    this.#ring.remove(node)
    for (const [name, at] of this.#moved) if (at === node) this.#moved.delete(name)
  }

  metrics(): ActorRegionMetrics {
    return {
      regions: this.#regions.regions.length,
      actorsMoved: this.#moved.size,
      lookUps: this.#lookUps,
      hits: this.#hits,
      splits: this.#counts.split,
      merges: this.#counts.merge,
      regionMoves: this.#counts.moved,
      staleReports: this.#counts.stale,
    }
  }
}

/** A name that no other actor has. */
export function nameOf({ type, key }: ActorAddress): string {
  return JSON.stringify([type, key])
}
