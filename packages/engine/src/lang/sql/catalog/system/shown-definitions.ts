/** Indexes and constraints as the statements that would make them. */
import { objectName, splitObjectName } from '../object-names.js'
import { quoteName } from '../quote-name.js'
import { shownCondition, shownKey } from '../shown-expressions.js'
import type { IndexEntry, LoadedCatalog } from '../snapshot.js'
import { describedClasses, indexColumns } from './rows/class-rows.js'
import type { DescribedConstraint } from './rows/constraint-rows.js'
import { plainText } from '../../../../scalar/value.js'

export function indexKeys(catalog: LoadedCatalog, index: IndexEntry): string[] {
  const owner = describedClasses(catalog).find(({ table }) => table === index.table)
  const definition = index.table.definition.indexes.find(({ id }) => id === index.indexId)
  return indexColumns(index).map((number, at) => {
    const expression = definition?.columns[at]?.expression
    if (expression !== undefined) return shownKey(catalog, index.table, expression.sql)
    return quoteName(owner?.columns[number - 1]?.name ?? '')
  })
}

export function indexText(catalog: LoadedCatalog, index: IndexEntry): string {
  const definition = index.table.definition.indexes.find(({ id }) => id === index.indexId)
  const { schema, name } = splitObjectName(index.table.name)
  const keys = indexKeys(catalog, index).map((key, at) => {
    const column = definition?.columns[at]
    if (column === undefined) return key
    const nullsFirst = (column.nullsLarge === true) === column.descending
    const nulls = nullsFirst === column.descending ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST'
    return `${key}${column.descending ? ' DESC' : ''}${nulls}`
  })
  const unique = (definition?.unique ?? true) ? 'UNIQUE ' : ''
  const distinct = definition?.nullsNotDistinct === true ? ' NULLS NOT DISTINCT' : ''
  const where =
    definition?.predicate === undefined
      ? ''
      : ` WHERE ${shownCondition(catalog, index.table, definition.predicate.sql)}`
  return `CREATE ${unique}INDEX ${quoteName(index.name)} ON ${quoteName(schema)}.${quoteName(name)} USING ${definition?.method ?? 'btree'} (${keys.join(', ')})${distinct}${where}`
}

const RULES: Readonly<Record<string, string>> = {
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
}

export function constraintText(catalog: LoadedCatalog, constraint: DescribedConstraint): string {
  const names = (table: DescribedConstraint['table'], numbers: readonly number[]): string =>
    numbers.map((number) => quoteName(table.definition.columns[number - 1]?.name ?? '')).join(', ')
  const { kind, table, columns, target, row } = constraint
  const deferrable =
    row['condeferrable'] === true
      ? ` DEFERRABLE${row['condeferred'] === true ? ' INITIALLY DEFERRED' : ''}`
      : ''
  if (kind === 'p') return `PRIMARY KEY (${names(table, columns)})${deferrable}`
  if (kind === 'u') return `UNIQUE (${names(table, columns)})${deferrable}`
  const notValid = row['convalidated'] === false ? ' NOT VALID' : ''
  if (kind === 'c') {
    const check = table.definition.checks.find(({ name }) => name === constraint.name)
    const text =
      check !== undefined && 'expression' in check
        ? shownCondition(catalog, table, check.expression.sql)
        : `(${JSON.stringify(check?.where)})`
    return `CHECK (${text})${notValid}`
  }
  if (target === undefined) return ''
  const parent = splitObjectName(target.table.name)
  const rule = (event: string, column: string): string => {
    const action = RULES[plainText(row[column])]
    return action === undefined ? '' : ` ON ${event} ${action}`
  }
  const isPublic = objectName(parent) === parent.name
  const parentName = isPublic
    ? quoteName(parent.name)
    : `${quoteName(parent.schema)}.${quoteName(parent.name)}`
  return `FOREIGN KEY (${names(table, columns)}) REFERENCES ${parentName}(${names(target.table, target.columns)})${rule('UPDATE', 'confupdtype')}${rule('DELETE', 'confdeltype')}${deferrable}${notValid}`
}
