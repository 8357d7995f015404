import type { LogicalPlan } from '../logical-plan.js'
import type { Goals } from './goals.js'
import type { Estimator } from './estimator.js'
import type { OrderFacts } from './paths/order-facts.js'
import { PathSet, type Path } from './paths/path.js'

/** A logical plan with the ways to compute it. */
export interface Planned {
  readonly plan: LogicalPlan
  readonly rows: number
  /** Bytes of a row. */
  readonly width: number
  readonly facts: OrderFacts
  readonly paths: PathSet
}

/** Plans inputs of operators. */
export interface PlanContext {
  readonly estimator: Estimator
  plan(plan: LogicalPlan, goals: Goals): Planned
}

export function planned(
  plan: LogicalPlan,
  size: { readonly rows: number; readonly width: number },
  facts: OrderFacts,
  paths: Iterable<Path>,
): Planned {
  return { plan, rows: size.rows, width: size.width, facts, paths: new PathSet(facts, paths) }
}

/** Rows after a share of them has been let through: never none, since estimates may be wrong. */
export function clampRows(rows: number): number {
  return Number.isFinite(rows) ? Math.max(1, rows) : 1e15
}
