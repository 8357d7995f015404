import type { Counter, Gauge, Histogram, Metrics } from '@orbit-ts/base'
import { trace, type Tracer } from '@opentelemetry/api'

/**
 * Every metric and the tracer of a client. A client reports into the `Metrics` it is given, or into its own.
 * Spans are named `tikv.<operation>`; without an OpenTelemetry SDK they cost nothing.
 */
export interface Telemetry {
  readonly tracer: Tracer
  /** Keys in messages: hex, or their length when logs are redacted. */
  readonly formatKey: (key: Uint8Array) => string
  readonly rpcSeconds: Histogram<'method' | 'store'>
  readonly rpcErrors: Counter<'method' | 'status'>
  readonly regionErrors: Counter<'kind'>
  readonly backoffSeconds: Histogram<'kind'>
  readonly pdSeconds: Histogram<'method'>
  readonly pdErrors: Counter<'method'>
  readonly timestampWaitSeconds: Histogram
  readonly timestampBatchSize: Histogram
  readonly batchSize: Histogram
  readonly connections: Gauge<'store' | 'state'>
  readonly pendingCalls: Gauge<'store'>
  readonly regionCache: Counter<'operation' | 'result'>
  readonly regionLoads: Counter<'reason'>
  readonly staleRegions: Counter
  readonly replicaChoices: Counter<'kind'>
  readonly lockActions: Counter<'action'>
  readonly backgroundTasks: Gauge<'kind'>
  readonly transactions: Counter<'mode' | 'outcome'>
  readonly transactionSeconds: Histogram<'phase'>
  readonly transactionKeys: Histogram
  readonly transactionBytes: Histogram
  readonly heartbeats: Counter<'result'>
  readonly conflicts: Counter
  readonly pipelinedFlushSeconds: Histogram
  readonly rawSeconds: Histogram<'command'>
  readonly coprocessorCache: Counter<'result'>
  readonly dagScans: Counter
  readonly dagRows: Counter
  readonly dagBytes: Counter
  readonly dagRefusals: Counter
  readonly safePoint: Gauge<'kind'>
  readonly healthFeedback: Gauge<'store'>
}

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16_384, 65_536, 1_048_576, 16_777_216]

/** What the names of a client's metrics begin with. */
export type MetricsPrefix = `orbit_${string}`

/** @param prefix clients that share `metrics` and are to be told apart have one each */
export function createTelemetry(
  metrics: Metrics,
  formatKey: (key: Uint8Array) => string,
  tracer: Tracer = trace.getTracer('@orbit-ts/tikv'),
  prefix: MetricsPrefix = 'orbit_tikv',
): Telemetry {
  return {
    tracer,
    formatKey,
    rpcSeconds: metrics.histogram({
      name: `${prefix}_request_seconds`,
      help: 'Time of RPCs to stores.',
      labels: ['method', 'store'],
    }),
    rpcErrors: metrics.counter({
      name: `${prefix}_rpc_errors_total`,
      help: 'RPCs to stores without an answer.',
      labels: ['method', 'status'],
    }),
    regionErrors: metrics.counter({
      name: `${prefix}_region_errors_total`,
      help: 'Region errors in answers.',
      labels: ['kind'],
    }),
    backoffSeconds: metrics.histogram({
      name: `${prefix}_backoff_seconds`,
      help: 'Sleeps before another attempt.',
      labels: ['kind'],
    }),
    pdSeconds: metrics.histogram({
      name: `${prefix}_pd_request_seconds`,
      help: 'Time of RPCs to PD.',
      labels: ['method'],
    }),
    pdErrors: metrics.counter({
      name: `${prefix}_pd_errors_total`,
      help: 'RPCs to PD that failed.',
      labels: ['method'],
    }),
    timestampWaitSeconds: metrics.histogram({
      name: `${prefix}_timestamp_wait_seconds`,
      help: 'Time callers waited for a timestamp.',
    }),
    timestampBatchSize: metrics.histogram({
      name: `${prefix}_timestamp_batch_size`,
      help: 'Timestamps asked for in one request.',
      buckets: SIZES,
    }),
    batchSize: metrics.histogram({
      name: `${prefix}_batch_requests`,
      help: 'Requests in one BatchCommands message.',
      buckets: SIZES,
    }),
    connections: metrics.gauge({
      name: `${prefix}_connections`,
      help: 'Connections by store and state.',
      labels: ['store', 'state'],
    }),
    pendingCalls: metrics.gauge({
      name: `${prefix}_pending_calls`,
      help: 'Calls sent or queued and not answered.',
      labels: ['store'],
    }),
    regionCache: metrics.counter({
      name: `${prefix}_region_cache_operations_total`,
      help: 'Look-ups, insertions and invalidations.',
      labels: ['operation', 'result'],
    }),
    regionLoads: metrics.counter({
      name: `${prefix}_region_loads_total`,
      help: 'Regions asked of PD.',
      labels: ['reason'],
    }),
    staleRegions: metrics.counter({
      name: `${prefix}_stale_regions_from_pd_total`,
      help: 'Regions from PD older than the cached ones.',
    }),
    replicaChoices: metrics.counter({
      name: `${prefix}_replica_choices_total`,
      help: 'Which replica a request went to, and fall-backs.',
      labels: ['kind'],
    }),
    lockActions: metrics.counter({
      name: `${prefix}_lock_resolver_actions_total`,
      help: 'What lock resolution did.',
      labels: ['action'],
    }),
    backgroundTasks: metrics.gauge({
      name: `${prefix}_background_tasks`,
      help: 'Work under way behind finished calls.',
      labels: ['kind'],
    }),
    transactions: metrics.counter({
      name: `${prefix}_transactions_total`,
      help: 'Transactions ended.',
      labels: ['mode', 'outcome'],
    }),
    transactionSeconds: metrics.histogram({
      name: `${prefix}_transaction_seconds`,
      help: 'Time of the phases of a transaction.',
      labels: ['phase'],
    }),
    transactionKeys: metrics.histogram({
      name: `${prefix}_transaction_keys`,
      help: 'Keys written by a transaction.',
      buckets: SIZES,
    }),
    transactionBytes: metrics.histogram({
      name: `${prefix}_transaction_bytes`,
      help: 'Bytes written by a transaction.',
      buckets: SIZES,
    }),
    heartbeats: metrics.counter({
      name: `${prefix}_heartbeats_total`,
      help: 'Heartbeats of transactions.',
      labels: ['result'],
    }),
    conflicts: metrics.counter({ name: `${prefix}_write_conflicts_total`, help: 'Write conflicts.' }),
    pipelinedFlushSeconds: metrics.histogram({
      name: `${prefix}_pipelined_flush_seconds`,
      help: 'Time of flushes of pipelined transactions.',
    }),
    rawSeconds: metrics.histogram({
      name: `${prefix}_raw_seconds`,
      help: 'Time of raw commands.',
      labels: ['command'],
    }),
    coprocessorCache: metrics.counter({
      name: `${prefix}_coprocessor_cache_total`,
      help: 'Look-ups in the coprocessor cache.',
      labels: ['result'],
    }),
    dagScans: metrics.counter({
      name: `${prefix}_coprocessor_scans_total`,
      help: 'Plans that stores were asked to run.',
    }),
    dagRows: metrics.counter({
      name: `${prefix}_coprocessor_rows_total`,
      help: 'Rows that plans have given.',
    }),
    dagBytes: metrics.counter({
      name: `${prefix}_coprocessor_bytes_total`,
      help: 'Bytes of the answers to plans, but for cached ones.',
    }),
    dagRefusals: metrics.counter({
      name: `${prefix}_coprocessor_refusals_total`,
      help: 'Plans that a store refused, or that failed on a row.',
    }),
    safePoint: metrics.gauge({
      name: `${prefix}_safe_point_ms`,
      help: 'Physical time of the safe points.',
      labels: ['kind'],
    }),
    healthFeedback: metrics.gauge({
      name: `${prefix}_store_slow_score`,
      help: 'Slow score that a store reports of itself.',
      labels: ['store'],
    }),
  }
}
