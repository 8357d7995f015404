import type { Expression, RowExpression } from '../../../../plan/expression.js'
import { columnsOf } from '../../../../plan/logical/free-columns.js'
import type { TableFunction } from '../../../../scalar/functions/function.js'
import { located, leftmost, note } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { rulesOf } from '../scope/clause.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { FoundFunction } from './find-function.js'
import { fitArguments } from './fit-arguments.js'
import type { PreparedCall } from './prepared-call.js'

/**
 * A function of rows called within an expression: it is run below, once for each row, and its column stands here. Calls
 * within its arguments are run below it.
 */
export function bindTableCall(
  scope: QueryScope,
  call: PreparedCall,
  found: FoundFunction & { readonly function: TableFunction },
): Expression {
  const { statement } = scope
  checkClause(scope, call.location)
  const { args, result } = fitArguments(statement, found, call.args, call.location)
  const level = 1 + args.reduce((most, arg) => Math.max(most, deepestLevel(scope, arg)), 0)
  const columns = found.function
    .columns(args.map((arg) => arg.type))
    .map((column) => ({ ...column, id: statement.newColumn() }))
  if (columns.length === 0) {
    throw statement.error(
      'feature_not_supported',
      'function returning record called in context that cannot accept type record',
      call.location,
    )
  }
  scope.tableCalls.push({ columns, function: found.function, args, level })
  scope.metSet(level, call.location)
  const start = leftmost(args, call.location)
  const parts = columns.map(({ id, name, type }): Expression => ({ kind: 'column', column: id, name, type }))
  const [only] = parts
  if (only !== undefined && parts.length === 1) return located(only, start)
  const row: RowExpression = {
    kind: 'row',
    fields: columns.map(({ name, type }) => ({ name, type })),
    args: parts,
    type: result.scalar.fields === undefined ? statement.type(OID.record) : result,
  }
  return note(row, { location: start ?? 0, isWholeRow: true })
}

/** The highest level of the calls that an expression depends on. */
function deepestLevel(scope: QueryScope, expression: Expression): number {
  const columns = columnsOf(expression)
  let level = 0
  for (const call of scope.tableCalls) {
    if (call.columns.some(({ id }) => columns.has(id))) level = Math.max(level, call.level)
  }
  return level
}

function checkClause(scope: QueryScope, location: number): void {
  const rules = rulesOf(scope.clause)
  if (rules.sets === true) return
  const { statement } = scope
  if (scope.clause === 'from function') {
    throw statement.error(
      'feature_not_supported',
      'set-returning functions must appear at top level of FROM',
      location,
    )
  }
  throw statement.error(
    'feature_not_supported',
    `set-returning functions are not allowed in ${rules.name}`,
    location,
  )
}
