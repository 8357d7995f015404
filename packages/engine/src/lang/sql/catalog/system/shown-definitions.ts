/** Indexes and constraints as the statements that would make them. */
import { splitObjectName } from '../object-names.js'
import { objectOid } from '../oids.js'
import { quoteName } from '../quote-name.js'
import { filterText } from '../filter-text.js'
import { shownCondition, shownKey, type Manner } from '../shown-expressions.js'
import type { IndexEntry, LoadedCatalog, TableObject } from '../snapshot.js'
import type { CheckDefinition } from '../../../../models/relational/schema/table-definition.js'
import { classOfTable, includedColumns, indexColumns } from './rows/class-rows.js'
import type { DescribedConstraint } from './rows/constraint-rows.js'
import { plainText } from '../../../../scalar/value.js'

export function indexKeys(catalog: LoadedCatalog, index: IndexEntry, manner: Manner = {}): string[] {
  const owner = classOfTable(catalog, index.table)
  const definition = index.table.definition.indexes.find(({ id }) => id === index.indexId)
  return [...indexColumns(index), ...includedColumns(index)].map((number, at) => {
    const expression = definition?.columns[at]?.expression
    if (expression !== undefined) return shownKey(catalog, index.table, expression.sql, manner)
    return quoteName(owner?.columns[number - 1]?.name ?? '')
  })
}

export function indexText(catalog: LoadedCatalog, index: IndexEntry, manner: Manner = {}): string {
  const definition = index.table.definition.indexes.find(({ id }) => id === index.indexId)
  const owner = classOfTable(catalog, index.table)
  const { schema, name } = owner ?? splitObjectName(index.table.name)
  const all = indexKeys(catalog, index, manner)
  const keys = all.slice(0, indexColumns(index).length).map((key, at) => {
    const column = definition?.columns[at]
    if (column === undefined) return key
    const nullsFirst = (column.nullsLarge === true) === column.descending
    const nulls = nullsFirst === column.descending ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST'
    return `${key}${column.descending ? ' DESC' : ''}${nulls}`
  })
  const included = all.slice(keys.length)
  const include = included.length === 0 ? '' : ` INCLUDE (${included.join(', ')})`
  const full = `${quoteName(schema)}.${quoteName(name)}`
  const table =
    manner.isPretty === true && owner !== undefined
      ? (catalog.nameOf('class', owner.oid, manner.searchPath) ?? full)
      : full
  const unique = (definition?.unique ?? true) ? 'UNIQUE ' : ''
  const distinct = definition?.nullsNotDistinct === true ? ' NULLS NOT DISTINCT' : ''
  const predicate = indexPredicate(catalog, index, manner)
  const where = predicate === undefined ? '' : ` WHERE ${predicate}`
  return `CREATE ${unique}INDEX ${quoteName(index.name)} ON ${table} USING ${definition?.method ?? 'btree'} (${keys.join(', ')})${include}${distinct}${where}`
}

/** What a partial index is of; undefined for others. */
export function indexPredicate(
  catalog: LoadedCatalog,
  { table, indexId }: IndexEntry,
  manner: Manner = {},
): string | undefined {
  const definition = table.definition.indexes.find(({ id }) => id === indexId)
  const sql =
    definition?.predicate?.sql ??
    (definition?.where === undefined ? undefined : filterText(table, definition.where))
  return sql === undefined ? undefined : shownCondition(catalog, table, sql, manner)
}

const RULES: Readonly<Record<string, string>> = {
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
}

/** A check in SQL, whichever way it was declared. */
export function checkText(table: TableObject, check: CheckDefinition): string {
  return 'expression' in check ? check.expression.sql : filterText(table, check.where)
}

export function constraintText(
  catalog: LoadedCatalog,
  constraint: DescribedConstraint,
  manner: Manner = {},
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
    if (check === undefined) return ''
    const noInherit = 'noInherit' in check && check.noInherit ? ' NO INHERIT' : ''
    return `CHECK (${shownCondition(catalog, table, checkText(table, check), manner)})${noInherit}${notValid}`
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
  const parentName =
    catalog.nameOf('class', objectOid(target.table.id), manner.searchPath) ??
    `${quoteName(parent.schema)}.${quoteName(parent.name)}`
  return `FOREIGN KEY (${names(table, columns)}) REFERENCES ${parentName}(${names(target.table, target.columns)})${match}${rule('UPDATE', 'confupdtype')}${rule('DELETE', 'confdeltype')}${setColumns}${deferrable}${notValid}`
}
