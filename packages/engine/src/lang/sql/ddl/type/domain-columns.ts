/** Columns of domains that change. */
import { NULL_DATUM, relationalKeys, type Datum } from '@orbit-ts/storage'
import type { ColumnDomain } from '../../../../models/relational/layout/table-layout.js'
import { TableReader } from '../../../../models/relational/read/table-reader.js'
import type { ColumnDefinition } from '../../../../models/relational/schema/table-definition.js'
import { queryError } from '../../../../scalar/condition.js'
import { splitObjectName } from '../../catalog/object-names.js'
import { objectIdOf } from '../../catalog/oids.js'
import type { LoadedCatalog, TableObject } from '../../catalog/snapshot.js'
import type { DefinitionContext } from '../definition-context.js'
import { domainDefinition } from '../table/stored-column-type.js'

/** What a domain did not demand before. */
export type NewDemand = { readonly kind: 'not null' } | { readonly kind: 'check'; readonly name: string }

/** Tables hold what the domains of their columns demand: it changes with the domains. */
export async function followDomains(ddl: DefinitionContext): Promise<void> {
  for (const table of ddl.catalog.tables) {
    const columns = table.definition.columns.map((column) => followed(ddl.catalog, column))
    if (columns.some((column, i) => column !== table.definition.columns[i]))
      await ddl.changeTable(table, { ...table.definition, columns })
  }
}

function followed({ types }: LoadedCatalog, column: ColumnDefinition): ColumnDefinition {
  const domain = column.domain === undefined ? undefined : types.domain(column.domain.id)
  if (domain === undefined) return column
  const now = domainDefinition(domain)
  return JSON.stringify(now) === JSON.stringify(column.domain) ? column : { ...column, domain: now }
}

/** @throws check_violation, not_null_violation for a value that is there already */
export async function checkDomainValues(
  ddl: DefinitionContext,
  domain: number,
  demand: NewDemand,
): Promise<void> {
  const ids = withDerived(ddl.catalog, domain)
  const isAffected = ({ domain: own }: ColumnDefinition): boolean => own !== undefined && ids.has(own.id)
  for (const table of ddl.catalog.tables)
    if (table.definition.columns.some(isAffected)) await checkTable(ddl, table, ids, demand)
}

/** The domain and those made of it. */
function withDerived({ typeRecords }: LoadedCatalog, domain: number): ReadonlySet<number> {
  const ids = new Set([domain])
  for (let before = 0; before < ids.size;) {
    before = ids.size
    for (const { id, value } of typeRecords)
      if (value.form.kind === 'domain' && ids.has(objectIdOf(value.form.base.oid) ?? 0)) ids.add(id)
  }
  return ids
}

async function checkTable(
  ddl: DefinitionContext,
  table: TableObject,
  ids: ReadonlySet<number>,
  demand: NewDemand,
): Promise<void> {
  const layout = await ddl.tables(table).layoutOf(table)
  const affected = layout.domains.filter(({ domain }) => ids.has(domain.id))
  const reader = new TableReader(ddl.context.storage, layout)
  for await (const rows of reader.scanRows(relationalKeys.rows(layout.id))) {
    for (const { datums } of rows) {
      for (const each of affected) {
        if (isMet(each, datums[each.column.position] ?? NULL_DATUM, demand)) continue
        throw inTheWay(table, each.column.name, demand)
      }
    }
  }
}

function isMet({ checks }: ColumnDomain, datum: Datum, demand: NewDemand): boolean {
  if (demand.kind === 'not null') return datum.kind !== 'null'
  const check = checks.find(({ name }) => name === demand.name)
  return check?.isViolated([datum]) !== true
}

function inTheWay({ name }: TableObject, column: string, demand: NewDemand): Error {
  const { schema, name: table } = splitObjectName(name)
  const fields = { schema, table, column }
  return demand.kind === 'not null'
    ? queryError('not_null_violation', `column "${column}" of table "${table}" contains null values`, fields)
    : queryError(
        'check_violation',
        `column "${column}" of table "${table}" contains values that violate the new constraint`,
        fields,
      )
}
