import * as cop from '../../gen/coprocessor.js'
import * as kv from '../../gen/kvrpcpb.js'
import { tikvMethods } from '../../rpc/methods.js'
import { bytesOf, operation, type Operation } from './operation.js'

const read = { isRead: true }
const write = { isRead: false }

const abort = (message: string): kv.KeyError => kv.KeyError.create({ abort: message })

/** The transactional commands that are bound to a region. */
export const txnOperations: readonly Operation[] = [
  operation(tikvMethods.kvGet, {
    kind: 'txn',
    check: read,
    keys: ({ key }) => [key],
    readTs: ({ version }) => version,
    run: ({ mvcc }, request) => mvcc.get(request),
    failed: (message) => kv.GetResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvBatchGet, {
    kind: 'txn',
    check: read,
    keys: ({ keys }) => keys,
    readTs: ({ version }) => version,
    run: ({ mvcc }, request) => mvcc.batchGet(request),
    failed: (message) =>
      kv.BatchGetResponse.create({ error: abort(message), pairs: [{ error: abort(message) }] }),
  }),
  operation(tikvMethods.kvScan, {
    kind: 'txn',
    check: read,
    ranges: ({ startKey, endKey }) => [[startKey, endKey]],
    scanned: ({ startKey, endKey, reverse }) => [reverse ? [endKey, startKey] : [startKey, endKey]],
    readTs: ({ version }) => version,
    run: ({ mvcc, bounds }, request) => mvcc.scan(request, bounds),
    failed: (message) =>
      kv.ScanResponse.create({ error: abort(message), pairs: [{ error: abort(message) }] }),
  }),
  operation(tikvMethods.kvBufferBatchGet, {
    kind: 'txn',
    check: read,
    keys: ({ keys }) => keys,
    run: ({ mvcc }, request) => mvcc.bufferBatchGet(request),
    failed: (message) => kv.BufferBatchGetResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvPrewrite, {
    kind: 'txn',
    check: write,
    keys: ({ mutations }) => mutations.map(({ key }) => key),
    limitsKeySize: true,
    entryBytes: ({ mutations }) => bytesOf(mutations.flatMap(({ key, value }) => [key, value])),
    run: ({ mvcc, call }, request) => mvcc.prewrite(request, call),
    failed: (message) => kv.PrewriteResponse.create({ errors: [abort(message)] }),
  }),
  operation(tikvMethods.kvFlush, {
    kind: 'txn',
    check: write,
    keys: ({ mutations }) => mutations.map(({ key }) => key),
    limitsKeySize: true,
    entryBytes: ({ mutations }) => bytesOf(mutations.flatMap(({ key, value }) => [key, value])),
    run: ({ mvcc, call }, request) => mvcc.flush(request, call),
    failed: (message) => kv.FlushResponse.create({ errors: [abort(message)] }),
  }),
  operation(tikvMethods.kvPessimisticLock, {
    kind: 'txn',
    check: write,
    keys: ({ mutations }) => mutations.map(({ key }) => key),
    run: ({ mvcc, call }, request) => mvcc.pessimisticLock(request, call),
    failed: (message) => kv.PessimisticLockResponse.create({ errors: [abort(message)] }),
  }),
  operation(tikvMethods.kvPessimisticRollback, {
    kind: 'txn',
    check: write,
    keys: ({ keys }) => keys,
    allowedOnAlmostFull: true,
    run: ({ mvcc, bounds, call }, request) => mvcc.pessimisticRollback(request, bounds, call),
    failed: (message) => kv.PessimisticRollbackResponse.create({ errors: [abort(message)] }),
  }),
  operation(tikvMethods.kvCommit, {
    kind: 'txn',
    check: write,
    keys: ({ keys }) => keys,
    allowedOnAlmostFull: true,
    run: ({ mvcc, call }, request) => mvcc.commit(request, call),
    failed: (message) => kv.CommitResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvBatchRollback, {
    kind: 'txn',
    check: write,
    keys: ({ keys }) => keys,
    allowedOnAlmostFull: true,
    run: ({ mvcc, call }, request) => mvcc.batchRollback(request, call),
    failed: (message) => kv.BatchRollbackResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvCleanup, {
    kind: 'txn',
    check: write,
    keys: ({ key }) => [key],
    allowedOnAlmostFull: true,
    run: ({ mvcc, call }, request) => mvcc.cleanup(request, call),
    failed: (message) => kv.CleanupResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvCheckTxnStatus, {
    kind: 'txn',
    check: write,
    keys: ({ primaryKey }) => [primaryKey],
    allowedOnAlmostFull: true,
    run: ({ mvcc, call }, request) => mvcc.checkTxnStatus(request, call),
    failed: (message) => kv.CheckTxnStatusResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvTxnHeartBeat, {
    kind: 'txn',
    check: write,
    keys: ({ primaryLock }) => [primaryLock],
    allowedOnAlmostFull: true,
    run: ({ mvcc, call }, request) => mvcc.txnHeartBeat(request, call),
    failed: (message) => kv.TxnHeartBeatResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvCheckSecondaryLocks, {
    kind: 'txn',
    check: write,
    keys: ({ keys }) => keys,
    allowedOnAlmostFull: true,
    run: ({ mvcc, call }, request) => mvcc.checkSecondaryLocks(request, call),
    failed: (message) => kv.CheckSecondaryLocksResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvScanLock, {
    kind: 'txn',
    check: write,
    // So that a collector of garbage may look at all keys, whatever their API version.
    anyApiVersion: true,
    anchors: ({ startKey }) => (startKey.length === 0 ? [] : [startKey]),
    run: ({ mvcc, bounds }, request) => mvcc.scanLock(request, bounds),
    failed: (message) => kv.ScanLockResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvResolveLock, {
    kind: 'txn',
    check: write,
    keys: ({ keys }) => keys,
    allowedOnAlmostFull: true,
    run: ({ mvcc, bounds, call }, request) => mvcc.resolveLock(request, bounds, call),
    failed: (message) => kv.ResolveLockResponse.create({ error: abort(message) }),
  }),
  operation(tikvMethods.kvDeleteRange, {
    kind: 'txn',
    check: write,
    ranges: ({ startKey, endKey }) => [[startKey, endKey]],
    covered: ({ startKey, endKey }) => [[startKey, endKey]],
    allowedOnAlmostFull: true,
    run: ({ mvcc }, { startKey, endKey, notifyOnly }) => {
      if (!notifyOnly) mvcc.deleteRange(startKey, endKey)
      return kv.DeleteRangeResponse.create()
    },
    failed: (error) => kv.DeleteRangeResponse.create({ error }),
  }),
  operation(tikvMethods.mvccGetByKey, {
    kind: 'txn',
    check: write,
    keys: ({ key }) => [key],
    run: ({ mvcc }, { key }) => kv.MvccGetByKeyResponse.create({ info: mvcc.mvccByKey(key) }),
    failed: (error) => kv.MvccGetByKeyResponse.create({ error }),
  }),
  operation(tikvMethods.mvccGetByStartTs, {
    kind: 'txn',
    check: write,
    run: ({ mvcc, bounds }, { startTs }) => {
      const found = mvcc.mvccByStartTs(startTs, bounds)
      return kv.MvccGetByStartTsResponse.create(found ?? { info: {} })
    },
    failed: (error) => kv.MvccGetByStartTsResponse.create({ error }),
  }),
  operation(tikvMethods.coprocessor, {
    kind: 'txn',
    check: read,
    scanned: ({ ranges }) => ranges.map(({ start, end }) => [start, end]),
    readTs: ({ startTs }) => startTs,
    // The layout of the rows is the executor's matter.
    anyApiVersion: true,
    run: (scope, request) => {
      const { mvcc, bounds } = scope
      return scope.coprocessor(request, { mvcc, bounds, dataVersion: mvcc.state.data.version })
    },
    failed: (otherError) => cop.Response.create({ otherError }),
  }),
]
