import type { Expression, SortKey } from '../../../../plan/expression.js'
import { stringsOf, type Node, type SortBy } from '../../parse/tree.js'
import { locationOf } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { bindIn } from '../expressions/bind-expression.js'
import type { Clause } from '../scope/clause.js'
import type { QueryScope } from '../scope/query-scope.js'
import { deriveCollation, requireCollation } from '../types/collations.js'
import { resolveUnknown } from '../types/resolve-unknown.js'

export type Direction = Pick<SortKey, 'isDescending' | 'nullsFirst'>

/** Keys that are expressions and nothing else, as in an aggregate's ORDER BY. */
export function bindSortKeys(
  scope: QueryScope,
  nodes: readonly Node[] | undefined,
  clause: Clause | undefined,
  keepsUnknown = false,
): SortKey[] {
  return (nodes ?? []).flatMap((node): SortKey[] => {
    if (!('SortBy' in node)) return []
    const bound = bindIn(scope, clause ?? scope.clause, node.SortBy.node)
    const expression = keepsUnknown ? bound : resolveUnknown(scope.statement, bound)
    if (!keepsUnknown) requireOrder(scope.statement, expression)
    return [{ expression, ...directionOf(scope.statement, node.SortBy) }]
  })
}

export function directionOf(statement: StatementState, node: SortBy): Direction {
  const isDescending = node.sortby_dir === 'SORTBY_DESC' || isUsingGreater(statement, node)
  switch (node.sortby_nulls) {
    case 'SORTBY_NULLS_FIRST':
      return { isDescending, nullsFirst: true }
    case 'SORTBY_NULLS_LAST':
      return { isDescending, nullsFirst: false }
    default:
      return { isDescending, nullsFirst: isDescending }
  }
}

/** `ORDER BY x USING >`. */
function isUsingGreater(statement: StatementState, node: SortBy): boolean {
  if (node.sortby_dir !== 'SORTBY_USING') return false
  const name = stringsOf(node.useOp).at(-1) ?? ''
  if (name === '<') return false
  if (name === '>') return true
  throw statement.error(
    'wrong_object_type',
    `operator ${name} is not a valid ordering operator`,
    node.location ?? 0,
    { hint: 'Ordering operators must be "<" or ">" members of btree operator families.' },
  )
}

/** @throws undefined_function for types without an order, such as json */
export function requireOrder(statement: StatementState, expression: Expression): void {
  const { scalar } = expression.type
  if (scalar.compare === undefined) {
    throw statement.error(
      'undefined_function',
      `could not identify an ordering operator for type ${scalar.displayName}`,
      locationOf(expression),
      { hint: 'Use an explicit ordering operator or modify the query.' },
    )
  }
  requireCollation(statement, deriveCollation(statement, [expression]), locationOf(expression))
}

/** @throws undefined_function for types whose values cannot be found equal */
export function requireEquality(statement: StatementState, expression: Expression): void {
  const { scalar } = expression.type
  if (scalar.compare !== undefined || scalar.hashKey !== undefined) return
  throw statement.error(
    'undefined_function',
    `could not identify an equality operator for type ${scalar.displayName}`,
    locationOf(expression),
  )
}
