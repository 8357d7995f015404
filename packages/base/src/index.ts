export { type Env, type Clock, type Timers, type Timer, type Random, delay } from './env/env.js'
export { systemEnv } from './env/system-env.js'
export { TestEnv } from './env/test-env.js'
export { ReusableAbort } from './env/reusable-abort.js'
export { ERROR_CODES, type ErrorCode, type Retry } from './errors/codes.js'
export { OrbitError, hasCode, type ErrorDetails } from './errors/orbit-error.js'
export { assert, defined, unreachable } from './errors/assert.js'
export { nearest, didYouMean } from './errors/suggest.js'
export {
  EMPTY_BYTES,
  asBuffer,
  compareBytes,
  concatBytes,
  equalBytes,
  fromBinaryString,
  fromUtf8,
  toBinaryString,
  toHex,
  utf8,
} from './bytes/bytes.js'
export { Secret } from './config/secret.js'
export {
  boolean,
  integer,
  list,
  number,
  oneOf,
  secret,
  string,
  type ListOptions,
  type NumberOptions,
  type OneOfOptions,
  type SecretInput,
  type StringOptions,
} from './config/leaves.js'
export { byteSize, parseByteSize, type ByteSizeOptions } from './config/byte-size.js'
export { duration, parseDuration, type DurationOptions, type DurationUnit } from './config/duration.js'
export {
  nested,
  record,
  section,
  union,
  type RecordOptions,
  type Section,
  type FieldsInput,
  type FieldsValue,
  type SectionInput,
  type SectionOptions,
  type SectionUnion,
  type SectionValue,
  type UnionInput,
  type UnionOptions,
  type UnionValue,
} from './config/section.js'
export type { FieldOptions, GroupField, InputOf, LeafField, LeafOptions, ValueOf } from './config/field.js'
export { configFromCode, loadConfig, type ConfigSources, type LoadedConfig } from './config/load-config.js'
export type { ConfigFile } from './config/file-layer.js'
export type { ConfigEntry } from './config/reader.js'
export type { Problem as ConfigProblem } from './config/problems.js'
export { describeSchema, type SchemaRow } from './config/describe-schema.js'
export { LOG_LEVELS, silentLogger, type Logger, type LogLevel, type LogMethod } from './logging/logger.js'
export { createLogger, type LogDestination, type LoggerOptions } from './logging/create-logger.js'
export {
  Metrics,
  SECONDS_BUCKETS,
  type Counter,
  type Gauge,
  type Histogram,
  type HistogramOptions,
  type MetricOptions,
  type Sample,
} from './metrics/metrics.js'
