export type {
  AddressableDirectoryProvider,
  AddressableLease,
  AddressableReference,
  LeaseClaim,
  RegisterRequest,
  Registration,
} from './directory/addressable-directory.js'
export type {
  ClusterNode,
  ClusterNodeProvider,
  ClusterView,
  JoinResult,
  NodeClaim,
  NodeDescription,
} from './directory/cluster-nodes.js'
export { StorageAddressableDirectory } from './directory/storage-addressable-directory.js'
export { StorageClusterNodes } from './directory/storage-cluster-nodes.js'
export { runDirectoryConformance } from './conformance/directory-conformance.js'
export type {
  DirectoryConformanceOptions,
  DirectoryConformanceRunner,
  DirectoryConformanceStore,
} from './conformance/harness.js'
export {
  ActorRegionMapper,
  type ActorRegionMapperOptions,
  type ActorRegionMetrics,
} from './placement/actor-region-mapper.js'
export { ConsistentHashRing } from './placement/consistent-hash-ring.js'
export {
  DataLocalityOptimizer,
  type ActorMover,
  type DataLocalityMetrics,
  type DataLocalityOptions,
  type PlacementDecision,
  type PlacementExplanation,
  type PlacementMove,
  type PlacementRound,
} from './placement/data-locality-optimizer.js'
export type {
  ActorActivity,
  NodeObservation,
  PlacementObservation,
} from './placement/placement-observation.js'
export type { PlacementScore } from './placement/placement-score.js'
export { locateIn, reportRegions } from './placement/report-regions.js'
export { PlacementSimulation, type PlacementSimulationOptions } from './placement/placement-simulation.js'
export type { PlacedRegion, RegionChange } from './placement/region-map.js'
