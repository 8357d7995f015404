/** The three factors of a placement, each from 0, worst, to 1, and their sum by weight. */
import type { ActorActivity } from './placement-observation.js'

export const NETWORK_WEIGHT = 0.4
export const RESOURCE_WEIGHT = 0.3
export const AFFINITY_WEIGHT = 0.3

export interface PlacementScore {
  /** How near the node is to the leaders of the regions that the actor uses. 1 when it uses none. */
  readonly network: number
  /** What is left of the node with the actor on it. */
  readonly resource: number
  /** Which part of the actor's calls stays on the node. 1 when it has none. */
  readonly affinity: number
  /** 0.4 network + 0.3 resource + 0.3 affinity. */
  readonly total: number
}

export interface ScoringContext {
  /** The largest latency from any node to any store that is used; milliseconds. */
  readonly latencyMaxMs: number
  /** Undefined for a region that is not known: it counts as far away from everywhere. */
  readonly latencyToRegionMs: (nodeId: string, regionId: number) => number | undefined
  /** Without the actor itself. */
  readonly loadWithout: (nodeId: string, activity: ActorActivity) => number
  readonly isOn: (nodeId: string, call: ActorActivity['calls'][number]) => boolean
}

export function scorePlacement(
  activity: ActorActivity,
  nodeId: string,
  context: ScoringContext,
): PlacementScore {
  const network = networkScore(activity, nodeId, context)
  const resource = clamp(1 - context.loadWithout(nodeId, activity) - activity.load)
  const affinity = affinityScore(activity, nodeId, context)
  const total = NETWORK_WEIGHT * network + RESOURCE_WEIGHT * resource + AFFINITY_WEIGHT * affinity
  return { network, resource, affinity, total }
}

function networkScore(activity: ActorActivity, nodeId: string, context: ScoringContext): number {
  let [near, all] = [0, 0]
  for (const { regionId, rate } of activity.accesses) {
    const latencyMs = context.latencyToRegionMs(nodeId, regionId) ?? context.latencyMaxMs
    all += rate
    near += rate * (context.latencyMaxMs === 0 ? 1 : clamp(1 - latencyMs / context.latencyMaxMs))
  }
  return all === 0 ? 1 : near / all
}

function affinityScore(activity: ActorActivity, nodeId: string, context: ScoringContext): number {
  let [here, all] = [0, 0]
  for (const call of activity.calls) {
    all += call.rate
    if (context.isOn(nodeId, call)) here += call.rate
  }
  return all === 0 ? 1 : here / all
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
