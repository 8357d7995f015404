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
