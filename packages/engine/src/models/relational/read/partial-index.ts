import type { Bound, FieldBounds, FilterAnalysis } from '../../../filter/analyze-filter.js'
import { compareValues } from '../../../filter/compare-values.js'
import type { Filter } from '../../../filter/filter.js'
import { bindFilter } from '../filter/bind-filter.js'
import type { TableLayout } from '../layout/table-layout.js'
import { analyze } from './compile-query.js'

/** True when every row that the query can return surely meets the condition, so that an index with it has them all. */
export function impliesCondition(table: TableLayout, query: FilterAnalysis, condition: Filter): boolean {
  const wanted = analyze(table, bindFilter(table.types, condition, table.what))
  if (wanted.residual(wanted.fields.keys()) !== undefined) return false
  return [...wanted.fields.values()].every((outer) => {
    const inner = query.fields.get(outer.field)
    return inner !== undefined && isWithin(inner, outer)
  })
}

function isWithin(inner: FieldBounds, outer: FieldBounds): boolean {
  if (inner.nulls && !outer.nulls) return false
  if (outer.points === undefined && outer.range === undefined) return true
  if (inner.points !== undefined) return inner.points.every((value) => hasValue(outer, value))
  if (inner.range === undefined || outer.range === undefined || inner.range.kind !== outer.range.kind)
    return false
  return (
    isTighter(inner.range.lower, outer.range.lower, 1) && isTighter(inner.range.upper, outer.range.upper, -1)
  )
}

function hasValue({ points, range }: FieldBounds, value: unknown): boolean {
  if (points !== undefined) return points.some((point) => compareValues(point, value) === 0)
  const bound: Bound = { value: value as Bound['value'], inclusive: true }
  return isTighter(bound, range?.lower, 1) && isTighter(bound, range?.upper, -1)
}

/** `inner` lets through no more than `outer`. @param sign 1 for lower bounds, -1 for upper ones. */
function isTighter(inner: Bound | undefined, outer: Bound | undefined, sign: 1 | -1): boolean {
  if (outer === undefined) return true
  if (inner === undefined) return false
  const order = compareValues(inner.value, outer.value) * sign
  return order > 0 || (order === 0 && (outer.inclusive || !inner.inclusive))
}
