import * as request from '../codec/hot/request-encoders.js'
import * as response from '../codec/hot/response-decoders.js'
import * as cop from '../gen/coprocessor.js'
import * as kv from '../gen/kvrpcpb.js'
import { batchedMethod, codecs, hotCodecs, kvMethod } from './define-method.js'
import type { KvMethod } from './method.js'

export { batchCommands } from './batch-commands.js'
export { healthMethods, keyspaceMethods, pdMethods } from './pd-methods.js'

/**
 * Every method of the TiKV service that the client or the test cluster uses, apart from `BatchCommands`.
 *
 * `writes` is also true where only locks or versions are written: a lost answer to `KvCheckTxnStatus` may have rolled a
 * transaction back.
 */
export const tikvMethods = {
  kvGet: batchedMethod(
    'KvGet',
    'get',
    hotCodecs(kv.GetRequest, request.encodeGetRequest, kv.GetResponse, response.decodeGetResponse),
  ),
  kvScan: batchedMethod(
    'KvScan',
    'scan',
    hotCodecs(kv.ScanRequest, request.encodeScanRequest, kv.ScanResponse, response.decodeScanResponse),
  ),
  kvPrewrite: batchedMethod(
    'KvPrewrite',
    'prewrite',
    hotCodecs(
      kv.PrewriteRequest,
      request.encodePrewriteRequest,
      kv.PrewriteResponse,
      response.decodePrewriteResponse,
    ),
    {
      writes: true,
    },
  ),
  kvPessimisticLock: batchedMethod(
    'KvPessimisticLock',
    'pessimisticLock',
    hotCodecs(
      kv.PessimisticLockRequest,
      request.encodePessimisticLockRequest,
      kv.PessimisticLockResponse,
      response.decodePessimisticLockResponse,
    ),
    { writes: true },
  ),
  kvPessimisticRollback: batchedMethod(
    'KVPessimisticRollback',
    'pessimisticRollback',
    codecs(kv.PessimisticRollbackRequest, kv.PessimisticRollbackResponse),
    { writes: true },
  ),
  kvTxnHeartBeat: batchedMethod(
    'KvTxnHeartBeat',
    'txnHeartBeat',
    codecs(kv.TxnHeartBeatRequest, kv.TxnHeartBeatResponse),
    { writes: true },
  ),
  kvCheckTxnStatus: batchedMethod(
    'KvCheckTxnStatus',
    'checkTxnStatus',
    codecs(kv.CheckTxnStatusRequest, kv.CheckTxnStatusResponse),
    { writes: true },
  ),
  kvCheckSecondaryLocks: batchedMethod(
    'KvCheckSecondaryLocks',
    'checkSecondaryLocks',
    codecs(kv.CheckSecondaryLocksRequest, kv.CheckSecondaryLocksResponse),
    { writes: true },
  ),
  kvCommit: batchedMethod(
    'KvCommit',
    'commit',
    hotCodecs(
      kv.CommitRequest,
      request.encodeCommitRequest,
      kv.CommitResponse,
      response.decodeCommitResponse,
    ),
    {
      writes: true,
    },
  ),
  kvCleanup: batchedMethod('KvCleanup', 'cleanup', codecs(kv.CleanupRequest, kv.CleanupResponse), {
    writes: true,
  }),
  kvBatchGet: batchedMethod(
    'KvBatchGet',
    'batchGet',
    hotCodecs(
      kv.BatchGetRequest,
      request.encodeBatchGetRequest,
      kv.BatchGetResponse,
      response.decodeBatchGetResponse,
    ),
  ),
  kvBatchRollback: batchedMethod(
    'KvBatchRollback',
    'batchRollback',
    codecs(kv.BatchRollbackRequest, kv.BatchRollbackResponse),
    { writes: true },
  ),
  kvScanLock: batchedMethod('KvScanLock', 'scanLock', codecs(kv.ScanLockRequest, kv.ScanLockResponse)),
  kvResolveLock: batchedMethod(
    'KvResolveLock',
    'resolveLock',
    codecs(kv.ResolveLockRequest, kv.ResolveLockResponse),
    { writes: true },
  ),
  kvGC: batchedMethod('KvGC', 'gc', codecs(kv.GCRequest, kv.GCResponse), { writes: true }),
  kvDeleteRange: batchedMethod(
    'KvDeleteRange',
    'deleteRange',
    codecs(kv.DeleteRangeRequest, kv.DeleteRangeResponse),
    { writes: true },
  ),
  kvPrepareFlashbackToVersion: batchedMethod(
    'KvPrepareFlashbackToVersion',
    'prepareFlashbackToVersion',
    codecs(kv.PrepareFlashbackToVersionRequest, kv.PrepareFlashbackToVersionResponse),
    { writes: true },
  ),
  kvFlashbackToVersion: batchedMethod(
    'KvFlashbackToVersion',
    'flashbackToVersion',
    codecs(kv.FlashbackToVersionRequest, kv.FlashbackToVersionResponse),
    { writes: true },
  ),
  kvFlush: batchedMethod('KvFlush', 'flush', codecs(kv.FlushRequest, kv.FlushResponse), { writes: true }),
  kvBufferBatchGet: batchedMethod(
    'KvBufferBatchGet',
    'bufferBatchGet',
    codecs(kv.BufferBatchGetRequest, kv.BufferBatchGetResponse),
  ),
  rawGet: batchedMethod(
    'RawGet',
    'rawGet',
    hotCodecs(
      kv.RawGetRequest,
      request.encodeRawGetRequest,
      kv.RawGetResponse,
      response.decodeRawGetResponse,
    ),
  ),
  rawBatchGet: batchedMethod(
    'RawBatchGet',
    'rawBatchGet',
    codecs(kv.RawBatchGetRequest, kv.RawBatchGetResponse),
  ),
  rawPut: batchedMethod(
    'RawPut',
    'rawPut',
    hotCodecs(
      kv.RawPutRequest,
      request.encodeRawPutRequest,
      kv.RawPutResponse,
      response.decodeRawPutResponse,
    ),
    { writes: true },
  ),
  rawBatchPut: batchedMethod(
    'RawBatchPut',
    'rawBatchPut',
    codecs(kv.RawBatchPutRequest, kv.RawBatchPutResponse),
    { writes: true },
  ),
  rawDelete: batchedMethod('RawDelete', 'rawDelete', codecs(kv.RawDeleteRequest, kv.RawDeleteResponse), {
    writes: true,
  }),
  rawBatchDelete: batchedMethod(
    'RawBatchDelete',
    'rawBatchDelete',
    codecs(kv.RawBatchDeleteRequest, kv.RawBatchDeleteResponse),
    { writes: true },
  ),
  rawScan: batchedMethod('RawScan', 'rawScan', codecs(kv.RawScanRequest, kv.RawScanResponse)),
  rawDeleteRange: batchedMethod(
    'RawDeleteRange',
    'rawDeleteRange',
    codecs(kv.RawDeleteRangeRequest, kv.RawDeleteRangeResponse),
    { writes: true },
  ),
  rawBatchScan: batchedMethod(
    'RawBatchScan',
    'rawBatchScan',
    codecs(kv.RawBatchScanRequest, kv.RawBatchScanResponse),
  ),
  rawGetKeyTTL: kvMethod('RawGetKeyTTL', codecs(kv.RawGetKeyTTLRequest, kv.RawGetKeyTTLResponse)),
  rawCompareAndSwap: kvMethod('RawCompareAndSwap', codecs(kv.RawCASRequest, kv.RawCASResponse), {
    writes: true,
  }),
  rawChecksum: kvMethod('RawChecksum', codecs(kv.RawChecksumRequest, kv.RawChecksumResponse)),
  rawCoprocessor: batchedMethod(
    'RawCoprocessor',
    'rawCoprocessor',
    codecs(kv.RawCoprocessorRequest, kv.RawCoprocessorResponse),
    { writes: true },
  ),
  unsafeDestroyRange: kvMethod(
    'UnsafeDestroyRange',
    codecs(kv.UnsafeDestroyRangeRequest, kv.UnsafeDestroyRangeResponse),
    { writes: true },
  ),
  coprocessor: batchedMethod('Coprocessor', 'coprocessor', codecs(cop.Request, cop.Response)),
  coprocessorStream: kvMethod('CoprocessorStream', codecs(cop.Request, cop.Response), {
    kind: 'serverStream',
  }),
  splitRegion: kvMethod('SplitRegion', codecs(kv.SplitRegionRequest, kv.SplitRegionResponse), {
    writes: true,
  }),
  readIndex: kvMethod('ReadIndex', codecs(kv.ReadIndexRequest, kv.ReadIndexResponse)),
  mvccGetByKey: kvMethod('MvccGetByKey', codecs(kv.MvccGetByKeyRequest, kv.MvccGetByKeyResponse)),
  mvccGetByStartTs: kvMethod(
    'MvccGetByStartTs',
    codecs(kv.MvccGetByStartTsRequest, kv.MvccGetByStartTsResponse),
  ),
  getStoreSafeTS: kvMethod('GetStoreSafeTS', codecs(kv.StoreSafeTSRequest, kv.StoreSafeTSResponse)),
  getLockWaitInfo: kvMethod('GetLockWaitInfo', codecs(kv.GetLockWaitInfoRequest, kv.GetLockWaitInfoResponse)),
  getLockWaitHistory: kvMethod(
    'GetLockWaitHistory',
    codecs(kv.GetLockWaitHistoryRequest, kv.GetLockWaitHistoryResponse),
  ),
  getHealthFeedback: batchedMethod(
    'GetHealthFeedback',
    'getHealthFeedback',
    codecs(kv.GetHealthFeedbackRequest, kv.GetHealthFeedbackResponse),
  ),
  broadcastTxnStatus: batchedMethod(
    'BroadcastTxnStatus',
    'broadcastTxnStatus',
    codecs(kv.BroadcastTxnStatusRequest, kv.BroadcastTxnStatusResponse),
  ),
}

/** The method of each command that may travel in a batch, by its `batchCase`. */
export const batchedMethods: ReadonlyMap<string, KvMethod<unknown, unknown>> = new Map(
  Object.values<KvMethod<unknown, unknown>>(tikvMethods).flatMap((row) =>
    row.batchCase === undefined ? [] : [[row.batchCase, row]],
  ),
)
