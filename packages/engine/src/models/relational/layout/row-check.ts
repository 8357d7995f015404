/** Conditions over rows of datums, as filters or in SQL: checks, and what partial indexes include. */
import { NULL_DATUM, type Datum } from '@orbit-ts/storage'
import { compileFilter, type Predicate } from '../../../filter/compile-filter.js'
import type { Filter } from '../../../filter/filter.js'
import { setOwn } from '../../../filter/select-fields.js'
import { bindFilter, filterColumns } from '../filter/bind-filter.js'
import { comparable } from '../types/format-value.js'
import type { RowExpressionCompiler } from './row-expressions.js'
import type { LayoutColumn, TableLayout } from './table-layout.js'

type Columns = Pick<TableLayout, 'types' | 'byName' | 'what'>

export interface RowCheck {
  readonly name: string
  /** Differs for checks that differ in what they demand. */
  readonly text: string
  /** The columns that it looks at. */
  readonly columns: readonly LayoutColumn[]
  /** True when the check is surely false; unknown is no violation. */
  readonly isViolated: (datums: readonly Datum[]) => boolean
}

export function rowCheck(columns: Columns, name: string, where: Filter): RowCheck {
  return {
    name,
    text: JSON.stringify(where),
    columns: columnsIn(columns, where),
    isViolated: rowPredicate(columns, where, (filter) => compileFilter({ $not: filter })),
  }
}

/** A check in SQL. */
export function expressionCheck(
  table: TableLayout,
  compiler: RowExpressionCompiler,
  name: string,
  sql: string,
): RowCheck {
  const { positions, evaluate } = compiler.compile(table, sql, 'condition')
  return {
    name,
    text: sql,
    columns: positions.flatMap((position) => table.columns[position] ?? []),
    isViolated: (datums) => {
      const datum = evaluate(datums)
      return datum.kind === 'int' && datum.value === 0
    },
  }
}

/** The filter as a function of a row's datums. */
export function rowPredicate(
  columns: Columns,
  where: Filter,
  compile: (filter: Filter) => Predicate = compileFilter,
): (datums: readonly Datum[]) => boolean {
  const predicate = compile(bindFilter(columns.types, where, columns.what))
  const used = columnsIn(columns, where)
  return (datums) => predicate(comparableRecord(used, datums))
}

/** The columns that a filter looks at. */
export function columnsIn({ byName }: Pick<TableLayout, 'byName'>, where: Filter): LayoutColumn[] {
  return [...filterColumns(where)].flatMap((name) => byName.get(name) ?? [])
}

/** The columns' values as filters and sorting compare them. */
export function comparableRecord(
  columns: readonly LayoutColumn[],
  datums: readonly Datum[],
): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (const { name, type, position } of columns)
    setOwn(record, name, comparable(type, datums[position] ?? NULL_DATUM))
  return record
}
