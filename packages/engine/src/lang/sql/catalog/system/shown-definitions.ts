/** Indexes and constraints as the statements that would make them. */
import { DEFAULT_SCHEMA, objectName, splitObjectName } from '../object-names.js'
import { quoteName } from '../quote-name.js'
import { shownCondition, shownKey } from '../shown-expressions.js'
import type { IndexEntry, LoadedCatalog } from '../snapshot.js'
import { classOfTable, includedColumns, indexColumns } from './rows/class-rows.js'
import type { DescribedConstraint } from './rows/constraint-rows.js'
import { plainText } from '../../../../scalar/value.js'

export function indexKeys(catalog: LoadedCatalog, index: IndexEntry, isPretty = false): string[] {
  const owner = classOfTable(catalog, index.table)
  const definition = index.table.definition.indexes.find(({ id }) => id === index.indexId)
  return [...indexColumns(index), ...includedColumns(index)].map((number, at) => {
    const expression = definition?.columns[at]?.expression
    if (expression !== undefined) return shownKey(catalog, index.table, expression.sql, isPretty)
    return quoteName(owner?.columns[number - 1]?.name ?? '')
  })
}

export function indexText(catalog: LoadedCatalog, index: IndexEntry, isPretty = false): string {
  const definition = index.table.definition.indexes.find(({ id }) => id === index.indexId)
  const { schema, name } = classOfTable(catalog, index.table) ?? splitObjectName(index.table.name)
  const all = indexKeys(catalog, index, isPretty)
  const keys = all.slice(0, indexColumns(index).length).map((key, at) => {
    const column = definition?.columns[at]
    if (column === undefined) return key
    const nullsFirst = (column.nullsLarge === true) === column.descending
    const nulls = nullsFirst === column.descending ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST'
    return `${key}${column.descending ? ' DESC' : ''}${nulls}`
  })
  const included = all.slice(keys.length)
  const include = included.length === 0 ? '' : ` INCLUDE (${included.join(', ')})`
  const isBare = isPretty && schema === DEFAULT_SCHEMA
  const table = isBare ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`
  const unique = (definition?.unique ?? true) ? 'UNIQUE ' : ''
  const distinct = definition?.nullsNotDistinct === true ? ' NULLS NOT DISTINCT' : ''
  const where =
    definition?.predicate === undefined
      ? ''
      : ` WHERE ${shownCondition(catalog, index.table, definition.predicate.sql, isPretty)}`
  return `CREATE ${unique}INDEX ${quoteName(index.name)} ON ${table} USING ${definition?.method ?? 'btree'} (${keys.join(', ')})${include}${distinct}${where}`
}

const RULES: Readonly<Record<string, string>> = {
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
}

export function constraintText(
  catalog: LoadedCatalog,
  constraint: DescribedConstraint,
  isPretty = false,
): string {
  const names = (table: DescribedConstraint['table'], numbers: readonly number[]): string =>
    numbers.map((number) => quoteName(table.definition.columns[number - 1]?.name ?? '')).join(', ')
  const { kind, table, columns, target, row } = constraint
  const deferrable =
    row['condeferrable'] === true
      ? ` DEFERRABLE${row['condeferred'] === true ? ' INITIALLY DEFERRED' : ''}`
      : ''
  if (kind === 'p' || kind === 'u') {
    const included = constraint.index === undefined ? [] : includedColumns(constraint.index)
    const include = included.length === 0 ? '' : ` INCLUDE (${names(table, included)})`
    return `${kind === 'p' ? 'PRIMARY KEY' : 'UNIQUE'} (${names(table, columns)})${include}${deferrable}`
  }
  const notValid = row['convalidated'] === false ? ' NOT VALID' : ''
  if (kind === 'c') {
    const check = table.definition.checks.find(({ name }) => name === constraint.name)
    const text =
      check !== undefined && 'expression' in check
        ? shownCondition(catalog, table, check.expression.sql, isPretty)
        : `(${JSON.stringify(check?.where)})`
    return `CHECK (${text})${notValid}`
  }
  if (target === undefined) return ''
  const parent = splitObjectName(target.table.name)
  const key = table.definition.foreignKeys.find(({ name }) => name === constraint.name)
  const setColumns =
    key?.onDeleteColumns === undefined
      ? ''
      : ` (${key.onDeleteColumns.map((id) => quoteName(table.definition.columns.find((column) => column.id === id)?.name ?? '')).join(', ')})`
  const match = row['confmatchtype'] === 'f' ? ' MATCH FULL' : ''
  const rule = (event: string, column: string): string => {
    const action = RULES[plainText(row[column])]
    return action === undefined ? '' : ` ON ${event} ${action}`
  }
  const isPublic = objectName(parent) === parent.name
  const parentName = isPublic
    ? quoteName(parent.name)
    : `${quoteName(parent.schema)}.${quoteName(parent.name)}`
  return `FOREIGN KEY (${names(table, columns)}) REFERENCES ${parentName}(${names(target.table, target.columns)})${match}${rule('UPDATE', 'confupdtype')}${rule('DELETE', 'confdeltype')}${setColumns}${deferrable}${notValid}`
}
