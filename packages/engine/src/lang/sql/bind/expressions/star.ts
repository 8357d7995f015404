import type { Expression } from '../../../../plan/expression.js'
import { stringOf, type Node } from '../../parse/tree.js'
import { locationOf } from '../context/facts.js'
import { OID } from '../context/system-types.js'
import { refer } from '../scope/find-column.js'
import type { QueryScope } from '../scope/query-scope.js'
import type { RangeItem } from '../scope/range-item.js'
import { isComposite } from '../types/can-convert.js'
import { bindExpression } from './bind-expression.js'
import { requireItem } from './column-reference.js'
import { fieldAt, fieldsOf } from './field.js'

export interface NamedExpression {
  readonly name: string
  readonly expression: Expression
}

/** `*`, `t.*`, `(row).*`. */
export function isStar(node: Node): boolean {
  const last =
    'ColumnRef' in node
      ? node.ColumnRef.fields?.at(-1)
      : 'A_Indirection' in node
        ? node.A_Indirection.indirection?.at(-1)
        : undefined
  return last !== undefined && 'A_Star' in last
}

export function expandStar(scope: QueryScope, node: Node): NamedExpression[] {
  if ('A_Indirection' in node) {
    const { arg, indirection = [] } = node.A_Indirection
    const rest = indirection.slice(0, -1)
    const row: Node | undefined =
      rest.length === 0 ? arg : { A_Indirection: { ...(arg && { arg }), indirection: rest } }
    return expandRow(scope, bindExpression(scope, row))
  }
  if (!('ColumnRef' in node)) return []
  const { fields = [], location = 0 } = node.ColumnRef
  if (fields.length === 1) return expandAll(scope, location)
  const names = fields.slice(0, -1).map((field) => stringOf(field) ?? '')
  const { item, level } = requireItem(scope, names, undefined, location)
  noteStar(scope, location, [item])
  return item.visibleColumns.map((column) => ({
    name: column.name,
    expression: refer(level, column, location),
  }))
}

/** All columns of FROM, in order. */
function expandAll(scope: QueryScope, location: number): NamedExpression[] {
  const items = scope.items.filter((item) => item.areColumnsVisible)
  if (items.length === 0) {
    throw scope.statement.error('syntax_error', 'SELECT * with no tables specified is not valid', location)
  }
  noteStar(scope, location, items)
  return items.flatMap((item) =>
    item.visibleColumns.map((column) => ({
      name: column.name,
      expression: refer(scope, column, location),
    })),
  )
}

function noteStar({ statement }: QueryScope, location: number, items: readonly RangeItem[]): void {
  // Only of the text that is bound, not of the views in it.
  if (statement.context.noteStar === undefined || statement.views.length > 0) return
  const columns = items.flatMap((item) =>
    item.visibleColumns.map(({ name }) => ({ table: item.isTableVisible ? item.name : undefined, name })),
  )
  statement.context.noteStar(location, columns)
}

function expandRow(scope: QueryScope, row: Expression): NamedExpression[] {
  const fields = fieldsOf(row)
  if (fields !== undefined) {
    return fields.map(({ name }, index) => ({ name, expression: fieldAt(row, index) }))
  }
  const { statement } = scope
  const type = row.type.scalar
  throw type.oid === OID.record || isComposite(type)
    ? statement.error('feature_not_supported', 'record type has not been registered', locationOf(row))
    : statement.error('wrong_object_type', `type ${type.displayName} is not composite`, locationOf(row))
}
