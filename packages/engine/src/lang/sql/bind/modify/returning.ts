import type { LogicalPlan, OutputColumn, Returning, RowCheck } from '../../../../plan/logical-plan.js'
import type { Node } from '../../parse/tree.js'
import { factsOf } from '../context/facts.js'
import type { RangeItem } from '../scope/range-item.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { QueryColumn } from '../select/bind-query.js'
import { bindTargets, settleTypes } from '../select/target-list.js'

export interface BoundReturning {
  readonly returning: Returning
  readonly columns: readonly QueryColumn[]
}

/** RETURNING: undefined when there is none. @param items what names mean in it */
export function bindReturning(
  scope: QueryScope,
  nodes: readonly Node[] | undefined,
  items: readonly RangeItem[],
): BoundReturning | undefined {
  if (nodes === undefined || nodes.length === 0) return undefined
  const before = scope.items
  scope.items = [...items]
  for (const item of items) scope.addItem(item)
  try {
    const targets = scope.in('returning', () => bindTargets(scope, nodes))
    settleTypes(scope, targets)
    const columns = targets.map(({ name, expression }): QueryColumn => {
      const { origin } = factsOf(expression)
      return {
        id: scope.statement.newColumn(),
        name,
        type: expression.type,
        ...(origin === undefined ? {} : { origin }),
      }
    })
    return { returning: { expressions: targets.map(({ expression }) => expression) }, columns }
  } finally {
    scope.items = before
  }
}

/** The part of a plan that says what is given back of changed rows, and what they must meet. */
export function returned(
  bound: BoundReturning | undefined,
  checks: readonly RowCheck[],
): { readonly returning?: Returning } {
  if (checks.length === 0) return bound === undefined ? {} : { returning: bound.returning }
  return { returning: { expressions: bound?.returning.expressions ?? [], checks } }
}

/** A plan that changes rows, and what it gives back. */
export interface BoundChange {
  readonly plan: LogicalPlan
  /** Undefined: nothing is given back. */
  readonly columns: readonly QueryColumn[] | undefined
}

/** The columns of a plan that changes rows. */
export function outputOf(returning: BoundReturning | undefined): readonly OutputColumn[] {
  return (returning?.columns ?? []).map(({ id, name, type }) => ({ id, name, type }))
}
