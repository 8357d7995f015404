import { defined, toBinaryString } from '@orbit-ts/base'
import {
  NULL_DATUM,
  encodeDatums,
  relationalKeys,
  type Datum,
  type KeyRange,
  type Transaction,
} from '@orbit-ts/storage'
import { beginsWith } from '../schema/define-constraints.js'
import type { LayoutColumn, LayoutForeignKey, TableLayout, TableRow } from '../layout/table-layout.js'
import { TableReader } from '../read/table-reader.js'
import { keyDatum } from '../types/format-value.js'

/** How many look-ups are under way at once. */
const WIDTH = 64

/** A row, and which of the keys it refers to. */
export interface ChildRow {
  readonly row: TableRow
  readonly keyIndex: number
}

/**
 * The rows of `child` whose foreign key has one of these values, found through the index that begins with its columns
 * (every foreign key has one: the declaration makes it where it lacks), or one by one while that is being built.
 * @param limit at most this many for each key.
 */
export async function findChildren(
  storage: Transaction,
  child: TableLayout,
  foreignKey: LayoutForeignKey,
  keys: readonly (readonly Datum[])[],
  limit = Infinity,
): Promise<ChildRow[]> {
  const scan = childScan(storage, child, foreignKey, limit)
  if (scan === undefined) return searchChildren(storage, child, foreignKey, keys, limit)
  const found: ChildRow[] = []
  for (let from = 0; from < keys.length; from += WIDTH) {
    const rows = await Promise.all(keys.slice(from, from + WIDTH).map(scan))
    for (const [i, some] of rows.entries()) for (const row of some) found.push({ row, keyIndex: from + i })
  }
  return found
}

function childScan(
  storage: Transaction,
  child: TableLayout,
  { columns }: LayoutForeignKey,
  limit: number,
): ((values: readonly Datum[]) => Promise<TableRow[]>) | undefined {
  const reader = new TableReader(storage, child)
  const options = limit === Infinity ? {} : { limit }
  const fits = (leading: readonly LayoutColumn[]): boolean =>
    beginsWith(
      leading.map(({ id }) => id),
      columns.map(({ id }) => id),
    )
  const inOrder = (leading: readonly LayoutColumn[], values: readonly Datum[]): Datum[] =>
    leading
      .slice(0, columns.length)
      .map((column) => keyDatum(column.type, defined(values[columns.indexOf(column)], 'a value')))
  const { primaryKey } = child
  if (primaryKey !== undefined && fits(primaryKey)) {
    return (values) => collect(reader.scanRows(keyRange(child, inOrder(primaryKey, values)), options))
  }
  const index = child.indexes.find(
    ({ isForFilters, where, columns: keys }) => isForFilters && where === undefined && fits(keys),
  )
  if (index === undefined) return undefined
  return (values) =>
    collect(reader.scanIndex(index, index.range({ equal: inOrder(index.columns, values) }), options))
}

/** Reads all rows: the index of the foreign key is not built yet. */
async function searchChildren(
  storage: Transaction,
  child: TableLayout,
  { columns }: LayoutForeignKey,
  keys: readonly (readonly Datum[])[],
  limit: number,
): Promise<ChildRow[]> {
  if (keys.length === 0) return []
  const textOf = (values: readonly Datum[]): string =>
    toBinaryString(encodeDatums(columns.map(({ type }, i) => keyDatum(type, values[i] ?? NULL_DATUM))))
  const wanted = new Map(keys.map((values, keyIndex) => [textOf(values), { keyIndex, left: limit }]))
  const found: ChildRow[] = []
  for await (const rows of new TableReader(storage, child).scanRows(relationalKeys.rows(child.id))) {
    for (const row of rows) {
      const key = wanted.get(textOf(columns.map(({ position }) => row.datums[position] ?? NULL_DATUM)))
      if (key === undefined || key.left-- <= 0) continue
      found.push({ row, keyIndex: key.keyIndex })
    }
  }
  return found
}

function keyRange(table: TableLayout, equal: readonly Datum[]): KeyRange {
  if (!table.hasIntegerHandle) return relationalKeys.rowsWithin(table.id, { equal })
  const [value] = equal
  const handle = value?.kind === 'int' ? value.value : 0
  const next = BigInt(handle) + 1n
  return relationalKeys.rowsBetween(table.id, handle, next <= INT64_MAX ? next : undefined)
}

const INT64_MAX = 2n ** 63n - 1n

async function collect(chunks: AsyncIterable<TableRow[]>): Promise<TableRow[]> {
  const rows: TableRow[] = []
  for await (const chunk of chunks) rows.push(...chunk)
  return rows
}
