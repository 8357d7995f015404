/** SQL over a database: sessions, and what values and types look like in them. */
export type { ClientFacts } from './lang/sql/session/client-facts.js'
export { SqlEngine, type SessionOptions, type SqlEngineOptions } from './lang/sql/session/sql-engine.js'
export type {
  CopyInResult,
  CopyOutResult,
  ExecuteOptions,
  ParsedStatement,
  PreparedStatement,
  ResultColumn,
  SessionEvent,
  SqlSession,
  StatementResult,
  TransactionStatus,
} from './lang/sql/session-contract.js'
export type { CatalogRole, CatalogSnapshot } from './lang/sql/catalog-snapshot.js'
export { CONDITIONS, queryError, type Condition, type ErrorFields } from './scalar/condition.js'
export type { Collation, DataType, ScalarType, TypeCategory } from './scalar/data-type.js'
export type { ScalarContext } from './scalar/scalar-context.js'
export type { Int64, Row, Value } from './scalar/value.js'
export { decodeText } from './scalar/types/text-types.js'
export { Numeric } from './scalar/numeric/numeric.js'
export { Interval } from './scalar/temporal/interval.js'
export { TimeWithZone } from './scalar/temporal/time-with-zone.js'
export { Jsonb, type JsonNode } from './scalar/json/jsonb.js'
export { SqlArray, type ArrayDimension } from './scalar/array/sql-array.js'
export { RecordValue, type RecordField } from './scalar/record-value.js'
