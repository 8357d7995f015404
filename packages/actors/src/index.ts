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
