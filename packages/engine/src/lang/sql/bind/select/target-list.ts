import type { Expression } from '../../../../plan/expression.js'
import type { Node } from '../../parse/tree.js'
import { bindExpression } from '../expressions/bind-expression.js'
import { expandStar, isStar } from '../expressions/star.js'
import type { QueryScope } from '../scope/query-scope.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import { columnName } from './column-name.js'

/** More columns than this no result has. */
const COLUMNS_MAX = 1664

/** A column of a SELECT list, or what ORDER BY and such add to it. */
export interface Target {
  readonly name: string
  /** Replaced when its type is settled, and when rows are grouped. */
  expression: Expression
  /** Not a column of the result. */
  readonly isJunk: boolean
}

/** A SELECT list, or that of RETURNING. */
export function bindTargets(scope: QueryScope, nodes: readonly Node[] | undefined): Target[] {
  const targets = (nodes ?? []).flatMap((node): Target[] => {
    if (!('ResTarget' in node)) return []
    const { name, val } = node.ResTarget
    if (val !== undefined && isStar(val)) {
      return expandStar(scope, val).map((column) => ({ ...column, isJunk: false }))
    }
    const expression = bindExpression(scope, val)
    return [{ name: name ?? subqueryName(val, expression) ?? columnName(val), expression, isJunk: false }]
  })
  checkCount(scope, targets)
  return targets
}

/** A query that stands for a value lends it the name of its column. */
function subqueryName(node: Node | undefined, expression: Expression): string | undefined {
  if (node === undefined || !('SubLink' in node) || node.SubLink.subLinkType !== 'EXPR_SUBLINK')
    return undefined
  return expression.kind === 'subquery' ? expression.plan.columns[0]?.name : undefined
}

/** @throws too_many_columns */
export function checkCount(scope: QueryScope, targets: readonly Target[]): void {
  if (targets.length <= COLUMNS_MAX) return
  throw scope.statement.error('too_many_columns', `target lists can have at most ${COLUMNS_MAX} entries`)
}

/** What nobody has given a type becomes text. */
export function settleTypes(scope: QueryScope, targets: readonly Target[]): void {
  if (!scope.resolvesUnknown) return
  for (const target of targets) target.expression = resolveUnknown(scope.statement, target.expression)
}
