/** Queries whose results the database keeps for a while: see `QueryResultCache`. */
import type { CachedRows } from '../../../cache/tikv-cache-manager.js'
import type { QueryResultCache, ReadMoment } from '../../../cache/query-result-cache.js'
import type { PlanExecution } from '../../../exec/compiled-plan.js'
import { compileRowSize } from '../../../exec/rows/row-size.js'
import { valueKey } from '../../../plan/expressions/value-key.js'
import { readTables } from '../../../plan/logical/read-tables.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import { RecordValue } from '../../../scalar/record-value.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { QueryPlan } from './query-plan.js'
import type { SessionState } from './session-state.js'

/** Settings that no value of a result depends on, or that plans are told apart by. */
const OF_NO_EFFECT: ReadonlySet<string> = new Set([
  'application_name',
  'client_min_messages',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'is_superuser',
  'lock_timeout',
  'session_authorization',
  'statement_timeout',
  'transaction_deferrable',
  'transaction_isolation',
  'transaction_read_only',
  'work_mem',
])

/** Where no snapshot is promised beyond the statement. */
const READS_AS_OF_NOW: ReadonlySet<string> = new Set(['read committed', 'read uncommitted'])

export const USE_QUERY_CACHE = 'orbit.use_query_cache'

/**
 * When a statement begins to read, where it is one that may be answered from kept results: it is the first of its
 * transaction, which is not one of BEGIN. To be called before the statement's snapshot is taken.
 */
export function cachedReadMoment({ engine, settings, transaction }: SessionState): ReadMoment | undefined {
  const { queryResults } = engine.database.caches
  if (queryResults === undefined || transaction.isBlock || transaction.context !== undefined) return undefined
  return settings.get(USE_QUERY_CACHE) === 'on' ? queryResults.begin() : undefined
}

/** @param since when the statement began, where it may be answered from kept results */
export function cachedExecution(
  state: SessionState,
  plan: QueryPlan,
  parameters: readonly Value[],
  since: ReadMoment | undefined,
  run: () => PlanExecution,
): PlanExecution {
  const { queryResults } = state.engine.database.caches
  if (queryResults === undefined || since === undefined) return run()
  if (!READS_AS_OF_NOW.has(state.settings.get('transaction_isolation'))) return run()
  const { id, tables } = factsOf(plan)
  if (tables === undefined) return run()
  const name = `${id}\n${parameters.map(valueKey).join()}\n${state.settings.changed(OF_NO_EFFECT)}`
  const known = queryResults.get(name)
  if (known !== undefined) return kept(known)
  return keeping(
    run(),
    plan,
    (rows, sizeBytes) => {
      queryResults.put(name, rows, { objects: tables, sizeBytes, since })
    },
    queryResults,
  )
}

interface PlanFacts {
  /** Unique in the process. */
  readonly id: number
  /** Undefined for plans whose results are not to be kept. */
  readonly tables: readonly number[] | undefined
}

const FACTS = new WeakMap<QueryPlan, PlanFacts>()
let lastId = 0

function factsOf(plan: QueryPlan): PlanFacts {
  let facts = FACTS.get(plan)
  if (facts === undefined) {
    const { bound } = plan
    const isQuery = bound.kind === 'select' && bound.columns !== undefined && !bound.isLocking
    const tables = isQuery ? readTables(bound.plan) : undefined
    // What reads no table is computed as fast as it is looked up.
    facts = { id: ++lastId, tables: tables?.length === 0 ? undefined : tables }
    FACTS.set(plan, facts)
  }
  return facts
}

function kept({ batches }: CachedRows): PlanExecution {
  return {
    // Asynchronous by contract: other executions wait for their rows.
    async *[Symbol.asyncIterator]() {
      // Whoever gets them may do with them as they like; what is kept stays as it is.
      for (const batch of batches) yield batch.map((row) => row.slice())
    },
    changedRows: 0,
    counters: undefined,
  }
}

/** The execution, whose rows are handed to `keep` once all were read, unless they are too many. */
function keeping(
  execution: PlanExecution,
  { bound }: QueryPlan,
  keep: (rows: CachedRows, sizeBytes: number) => void,
  { resultSizeMaxBytes }: QueryResultCache<CachedRows>,
): PlanExecution {
  const sizeOf = compileRowSize((bound.columns ?? []).map(({ type }) => type))
  const rows = async function* (): AsyncGenerator<Row[]> {
    let batches: Row[][] | undefined = []
    let [sizeBytes, rowCount] = [0, 0]
    for await (const batch of execution) {
      for (const row of batch) sizeBytes += sizeOf(row)
      rowCount += batch.length
      // Beyond that it would be refused; it is counted all the same.
      if (sizeBytes > resultSizeMaxBytes) batches = undefined
      batches?.push(batch.map((row) => row.map(owned)))
      yield batch
    }
    keep({ batches: batches ?? [], rowCount }, sizeBytes)
  }
  return {
    [Symbol.asyncIterator]: rows,
    get changedRows() {
      return execution.changedRows
    },
    get counters() {
      return execution.counters
    },
  }
}

/** A value that does not keep in memory the message it came with: bytes are a view of it. */
function owned(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Uint8Array.prototype.slice.call(value)
  if (value instanceof Float32Array) return value.slice()
  if (value instanceof SqlArray) return new SqlArray(value.elements.map(owned), value.dimensions)
  if (value instanceof RecordValue) return new RecordValue(value.fields, value.values.map(owned))
  return value
}
