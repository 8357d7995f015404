import type { SortKey } from '../../../../plan/expression.js'
import type { Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import { findTarget } from './find-target.js'
import { directionOf, requireOrder, type Direction } from './sort-keys.js'
import type { Target } from './target-list.js'

/** A key of ORDER BY: a column of the SELECT list. */
export interface SortItem extends Direction {
  readonly target: Target
}

export function bindSortClause(
  scope: QueryScope,
  targets: Target[],
  nodes: readonly Node[] | undefined,
): SortItem[] {
  const items: SortItem[] = []
  for (const node of nodes ?? []) {
    if (!('SortBy' in node)) continue
    const target = findTarget(scope, targets, node.SortBy.node, 'order by')
    target.expression = resolveUnknown(scope.statement, target.expression)
    requireOrder(scope.statement, target.expression)
    // What rows are sorted by already decides nothing again.
    if (items.some((item) => item.target === target)) continue
    items.push({ target, ...directionOf(scope.statement, node.SortBy) })
  }
  return items
}

export function sortKeysOf(items: readonly SortItem[]): SortKey[] {
  return items.map(({ target, isDescending, nullsFirst }) => ({
    expression: target.expression,
    isDescending,
    nullsFirst,
  }))
}
