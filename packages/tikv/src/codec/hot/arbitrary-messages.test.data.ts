import fc from 'fast-check'
import * as kv from '../../gen/kvrpcpb.js'

/** Random messages for the property tests: every field, its default, empty bytes and the largest numbers included. */

const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  fc.constantFrom(0n, 1n, 127n, 128n, 1n << 28n, 1n << 32n, 1n << 53n, (1n << 63n) - 1n, (1n << 64n) - 1n),
)
const int64 = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.constantFrom(0n, -1n, -(1n << 63n), (1n << 63n) - 1n),
)
const uint32 = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 127, 128, 0xffff_ffff))
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ minLength: 120, maxLength: 140 }),
  fc.constant(new Uint8Array(20_000).fill(7)),
)
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constant('é'.repeat(100)))
const bool = fc.boolean()
const oneOf = <T>(values: Readonly<Record<string, T>>) => fc.constantFrom(...Object.values(values))
const maybe = <T>(message: fc.Arbitrary<T>) => fc.option(message, { nil: undefined })
const few = <T>(element: fc.Arbitrary<T>) => fc.array(element, { maxLength: 5 })

const context: fc.Arbitrary<kv.Context> = fc.record({
  regionId: uint64,
  regionEpoch: maybe(fc.record({ confVer: uint64, version: uint64 })),
  peer: maybe(fc.record({ id: uint64, storeId: uint64, role: fc.constantFrom(0, 1, 2, 3), isWitness: bool })),
  term: uint64,
  priority: oneOf(kv.CommandPri),
  isolationLevel: oneOf(kv.IsolationLevel),
  notFillCache: bool,
  syncLog: bool,
  recordTimeStat: bool,
  recordScanStat: bool,
  replicaRead: bool,
  resolvedLocks: few(uint64),
  maxExecutionDurationMs: uint64,
  appliedIndex: uint64,
  taskId: uint64,
  staleRead: bool,
  resourceGroupTag: bytes,
  diskFullOpt: oneOf(kv.DiskFullOpt),
  isRetryRequest: bool,
  apiVersion: oneOf(kv.APIVersion),
  committedLocks: few(uint64),
  traceContext: maybe(
    fc.record({
      remoteParentSpans: few(fc.record({ traceId: uint64, spanId: uint64 })),
      durationThresholdMs: uint32,
    }),
  ),
  requestSource: text,
  txnSource: uint64,
  busyThresholdMs: uint32,
  resourceControlContext: maybe(
    fc.record({ resourceGroupName: text, penalty: fc.constant(undefined), overridePriority: uint64 }),
  ),
  requestOrigin: oneOf(kv.RequestOrigin),
  keyspaceName: text,
  keyspaceId: maybe(uint32),
  bucketsVersion: uint64,
  sourceStmt: maybe(fc.record({ startTs: uint64, connectionId: uint64, stmtId: uint64, sessionAlias: text })),
  clusterId: uint64,
  traceId: bytes,
  traceControlFlags: uint64,
  keyspaceIdentity: maybe(fc.record({ namespaceId: uint32, keyspaceId: uint32 })),
})

const mutation = fc.record({ op: oneOf(kv.Op), key: bytes, value: bytes, assertion: oneOf(kv.Assertion) })

export const requests = {
  Get: fc.record({ context: maybe(context), key: bytes, version: uint64, needCommitTs: bool }),
  BatchGet: fc.record({ context: maybe(context), keys: few(bytes), version: uint64, needCommitTs: bool }),
  Scan: fc.record({
    context: maybe(context),
    startKey: bytes,
    limit: uint32,
    version: uint64,
    keyOnly: bool,
    reverse: bool,
    endKey: bytes,
    sampleStep: uint32,
  }),
  Prewrite: fc.record({
    context: maybe(context),
    mutations: few(mutation),
    primaryLock: bytes,
    startVersion: uint64,
    lockTtl: uint64,
    skipConstraintCheck: bool,
    pessimisticActions: few(oneOf(kv.PrewriteRequest_PessimisticAction)),
    txnSize: uint64,
    forUpdateTs: uint64,
    minCommitTs: uint64,
    useAsyncCommit: bool,
    secondaries: few(bytes),
    tryOnePc: bool,
    maxCommitTs: uint64,
    assertionLevel: oneOf(kv.AssertionLevel),
    forUpdateTsConstraints: few(fc.record({ index: uint32, expectedForUpdateTs: uint64 })),
    txnFileChunks: few(uint64),
  }),
  Commit: fc.record({
    context: maybe(context),
    startVersion: uint64,
    keys: few(bytes),
    commitVersion: uint64,
    commitRole: oneOf(kv.CommitRole),
    primaryKey: bytes,
    useAsyncCommit: bool,
    isTxnFile: bool,
  }),
  PessimisticLock: fc.record({
    context: maybe(context),
    mutations: few(mutation),
    primaryLock: bytes,
    startVersion: uint64,
    lockTtl: uint64,
    forUpdateTs: uint64,
    isFirstLock: bool,
    waitTimeout: int64,
    force: bool,
    returnValues: bool,
    minCommitTs: uint64,
    checkExistence: bool,
    lockOnlyIfExists: bool,
    wakeUpMode: oneOf(kv.PessimisticLockWakeUpMode),
  }),
  RawGet: fc.record({ context: maybe(context), key: bytes, cf: text }),
  RawPut: fc.record({
    context: maybe(context),
    key: bytes,
    value: bytes,
    cf: text,
    ttl: uint64,
    forCas: bool,
  }),
}

/** Errors and details are the generated decoders' work: some of their fields are enough to see them pass. */
const regionError = fc.record({ message: text, notLeader: maybe(fc.record({ regionId: uint64 })) })
const keyError = fc.record({
  abort: text,
  locked: maybe(fc.record({ key: bytes, lockVersion: uint64, secondaries: few(bytes) })),
  conflict: maybe(fc.record({ startTs: uint64, reason: oneOf(kv.WriteConflict_Reason) })),
})
const details = fc.record({
  timeDetail: maybe(fc.record({ waitWallTimeMs: uint64 })),
  scanDetailV2: maybe(fc.record({ totalVersions: uint64, processedVersionsSize: uint64 })),
  writeDetail: maybe(fc.record({ processNanos: uint64 })),
  timeDetailV2: maybe(fc.record({ totalRpcWallTimeNs: uint64 })),
  ruV2: maybe(fc.record({ readRpcCount: uint64 })),
  readPoolTaskDetails: maybe(fc.record({ pollCount: uint64 })),
})
const pair = fc.record({ error: maybe(keyError), key: bytes, value: bytes, commitTs: uint64 })

export const responses = {
  Get: fc.record({
    regionError: maybe(regionError),
    error: maybe(keyError),
    value: bytes,
    notFound: bool,
    execDetailsV2: maybe(details),
    commitTs: uint64,
  }),
  BatchGet: fc.record({
    regionError: maybe(regionError),
    pairs: few(pair),
    execDetailsV2: maybe(details),
    error: maybe(keyError),
  }),
  Scan: fc.record({ regionError: maybe(regionError), pairs: few(pair), error: maybe(keyError) }),
  Prewrite: fc.record({
    regionError: maybe(regionError),
    errors: few(keyError),
    minCommitTs: uint64,
    onePcCommitTs: uint64,
    execDetailsV2: maybe(details),
  }),
  Commit: fc.record({
    regionError: maybe(regionError),
    error: maybe(keyError),
    commitVersion: uint64,
    execDetailsV2: maybe(details),
  }),
  PessimisticLock: fc.record({
    regionError: maybe(regionError),
    errors: few(keyError),
    commitTs: uint64,
    value: bytes,
    values: few(bytes),
    notFounds: few(bool),
    execDetailsV2: maybe(details),
    results: few(
      fc.record({
        type: oneOf(kv.PessimisticLockKeyResultType),
        value: bytes,
        existence: bool,
        lockedWithConflictTs: uint64,
        skipResolvingLock: bool,
      }),
    ),
  }),
  RawGet: fc.record({ regionError: maybe(regionError), error: text, value: bytes, notFound: bool }),
  RawPut: fc.record({ regionError: maybe(regionError), error: text }),
}

/** One well-formed field that no message has, of any wire type. */
export const unknownField: fc.Arbitrary<Uint8Array> = fc.constantFrom(
  Uint8Array.of(0xc0, 0x3e, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  Uint8Array.of(0xc1, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8),
  Uint8Array.of(0xc2, 0x3e, 3, 0x0a, 0x7f, 0x01),
  Uint8Array.of(0xc3, 0x3e, 0x08, 0x05, 0xc3, 0x3e, 0xc4, 0x3e, 0xc4, 0x3e),
  Uint8Array.of(0xc5, 0x3e, 1, 2, 3, 4),
)

export const batchId: fc.Arbitrary<number | bigint> = fc.oneof(
  fc.nat(),
  fc.constantFrom(0, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER, 2n ** 53n, 2n ** 64n - 1n),
)

export const feedback = maybe(
  fc
    .record({ storeId: uint64, feedbackSeqNo: uint64, slowScore: fc.integer({ min: -3, max: 100 }) })
    .map((message) => kv.HealthFeedback.fromPartial(message)),
)

export { bytes, uint64 }
