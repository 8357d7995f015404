import { columnExpression, constantExpression } from '../../../expressions/conditions.js'
import { substitute } from '../../../expressions/substitute.js'
import type { ColumnId, Expression } from '../../../expression.js'
import { joinPlan } from '../../../logical/build-plans.js'
import { freeColumns, referencedColumns } from '../../../logical/free-columns.js'
import { columnIds } from '../../../logical/unique-keys.js'
import type { AggregatePlan, JoinPlan, LogicalPlan, ProjectPlan } from '../../../logical-plan.js'
import type { RewriteContext } from '../rewrite-context.js'
import { extractCorrelations, groupedBy, intersects, outerEqualities } from './extract-correlations.js'
import { costsLess } from './costs-less.js'

/** A plan that gives one row of aggregates for each outer row, as a join with all groups. */
export interface AggregateJoin {
  readonly join: JoinPlan
  /** The values of the plan's columns, over the columns of the join. */
  readonly values: ReadonlyMap<ColumnId, Expression>
}

/** Undefined where the plan is none, or depends on the outer row in another way than by equalities. */
export function aggregateJoin(
  input: LogicalPlan,
  plan: LogicalPlan,
  context: RewriteContext,
): AggregateJoin | undefined {
  const found = findAggregate(plan)
  if (found === undefined) return undefined
  const { aggregate, projections } = found
  const outer = columnIds(input)
  if (intersects(referencedColumns(aggregate), outer)) return undefined
  const inner = extractCorrelations(aggregate.input, outer, context.ids)
  const equalities = inner && outerEqualities(inner.conditions, columnIds(inner.plan))
  if (inner === undefined || equalities === undefined || equalities.length === 0) return undefined
  const grouped = groupedBy({ ...aggregate, input: inner.plan }, equalities, context.ids)
  if (intersects(freeColumns(grouped.plan), outer)) return undefined
  const join = joinPlan('left', input, grouped.plan, grouped.conditions)
  return { join, values: valuesOf(aggregate, projections) }
}

/** As {@link aggregateJoin}, for a lateral join that adds the aggregates to each row of its left side. */
export function scalarAggregateJoin(join: JoinPlan, context: RewriteContext): LogicalPlan | undefined {
  if (join.condition !== undefined || (join.type !== 'inner' && join.type !== 'left')) return undefined
  const found = aggregateJoin(join.left, join.right, context)
  if (found === undefined || !costsLess(found.join, join, context)) return undefined
  const expressions = join.columns.map((column) => found.values.get(column.id) ?? columnExpression(column))
  return { kind: 'project', columns: join.columns, input: found.join, expressions }
}

/** An aggregate of all rows, below projections. */
function findAggregate(
  plan: LogicalPlan,
): { aggregate: AggregatePlan; projections: readonly ProjectPlan[] } | undefined {
  const projections: ProjectPlan[] = []
  let current = plan
  while (current.kind === 'project') {
    projections.unshift(current)
    current = current.input
  }
  if (current.kind !== 'aggregate' || current.groups.length > 0 || current.groupingSets !== undefined)
    return undefined
  return current.groupings === undefined ? { aggregate: current, projections } : undefined
}

/** Where no row was found the join gives nulls, and some aggregates of no rows are not null: counts. */
function valuesOf(
  aggregate: AggregatePlan,
  projections: readonly ProjectPlan[],
): ReadonlyMap<ColumnId, Expression> {
  let values = new Map<ColumnId, Expression>()
  aggregate.columns.forEach((column, at) => {
    const call = aggregate.aggregates[at]
    const own = columnExpression(column)
    const empty = call?.function.empty ?? null
    values.set(
      column.id,
      empty === null
        ? own
        : { kind: 'coalesce', type: column.type, args: [own, constantExpression(empty, column.type)] },
    )
  })
  for (const { columns, expressions } of projections) {
    const next = new Map<ColumnId, Expression>()
    columns.forEach((column, at) => {
      const expression = expressions[at]
      if (expression !== undefined) next.set(column.id, substitute(expression, values))
    })
    values = next
  }
  return values
}
