import type { Expression } from '../../../../plan/expression.js'
import type { AggregatePlan, LogicalPlan, OutputColumn } from '../../../../plan/logical-plan.js'
import { mapSortKeys } from '../../../../plan/expressions/map-calls.js'
import { locationOf } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { filtered } from './filtered.js'
import type { Groups } from './group-clause.js'
import { Regroup } from './regroup.js'
import type { Target } from './target-list.js'
import type { BoundWindow } from './window-clause.js'

interface GroupedParts {
  readonly input: LogicalPlan
  readonly groups: Groups
  readonly having: Expression | undefined
  readonly targets: readonly Target[]
  readonly windows: readonly BoundWindow[]
}

/** Groups rows, and makes everything above refer to the groups. */
export function groupRows(
  scope: QueryScope,
  { input, groups, having, targets, windows }: GroupedParts,
): { readonly plan: LogicalPlan; readonly windows: readonly BoundWindow[] } {
  const columns = new Set(input.columns.map(({ id }) => id))
  const expressions = groups.targets.map((target) => target.expression)
  const regroup = new Regroup(scope, expressions, groups.sets, columns)
  const apply = (expression: Expression): Expression => regroup.apply(expression)
  // In the order of the text, so that the first mistake is the one that is told.
  for (const target of targets) target.expression = apply(target.expression)
  const condition = having === undefined ? undefined : apply(having)
  applyToCalls(scope, apply)
  const regrouped = windows.map((window) => ({
    ...window,
    partitionBy: window.partitionBy.map(apply),
    orderBy: mapSortKeys(window.orderBy, apply),
  }))
  const plan = aggregatePlan(scope, input, regroup, groups.sets)
  return { plan: filtered(plan, condition), windows: regrouped }
}

/** Arguments of window functions and of functions that give rows. */
function applyToCalls(scope: QueryScope, apply: (expression: Expression) => Expression): void {
  for (const [index, registered] of scope.windowCalls.entries()) {
    const { call } = registered
    const filter = call.filter === undefined ? {} : { filter: apply(call.filter) }
    scope.windowCalls[index] = { ...registered, call: { ...call, args: call.args.map(apply), ...filter } }
  }
  for (const [index, call] of scope.tableCalls.entries()) {
    scope.tableCalls[index] = { ...call, args: call.args.map(apply) }
  }
}

function aggregatePlan(
  scope: QueryScope,
  input: LogicalPlan,
  regroup: Regroup,
  sets: readonly (readonly number[])[] | undefined,
): AggregatePlan {
  const { statement } = scope
  const groupings = scope.groupings.map(({ args, location }) =>
    args.map((arg) => {
      const index = regroup.indexOf(arg)
      if (index >= 0) return index
      throw statement.error(
        'grouping_error',
        'arguments to GROUPING must be grouping expressions of the associated query level',
        locationOf(arg) ?? location,
      )
    }),
  )
  // Columns that depend on the groups are grouped by wherever these are.
  const dependent = [...regroup.columns.keys()].slice(regroup.written)
  const columns: OutputColumn[] = [
    ...regroup.columns.map(({ id, expression }) => ({ id, name: nameOf(expression), type: expression.type })),
    ...scope.aggregates.map(({ id, call }) => ({ id, name: call.function.name, type: call.type })),
    ...scope.groupings.map(({ id }) => ({ id, name: 'grouping', type: statement.type(OID.int4) })),
  ]
  return {
    kind: 'aggregate',
    input,
    groups: regroup.columns.map(({ expression }) => expression),
    aggregates: scope.aggregates.map(({ call }) => call),
    columns,
    ...(sets === undefined ? {} : { groupingSets: sets.map((set) => [...set, ...dependent]) }),
    ...(groupings.length === 0 ? {} : { groupings }),
  }
}

function nameOf(expression: Expression): string {
  return expression.kind === 'column' ? expression.name : ''
}
