/** The errors of constraints: each names the table, the constraint or column, and the values. */
import { OrbitError } from '@orbit-ts/base'
import { NULL_DATUM, type Datum } from '@orbit-ts/storage'
import { describe } from '../../../filter/filter-tree.js'
import type { IndexLayout } from '../layout/index-layout.js'
import type { RowCheck } from '../layout/row-check.js'
import type { Reference } from '../layout/reference.js'
import type { LayoutColumn, LayoutForeignKey, TableLayout } from '../layout/table-layout.js'
import { toJson } from '../schema/json-literal.js'
import type { JsonValue } from '../schema/table-input.js'
import { formatValue } from '../types/format-value.js'

const SHOWN_MAX = 80

type Row = readonly (Datum | undefined)[]

/** How violated constraints are reported: in whose words, and with which details. */
export interface Violations {
  notNull(table: TableLayout, column: LayoutColumn, row: Row): OrbitError
  check(table: TableLayout, check: RowCheck, row: Row): OrbitError
  /** @param check undefined: it does not allow nulls */
  domain(table: TableLayout, column: LayoutColumn, domain: string, check: string | undefined): OrbitError
  rowExists(table: TableLayout, row: Row): OrbitError
  unique(table: TableLayout, index: IndexLayout, row: Row): OrbitError
  /** A row refers to one that is not there. */
  missingParent(table: TableLayout, foreignKey: LayoutForeignKey, row: Row): OrbitError
  /** A key is partly null that must be so wholly or not at all. */
  partlyNull(table: TableLayout, foreignKey: LayoutForeignKey, row: Row): OrbitError
  /** A row would go, or change its key, while others refer to it. @param values of the columns referred to. */
  stillReferenced(
    reference: Reference,
    values: readonly Datum[],
    child: TableLayout,
    constraint: string,
  ): OrbitError
}

/** In the words of the typed API. */
export const modelViolations: Violations = {
  notNull,
  check: checkViolation,
  domain: domainViolation,
  rowExists,
  unique: uniqueViolation,
  missingParent,
  partlyNull: missingParent,
  stillReferenced,
}

export function typeMismatch(
  table: TableLayout,
  column: LayoutColumn,
  value: unknown,
  accepts: string,
): OrbitError {
  return new OrbitError(
    'TYPE_MISMATCH',
    `${table.what}: column "${column.name}": ${describe(value)} is not ${accepts}`,
    {
      ...table.details,
      column: column.name,
      accepts,
    },
  )
}

function notNull(table: TableLayout, column: LayoutColumn, row: Row): OrbitError {
  return new OrbitError(
    'NOT_NULL_VIOLATION',
    `${table.what}: column "${column.name}" must not be null${inRow(table, row)}`,
    {
      ...table.details,
      column: column.name,
      ...keyDetails(table, row),
    },
  )
}

function checkViolation(table: TableLayout, { name, columns }: RowCheck, row: Row): OrbitError {
  return new OrbitError(
    'CHECK_VIOLATION',
    `${table.what}: check "${name}" does not hold for ${show(columns, row)}${inRow(table, row)}`,
    { ...table.details, constraint: name, values: valuesOf(columns, row), ...keyDetails(table, row) },
  )
}

function domainViolation(
  table: TableLayout,
  { name: column }: LayoutColumn,
  domain: string,
  check: string | undefined,
): OrbitError {
  const details = { ...table.details, column, domain }
  return check === undefined
    ? new OrbitError(
        'NOT_NULL_VIOLATION',
        `${table.what}: column "${column}": the domain ${domain} does not allow null`,
        details,
      )
    : new OrbitError(
        'CHECK_VIOLATION',
        `${table.what}: column "${column}": check "${check}" of the domain ${domain} does not hold`,
        { ...details, constraint: check },
      )
}

function rowExists(table: TableLayout, row: Row): OrbitError {
  const columns = table.primaryKey ?? []
  return new OrbitError(
    'RECORD_EXISTS',
    `${table.what}: a row with the primary key ${show(columns, row)} exists already`,
    {
      ...table.details,
      constraint: table.primaryKeyName,
      ...keyDetails(table, row),
    },
  )
}

function uniqueViolation(table: TableLayout, index: IndexLayout, row: Row): OrbitError {
  return new OrbitError(
    'UNIQUE_VIOLATION',
    `${table.what}: unique index "${index.name}" has ${show(index.columns, row)} already`,
    {
      ...table.details,
      constraint: index.name,
      values: valuesOf(index.columns, row),
    },
  )
}

function missingParent(
  table: TableLayout,
  { name, columns, references }: LayoutForeignKey,
  row: Row,
): OrbitError {
  return new OrbitError(
    'FOREIGN_KEY_VIOLATION',
    `${table.what}: foreign key "${name}": ${show(columns, row)} is not in table "${references.table}"`,
    { ...table.details, constraint: name, references: references.table, values: valuesOf(columns, row) },
  )
}

function stillReferenced(
  { parent, columns }: Reference,
  values: readonly Datum[],
  child: TableLayout,
  constraint: string,
): OrbitError {
  const row: Datum[] = []
  columns.forEach(({ position }, i) => (row[position] = values[i] ?? NULL_DATUM))
  return new OrbitError(
    'FOREIGN_KEY_VIOLATION',
    `${parent.what}: the row with ${show(columns, row)} is still referred to by ${child.what} (foreign key "${constraint}")`,
    { ...parent.details, constraint, referrer: child.name, values: valuesOf(columns, row) },
  )
}

/** `a = 1, b = "x"` */
export function show(columns: readonly LayoutColumn[], row: Row): string {
  return Object.entries(valuesOf(columns, row))
    .map(([name, value]) => `${name} = ${brief(value)}`)
    .join(', ')
}

/** The values of some columns as JSON, by name. */
export function valuesOf(columns: readonly LayoutColumn[], row: Row): Record<string, JsonValue> {
  return Object.fromEntries(
    columns.map(({ name, type, position }) => {
      const datum = row[position]
      return [name, datum === undefined ? null : toJson(formatValue(type, datum))]
    }),
  )
}

function brief(value: JsonValue): string {
  const text = JSON.stringify(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

function inRow(table: TableLayout, row: Row): string {
  const columns = table.primaryKey?.filter(({ position }) => row[position] !== undefined) ?? []
  return columns.length === 0 ? '' : ` in the row with ${show(columns, row)}`
}

function keyDetails(table: TableLayout, row: Row): { readonly key?: Record<string, JsonValue> } {
  return table.primaryKey === undefined ? {} : { key: valuesOf(table.primaryKey, row) }
}
