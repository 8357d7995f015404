import type { RowExpression } from '../../../../plan/expression.js'
import type { RowExpr } from '../../parse/tree.js'
import { located } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import type { QueryScope } from '../scope/query-scope.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import { bindList } from './expression-list.js'

/** More fields than this no row has. */
const FIELDS_MAX = 1664

/** `ROW(a, b)`, `(a, b)`; `t.*` in it stands for the columns of `t`. */
export function bindRow(scope: QueryScope, node: RowExpr): RowExpression {
  const { statement } = scope
  const args = bindList(scope, node.args)
  if (args.length > FIELDS_MAX) {
    throw statement.error(
      'too_many_columns',
      `ROW expressions can have at most ${FIELDS_MAX} entries`,
      node.location ?? 0,
    )
  }
  return located(
    {
      kind: 'row',
      fields: args.map((arg, index) => ({ name: `f${index + 1}`, type: arg.type })),
      args,
      type: statement.type(OID.record),
    },
    node.location,
  )
}

/** The row as a value of its own: what was not typed becomes text. */
export function settleRow(scope: QueryScope, row: RowExpression): RowExpression {
  const args = row.args.map((arg) => resolveUnknown(scope.statement, arg))
  return {
    ...row,
    args,
    fields: row.fields.map((field, index) => ({ ...field, type: args[index]?.type ?? field.type })),
  }
}
