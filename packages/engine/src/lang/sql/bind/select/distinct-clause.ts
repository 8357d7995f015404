import { locationOf } from '../context/facts.js'
import { rawLocation, type Node } from '../../parse/tree.js'
import type { QueryScope } from '../scope/query-scope.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import type { Distinct } from './build-select.js'
import { findTarget } from './find-target.js'
import type { SortItem } from './sort-clause.js'
import { requireEquality, requireOrder } from './sort-keys.js'
import type { Target } from './target-list.js'

/** `DISTINCT` (a list of one empty node in the tree) and `DISTINCT ON (…)`. */
export function bindDistinct(
  scope: QueryScope,
  targets: Target[],
  order: readonly SortItem[],
  nodes: readonly Node[] | undefined,
): Distinct | undefined {
  if (nodes === undefined || nodes.length === 0) return undefined
  const on = nodes.filter((node) => Object.keys(node).length > 0)
  return on.length === 0 ? bindPlain(scope, targets, order) : bindOn(scope, targets, order, on)
}

function bindPlain(scope: QueryScope, targets: readonly Target[], order: readonly SortItem[]): Distinct {
  const { statement } = scope
  for (const { target } of order) {
    if (!target.isJunk) continue
    throw statement.error(
      'invalid_column_reference',
      'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
      locationOf(target.expression),
    )
  }
  for (const target of targets) {
    target.expression = resolveUnknown(statement, target.expression)
    requireEquality(statement, target.expression)
  }
  return { on: undefined }
}

/** The expressions have to be what the rows are sorted by first, in any order. */
function bindOn(
  scope: QueryScope,
  targets: Target[],
  order: readonly SortItem[],
  nodes: readonly Node[],
): Distinct {
  const { statement } = scope
  const on: Target[] = []
  const locations = new Map<Target, number | undefined>()
  for (const node of nodes) {
    const target = findTarget(scope, targets, node, 'distinct on')
    target.expression = resolveUnknown(statement, target.expression)
    requireOrder(statement, target.expression)
    if (!on.includes(target)) on.push(target)
    locations.set(target, rawLocation(node))
  }
  let isPast = false
  for (const { target } of order) {
    if (!on.includes(target)) isPast = true
    else if (isPast) throw mismatch(scope, locations.get(target))
  }
  const sorted = new Set(order.map(({ target }) => target))
  const missing = on.find((target) => !sorted.has(target))
  if (isPast && missing !== undefined) throw mismatch(scope, locations.get(missing))
  return { on }
}

function mismatch(scope: QueryScope, location: number | undefined): Error {
  return scope.statement.error(
    'invalid_column_reference',
    'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
    location,
  )
}
