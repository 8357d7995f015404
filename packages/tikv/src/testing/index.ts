export { TestCluster, type TestClusterOptions } from './test-cluster.js'
export { keepSplitting, type KeepSplittingOptions } from './keep-splitting.js'
export { ClusterState, type ClusterStateOptions } from './cluster-state.js'
export type { BootstrapOptions, ClusterEvent, RegionState, StoreInfo } from './cluster-types.js'
export {
  Faults,
  type Fault,
  type FaultAction,
  type FaultFilter,
  type FaultOptions,
  type SeenCall,
  type StreamCut,
} from './faults.js'
export { MvccStore, type CallOptions, type MvccStoreOptions } from './mvcc/mvcc-store.js'
export type { LockWaitLimits } from './mvcc/lock-waiting.js'
export { RawStore } from './raw/raw-store.js'
export { dagCoprocessor } from './coprocessor/dag-coprocessor.js'
export {
  decodeRows,
  rowsOfRanges,
  type CoprocessorExecutor,
  type CoprocessorScope,
} from './store/coprocessor.js'
export { regionErrors } from './store/region-refusal.js'
export type { StoreSettings } from './store/store-settings.js'
export { TestPd, type PdHook, type TestPdOptions } from './pd/test-pd.js'
export type { ServerTls } from '../rpc/server/grpc-server.js'
export { InProcessNetwork } from '../rpc/in-process/in-process-network.js'
export { PdBridge, type PdBridgeOptions } from './real-pd/pd-bridge.js'
