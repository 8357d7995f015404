export { TiKVClient, type ClientDiagnostics, type ClientRuntime } from './client.js'
export type { MetricsPrefix } from './telemetry/telemetry.js'
export {
  tikvConfig,
  tlsConfig,
  type TiKVConfig,
  type TiKVConfigInput,
  type TlsConfig,
} from './config/tikv-config.js'
export type { TiKVConfigChanges } from './config/changed-config.js'
export type { KeyRange } from './key-range.js'
export { composeTimestamp, logicalPart, MAX_TIMESTAMP, physicalMs, type Timestamp } from './timestamp.js'

export { Transaction, type CommitOptions, type CommitResult, type Savepoint } from './txn/transaction.js'
export { TransactionClient, type RunOptions } from './txn/transaction-client.js'
export type { LockedKey, LockOptions } from './txn/pessimistic/lock-options.js'
export type {
  AssertionChecks,
  CommitWait,
  DiskFullPolicy,
  LockWait,
  PipelinedOptions,
  TransactionHooks,
  TransactionIsolation,
  TransactionMode,
  TransactionOptions,
} from './txn/transaction-options.js'
export type { TransactionInfo, TransactionState } from './txn/transaction-info.js'
export {
  assertionOf,
  conflictOf,
  deadlockOf,
  existingKeyOf,
  type AssertionFacts,
  type DeadlockFacts,
  type WriteConflictFacts,
} from './txn/key-errors.js'
export { Snapshot } from './snapshot/snapshot.js'
export type * from './snapshot/snapshot-options.js'

export { AtomicRawClient, RawClient } from './raw/raw-client.js'
export { RAW_SCAN_LIMIT } from './raw/raw-options.js'
export type * from './raw/raw-options.js'
export { AdminClient } from './admin/admin-client.js'
export type * as admin from './admin/admin-options.js'
export type { SplitOptions, SplitResult } from './admin/split-regions.js'
export type { StoreFacts, StoreFigures } from './admin/store-facts.js'
export type {
  GcBarrier,
  GcState,
  PdCallOptions,
  PdDiagnostics,
  RegionBuckets,
  RegionInfo,
  ServiceSafePoint,
} from './pd/pd-client.js'
export type { TroubledRequest } from './region/attempt-log.js'
export type {
  RegionCacheDiagnostics,
  RegionDiagnostics,
  StoreDiagnostics,
} from './region/region-diagnostics.js'
export { CoprocessorClient } from './coprocessor/coprocessor-client.js'
export type * from './coprocessor/coprocessor-options.js'
export type { CoprocessorCache } from './coprocessor/coprocessor-cache.js'
export type { DagCounts } from './coprocessor/dag/dag-counter.js'
export type * from './coprocessor/dag/dag-plan.js'
export { checkPlan as checkDagPlan } from './coprocessor/dag/check-plan.js'
export { dagErrorNumber } from './coprocessor/dag/dag-error.js'
export { newDagReport } from './coprocessor/dag/dag-report.js'
export { outputTypes as dagOutputTypes } from './coprocessor/dag/dag-types.js'
export { bytesReal, realBytes } from './coprocessor/dag/real-bytes.js'

export type { InterceptedCall, Interceptor, StoreConnections } from './rpc/store-rpc.js'
export type { Transport } from './rpc/transport.js'
export { newExecDetails, type ExecDetails } from './telemetry/exec-details.js'
export type { ReplicaOptions, ReplicaRead } from './region/region-request.js'

/** What errors, loggers and metrics of the client are made of. */
export {
  createLogger,
  fromUtf8,
  hasCode,
  Metrics,
  OrbitError,
  systemEnv,
  TestEnv,
  utf8,
  type Env,
  type ErrorCode,
  type Logger,
  type Retry,
} from '@orbit-ts/base'
