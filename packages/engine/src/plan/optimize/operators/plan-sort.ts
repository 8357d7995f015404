import { constantExpression } from '../../expressions/conditions.js'
import type { Expression } from '../../expression.js'
import type { LimitPlan, SortPlan } from '../../logical-plan.js'
import { uniqueKeys } from '../../logical/unique-keys.js'
import type { Goals, RowLimit } from '../goals.js'
import { costOfRows, estimateOf, type Path } from '../paths/path.js'
import { clampRows, planned, type PlanContext, type Planned } from '../planned.js'
import { sortedPath } from '../sort-paths.js'

export function planSort(context: PlanContext, plan: SortPlan, goals: Goals): Planned {
  const isSingleRow = uniqueKeys(plan.input).some((key) => key.columns.size === 0)
  const input = context.plan(plan.input, { orders: [plan.keys], groups: [] })
  if (isSingleRow) return { ...input, plan }
  const paths = input.paths.all.map((path) =>
    sortedPath(path, plan.keys, input.facts, context.estimator, goals.limit),
  )
  return planned(plan, input, input.facts, paths)
}

/** Rows of a limit whose value is not known yet: a tenth, as PostgreSQL has it. */
const UNKNOWN_SHARE = 0.1

export function planLimit(context: PlanContext, plan: LimitPlan, goals: Goals): Planned {
  const wanted = wantedRows(plan)
  const { orders, groups } = goals
  const input = context.plan(plan.input, { orders, groups, ...withLimit(plan, wanted) })
  const offset = Math.min(input.rows, constantOf(plan.offset) ?? 0)
  const limit = constantOf(plan.limit) ?? (plan.limit === undefined ? input.rows : input.rows * UNKNOWN_SHARE)
  const rows = clampRows(Math.min(limit, input.rows - offset))
  const { limit: limitExpression, offset: offsetExpression, withTies } = plan
  const paths = input.paths.all.map((path): Path => {
    const costs = {
      rows,
      width: path.width,
      startupCost: costOfRows(path, offset),
      totalCost: costOfRows(path, offset + rows),
    }
    return {
      ...costs,
      order: path.order,
      build: () => {
        const built = path.build()
        return {
          kind: 'limit',
          columns: built.columns,
          estimate: estimateOf(costs),
          input: built,
          limit: limitExpression,
          offset: offsetExpression,
          ...(withTies && { withTies }),
        }
      },
    }
  })
  return planned(plan, { rows, width: input.width }, input.facts, paths)
}

function withLimit(plan: LimitPlan, wanted: RowLimit | undefined): Pick<Goals, 'limit'> {
  return wanted === undefined || plan.withTies !== undefined ? {} : { limit: wanted }
}

/** How many rows the plan below is asked for: those that are given back and those that are left out before them. */
function wantedRows({ limit, offset }: LimitPlan): RowLimit | undefined {
  if (limit === undefined) return undefined
  const count = constantOf(limit)
  if (limit.kind === 'constant' && count === undefined) return undefined
  if (offset === undefined || (offset.kind === 'constant' && offset.value === null)) {
    return { rows: count ?? 10, expression: limit }
  }
  const skipped = constantOf(offset)
  if (count === undefined || skipped === undefined) return undefined
  const sum = count + skipped
  return Number.isSafeInteger(sum)
    ? { rows: sum, expression: constantExpression(sum, limit.type) }
    : undefined
}

function constantOf(expression: Expression | undefined): number | undefined {
  if (expression?.kind !== 'constant') return undefined
  const { value } = expression
  return typeof value === 'number' && value >= 0 ? value : undefined
}
