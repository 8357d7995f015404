/** Rows and changes that users give, as datums: checked for columns, types, NOT NULL and CHECK before anything is written. */
import { OrbitError } from '@orbit-ts/base'
import { NULL_DATUM, type Datum } from '@orbit-ts/storage'
import { describe, isPlainObject } from '../../../filter/filter-tree.js'
import { toJsonValue } from '../../../record/json-value.js'
import type { LayoutColumn, TableLayout } from '../layout/table-layout.js'
import { parseValue } from '../types/parse-value.js'
import { typeMismatch, type Violations } from './violations.js'

/** By position; undefined where nothing was given. */
export type GivenRow = (Datum | undefined)[]

/** The values given for a row or a change. @throws INVALID_ARGUMENT, TYPE_MISMATCH */
export function parseGiven(table: TableLayout, given: unknown, what: string): GivenRow {
  if (!isPlainObject(given)) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${table.what}: ${what} is ${describe(given)}; it must be an object of columns and values`,
      {
        ...table.details,
      },
    )
  }
  const row = new Array<Datum | undefined>(table.columns.length).fill(undefined)
  for (const name of Object.keys(given)) {
    const value = given[name]
    const column = table.column(name)
    if (value !== undefined) row[column.position] = parseColumn(table, givable(table, column), value)
  }
  return row
}

/** @throws INVALID_ARGUMENT for a column whose values are never given. */
function givable(table: TableLayout, column: LayoutColumn): LayoutColumn {
  if (column.generated === undefined) return column
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${table.what}: column "${column.name}" is computed from other columns; leave it out`,
    { ...table.details, column: column.name },
  )
}

export function parseColumn(table: TableLayout, column: LayoutColumn, value: unknown): Datum {
  const datum = parseValue(column.type, value)
  const isJson = column.type.base === 'json' || column.type.base === 'jsonb'
  // Says what is wrong with which part of it.
  if (datum.kind === 'mismatch' && isJson) toJsonValue(value, `${table.what}: column "${column.name}"`)
  if (datum.kind === 'mismatch') throw typeMismatch(table, column, value, datum.accepts)
  return datum
}

/** The datums of a primary key, by position of its columns in rows. @throws INVALID_ARGUMENT, TYPE_MISMATCH */
export function parseKey(table: TableLayout, key: unknown): Datum[] {
  const columns = table.primaryKey
  if (columns === undefined) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${table.what} has no primary key: address its rows with a filter`,
      { ...table.details },
    )
  }
  const [only] = columns
  const parts: GivenRow =
    columns.length === 1 && only !== undefined && !isKeyObject(only, key)
      ? []
      : parseGiven(table, key, 'a key')
  if (parts.length === 0 && only !== undefined) parts[only.position] = parseColumn(table, only, key)
  const row = new Array<Datum>(table.columns.length).fill(NULL_DATUM)
  for (const column of columns) {
    const datum = parts[column.position]
    if (datum === undefined || datum.kind === 'null') {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `${table.what}: the key ${describe(key)} has no value for column "${column.name}"`,
        {
          ...table.details,
          column: column.name,
        },
      )
    }
    row[column.position] = datum
  }
  const extra = table.columns.find(
    (column) => parts[column.position] !== undefined && !columns.includes(column),
  )
  if (extra !== undefined) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${table.what}: column "${extra.name}" is not part of the primary key`,
      {
        ...table.details,
        column: extra.name,
      },
    )
  }
  return row
}

/** A key of one column may be written as an object too, as keys of several are. */
function isKeyObject(column: LayoutColumn, key: unknown): boolean {
  return isPlainObject(key) && Object.keys(key).join() === column.name
}

/** @throws NOT_NULL_VIOLATION, CHECK_VIOLATION */
export function checkRow(
  table: TableLayout,
  row: readonly Datum[],
  violations: Pick<Violations, 'notNull' | 'check' | 'domain'>,
): void {
  for (const { column, domain, checks } of table.domains) {
    const datum = row[column.position] ?? NULL_DATUM
    if (domain.notNull === true && datum.kind === 'null')
      throw violations.domain(table, column, domain.name, undefined)
    const failed = checks.find((check) => check.isViolated([datum]))
    if (failed !== undefined) throw violations.domain(table, column, domain.name, failed.name)
  }
  for (const column of table.columns) {
    if (column.notNull && row[column.position]?.kind === 'null') throw violations.notNull(table, column, row)
  }
  for (const check of table.checks) {
    if (check.isViolated(row)) throw violations.check(table, check, row)
  }
}
