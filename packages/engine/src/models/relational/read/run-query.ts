import type { Transaction } from '@orbit-ts/storage'
import { compileFilter } from '../../../filter/compile-filter.js'
import { RowSorter } from '../../../filter/order-rows.js'
import { comparableRecord } from '../layout/row-check.js'
import type { TableRow } from '../layout/table-layout.js'
import { columnsOf, columnsOfFilter, type CompiledQuery } from './compile-query.js'
import { planRead, type ReadPlan } from './query-plan.js'
import { TableReader, type ScanRowsOptions } from './table-reader.js'

const CHUNK_SIZE = 256

/** The rows that the query asks for, in order, in non-empty chunks. Only the columns it needs are decoded. */
export async function* runQuery(storage: Transaction, input: CompiledQuery): AsyncGenerator<TableRow[]> {
  const plan = planRead(input)
  const { offset, limit } = input.query
  if (!plan.sorted) {
    yield* chunksOf(await sortRows(input, matchingRows(storage, input, plan)))
    return
  }
  let skip = offset
  let left = limit
  for await (const rows of matchingRows(storage, input, plan, offset + limit)) {
    const some = rows.slice(skip, skip + left)
    skip = Math.max(0, skip - rows.length)
    left -= some.length
    if (some.length > 0) yield some
    if (left <= 0) return
  }
}

/** All rows that match, as the plan finds them. @param wanted how many are of use. */
async function* matchingRows(
  storage: Transaction,
  { table }: CompiledQuery,
  plan: ReadPlan,
  wanted = Infinity,
): AsyncGenerator<TableRow[]> {
  const { residual, columns, reverse } = plan
  const small = residual === undefined && wanted < CHUNK_SIZE ? { chunkSize: Math.max(1, wanted) } : {}
  const chunks = readRows(new TableReader(storage, table), plan, { columns, reverse, ...small })
  if (residual === undefined) {
    yield* chunks
    return
  }
  const predicate = compileFilter(residual)
  const used = columnsOfFilter(table, residual)
  for await (const rows of chunks) {
    const matching = rows.filter(({ datums }) => predicate(comparableRecord(used, datums)))
    if (matching.length > 0) yield matching
  }
}

async function* readRows(
  reader: TableReader,
  { access }: ReadPlan,
  options: ScanRowsOptions,
): AsyncGenerator<TableRow[]> {
  switch (access.kind) {
    case 'empty':
      return
    case 'key':
      for (let from = 0; from < access.handles.length; from += CHUNK_SIZE) {
        const rows = await reader.getMany(access.handles.slice(from, from + CHUNK_SIZE), options)
        yield rows.filter((row) => row !== undefined)
      }
      return
    case 'rows':
      for (const range of access.ranges) yield* reader.scanRows(range, options)
      return
    case 'index':
      for (let from = 0; from < (access.keys?.length ?? 0); from += CHUNK_SIZE) {
        yield await reader.getIndexed(
          access.index,
          access.keys?.slice(from, from + CHUNK_SIZE) ?? [],
          options,
        )
      }
      for (const range of access.ranges) {
        yield* access.covering
          ? reader.scanEntries(access.index, range, options)
          : reader.scanIndex(access.index, range, options)
      }
  }
}

/** Whether a row, of which all columns were decoded, meets the whole filter. */
export function matches({ table, where }: CompiledQuery): (row: TableRow) => boolean {
  const predicate = compileFilter(where)
  const used = columnsOfFilter(table, where)
  return ({ datums }) => predicate(comparableRecord(used, datums))
}

const ROW = Symbol('row')

/** The values to sort by, and the row they belong to. */
interface Sortable {
  readonly [ROW]: TableRow
}

async function sortRows(input: CompiledQuery, chunks: AsyncIterable<TableRow[]>): Promise<TableRow[]> {
  const { table, orderBy, query } = input
  const columns = columnsOf(
    table,
    orderBy.map(({ field }) => field),
  )
  const { limit, offset } = query
  const sorter = new RowSorter<Sortable>({
    orderBy,
    offset,
    what: table.what,
    ...(limit === Infinity ? {} : { limit }),
  })
  for await (const rows of chunks) {
    for (const row of rows) sorter.add(Object.assign(comparableRecord(columns, row.datums), { [ROW]: row }))
  }
  return sorter.finish().map((sortable) => sortable[ROW])
}

function* chunksOf(rows: TableRow[]): Generator<TableRow[]> {
  for (let from = 0; from < rows.length; from += CHUNK_SIZE) yield rows.slice(from, from + CHUNK_SIZE)
}

/** How many rows match. Nothing is decoded when the plan leaves no filter. */
export async function countRows(storage: Transaction, input: CompiledQuery): Promise<number> {
  const plan = planRead(input)
  let count = 0
  const { access, residual } = plan
  if (
    residual === undefined &&
    (access.kind === 'rows' || (access.kind === 'index' && access.keys === undefined))
  ) {
    for (const range of access.ranges) {
      for await (const chunk of storage.scan(range, { keysOnly: true, chunkSize: 1024 }))
        count += chunk.length
    }
    return count
  }
  for await (const rows of matchingRows(storage, input, plan)) count += rows.length
  return count
}
