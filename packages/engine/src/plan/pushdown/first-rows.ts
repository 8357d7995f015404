import { substitute } from '../expressions/substitute.js'
import type { ColumnId, Expression, SortKey } from '../expression.js'
import type { PhysicalPlan, Sort, StoreScan } from '../physical-plan.js'
import type { StoredOrder } from '../../relation/stored-rows.js'
import { StoredScan } from './stored-scan.js'

/** What the store has to be told for the first rows of a sort. */
export function firstRows({ keys, limit, input }: Sort): StoreScan['topN'] {
  const scan = input.kind === 'project' ? input.input : input
  if (scan.kind !== 'table-scan' || scan.relation.stored === undefined || limit === undefined)
    return undefined
  const { stored } = scan.relation
  const known = new StoredScan(scan, stored)
  const orders: StoredOrder[] = []
  for (const key of belowProjection(keys, input)) {
    const column = known.columnOf(key.expression)
    if (column?.type === undefined) return undefined
    orders.push({ column: column.ordinal, isDescending: key.isDescending, nullsFirst: key.nullsFirst })
  }
  return { keys: orders, limit }
}

function belowProjection(keys: readonly SortKey[], input: PhysicalPlan): readonly SortKey[] {
  if (input.kind !== 'project') return keys
  const computed = new Map<ColumnId, Expression>()
  input.columns.forEach(({ id }, at) => {
    const expression = input.expressions[at]
    if (expression !== undefined) computed.set(id, expression)
  })
  return keys.map((key) => ({ ...key, expression: substitute(key.expression, computed) }))
}
