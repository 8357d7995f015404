import type { SortKey } from '../../../../plan/expression.js'
import type { LogicalPlan } from '../../../../plan/logical-plan.js'
import type { Limits } from './limit-clause.js'

export function sortPlan(input: LogicalPlan, keys: readonly SortKey[]): LogicalPlan {
  return keys.length === 0 ? input : { kind: 'sort', input, keys, columns: input.columns }
}

/** @param keys what the input is sorted by, for WITH TIES */
export function limitPlan(
  input: LogicalPlan,
  { limit, offset, hasTies }: Limits,
  keys: readonly SortKey[],
): LogicalPlan {
  if (limit === undefined && offset === undefined) return input
  return {
    kind: 'limit',
    input,
    limit,
    offset,
    columns: input.columns,
    ...(hasTies ? { withTies: keys } : {}),
  }
}
