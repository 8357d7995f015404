import type { Datum, IndexBound } from '@orbit-ts/storage'
import { ByteReader, readSortableDecimal } from '@orbit-ts/storage'
import type { Filter } from '../../../filter/filter.js'
import type { LayoutColumn } from '../layout/table-layout.js'
import { filterToJson, toJson } from '../schema/json-literal.js'
import { formatValue } from '../types/format-value.js'
import { analyze, type CompiledQuery } from './compile-query.js'
import { planRead, type ReadPlan } from './query-plan.js'

/** How a query is answered: plain JSON. */
export interface TablePlan {
  readonly table: string
  /** `none`: no row can match. `key`: whole primary keys are looked up. `key range`: a part of the rows in key order. */
  readonly access: 'none' | 'key' | 'key range' | 'table scan' | 'index'
  readonly index?: string
  /** The index has all that is needed: rows are not read. */
  readonly covering?: boolean
  /** What is read of the key or index, for example `state = "CA", city >= "A"`; the first ten parts. */
  readonly ranges: readonly string[]
  readonly rangeCount: number
  /** From the end of each range to its start. */
  readonly reverse: boolean
  /** The fields that rows are sorted by in memory, because the access does not give their order. */
  readonly sort?: readonly string[]
  /** What is checked of each row that is read. */
  readonly filter?: Filter
}

const RANGES_SHOWN = 10

export function explainQuery(input: CompiledQuery): TablePlan {
  const { table, orderBy, query } = input
  const plan = planRead(input)
  const { access, slice, reverse, sorted } = plan
  const columns = access.kind === 'index' ? access.index.columns : (table.primaryKey ?? [])
  // Said of the filter as it was given: its literals are the user's own.
  const residual =
    plan.residual === undefined
      ? undefined
      : analyze(table, query.where).residual(input.hasSnapshot ? slice.used : [])
  return {
    table: table.name,
    access: accessName(plan),
    ...(access.kind === 'index' ? { index: access.index.name, covering: access.covering } : {}),
    ranges:
      slice.used.length === 0
        ? []
        : slice.prefixes.slice(0, RANGES_SHOWN).map((values) => rangeText(columns, values, slice)),
    rangeCount: rangeCount(plan),
    reverse,
    ...(sorted ? {} : { sort: orderBy.map(({ field, direction }) => `${field} ${direction}`) }),
    ...(residual === undefined ? {} : { filter: filterToJson(residual) }),
  }
}

function rangeCount({ access }: ReadPlan): number {
  if (access.kind === 'empty') return 0
  if (access.kind === 'key') return access.handles.length
  return access.kind === 'index' ? (access.keys ?? access.ranges).length : access.ranges.length
}

function accessName({ access, slice }: ReadPlan): TablePlan['access'] {
  if (access.kind === 'empty') return 'none'
  if (access.kind === 'rows') return slice.used.length === 0 ? 'table scan' : 'key range'
  return access.kind
}

function rangeText(
  columns: readonly LayoutColumn[],
  values: readonly Datum[],
  { lower, upper }: { readonly lower?: IndexBound; readonly upper?: IndexBound },
): string {
  const parts = values.map((value, i) => conditionText(columns[i], '=', value))
  const next = columns[values.length]
  if (lower !== undefined) parts.push(conditionText(next, lower.inclusive ? '>=' : '>', lower.datum))
  if (upper !== undefined) parts.push(conditionText(next, upper.inclusive ? '<=' : '<', upper.datum))
  return parts.filter((part) => part !== '').join(', ')
}

function conditionText(column: LayoutColumn | undefined, operator: string, datum: Datum): string {
  if (column === undefined || datum.kind === 'max') return ''
  if (datum.kind === 'min') return `${column.name} is not null`
  return `${column.name} ${operator} ${JSON.stringify(toJson(keyValue(column, datum)))}`
}

/** The value of a datum as keys hold it. */
function keyValue({ type }: LayoutColumn, datum: Datum): unknown {
  const isSortable = type.base === 'numeric' && datum.kind === 'bytes'
  return isSortable ? readSortableDecimal(new ByteReader(datum.value, 'decimal')) : formatValue(type, datum)
}
