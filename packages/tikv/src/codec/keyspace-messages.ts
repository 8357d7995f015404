import type { KeyRange as CopRange } from '../gen/coprocessor.js'
import type { WaitForEntry } from '../gen/deadlock.js'
import type { Context, KeyError, KeyRange as WireRange, KvPair, LockInfo, Mutation } from '../gen/kvrpcpb.js'
import type { Region } from '../gen/metapb.js'
import type { KvMethod } from '../rpc/method.js'
import { tikvMethods as m } from '../rpc/methods.js'
import {
  decodeKeyError,
  decodeLock,
  decodeMvccInfo,
  decodePair,
  decodeRegionErrorKeys,
  decodeSplitRegions,
  decodeWaits,
} from './decode-keys.js'
import type { KeyspacePrefix } from './keyspace-prefix.js'

interface Regions {
  decodeRegion(region: Region): Region | undefined
}

type EncodeRequest = (request: unknown, prefix: KeyspacePrefix) => unknown
type DecodeResponse = (response: unknown, prefix: KeyspacePrefix, regions: Regions) => void

const encoders = new Map<string, EncodeRequest>()
const decoders = new Map<string, DecodeResponse>()

/** Where the keys of each request are. A request without a row has none. */
export const requestEncoders: ReadonlyMap<string, EncodeRequest> = encoders
/** Where the keys of each response are, besides its region error. Changes the response in place. */
export const responseDecoders: ReadonlyMap<string, DecodeResponse> = decoders

function row<Request, Response>(
  method: KvMethod<Request, Response>,
  encode: ((request: Request, prefix: KeyspacePrefix) => Request) | undefined,
  decode?: (response: Response, prefix: KeyspacePrefix, regions: Regions) => void,
): void {
  if (encode !== undefined) encoders.set(method.path, (request, prefix) => encode(request as Request, prefix))
  if (decode !== undefined) {
    decoders.set(method.path, (response, prefix, regions) => decode(response as Response, prefix, regions))
  }
}

const keys = (list: readonly Uint8Array[], prefix: KeyspacePrefix): Uint8Array[] =>
  list.map((key) => prefix.encode(key))

/** An empty key stays empty where it means that there is none. */
const optional = (key: Uint8Array, prefix: KeyspacePrefix): Uint8Array =>
  key.length === 0 ? key : prefix.encode(key)

const mutations = (list: readonly Mutation[], prefix: KeyspacePrefix): Mutation[] =>
  list.map((mutation) => ({ ...mutation, key: prefix.encode(mutation.key) }))

const withKey = <R extends { key: Uint8Array }>(request: R, prefix: KeyspacePrefix): R => ({
  ...request,
  key: prefix.encode(request.key),
})

const withKeys = <R extends { keys: Uint8Array[] }>(request: R, prefix: KeyspacePrefix): R => ({
  ...request,
  keys: keys(request.keys, prefix),
})

const withBounds = <R extends { startKey: Uint8Array; endKey: Uint8Array }>(
  request: R,
  prefix: KeyspacePrefix,
): R => ({
  ...request,
  startKey: prefix.encode(request.startKey),
  endKey: prefix.encodeEnd(request.endKey),
})

/** A reverse scan begins at its upper bound: `startKey`, exclusive. */
const withDirectedBounds = <R extends { startKey: Uint8Array; endKey: Uint8Array; reverse: boolean }>(
  request: R,
  prefix: KeyspacePrefix,
): R =>
  request.reverse
    ? { ...request, startKey: prefix.encodeEnd(request.startKey), endKey: prefix.encode(request.endKey) }
    : withBounds(request, prefix)

const range = (wire: WireRange, prefix: KeyspacePrefix): WireRange => withBounds(wire, prefix)

const withRanges = <R extends { ranges: WireRange[] }>(request: R, prefix: KeyspacePrefix): R => ({
  ...request,
  ranges: request.ranges.map((wire) => range(wire, prefix)),
})

const error = (response: { error: KeyError | undefined }, prefix: KeyspacePrefix): void => {
  if (response.error !== undefined) decodeKeyError(response.error, prefix.decode)
}

const errors = (response: { errors: KeyError[] }, prefix: KeyspacePrefix): void => {
  for (const one of response.errors) decodeKeyError(one, prefix.decode)
}

const pairs = (list: readonly KvPair[], prefix: KeyspacePrefix): void => {
  for (const pair of list) decodePair(pair, prefix.decode)
}

const locks = (list: readonly LockInfo[], prefix: KeyspacePrefix): void => {
  for (const lock of list) decodeLock(lock, prefix.decode)
}

// Reads
row(m.kvGet, withKey, error)
row(m.kvBatchGet, withKeys, (response, prefix) => {
  pairs(response.pairs, prefix)
  error(response, prefix)
})
row(m.kvBufferBatchGet, withKeys, (response, prefix) => {
  pairs(response.pairs, prefix)
  error(response, prefix)
})
row(m.kvScan, withDirectedBounds, (response, prefix) => {
  pairs(response.pairs, prefix)
  error(response, prefix)
})

// Transactions
row(
  m.kvPrewrite,
  (request, prefix) => ({
    ...request,
    mutations: mutations(request.mutations, prefix),
    primaryLock: prefix.encode(request.primaryLock),
    secondaries: keys(request.secondaries, prefix),
  }),
  errors,
)
row(
  m.kvPessimisticLock,
  (request, prefix) => ({
    ...request,
    mutations: mutations(request.mutations, prefix),
    primaryLock: prefix.encode(request.primaryLock),
  }),
  errors,
)
row(m.kvPessimisticRollback, withKeys, errors)
row(
  m.kvTxnHeartBeat,
  (request, prefix) => ({ ...request, primaryLock: prefix.encode(request.primaryLock) }),
  error,
)
row(
  m.kvCheckTxnStatus,
  (request, prefix) => ({ ...request, primaryKey: prefix.encode(request.primaryKey) }),
  (response, prefix) => {
    error(response, prefix)
    if (response.lockInfo !== undefined) decodeLock(response.lockInfo, prefix.decode)
  },
)
row(m.kvCheckSecondaryLocks, withKeys, (response, prefix) => {
  error(response, prefix)
  locks(response.locks, prefix)
})
row(
  m.kvCommit,
  (request, prefix) => ({
    ...request,
    keys: keys(request.keys, prefix),
    primaryKey: optional(request.primaryKey, prefix),
  }),
  error,
)
row(m.kvCleanup, withKey, error)
row(m.kvBatchRollback, withKeys, error)
row(m.kvScanLock, withBounds, (response, prefix) => {
  error(response, prefix)
  locks(response.locks, prefix)
})
row(m.kvResolveLock, withKeys, error)
row(m.kvGC, undefined, error)
row(m.kvDeleteRange, withBounds)
row(m.kvPrepareFlashbackToVersion, withBounds)
row(m.kvFlashbackToVersion, withBounds)
row(
  m.kvFlush,
  (request, prefix) => ({
    ...request,
    mutations: mutations(request.mutations, prefix),
    primaryKey: optional(request.primaryKey, prefix),
  }),
  errors,
)

// Raw keys
row(m.rawGet, withKey)
row(m.rawBatchGet, withKeys, (response, prefix) => pairs(response.pairs, prefix))
row(m.rawPut, withKey)
row(m.rawBatchPut, (request, prefix) => ({
  ...request,
  pairs: request.pairs.map((pair) => withKey(pair, prefix)),
}))
row(m.rawDelete, withKey)
row(m.rawBatchDelete, withKeys)
row(m.rawScan, withDirectedBounds, (response, prefix) => pairs(response.kvs, prefix))
row(m.rawBatchScan, withRanges, (response, prefix) => pairs(response.kvs, prefix))
row(m.rawDeleteRange, withBounds)
row(m.rawGetKeyTTL, withKey)
row(m.rawCompareAndSwap, withKey)
row(m.rawChecksum, withRanges)
row(m.rawCoprocessor, withRanges)

// Administration
row(m.unsafeDestroyRange, withBounds)
row(
  m.splitRegion,
  (request, prefix) => ({
    ...request,
    splitKey: optional(request.splitKey, prefix),
    splitKeys: keys(request.splitKeys, prefix),
  }),
  (response, prefix, regions) => {
    errors(response, prefix)
    decodeSplitRegions(response, regions)
  },
)
row(m.mvccGetByKey, withKey, (response, prefix) => decodeMvccInfo(response.info, prefix.decode))
row(m.mvccGetByStartTs, undefined, (response, prefix) => {
  if (response.key.length > 0) response.key = prefix.decode(response.key)
  decodeMvccInfo(response.info, prefix.decode)
})
for (const method of [m.getLockWaitInfo, m.getLockWaitHistory]) {
  row<{ context: Context | undefined }, { entries: WaitForEntry[] }>(
    method,
    undefined,
    (response, prefix) => {
      // A server tells the waits of all keyspaces.
      response.entries = response.entries.filter(({ key }) => key.length === 0 || prefix.has(key))
      decodeWaits(response.entries, prefix.decode)
    },
  )
}
row(m.readIndex, withRanges, (response, prefix) => {
  if (response.locked !== undefined) decodeLock(response.locked, prefix.decode)
})
row(m.getStoreSafeTS, (request, prefix) => ({
  ...request,
  keyRange: request.keyRange === undefined ? undefined : range(request.keyRange, prefix),
}))

const copRanges = (list: readonly CopRange[], prefix: KeyspacePrefix): CopRange[] =>
  list.map(({ start, end }) => prefix.encodeRange({ start, end }))

for (const method of [m.coprocessor, m.coprocessorStream]) {
  row(
    method,
    (request, prefix) => ({
      ...request,
      ranges: copRanges(request.ranges, prefix),
      tasks: request.tasks.map((task) => ({ ...task, ranges: copRanges(task.ranges, prefix) })),
    }),
    (response, prefix, regions) => {
      if (response.locked !== undefined) decodeLock(response.locked, prefix.decode)
      if (response.range !== undefined) {
        const { start, end } = response.range
        // One outside the keyspace is refused by `decode`.
        response.range = prefix.clamp(start, end) ?? { start: prefix.decode(start), end: prefix.decode(end) }
      }
      for (const one of response.batchResponses) {
        decodeRegionErrorKeys(one, regions, prefix.decode)
        if (one.locked !== undefined) decodeLock(one.locked, prefix.decode)
      }
    },
  )
}
