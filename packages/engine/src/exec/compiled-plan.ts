import type { OutputColumn } from '../plan/logical-plan.js'
import type { PhysicalPlan } from '../plan/physical-plan.js'
import type { Row } from '../scalar/value.js'
import type { ExecutionContext } from './execution-context.js'

/** A statement ready to run. Immutable: it may run many times, and by many at once. */
export interface CompiledPlan {
  readonly columns: readonly OutputColumn[]
  run(context: ExecutionContext, options?: RunOptions): PlanExecution
}

export interface RunOptions {
  /** Counts what each operator does, for EXPLAIN ANALYZE. Default false. */
  readonly isMeasured?: boolean
}

/**
 * One run. Rows are computed as they are read, in non-empty batches that belong to nobody: do not change them. Leaving
 * the iteration early closes everything. It can be iterated once.
 */
export interface PlanExecution extends AsyncIterable<Row[], void> {
  /** Rows that the statement itself inserted, changed or deleted (what WITH changes not counted). Final at the end. */
  readonly changedRows: number
  /** Undefined unless asked for. An operator that was never opened is missing. */
  readonly counters: ReadonlyMap<PhysicalPlan, OperatorCounters> | undefined
}

/** What one operator did in one run, all its openings together. */
export interface OperatorCounters {
  rows: number
  /** How often it was opened. */
  loops: number
  /** Until its first batch of the first opening, and altogether; with what it waited for below it. Milliseconds. */
  startupMs: number
  totalMs: number
  memoryPeakBytes: number
  spilledBytes: number
  /** Rows that came in and were not handed on, of operators with a condition. */
  removedRows: number
  /** Why the store did not do what it was asked for, of operators that ask it. */
  refused?: string
}
