import type { IsolationLevel } from '@orbit-ts/storage'
import { type FilterAnalysis, analyzeFilter } from '../../../filter/analyze-filter.js'
import { type CheckedQuery, checkQuery } from '../../../filter/check-query.js'
import type { Filter, OrderBy, Query } from '../../../filter/filter.js'
import { parsePath } from '../../../filter/path.js'
import { bindFilter } from '../filter/bind-filter.js'
import { columnsIn } from '../layout/row-check.js'
import type { LayoutColumn, TableLayout } from '../layout/table-layout.js'

/** A query over a table: checked, with its filter bound to the columns. */
export interface CompiledQuery {
  readonly table: TableLayout
  readonly query: CheckedQuery
  /** Over what `comparable` gives for the columns. */
  readonly where: Filter
  readonly analysis: FilterAnalysis
  readonly orderBy: readonly Required<OrderBy>[]
  /** Columns to return. */
  readonly selected: readonly LayoutColumn[]
  /** False under `read-committed`: each read sees what is committed by then. */
  readonly hasSnapshot: boolean
}

/** @throws INVALID_ARGUMENT, TYPE_MISMATCH naming the part of the query and what is accepted. */
export function compileQuery(table: TableLayout, given: Query, isolation: IsolationLevel): CompiledQuery {
  const query = checkQuery(given, { what: table.what, fields: table.byName.keys() })
  const where = bindFilter(table.types, query.where, table.what)
  return {
    table,
    query,
    where,
    analysis: analyze(table, where),
    orderBy: query.orderBy,
    hasSnapshot: isolation !== 'read-committed',
    selected: query.select === undefined ? table.columns : columnsOf(table, query.select),
  }
}

/** @param where bound or as users write it: what it says of which column is the same. */
export function analyze(table: TableLayout, where: Filter): FilterAnalysis {
  const isMultiValued = (field: string): boolean => {
    const type = table.types.get(parsePath(field).steps[0]?.key ?? '')
    return type?.array === true || type?.base === 'json' || type?.base === 'jsonb'
  }
  return analyzeFilter(where, { isMultiValued })
}

/** The columns that paths begin with, each once. */
export function columnsOf(table: TableLayout, paths: Iterable<string>): LayoutColumn[] {
  const names = new Set([...paths].map((path) => parsePath(path).steps[0]?.key ?? ''))
  return [...names].flatMap((name) => table.byName.get(name) ?? [])
}

/** The columns that a filter looks at. */
export function columnsOfFilter(table: TableLayout, filter: Filter | undefined): LayoutColumn[] {
  return filter === undefined ? [] : columnsIn(table, filter)
}
