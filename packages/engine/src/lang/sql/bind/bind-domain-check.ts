import type { Expression } from '../../../plan/expression.js'
import type { DataType } from '../../../scalar/data-type.js'
import { parseExpression } from '../parse/parse-statements.js'
import { StatementState } from './context/statement-state.js'
import { bindIn } from './expressions/bind-expression.js'
import { QueryScope } from './scope/query-scope.js'
import { RangeItem } from './scope/range-item.js'
import { coerceToBoolean } from './types/coerce.js'
import { VALUE_COLUMN } from './types/domain-check.js'

/** The condition of a domain over its `value`, a column with the id `VALUE_COLUMN`. */
export function bindDomainCheck(statement: StatementState, sql: string, type: DataType): Expression {
  const { node, tree } = parseExpression(sql)
  const context = { ...statement.context, parameterTypes: [], hasFixedParameters: true }
  const inner = StatementState.start(statement.binder, context, tree, false)
  const scope = new QueryScope(inner, undefined)
  const item = new RangeItem({
    kind: 'relation',
    name: undefined,
    columns: [{ name: 'value', type, value: { kind: 'column', column: VALUE_COLUMN, name: 'value', type } }],
  })
  scope.items = [item]
  scope.addItem(item)
  return coerceToBoolean(inner, bindIn(scope, 'check', node), 'CHECK')
}
