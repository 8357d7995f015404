import { OrbitError } from '@orbit-ts/base'
import { queryError } from '../scalar/condition.js'
import type { ScalarContext } from '../scalar/scalar-context.js'
import type { Row, Value } from '../scalar/value.js'
import { workMeter } from '../scalar/work-meter.js'
import type { ColumnId } from '../plan/expression.js'
import type { PhysicalPlan } from '../plan/physical-plan.js'
import type { RowId } from '../relation/relation.js'
import type { OperatorCounters } from './compiled-plan.js'
import type { ExecutionContext } from './execution-context.js'
import type { CommonRows } from './operators/common-rows.js'
import { Account } from './rows/account.js'

/** Rows that an operator works through between two turns of the event loop, all operators together: some milliseconds. */
const ROWS_PER_TURN = 8192

/** Batches of rows; none is empty. Neither batches nor rows are changed once they have been handed on. */
export type Batches = AsyncGenerator<Row[], void, undefined>

/** A compiled operator: opens itself for one execution, as often as asked. Closing it early closes what is below. */
export type Operator = (run: Run) => Batches

/**
 * The state of one execution of a plan.
 *
 * Invariants:
 * 1. One operator works at a time, so slots and cells need no guarding; who opens a plan anew while it may be open
 *    elsewhere does so with a `fork`.
 * 2. `outer` holds the values that correlated columns have now; it is set by the operator or expression that binds them,
 *    before it opens the plan that refers to them.
 */
export class Run {
  readonly context: ExecutionContext
  readonly scalar: ScalarContext
  readonly parameters: readonly Value[]
  readonly batchSize: number
  readonly counters: Map<PhysicalPlan, OperatorCounters> | undefined
  /** By slot. */
  readonly outer: Value[]
  /** What expressions keep for the whole execution, by cell. */
  readonly cells: unknown[]
  /** What WITH names, by definition. */
  readonly common: Map<number, CommonRows>
  /** Scans that put out this row identity read these rows only. */
  restrictions: ReadonlyMap<ColumnId, readonly RowId[]> | undefined
  /** Rows that the statement's own modification changed. */
  changedRows = 0
  readonly #pace: Pace
  readonly #atEnd: (() => void)[]

  constructor(
    context: ExecutionContext,
    counters: Map<PhysicalPlan, OperatorCounters> | undefined,
    shared?: Run,
  ) {
    this.context = context
    this.scalar = context.scalar
    this.parameters = context.parameters
    this.batchSize = context.batchSize
    this.counters = counters
    this.outer = shared?.outer.slice() ?? []
    this.cells = shared?.cells ?? []
    this.common = new Map(shared?.common)
    this.#pace = shared === undefined ? { left: ROWS_PER_TURN } : shared.#pace
    this.#atEnd = shared === undefined ? [] : shared.#atEnd
  }

  /** A state of its own for opening plans once more, with the same caches; nothing below it is measured. */
  fork(restrictions: ReadonlyMap<ColumnId, readonly RowId[]>): Run {
    const fork = new Run(this.context, undefined, this)
    fork.restrictions = restrictions
    return fork
  }

  /** What an operator holds; it closes it. */
  account(plan: PhysicalPlan | undefined): Account {
    const counters = plan === undefined ? undefined : this.counters?.get(plan)
    return new Account(this.context.memory, this.context.spill, counters)
  }

  /** For what is kept until the whole execution ends, however it ends. */
  atEnd(close: () => void): void {
    this.#atEnd.push(close)
  }

  end(): void {
    for (const close of this.#atEnd.splice(0)) close()
  }

  /**
   * To be called for about every `batchSize` rows that are worked on.
   * @returns what to wait for where others have to have a turn.
   * @throws query_canceled, or what the signal was aborted with where that is an error of ours.
   */
  spend(rows: number): Promise<void> | undefined {
    if (this.context.signal.aborted) throw cancellation(this.context.signal.reason)
    this.#pace.left -= rows
    if (this.#pace.left > 0 && !workMeter.isDue) return undefined
    this.#pace.left = ROWS_PER_TURN
    workMeter.reset()
    return this.scalar.env.timers.nextTurn()
  }

  /**
   * Whether functions have worked so much, or made so much, that `spend` gives others a turn whatever it is asked for. To
   * be looked at between rows for which expressions are computed: a single one may take long.
   */
  get isDue(): boolean {
    return workMeter.isDue
  }

  /** Bytes of the values that functions have made since others had a turn. */
  get madeBytes(): number {
    return workMeter.bytes
  }
}

interface Pace {
  left: number
}

function cancellation(reason: unknown): OrbitError {
  if (reason instanceof OrbitError && reason.details['sqlState'] !== undefined) return reason
  return queryError('query_canceled', 'canceling statement due to user request', {}, reason)
}
