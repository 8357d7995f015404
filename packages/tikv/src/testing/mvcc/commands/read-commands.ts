import { compareBytes, EMPTY_BYTES } from '@orbit-ts/base'
import * as kv from '../../../gen/kvrpcpb.js'
import { locksIn } from '../locks-in.js'
import { MvccError, toKeyError } from '../mvcc-error.js'
import type { Bounds, MvccState } from '../mvcc-state.js'
import { lockInfo } from '../records.js'
import { SnapshotRead, type ScanRow } from '../snapshot-read.js'

export function getCommand(state: MvccState, request: kv.GetRequest): kv.GetResponse {
  const read = new SnapshotRead(state, contextOf(request), request.version)
  try {
    read.checkMemoryLocks([request.key])
    const found = read.get(request.key, request.needCommitTs)
    if (found === undefined) return kv.GetResponse.create({ notFound: true })
    return kv.GetResponse.create({ value: found.value, commitTs: request.needCommitTs ? found.commitTs : 0n })
  } catch (error) {
    return kv.GetResponse.create({ error: keyErrorOf(error) })
  }
}

/** A lock on one key is that pair's error; one in memory is that of the whole answer. */
export function batchGetCommand(state: MvccState, request: kv.BatchGetRequest): kv.BatchGetResponse {
  const read = new SnapshotRead(state, contextOf(request), request.version)
  const response = kv.BatchGetResponse.create()
  try {
    read.checkMemoryLocks(request.keys)
    for (const key of request.keys) {
      const pair = readPair(read, key, request.needCommitTs)
      if (pair !== undefined) response.pairs.push(pair)
    }
    return response
  } catch (error) {
    return kv.BatchGetResponse.create({ error: keyErrorOf(error), pairs: [{ error: keyErrorOf(error) }] })
  }
}

export function scanCommand(state: MvccState, request: kv.ScanRequest, bounds: Bounds): kv.ScanResponse {
  const range = scanRange(request)
  try {
    const read = new SnapshotRead(state, contextOf(request), request.version)
    read.checkMemoryLocksIn(range ?? { start: EMPTY_BYTES, end: EMPTY_BYTES })
    if (range === undefined) return kv.ScanResponse.create()
    const rows = read.scan(intersect(range, bounds), request)
    return kv.ScanResponse.create({ pairs: rows.map(scanPair) })
  } catch (error) {
    return kv.ScanResponse.create({ error: keyErrorOf(error), pairs: [{ error: keyErrorOf(error) }] })
  }
}

/** Only the locks of the transaction itself count. */
export function bufferBatchGetCommand(
  state: MvccState,
  request: kv.BufferBatchGetRequest,
): kv.BufferBatchGetResponse {
  const response = kv.BufferBatchGetResponse.create()
  state.concurrency.updateMaxTs(request.version)
  for (const key of request.keys) {
    const lock = state.data.lock(key)
    if (lock?.startTs !== request.version) continue
    if (lock.type === 'delete') response.pairs.push(kv.KvPair.create({ key }))
    else if (lock.type === 'put') {
      const value = lock.shortValue ?? state.data.value(key, lock.startTs) ?? EMPTY_BYTES
      response.pairs.push(kv.KvPair.create({ key, value }))
    }
  }
  return response
}

export function scanLockCommand(
  state: MvccState,
  request: kv.ScanLockRequest,
  bounds: Bounds,
): kv.ScanLockResponse {
  const { maxVersion, limit } = request
  const range = intersect({ start: request.startKey, end: request.endKey }, bounds)
  state.concurrency.updateMaxTs(maxVersion)
  for (const [key, lock] of state.concurrency.memoryLocks(range.start, range.end)) {
    if (lock.startTs > maxVersion) continue
    const error = new MvccError({ kind: 'KeyIsLocked', lock: lockInfo(key, lock) })
    return kv.ScanLockResponse.create({ error: toKeyError(error.refusal) })
  }
  const found = locksIn(state.data, range, (lock) => lock.startTs <= maxVersion, limit)
  return kv.ScanLockResponse.create({ locks: found.map(([key, lock]) => lockInfo(key, lock)) })
}

function contextOf(request: { readonly context: kv.Context | undefined }): kv.Context {
  return request.context ?? kv.Context.create()
}

function keyErrorOf(error: unknown): kv.KeyError {
  if (error instanceof MvccError) return toKeyError(error.refusal)
  throw error
}

function readPair(read: SnapshotRead, key: Uint8Array, needCommitTs: boolean): kv.KvPair | undefined {
  try {
    const found = read.get(key, needCommitTs)
    if (found === undefined) return undefined
    return kv.KvPair.create({ key, value: found.value, commitTs: needCommitTs ? found.commitTs : 0n })
  } catch (error) {
    return kv.KvPair.create({ error: keyErrorOf(error) })
  }
}

function scanPair(row: ScanRow): kv.KvPair {
  if (row.kind === 'locked') return kv.KvPair.create({ error: toKeyError(row.error.refusal) })
  return kv.KvPair.create({ key: row.key, value: row.value })
}

/**
 * A reverse scan goes down from `startKey` (exclusive) to `endKey` (inclusive). TiKV takes an empty `startKey` for the
 * smallest key in both directions, so that a reverse scan from it finds nothing.
 */
function scanRange(request: kv.ScanRequest): Bounds | undefined {
  if (!request.reverse) return { start: request.startKey, end: request.endKey }
  if (request.startKey.length === 0) return undefined
  return { start: request.endKey, end: request.startKey }
}

function intersect(range: Bounds, bounds: Bounds): Bounds {
  const start = compareBytes(range.start, bounds.start) < 0 ? bounds.start : range.start
  const tighter = range.end.length === 0 || (bounds.end.length > 0 && compareBytes(bounds.end, range.end) < 0)
  return { start, end: tighter ? bounds.end : range.end }
}
