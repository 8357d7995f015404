import type { LogicalPlan } from '../../../../plan/logical-plan.js'
import type { QueryScope } from '../scope/query-scope.js'

/** Runs the calls of a SELECT list that give rows: those of one level side by side, deeper ones below. */
export function addTableCalls(scope: QueryScope, input: LogicalPlan): LogicalPlan {
  const levels = Math.max(0, ...scope.tableCalls.map(({ level }) => level))
  let plan = input
  for (let level = 1; level <= levels; level++) {
    const calls = scope.tableCalls.filter((call) => call.level === level)
    plan = {
      kind: 'unnest-calls',
      input: plan,
      calls: calls.map((call) => ({ function: call.function, args: call.args })),
      columns: [...plan.columns, ...calls.flatMap(({ columns }) => columns)],
    }
  }
  return plan
}
