import { HealthCheckRequest, HealthCheckResponse } from '../gen/health.js'
import * as keyspace from '../gen/keyspacepb.js'
import * as metaStorage from '../gen/meta_storagepb.js'
import * as pd from '../gen/pdpb.js'
import { codecs, method } from './define-method.js'

/** The methods of PD. */
export const pdMethods = {
  getClusterInfo: method(
    '/pdpb.PD/GetClusterInfo',
    'unary',
    codecs(pd.GetClusterInfoRequest, pd.GetClusterInfoResponse),
  ),
  getMembers: method('/pdpb.PD/GetMembers', 'unary', codecs(pd.GetMembersRequest, pd.GetMembersResponse)),
  tso: method('/pdpb.PD/Tso', 'duplex', codecs(pd.TsoRequest, pd.TsoResponse)),
  bootstrap: method('/pdpb.PD/Bootstrap', 'unary', codecs(pd.BootstrapRequest, pd.BootstrapResponse)),
  isBootstrapped: method(
    '/pdpb.PD/IsBootstrapped',
    'unary',
    codecs(pd.IsBootstrappedRequest, pd.IsBootstrappedResponse),
  ),
  allocID: method('/pdpb.PD/AllocID', 'unary', codecs(pd.AllocIDRequest, pd.AllocIDResponse)),
  isSnapshotRecovering: method(
    '/pdpb.PD/IsSnapshotRecovering',
    'unary',
    codecs(pd.IsSnapshotRecoveringRequest, pd.IsSnapshotRecoveringResponse),
  ),
  getStore: method('/pdpb.PD/GetStore', 'unary', codecs(pd.GetStoreRequest, pd.GetStoreResponse)),
  putStore: method('/pdpb.PD/PutStore', 'unary', codecs(pd.PutStoreRequest, pd.PutStoreResponse)),
  getAllStores: method(
    '/pdpb.PD/GetAllStores',
    'unary',
    codecs(pd.GetAllStoresRequest, pd.GetAllStoresResponse),
  ),
  storeHeartbeat: method(
    '/pdpb.PD/StoreHeartbeat',
    'unary',
    codecs(pd.StoreHeartbeatRequest, pd.StoreHeartbeatResponse),
  ),
  regionHeartbeat: method(
    '/pdpb.PD/RegionHeartbeat',
    'duplex',
    codecs(pd.RegionHeartbeatRequest, pd.RegionHeartbeatResponse),
  ),
  getRegion: method('/pdpb.PD/GetRegion', 'unary', codecs(pd.GetRegionRequest, pd.GetRegionResponse)),
  getPrevRegion: method('/pdpb.PD/GetPrevRegion', 'unary', codecs(pd.GetRegionRequest, pd.GetRegionResponse)),
  getRegionByID: method(
    '/pdpb.PD/GetRegionByID',
    'unary',
    codecs(pd.GetRegionByIDRequest, pd.GetRegionResponse),
  ),
  scanRegions: method('/pdpb.PD/ScanRegions', 'unary', codecs(pd.ScanRegionsRequest, pd.ScanRegionsResponse)),
  batchScanRegions: method(
    '/pdpb.PD/BatchScanRegions',
    'unary',
    codecs(pd.BatchScanRegionsRequest, pd.BatchScanRegionsResponse),
  ),
  askBatchSplit: method(
    '/pdpb.PD/AskBatchSplit',
    'unary',
    codecs(pd.AskBatchSplitRequest, pd.AskBatchSplitResponse),
  ),
  reportBatchSplit: method(
    '/pdpb.PD/ReportBatchSplit',
    'unary',
    codecs(pd.ReportBatchSplitRequest, pd.ReportBatchSplitResponse),
  ),
  getClusterConfig: method(
    '/pdpb.PD/GetClusterConfig',
    'unary',
    codecs(pd.GetClusterConfigRequest, pd.GetClusterConfigResponse),
  ),
  putClusterConfig: method(
    '/pdpb.PD/PutClusterConfig',
    'unary',
    codecs(pd.PutClusterConfigRequest, pd.PutClusterConfigResponse),
  ),
  scatterRegion: method(
    '/pdpb.PD/ScatterRegion',
    'unary',
    codecs(pd.ScatterRegionRequest, pd.ScatterRegionResponse),
  ),
  splitRegions: method(
    '/pdpb.PD/SplitRegions',
    'unary',
    codecs(pd.SplitRegionsRequest, pd.SplitRegionsResponse),
  ),
  splitAndScatterRegions: method(
    '/pdpb.PD/SplitAndScatterRegions',
    'unary',
    codecs(pd.SplitAndScatterRegionsRequest, pd.SplitAndScatterRegionsResponse),
  ),
  getOperator: method('/pdpb.PD/GetOperator', 'unary', codecs(pd.GetOperatorRequest, pd.GetOperatorResponse)),
  getGCSafePoint: method(
    '/pdpb.PD/GetGCSafePoint',
    'unary',
    codecs(pd.GetGCSafePointRequest, pd.GetGCSafePointResponse),
  ),
  updateGCSafePoint: method(
    '/pdpb.PD/UpdateGCSafePoint',
    'unary',
    codecs(pd.UpdateGCSafePointRequest, pd.UpdateGCSafePointResponse),
  ),
  updateServiceGCSafePoint: method(
    '/pdpb.PD/UpdateServiceGCSafePoint',
    'unary',
    codecs(pd.UpdateServiceGCSafePointRequest, pd.UpdateServiceGCSafePointResponse),
  ),
  getGCSafePointV2: method(
    '/pdpb.PD/GetGCSafePointV2',
    'unary',
    codecs(pd.GetGCSafePointV2Request, pd.GetGCSafePointV2Response),
  ),
  watchGCSafePointV2: method(
    '/pdpb.PD/WatchGCSafePointV2',
    'serverStream',
    codecs(pd.WatchGCSafePointV2Request, pd.WatchGCSafePointV2Response),
  ),
  updateGCSafePointV2: method(
    '/pdpb.PD/UpdateGCSafePointV2',
    'unary',
    codecs(pd.UpdateGCSafePointV2Request, pd.UpdateGCSafePointV2Response),
  ),
  updateServiceSafePointV2: method(
    '/pdpb.PD/UpdateServiceSafePointV2',
    'unary',
    codecs(pd.UpdateServiceSafePointV2Request, pd.UpdateServiceSafePointV2Response),
  ),
  getAllGCSafePointV2: method(
    '/pdpb.PD/GetAllGCSafePointV2',
    'unary',
    codecs(pd.GetAllGCSafePointV2Request, pd.GetAllGCSafePointV2Response),
  ),
  getGCState: method('/pdpb.PD/GetGCState', 'unary', codecs(pd.GetGCStateRequest, pd.GetGCStateResponse)),
  getAllKeyspacesGCStates: method(
    '/pdpb.PD/GetAllKeyspacesGCStates',
    'unary',
    codecs(pd.GetAllKeyspacesGCStatesRequest, pd.GetAllKeyspacesGCStatesResponse),
  ),
  advanceTxnSafePoint: method(
    '/pdpb.PD/AdvanceTxnSafePoint',
    'unary',
    codecs(pd.AdvanceTxnSafePointRequest, pd.AdvanceTxnSafePointResponse),
  ),
  advanceGCSafePoint: method(
    '/pdpb.PD/AdvanceGCSafePoint',
    'unary',
    codecs(pd.AdvanceGCSafePointRequest, pd.AdvanceGCSafePointResponse),
  ),
  setGCBarrier: method(
    '/pdpb.PD/SetGCBarrier',
    'unary',
    codecs(pd.SetGCBarrierRequest, pd.SetGCBarrierResponse),
  ),
  deleteGCBarrier: method(
    '/pdpb.PD/DeleteGCBarrier',
    'unary',
    codecs(pd.DeleteGCBarrierRequest, pd.DeleteGCBarrierResponse),
  ),
  setGlobalGCBarrier: method(
    '/pdpb.PD/SetGlobalGCBarrier',
    'unary',
    codecs(pd.SetGlobalGCBarrierRequest, pd.SetGlobalGCBarrierResponse),
  ),
  deleteGlobalGCBarrier: method(
    '/pdpb.PD/DeleteGlobalGCBarrier',
    'unary',
    codecs(pd.DeleteGlobalGCBarrierRequest, pd.DeleteGlobalGCBarrierResponse),
  ),
  storeGlobalConfig: method(
    '/pdpb.PD/StoreGlobalConfig',
    'unary',
    codecs(pd.StoreGlobalConfigRequest, pd.StoreGlobalConfigResponse),
  ),
  loadGlobalConfig: method(
    '/pdpb.PD/LoadGlobalConfig',
    'unary',
    codecs(pd.LoadGlobalConfigRequest, pd.LoadGlobalConfigResponse),
  ),
  watchGlobalConfig: method(
    '/pdpb.PD/WatchGlobalConfig',
    'serverStream',
    codecs(pd.WatchGlobalConfigRequest, pd.WatchGlobalConfigResponse),
  ),
  reportMinResolvedTS: method(
    '/pdpb.PD/ReportMinResolvedTS',
    'unary',
    codecs(pd.ReportMinResolvedTsRequest, pd.ReportMinResolvedTsResponse),
  ),
  setExternalTimestamp: method(
    '/pdpb.PD/SetExternalTimestamp',
    'unary',
    codecs(pd.SetExternalTimestampRequest, pd.SetExternalTimestampResponse),
  ),
  getExternalTimestamp: method(
    '/pdpb.PD/GetExternalTimestamp',
    'unary',
    codecs(pd.GetExternalTimestampRequest, pd.GetExternalTimestampResponse),
  ),
  getMinTS: method('/pdpb.PD/GetMinTS', 'unary', codecs(pd.GetMinTSRequest, pd.GetMinTSResponse)),
}

/** The methods of PD's keyspace service. */
export const keyspaceMethods = {
  loadKeyspace: method(
    '/keyspacepb.Keyspace/LoadKeyspace',
    'unary',
    codecs(keyspace.LoadKeyspaceRequest, keyspace.LoadKeyspaceResponse),
  ),
  loadKeyspaceByID: method(
    '/keyspacepb.Keyspace/LoadKeyspaceByID',
    'unary',
    codecs(keyspace.LoadKeyspaceByIDRequest, keyspace.LoadKeyspaceResponse),
  ),
  lookupKeyspace: method(
    '/keyspacepb.Keyspace/LookupKeyspace',
    'unary',
    codecs(keyspace.LookupKeyspaceRequest, keyspace.LookupKeyspaceResponse),
  ),
  getAllKeyspaces: method(
    '/keyspacepb.Keyspace/GetAllKeyspaces',
    'unary',
    codecs(keyspace.GetAllKeyspacesRequest, keyspace.GetAllKeyspacesResponse),
  ),
  watchKeyspaces: method(
    '/keyspacepb.Keyspace/WatchKeyspaces',
    'serverStream',
    codecs(keyspace.WatchKeyspacesRequest, keyspace.WatchKeyspacesResponse),
  ),
  updateKeyspaceState: method(
    '/keyspacepb.Keyspace/UpdateKeyspaceState',
    'unary',
    codecs(keyspace.UpdateKeyspaceStateRequest, keyspace.UpdateKeyspaceStateResponse),
  ),
}

/** PD's store for the addresses of services beside it. */
export const metaStorageMethods = {
  get: method(
    '/meta_storagepb.MetaStorage/Get',
    'unary',
    codecs(metaStorage.GetRequest, metaStorage.GetResponse),
  ),
}

/** The standard health service, of PD and TiKV alike. */
export const healthMethods = {
  check: method('/grpc.health.v1.Health/Check', 'unary', codecs(HealthCheckRequest, HealthCheckResponse)),
  watch: method(
    '/grpc.health.v1.Health/Watch',
    'serverStream',
    codecs(HealthCheckRequest, HealthCheckResponse),
  ),
}
