export type {
  Capabilities,
  CommitResult,
  Durability,
  Entry,
  Health,
  IsolationLevel,
  KeyRange,
  LockOptions,
  ProviderKind,
  ProviderMetrics,
  Reader,
  Savepoint,
  ScanOptions,
  Snapshot,
  SnapshotOptions,
  StorageProvider,
  Transaction,
  TransactionMode,
  TransactionOptions,
  TransactOptions,
  WriteBatch,
  WriteOperation,
  WriteOptions,
} from './provider.js'
export type {
  Pushdown,
  PushedColumn,
  PushedComparison,
  PushedConstant,
  PushedExpression,
  PushedFunction,
  PushedOrder,
  PushedPlan,
  PushedRefusal,
  PushedScanOptions,
  PushedSource,
  PushedType,
  PushedValue,
} from './pushdown/pushdown.js'
export type {
  EngineCursor,
  EngineEntry,
  EngineLimits,
  EngineScanOptions,
  EngineWrite,
  LocalEngine,
  MaybePromise,
} from './transaction/local-engine.js'
export { LocalTransactions, type LocalTransactionsOptions } from './transaction/local-transactions.js'
export { isRetried, transact } from './transaction/transact.js'
export { actorKeys, type ActorAddress, type ActorKey } from './keys/actor-keys.js'
export { catalogKeys, internalKeys, type CatalogKey, type InternalKey } from './keys/catalog-keys.js'
export { documentKeys, type DocumentKey } from './keys/document-keys.js'
export { graphKeys, type Direction, type EdgeIdentity, type GraphKey } from './keys/graph-keys.js'
export { relationalKeys, type RelationalIndexEntry, type RelationalKey } from './keys/relational-keys.js'
export { timeSeriesKeys, type TimeSeriesKey } from './keys/time-series-keys.js'
export { vectorKeys, type VectorKey } from './keys/vector-keys.js'
export { MultiModelKeyBuilder, multiModelKeys } from './keys/multi-model-key-builder.js'
export { formatKey, type FormatKeyOptions, type NamedKind, type NameResolver } from './keys/format-key.js'
export { parseKey, type ParsedKey } from './keys/parse-key.js'
export {
  indexRange,
  prefixRange,
  prefixSuccessor,
  rangeWithin,
  textPrefixBounds,
  type IndexBound,
  type IndexBounds,
} from './keys/key-range.js'
export { openMemoryEngine } from './providers/memory/open-memory-engine.js'
export { openProvider, type OpenProviderContext } from './providers/open-provider.js'
export {
  providerOptions,
  transactionSettings,
  type KnownProviderKind,
  type ParsedProviderOptions,
  type ProviderOptions,
} from './providers/provider-options.js'
export {
  ProviderRegistry,
  ProviderRegistryBuilder,
  type ProviderRegistryOptions,
  type ProviderRole,
} from './providers/provider-registry.js'
export {
  clusterOf,
  type StorageCluster,
  type RegionPlace,
  type SafePoints,
} from './providers/tikv/storage-cluster.js'
export { prefixed } from './wrappers/prefixed/prefixed.js'
export {
  DistributedTransactionCoordinator,
  type DistributedMetrics,
  type DistributedTransactionCoordinatorOptions,
  type DistributedTransactionOptions,
  type DistributedTransactOptions,
} from './distributed/distributed-transaction-coordinator.js'
export type {
  DistributedCommitResult,
  DistributedTransaction,
} from './distributed/distributed-transaction.js'
export type { RecoveryReport } from './distributed/recover.js'
export {
  managerConfigOf,
  storageManagerSettings,
  type StorageManagerSettings,
} from './manager/manager-settings.js'
export {
  StorageManager,
  type MigrateOptions,
  type StorageManagerConfig,
  type StorageManagerMetrics,
  type StoreRegistry,
} from './manager/storage-manager.js'
export type { ManagedTransaction } from './manager/managed-transaction.js'
export type { MigrationProgress } from './manager/object-migration.js'
export type { Assignment, MigrationRecord } from './manager/residence.js'
export type {
  ConsistencyLevel,
  DataPatternMatcher,
  ObjectContext,
  PerformanceProfile,
  ProviderSelectionStrategy,
} from './manager/selection-strategy.js'
export type { StoredObject } from './manager/stored-object.js'
export type { ProtocolStep, StepListener, TransactionState } from './distributed/transaction-state.js'
export { runStorageConformance } from './conformance/storage-conformance.js'
export { StorePool } from './conformance/harness/store-pool.js'
export type { ConformanceOptions, ConformanceStore } from './conformance/harness/conformance-options.js'
export { ByteReader } from './keys/byte-reader.js'
export { ByteWriter, assertWellFormed, isWellFormed } from './keys/byte-writer.js'
export {
  DATUM_FLAG_INT,
  DATUM_FLAG_NULL,
  DATUM_FLAG_NULL_LAST,
  encodeDatums,
  NULL_DATUM,
  NULL_LAST_DATUM,
  readDatum,
  readDatums,
  writeDatum,
  writeDatumValue,
  writeDatums,
  type Datum,
} from './keys/datum.js'
export {
  DECIMAL_INTEGER_DIGITS_MAX,
  DECIMAL_SCALE_MAX,
  formatDecimal,
  parseDecimal,
  roundDecimal,
  type DecimalParts,
} from './keys/decimal-text.js'
export { isFixedDecimal, readFixedDecimal, writeFixedDecimal } from './keys/fixed-decimal.js'
export { handleDatums, handleOf, type Handle } from './keys/handle.js'
export { decodeIndexValue, encodeIndexValue } from './keys/index-value.js'
export { KEY_SPACE } from './keys/key-space.js'
export { readFloat64, writeFloat64 } from './keys/memcomparable.js'
export {
  decodeSortableDecimal,
  encodeSortableDecimal,
  readSortableDecimal,
  writeSortableDecimal,
} from './keys/sortable-decimal.js'
