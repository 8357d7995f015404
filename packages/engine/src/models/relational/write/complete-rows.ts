/** Gives rows that are to be inserted what they were not given: defaults, identities, nulls. */
import { asBuffer, assert } from '@orbit-ts/base'
import { NULL_DATUM, catalogKeys, type Datum } from '@orbit-ts/storage'
import type { ModelContext } from '../../model.js'
import type { LayoutColumn, TableLayout } from '../layout/table-layout.js'
import { parseValue } from '../types/parse-value.js'
import { type GivenRow, parseColumn } from './parse-rows.js'
import { sequenceObjectKey, type SequenceRequest } from './sequences.js'

/** The rows in full; the given ones are filled in place. */
export async function completeRows(
  context: ModelContext,
  table: TableLayout,
  rows: readonly GivenRow[],
): Promise<Datum[][]> {
  for (const column of table.columns) {
    if (column.identity !== undefined) await numberRows(context, table, column, rows)
    else if (column.sqlDefault !== undefined) await computeDefaults(context, table, column, rows)
    else fillColumn(context, column, rows)
  }
  // Every column was filled.
  return rows as Datum[][]
}

async function computeDefaults(
  context: ModelContext,
  table: TableLayout,
  column: LayoutColumn,
  rows: readonly GivenRow[],
): Promise<void> {
  const { isVolatile, evaluate } = table.defaultOf(column)
  let same: Datum | undefined
  for (const row of rows) {
    if (isVolatile) row[column.position] ??= await evaluate(context)
    else row[column.position] ??= same ??= await evaluate(context)
  }
}

/** The default of a column that is no identity. */
export function defaultDatum(context: ModelContext, column: LayoutColumn): Datum {
  const { default: fallback, type } = column
  if (fallback === undefined) return NULL_DATUM
  if (typeof fallback !== 'string') return fallback
  const datum = parseValue(type, fallback === 'uuid' ? randomUuid(context) : nowValue(context, column))
  assert(datum.kind !== 'mismatch', `column "${column.name}" holds its own default`)
  return datum
}

/** The key under which the numbers of an identity column are kept. */
export function sequenceKey(tableId: number, columnId: number): Uint8Array {
  return catalogKeys.sequence(`${sequencePrefix(tableId)}${columnId}`)
}

/** What the names of all sequences of a table begin with. */
export const sequencePrefix = (tableId: number): string => `table.${tableId}.`

function fillColumn(context: ModelContext, column: LayoutColumn, rows: readonly GivenRow[]): void {
  const { position, default: fallback } = column
  // A literal and the transaction's time are the same for all rows.
  let same: Datum | undefined
  for (const row of rows)
    row[position] ??=
      fallback === 'uuid' ? defaultDatum(context, column) : (same ??= defaultDatum(context, column))
}

async function numberRows(
  context: ModelContext,
  table: TableLayout,
  column: LayoutColumn,
  rows: readonly GivenRow[],
): Promise<void> {
  const { position, identity } = column
  if (identity === undefined) return
  const open = rows.filter((row) => row[position] === undefined)
  const used = furthest(rows, position, identity.increment)
  if (open.length === 0 && used === undefined) return
  const request: SequenceRequest = {
    ...identity,
    count: open.length,
    ...(used === undefined ? {} : { used }),
  }
  const key =
    identity.sequence === undefined
      ? sequenceKey(table.objectId, column.id)
      : sequenceObjectKey(identity.sequence)
  let next = await context.takeNumbers(key, request)
  for (const row of open) {
    row[position] = parseColumn(table, column, next)
    next += BigInt(identity.increment)
  }
}

/** The given number that is furthest along, so that the sequence goes on after it. */
function furthest(rows: readonly GivenRow[], position: number, increment: number): bigint | undefined {
  let found: bigint | undefined
  for (const row of rows) {
    const datum = row[position]
    if (datum?.kind !== 'int') continue
    const value = BigInt(datum.value)
    if (found === undefined || (increment > 0 ? value > found : value < found)) found = value
  }
  return found
}

function nowValue(context: ModelContext, { type }: LayoutColumn): Date | string {
  const now = new Date(context.nowMs)
  return type.base === 'time' ? now.toISOString().slice(11, 23) : now
}

function randomUuid({ env }: ModelContext): string {
  const bytes = env.random.bytes(16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return asBuffer(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
