/**
 * Decides what of a plan the store computes beside the data.
 *
 * It looks at a plan that has been chosen already, and knows four patterns:
 * - PointLookup: whole keys. They are read in batches, one request for each region; there is nothing to be handed down.
 * - RangeScan: all rows, or ranges of the primary key. The store keeps the rows that conditions let through, gives back
 *   the columns that are read, and stops at a limit, or keeps the first rows of each region for a sort. Regions are read
 *   side by side.
 * - Join: each side for itself; an index join reads the rows of its inner side as a PointLookup does, batch by batch.
 * - Aggregation: over a RangeScan whose conditions are all the store's. Each region gives one row for each group.
 *
 * Invariants:
 * 1. Rows, and their order where something above counts on it, are those of the plan that it was given.
 * 2. What it hands down can be refused when the plan is run: each `StoreScan` has the plan in whose place it stands.
 */
import { columnExpression } from '../expressions/conditions.js'
import { someExpression } from '../expressions/each-argument.js'
import { isVolatile } from '../expressions/volatility.js'
import type { Expression } from '../expression.js'
import { mapPhysicalInputs } from '../physical/plan-inputs.js'
import type {
  Aggregate,
  Distinct,
  ExecutablePlan,
  Limit,
  PhysicalPlan,
  Project,
  Sort,
} from '../physical-plan.js'
import { firstRows } from './first-rows.js'
import { pushAggregation, pushScan, type PickedScan, type ScanEnd } from './push-scan.js'

export class TiKVQueryOptimizer {
  /** The plan with everything handed down for which that is expected to cost less. */
  optimize(plan: ExecutablePlan): ExecutablePlan {
    const subqueries = new Map(
      [...plan.subqueries].map(([key, entry]) => [key, { ...entry, plan: this.#plan(entry.plan) }]),
    )
    return { ...plan, root: this.#plan(plan.root), subqueries }
  }

  #plan(plan: PhysicalPlan): PhysicalPlan {
    switch (plan.kind) {
      case 'table-scan':
      case 'project':
        return this.#rows(plan, {})
      case 'aggregate':
        return this.#aggregate(plan)
      case 'distinct':
        return this.#distinct(plan)
      case 'sort':
        return this.#sort(plan)
      case 'limit':
        return this.#limit(plan)
      default:
        return this.#below(plan)
    }
  }

  #below(plan: PhysicalPlan): PhysicalPlan {
    return mapPhysicalInputs(plan, (input) => this.#plan(input))
  }

  /** A scan of which not all rows may be wanted, or such a scan under a projection; anything else as it is. */
  #rows(plan: PhysicalPlan, end: ScanEnd): PhysicalPlan {
    const picked = pickedScan(plan)
    if (picked === undefined) {
      return plan.kind === 'project' ? { ...plan, input: this.#rows(plan.input, end) } : this.#plan(plan)
    }
    const { scan, picks } = picked
    const pushed = pushScan(picked, end)
    const read = typeof pushed === 'string' ? { ...scan, notPushed: pushed } : (pushed ?? scan)
    const isDone = picks === undefined || (read.kind === 'store-scan' && read.local === picks)
    return isDone ? read : { ...picks, input: read }
  }

  #aggregate(plan: Aggregate): PhysicalPlan {
    const picked = pickedScan(plan.input)
    if (picked === undefined) return this.#below(plan)
    const pushed = pushAggregation(plan, picked.scan)
    if (typeof pushed === 'object') return pushed
    const input = this.#rows(plan.input, {})
    return pushed === undefined ? { ...plan, input } : { ...plan, notPushed: pushed, input }
  }

  /** Different rows are groups of which nothing is asked. */
  #distinct(plan: Distinct): PhysicalPlan {
    const { input, columns, estimate, strategy } = plan
    const picked = pickedScan(input)
    if (picked === undefined || strategy !== 'hash') return this.#below(plan)
    const groups = input.columns.map(columnExpression)
    const grouped: Aggregate = {
      kind: 'aggregate',
      strategy,
      columns,
      estimate,
      input,
      groups,
      aggregates: [],
    }
    const pushed = pushAggregation(grouped, picked.scan, plan)
    return typeof pushed === 'object' ? pushed : { ...plan, input: this.#rows(input, {}) }
  }

  #sort(plan: Sort): PhysicalPlan {
    const { limit, presorted, input } = plan
    const topN = limit !== undefined && presorted === 0 && isFixed(limit) ? firstRows(plan) : undefined
    return { ...plan, input: this.#rows(input, topN === undefined ? {} : { topN }) }
  }

  #limit(plan: Limit): PhysicalPlan {
    const { limit: count, offset, withTies, input } = plan
    const isKnown = withTies === undefined && (offset === undefined || isFixed(offset))
    const limit = count !== undefined && isKnown && isFixed(count) ? { count, offset } : undefined
    return { ...plan, input: this.#rows(input, limit === undefined ? {} : { limit }) }
  }
}

/** Whether it is the same however often, and at whatever row, it is evaluated. */
function isFixed(expression: Expression): boolean {
  return (
    !isVolatile(expression) &&
    !someExpression(expression, ({ kind }) => kind === 'column' || kind === 'subquery')
  )
}

function pickedScan(plan: PhysicalPlan): PickedScan | undefined {
  if (plan.kind === 'table-scan') return { scan: plan }
  if (plan.kind !== 'project' || plan.input.kind !== 'table-scan' || !isPick(plan)) return undefined
  return { scan: plan.input, picks: plan }
}

/** Whether a projection only leaves columns out, or puts them in another order. */
function isPick({ columns, expressions }: Project): boolean {
  return expressions.every(
    (expression, at) => expression.kind === 'column' && expression.column === columns[at]?.id,
  )
}
