import { defined } from '@orbit-ts/base'
import type { RelationColumn } from '../../../../relation/relation.js'
import type { ClassEntry } from '../class-entry.js'
import { SUPERUSER } from '../roles.js'
import type { LoadedCatalog } from '../snapshot.js'
import { INFORMATION_SCHEMA } from './information-schema-columns.js'
import { PG_CATALOG } from './pg-catalog-columns.js'
import { informationRows } from './rows/information-rows.js'
import { systemRows } from './rows/system-rows.js'
import { SystemRelation, type SystemRows } from './system-relation.js'

/** Reads the rows of a relation of the catalog from the catalog. */
export type CatalogRows = (catalog: LoadedCatalog) => SystemRows

/** What the session knows, if anything. */
const sessionRows =
  (name: string): CatalogRows =>
  () =>
  ({ scalar }) =>
    scalar.session.systemRows?.(name) ?? []

/** The relations of `pg_catalog` and `information_schema`. What Orbit has nothing of is there, without rows. */
export function systemClasses(catalog: LoadedCatalog): ClassEntry[] {
  return [
    ...entries(catalog, 'pg_catalog', PG_CATALOG, systemRows),
    ...entries(catalog, 'information_schema', INFORMATION_SCHEMA, informationRows),
  ]
}

function entries(
  catalog: LoadedCatalog,
  schema: string,
  relations: typeof PG_CATALOG,
  rows: ReadonlyMap<string, CatalogRows>,
): ClassEntry[] {
  return Object.entries(relations).map(([name, [oid, columns]]) => ({
    schema,
    name,
    oid,
    make: () => ({
      kind: 'relation',
      owner: SUPERUSER,
      relation: new SystemRelation(
        { oid, schema, name, columns: columnsOf(catalog, columns) },
        (rows.get(name) ?? sessionRows(name))(catalog),
      ),
    }),
  }))
}

function columnsOf(catalog: LoadedCatalog, text: string): RelationColumn[] {
  return text.split(' ').map((column) => {
    const [name = '', type = ''] = column.split(':')
    const scalar = defined(catalog.registry.typeByName(type.replaceAll('"', '')), `the type ${type}`)
    return { name, type: { scalar, modifier: -1 }, isNotNull: false, hasDefault: false }
  })
}
