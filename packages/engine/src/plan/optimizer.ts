import type { LogicalPlan } from './logical-plan.js'
import type { ExecutablePlan } from './physical-plan.js'
import type { Relation } from '../relation/relation.js'
import type { ScalarContext } from '../scalar/scalar-context.js'

export interface OptimizerOptions {
  /** Folds immutable calls, and estimates with it. */
  readonly scalar: ScalarContext
  /** Bytes that an operator may hold before it spills. */
  readonly workMemoryBytes: number
  /** `enable_hashjoin`, `enable_seqscan`, … as PostgreSQL's settings of these names; left out: all on. */
  readonly disabled?: ReadonlySet<string>
  /** Hands work down to a store that can do it (`Capabilities.pushdown`). Default false. */
  readonly pushdown?: boolean
  /** In how many parts of the store the rows of a relation lie, as far as is known: each is asked by itself. Default: 1. */
  readonly partsOf?: (relation: Relation) => number
}

/** Turns a logical plan into the physical one that is expected to cost least. */
export type Optimize = (plan: LogicalPlan, options: OptimizerOptions) => ExecutablePlan
