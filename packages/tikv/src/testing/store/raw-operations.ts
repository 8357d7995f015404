import * as kv from '../../gen/kvrpcpb.js'
import { tikvMethods } from '../../rpc/methods.js'
import { bytesOf, operation, type Operation } from './operation.js'

const read = { isRead: true }
const write = { isRead: false }

const failedPairs = (message: string): { readonly error: kv.KeyError }[] => [
  { error: kv.KeyError.create({ abort: message }) },
]

/** The raw commands that are bound to a region. */
export const rawOperations: readonly Operation[] = [
  operation(tikvMethods.rawGet, {
    kind: 'raw',
    check: read,
    keys: ({ key }) => [key],
    run: ({ raw }, request) => raw.get(request),
    failed: (error) => kv.RawGetResponse.create({ error }),
  }),
  operation(tikvMethods.rawBatchGet, {
    kind: 'raw',
    check: read,
    keys: ({ keys }) => keys,
    run: ({ raw }, request) => raw.batchGet(request),
    failed: (message) => kv.RawBatchGetResponse.create({ pairs: failedPairs(message) }),
  }),
  operation(tikvMethods.rawPut, {
    kind: 'raw',
    check: write,
    keys: ({ key }) => [key],
    limitsKeySize: true,
    entryBytes: ({ key, value }) => key.length + value.length,
    run: ({ raw }, request) => raw.put(request),
    failed: (error) => kv.RawPutResponse.create({ error }),
  }),
  operation(tikvMethods.rawBatchPut, {
    kind: 'raw',
    check: write,
    keys: ({ pairs }) => pairs.map(({ key }) => key),
    limitsKeySize: true,
    entryBytes: ({ pairs }) => bytesOf(pairs.flatMap(({ key, value }) => [key, value])),
    run: ({ raw }, request) => raw.batchPut(request),
    failed: (error) => kv.RawBatchPutResponse.create({ error }),
  }),
  operation(tikvMethods.rawDelete, {
    kind: 'raw',
    check: write,
    keys: ({ key }) => [key],
    allowedOnAlmostFull: true,
    run: ({ raw }, request) => raw.delete(request),
    failed: (error) => kv.RawDeleteResponse.create({ error }),
  }),
  operation(tikvMethods.rawBatchDelete, {
    kind: 'raw',
    check: write,
    keys: ({ keys }) => keys,
    allowedOnAlmostFull: true,
    run: ({ raw }, request) => raw.batchDelete(request),
    failed: (error) => kv.RawBatchDeleteResponse.create({ error }),
  }),
  operation(tikvMethods.rawDeleteRange, {
    kind: 'raw',
    check: write,
    ranges: ({ startKey, endKey }) => [[startKey, endKey]],
    covered: ({ startKey, endKey }) => [[startKey, endKey]],
    allowedOnAlmostFull: true,
    run: ({ raw }, request) => raw.deleteRange(request),
    failed: (error) => kv.RawDeleteRangeResponse.create({ error }),
  }),
  operation(tikvMethods.rawScan, {
    kind: 'raw',
    check: read,
    ranges: ({ startKey, endKey }) => [[startKey, endKey]],
    anchors: ({ startKey }) => [startKey],
    run: ({ raw, bounds }, request) => raw.scan(request, bounds),
    failed: (message) => kv.RawScanResponse.create({ kvs: failedPairs(message) }),
  }),
  operation(tikvMethods.rawBatchScan, {
    kind: 'raw',
    check: read,
    ranges: ({ ranges }) => ranges.map(({ startKey, endKey }) => [startKey, endKey]),
    anchors: ({ ranges }) => ranges.map(({ startKey }) => startKey),
    run: ({ raw, bounds }, request) => raw.batchScan(request, bounds),
    failed: (message) => kv.RawBatchScanResponse.create({ kvs: failedPairs(message) }),
  }),
  operation(tikvMethods.rawGetKeyTTL, {
    kind: 'raw',
    check: read,
    keys: ({ key }) => [key],
    run: ({ raw }, request) => raw.keyTtl(request),
    failed: (error) => kv.RawGetKeyTTLResponse.create({ error }),
  }),
  operation(tikvMethods.rawCompareAndSwap, {
    kind: 'raw',
    check: write,
    keys: ({ key }) => [key],
    limitsKeySize: true,
    entryBytes: ({ key, value }) => key.length + value.length,
    allowedOnAlmostFull: true,
    run: ({ raw }, request) => raw.compareAndSwap(request),
    failed: (error) => kv.RawCASResponse.create({ error }),
  }),
  operation(tikvMethods.rawChecksum, {
    kind: 'raw',
    check: read,
    ranges: ({ ranges }) => ranges.map(({ startKey, endKey }) => [startKey, endKey]),
    anchors: ({ ranges }) => ranges.map(({ startKey }) => startKey),
    run: ({ raw, bounds }, request) => raw.checksum(request, bounds),
    failed: (error) => kv.RawChecksumResponse.create({ error }),
  }),
]
