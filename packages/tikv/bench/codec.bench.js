// @ts-check
/**
 * The hand-written codecs of the TiKV client's hot path against the generated ones (ts-proto over @bufbuild/protobuf),
 * on messages of usual size. Both give the same bytes and the same messages; `message-codecs.test.ts` proves it.
 * Execution details, which TiKV sends with every answer, are decoded by ours only when they are read: one row reads
 * them. `--brief` shows that it works.
 */
import { BatchCommandsRequest, BatchCommandsResponse } from '../dist/gen/tikvpb.js'
import * as kv from '../dist/gen/kvrpcpb.js'
import { batchCommands } from '../dist/rpc/batch-commands.js'
import { tikvMethods } from '../dist/rpc/methods.js'
import { contest, printRatios } from '../../../bench/measure.js'

const brief = process.argv.includes('--brief')
const PER_RUN = brief ? 400 : 20_000
const BATCHES_PER_RUN = brief ? 10 : 500
const ROUNDS = brief ? 1 : 9
const BATCH = 64
const START_TS = 459_000_000_000_000_001n

const context = kv.Context.fromPartial({
  regionId: 4_711n,
  regionEpoch: { confVer: 5n, version: 312n },
  peer: { id: 4_713n, storeId: 4n },
  maxExecutionDurationMs: 20_000n,
  requestSource: 'orbit',
})
/** @param {number} n */
const keyOf = (n) =>
  new Uint8Array(Buffer.from(`t\x80\x00\x00\x00\x00\x00\x00\x45_r${String(n).padStart(11, '0')}`, 'latin1'))
const value = new Uint8Array(200).fill(120)

const execDetailsV2 = kv.ExecDetailsV2.fromPartial({
  timeDetail: { waitWallTimeMs: 0n, processWallTimeMs: 1n, totalRpcWallTimeNs: 312_345n },
  scanDetailV2: {
    processedVersions: 1n,
    processedVersionsSize: 230n,
    totalVersions: 1n,
    rocksdbBlockCacheHitCount: 9n,
    getSnapshotNanos: 23_456n,
    readIndexProposeWaitNanos: 1_234n,
    readPoolScheduleWaitNanos: 34_567n,
  },
  timeDetailV2: {
    waitWallTimeNs: 45_678n,
    processWallTimeNs: 123_456n,
    kvReadWallTimeNs: 98_765n,
    totalRpcWallTimeNs: 312_345n,
  },
})

const get = kv.GetRequest.fromPartial({ context, key: keyOf(1), version: START_TS })
const prewrite = kv.PrewriteRequest.fromPartial({
  context,
  mutations: Array.from({ length: 16 }, (_, n) => ({ op: kv.Op.Put, key: keyOf(n), value })),
  primaryLock: keyOf(0),
  startVersion: START_TS,
  lockTtl: 3_000n,
  txnSize: 16n,
  minCommitTs: START_TS + 1n,
  useAsyncCommit: true,
})
const commit = kv.CommitRequest.fromPartial({
  context,
  startVersion: START_TS,
  commitVersion: START_TS + 5n,
  keys: prewrite.mutations.map(({ key }) => key),
})
const getAnswer = kv.GetResponse.encode(kv.GetResponse.fromPartial({ value, execDetailsV2 })).finish()
const prewriteAnswer = kv.PrewriteResponse.encode(
  kv.PrewriteResponse.fromPartial({ minCommitTs: START_TS + 5n, execDetailsV2 }),
).finish()
const scanAnswer = kv.ScanResponse.encode(
  kv.ScanResponse.fromPartial({ pairs: Array.from({ length: 256 }, (_, n) => ({ key: keyOf(n), value })) }),
).finish()

const gets = Array.from({ length: BATCH }, (_, n) => kv.GetRequest.fromPartial({ ...get, key: keyOf(n) }))
const ids = gets.map((_, n) => 1_000_000 + n)
const batchAnswer = BatchCommandsResponse.encode({
  responses: ids.map(() => ({ cmd: { $case: 'get', value: kv.GetResponse.decode(getAnswer) } })),
  requestIds: ids.map(BigInt),
  transportLayerLoad: 80n,
  healthFeedback: undefined,
  tikvSendTimeNs: 0n,
}).finish()

let sink = 0
/**
 * @param {number} times
 * @param {() => unknown} work
 */
const repeat = (times, work) => () => {
  for (let n = 0; n < times; n++) if (work() === undefined) sink++
}

/** @type {[string, number, () => unknown, () => unknown][]} */
const pairs = [
  [
    'encode Get',
    PER_RUN,
    () => tikvMethods.kvGet.encodeRequest(get),
    () => kv.GetRequest.encode(get).finish(),
  ],
  [
    'encode Prewrite of 16 keys',
    PER_RUN / 4,
    () => tikvMethods.kvPrewrite.encodeRequest(prewrite),
    () => kv.PrewriteRequest.encode(prewrite).finish(),
  ],
  [
    'encode Commit of 16 keys',
    PER_RUN / 4,
    () => tikvMethods.kvCommit.encodeRequest(commit),
    () => kv.CommitRequest.encode(commit).finish(),
  ],
  [
    'decode the answer to Get',
    PER_RUN,
    () => tikvMethods.kvGet.decodeResponse(getAnswer),
    () => kv.GetResponse.decode(getAnswer),
  ],
  [
    'the same, details read',
    PER_RUN,
    () => tikvMethods.kvGet.decodeResponse(getAnswer).execDetailsV2?.timeDetailV2,
    () => kv.GetResponse.decode(getAnswer).execDetailsV2?.timeDetailV2,
  ],
  [
    'decode the answer to Prewrite',
    PER_RUN,
    () => tikvMethods.kvPrewrite.decodeResponse(prewriteAnswer),
    () => kv.PrewriteResponse.decode(prewriteAnswer),
  ],
  [
    'decode a Scan of 256 pairs',
    BATCHES_PER_RUN,
    () => tikvMethods.kvScan.decodeResponse(scanAnswer),
    () => kv.ScanResponse.decode(scanAnswer),
  ],
  [`encode a batch of ${BATCH} Gets`, BATCHES_PER_RUN, encodeBatch, encodeGeneratedBatch],
  [
    `decode a batch of ${BATCH} answers to Get`,
    BATCHES_PER_RUN,
    decodeBatch,
    () => BatchCommandsResponse.decode(batchAnswer),
  ],
]

const results = []
for (const [name, per, ours, rival] of pairs)
  results.push(await contest({ name, per, ours: repeat(per, ours), rival: repeat(per, rival) }, ROUNDS))
printRatios(results)
console.log(`\nmessages without a result: ${sink}`)

function encodeBatch() {
  const items = gets.map((request, n) => ({
    id: ids[n] ?? 0,
    batchCase: /** @type {const} */ ('get'),
    payload: tikvMethods.kvGet.encodeRequest(request),
  }))
  return batchCommands.encodeRequest({ items, clientSendTimeNs: 0n })
}

function encodeGeneratedBatch() {
  return BatchCommandsRequest.encode({
    requests: gets.map((request) => ({ cmd: { $case: 'get', value: request } })),
    requestIds: ids.map(BigInt),
    clientSendTimeNs: 0n,
  }).finish()
}

function decodeBatch() {
  return batchCommands
    .decodeResponse(batchAnswer)
    .items.map(({ payload }) => tikvMethods.kvGet.decodeResponse(payload))
}
