import { EMPTY_BYTES, equalBytes } from '@orbit-ts/base'
import * as kv from '../../gen/kvrpcpb.js'
import type { Region } from '../../gen/metapb.js'
import { encodeMemcomparable } from '../../codec/memcomparable.js'
import { GrpcStatus } from '../../rpc/grpc-status.js'
import type { KvMethod } from '../../rpc/method.js'
import { tikvMethods } from '../../rpc/methods.js'
import { RpcRefusal } from '../../rpc/service.js'
import { contains } from '../encoded-key.js'
import { flashBack, rollBackLocks } from '../mvcc/flashback.js'
import { boundsOf } from './carry-out.js'
import { checkRegion, type RegionCheck } from './region-check.js'
import { regionErrors, RegionRefusal } from './region-refusal.js'
import { safeTsOf } from './safe-ts.js'
import type { StoreScope } from './store-scope.js'
import type { StoreSettings } from './store-settings.js'

/** A command that is not a read or a write of keys of one region. */
export interface StoreOperation {
  readonly method: KvMethod<unknown, unknown>
  run(store: ServedStore, request: unknown): unknown
}

export interface ServedStore {
  readonly scope: StoreScope
  readonly storeId: bigint
  readonly settings: StoreSettings
  nextFeedbackNumber(): bigint
}

function storeOperation<Request, Response>(
  method: KvMethod<Request, Response>,
  run: (store: ServedStore, request: Request) => Response,
): StoreOperation {
  return { method, run: (store, request) => run(store, request as Request) }
}

/** The commands of a store apart from those bound to keys of one region. */
export const storeOperations: readonly StoreOperation[] = [
  storeOperation(tikvMethods.kvGC, () => {
    throw new RpcRefusal(GrpcStatus.UNIMPLEMENTED, 'garbage is collected by the store itself')
  }),
  storeOperation(tikvMethods.splitRegion, splitRegion),
  storeOperation(tikvMethods.unsafeDestroyRange, ({ scope }, { startKey, endKey }) => {
    if (startKey.length === 0 || endKey.length === 0) {
      throw new RpcRefusal(GrpcStatus.INVALID_ARGUMENT, 'UnsafeDestroyRange needs both of its bounds')
    }
    scope.mvcc.deleteRange(startKey, endKey)
    const plain = scope.apiVersion !== kv.APIVersion.V2
    const [start, end] = plain
      ? [encodeMemcomparable(startKey), encodeMemcomparable(endKey)]
      : [startKey, endKey]
    scope.raw.destroyRange(start, end)
    return kv.UnsafeDestroyRangeResponse.create()
  }),
  storeOperation(tikvMethods.readIndex, (store, request) => {
    const context = request.context ?? kv.Context.create()
    checkRegion(store.scope.cluster, store.storeId, context, { isRead: true })
    const { concurrency } = store.scope.mvcc.state
    concurrency.updateMaxTs(request.startTs)
    return kv.ReadIndexResponse.create({ readIndex: store.scope.mvcc.state.data.version + 1n })
  }),
  storeOperation(tikvMethods.getStoreSafeTS, (store, request) =>
    kv.StoreSafeTSResponse.create({ safeTs: storeSafeTs(store, request) }),
  ),
  storeOperation(tikvMethods.getLockWaitInfo, ({ scope }) =>
    kv.GetLockWaitInfoResponse.create({ entries: scope.mvcc.lockWaits() }),
  ),
  storeOperation(tikvMethods.getLockWaitHistory, () => kv.GetLockWaitHistoryResponse.create()),
  storeOperation(tikvMethods.getHealthFeedback, (store) =>
    kv.GetHealthFeedbackResponse.create({ healthFeedback: healthFeedback(store) }),
  ),
  storeOperation(tikvMethods.broadcastTxnStatus, ({ scope }, request) =>
    scope.mvcc.broadcastTxnStatus(request),
  ),
  storeOperation(tikvMethods.kvPrepareFlashbackToVersion, (store, request) => {
    const region = requireRegion(store, request.context, { isRead: false, isFlashback: true })
    store.scope.cluster.setFlashback(region.id, request.startTs)
    rollBackLocks(store.scope.mvcc.state, flashbackRange(store, region, request))
    return kv.PrepareFlashbackToVersionResponse.create()
  }),
  storeOperation(tikvMethods.kvFlashbackToVersion, (store, request) => {
    const region = requireRegion(store, request.context, { isRead: false, isFlashback: true })
    if (!region.isInFlashback) throw new RegionRefusal(regionErrors.flashbackNotPrepared(region.id))
    const range = flashbackRange(store, region, request)
    flashBack(store.scope.mvcc.state, range, request.version, request.startTs, request.commitTs)
    store.scope.cluster.setFlashback(region.id, 0n)
    return kv.FlashbackToVersionResponse.create()
  }),
  storeOperation(tikvMethods.rawCoprocessor, () =>
    kv.RawCoprocessorResponse.create({ error: 'No coprocessor plugin is registered' }),
  ),
]

export function healthFeedback(store: ServedStore): kv.HealthFeedback {
  return kv.HealthFeedback.create({
    storeId: store.storeId,
    feedbackSeqNo: store.nextFeedbackNumber(),
    slowScore: store.settings.slowScore,
  })
}

function requireRegion(store: ServedStore, context: kv.Context | undefined, check: RegionCheck): Region {
  const { cluster } = store.scope
  return checkRegion(cluster, store.storeId, context ?? kv.Context.create(), check).state.region
}

function splitRegion(store: ServedStore, request: kv.SplitRegionRequest): kv.SplitRegionResponse {
  const { scope } = store
  const region = requireRegion(store, request.context, { isRead: false })
  const single = request.splitKey.length > 0 ? [request.splitKey] : request.splitKeys
  const plain = request.isRawKv && scope.apiVersion !== kv.APIVersion.V2
  const keys = single.map((key) => (plain ? key : encodeMemcomparable(key)))
  const range = { start: region.startKey, end: region.endKey }
  const outside = keys.find((key) => !contains(range, key))
  if (outside !== undefined) throw new RegionRefusal(regionErrors.keyNotInRegion(outside, region))
  const inside = keys.filter((key) => !equalBytes(key, region.startKey))
  const regions = scope.cluster.splitRegion(region.id, inside).map((state) => state.region)
  if (regions.length < 2) {
    const message = 'Internal Error: invalid response: the keys do not split the region'
    return kv.SplitRegionResponse.create({ regionError: { message } })
  }
  const [left, right] = regions
  return kv.SplitRegionResponse.create(regions.length === 2 ? { regions, left, right } : { regions })
}

function storeSafeTs(store: ServedStore, { keyRange }: kv.StoreSafeTSRequest): bigint {
  const { scope, settings, storeId } = store
  if (settings.safeTs !== undefined) return settings.safeTs
  const regions = scope.cluster
    .regionsIn(keyRange?.startKey ?? EMPTY_BYTES, keyRange?.endKey ?? EMPTY_BYTES)
    .filter(({ region }) => region.peers.some((peer) => peer.storeId === storeId))
  const all = regions.map(({ region }) =>
    safeTsOf(scope, settings, boundsOf(scope.apiVersion, 'txn', region)),
  )
  return all.reduce((min, ts) => (ts < min ? ts : min), all[0] ?? 0n)
}

function flashbackRange(
  store: ServedStore,
  region: Region,
  { startKey, endKey }: { readonly startKey: Uint8Array; readonly endKey: Uint8Array },
): { readonly start: Uint8Array; readonly end: Uint8Array } {
  const bounds = boundsOf(store.scope.apiVersion, 'txn', region)
  const start = contains(bounds, startKey) ? startKey : bounds.start
  const end = endKey.length > 0 && contains(bounds, endKey, true) ? endKey : bounds.end
  return { start, end }
}
