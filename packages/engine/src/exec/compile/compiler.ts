import type { ColumnId, Expression } from '../../plan/expression.js'
import type { LogicalPlan, OutputColumn } from '../../plan/logical-plan.js'
import type { PhysicalPlan } from '../../plan/physical-plan.js'
import type { Relation } from '../../relation/relation.js'
import type { AnyEvaluator, Evaluator } from '../expression/evaluator.js'
import type { Scope } from '../expression/scope.js'
import type { Operator, Run } from '../run.js'

/** What compiling one operator or expression asks of the whole. */
export interface Compiler {
  operator(plan: PhysicalPlan): Operator
  /** Of an expression that never waits (see `isAsync`). */
  evaluator(expression: Expression, scope: Scope): Evaluator
  anyEvaluator(expression: Expression, scope: Scope): AnyEvaluator
  /** Where a run keeps the present value of a column that comes from outside of the plan that refers to it. */
  slot(column: ColumnId): number
  /** As `slot`, of a column that whoever asks fills from its own rows. */
  ownSlot(column: ColumnId): number
  /** The columns of these that `compile` refers to from outside. References to others are handed on outwards. */
  binding<T>(columns: readonly ColumnId[], compile: () => T): Binding<T>
  /** Below, relations with these `oid`s are read as they were before the statement. Gives what has to be done for it. */
  readingSnapshots<T>(
    relations: ReadonlySet<number>,
    compile: () => T,
  ): { readonly compiled: T; readonly snapshots: readonly Snapshot[] }
  readsSnapshot(relation: Relation): boolean
  addSnapshot(snapshot: Snapshot): void
  /** A place where each run keeps something of its own. */
  cell(): number
  /** The references of a plan that WITH names belong to whatever reads it. */
  defineCommon<T>(id: number, compile: () => T): T
  refersToCommon(id: number): void
  subquery(plan: LogicalPlan): CompiledSubquery
  /** Whether the plan is the change that the statement is there for: the rows it changes are counted. */
  isMain(plan: PhysicalPlan): boolean
  /** Whether a plan, or a plan inside of its expressions, may read a relation. */
  reads(plan: PhysicalPlan, relation: Relation): boolean
  /** Whether a plan gives the same rows for the same outer values. */
  isRepeatable(plan: PhysicalPlan): boolean
  /** The relations (`oid`) that a plan changes. */
  changedBy(plan: PhysicalPlan): ReadonlySet<number>
  /** For columns that only exist while running. */
  freshColumn(): ColumnId
}

export interface Binding<T> {
  readonly compiled: T
  readonly bound: readonly Bound[]
  /** It refers to columns from further out. */
  readonly isCorrelated: boolean
}

/** Rows to be read before a statement changes anything. */
export interface Snapshot {
  take(run: Run): Promise<void>
}

/** A column of a row, and the slot that it is copied to for plans that refer to it. */
export interface Bound {
  readonly position: number
  readonly slot: number
}

export interface CompiledSubquery {
  readonly operator: Operator
  readonly columns: readonly OutputColumn[]
  /** What it refers to outside. */
  readonly references: ReadonlySet<ColumnId>
  /** It gives the same rows for the same values of its references. */
  readonly isRepeatable: boolean
}
