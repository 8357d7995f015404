import { NULL_DATUM } from '@orbit-ts/storage'
import { compileSelect, setOwn } from '../../../filter/select-fields.js'
import type { LayoutColumn, TableLayout, TableRow } from '../layout/table-layout.js'
import { formatValue } from '../types/format-value.js'

type Row = Record<string, unknown>

/** Makes the objects that users get of stored rows. @param select columns, or paths into JSON; default all columns. */
export function rowShape(
  table: TableLayout,
  columns: readonly LayoutColumn[] = table.columns,
  select?: readonly string[],
): (row: TableRow) => Row {
  const whole = (row: TableRow): Row => toRow(columns, row)
  const hasPaths = select?.some((path) => !columns.some(({ name }) => name === path)) === true
  if (select === undefined || !hasPaths) return whole
  const pick = compileSelect(select)
  return (row) => pick(whole(row))
}

function toRow(columns: readonly LayoutColumn[], { datums }: TableRow): Row {
  const row: Row = {}
  for (const { name, type, position } of columns)
    setOwn(row, name, formatValue(type, datums[position] ?? NULL_DATUM))
  return row
}
