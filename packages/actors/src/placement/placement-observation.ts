import type { ActorAddress } from '@orbit-ts/storage'

/** What one actor did in the time that was looked at. All rates are per second. */
export interface ActorActivity {
  readonly actor: ActorAddress
  /** Reads and writes of state, by the region they went to. */
  readonly accesses: readonly { readonly regionId: number; readonly rate: number }[]
  /** Messages to and from other actors. */
  readonly calls: readonly { readonly actor: ActorAddress; readonly rate: number }[]
  /** What moving it has to carry along, bytes. */
  readonly stateSizeBytes: number
  /** Which part of a node it keeps busy, 0 to 1. */
  readonly load: number
}

export interface NodeObservation {
  readonly id: string
  /** Which part of the node is busy, 0 to 1, the actors that it runs included. */
  readonly load: number
}

/** What the optimizer goes by: figures of one span of time. */
export interface PlacementObservation {
  readonly nodes: readonly NodeObservation[]
  readonly actors: readonly ActorActivity[]
  /** The time from a node to a store, milliseconds. */
  readonly latencyMs: (nodeId: string, storeId: number) => number
}
