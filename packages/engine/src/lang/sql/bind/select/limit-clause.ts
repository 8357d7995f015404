import type { Expression } from '../../../../plan/expression.js'
import type { Node, SelectStmt } from '../../parse/tree.js'
import { locationOf } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { bindExpression } from '../expressions/bind-expression.js'
import type { QueryScope } from '../scope/query-scope.js'
import { coerceArgument } from '../types/coerce.js'

export interface Limits {
  readonly limit: Expression | undefined
  readonly offset: Expression | undefined
  readonly hasTies: boolean
}

export function bindLimits(scope: QueryScope, node: SelectStmt): Limits {
  const { statement } = scope
  const hasTies = node.limitOption === 'LIMIT_OPTION_WITH_TIES'
  const offset = bindCount(scope, 'offset', node.limitOffset)
  const limit = bindCount(scope, 'limit', node.limitCount)
  if (hasTies && limit !== undefined && limit.kind === 'constant' && limit.value === null) {
    throw statement.error(
      'invalid_row_count_in_limit_clause',
      'row count cannot be null in FETCH FIRST ... WITH TIES clause',
    )
  }
  return { limit, offset, hasTies }
}

function bindCount(
  scope: QueryScope,
  clause: 'limit' | 'offset',
  node: Node | undefined,
): Expression | undefined {
  if (node === undefined) return undefined
  const { statement } = scope
  const what = clause.toUpperCase()
  const { result, met } = scope.watch(() => scope.in(clause, () => bindExpression(scope, node)))
  const count = coerceArgument(statement, result, OID.int8, what)
  if (met.deepestColumn === scope.depth) {
    throw statement.error(
      'invalid_column_reference',
      `argument of ${what} must not contain variables`,
      locationOf(result),
    )
  }
  return count
}
