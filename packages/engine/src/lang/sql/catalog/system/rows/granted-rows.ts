/** `table_privileges` and `column_privileges` of `information_schema`: what owners have, and what was granted. */
import type { RelationContext } from '../../../../../relation/relation.js'
import type { LoadedCatalog } from '../../snapshot.js'
import type { CatalogRows } from '../system-classes.js'
import type { SystemRow } from '../system-relation.js'
import { describedClasses, type DescribedClass } from './class-rows.js'

const TABLE = ['INSERT', 'SELECT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']
const COLUMN: ReadonlySet<string> = new Set(['INSERT', 'SELECT', 'UPDATE', 'REFERENCES'])

interface Granted {
  readonly grantor: string
  readonly grantee: string
  readonly privilege: string
  readonly isGrantable: boolean
  /** Undefined: of the whole. */
  readonly column: string | undefined
}

function* grantedOn(catalog: LoadedCatalog, { oid, owner }: DescribedClass): Generator<Granted> {
  for (const privilege of TABLE)
    yield { grantor: owner, grantee: owner, privilege, isGrantable: true, column: undefined }
  for (const { grantee, grantor, privileges, column } of catalog.facts(oid)?.grants ?? []) {
    if (grantee === owner) continue
    for (const [privilege, isGrantable] of Object.entries(privileges)) {
      const name = grantee === '' ? 'PUBLIC' : grantee
      yield { grantor, grantee: name, privilege: privilege.toUpperCase(), isGrantable, column }
    }
  }
}

function rowOf({ scalar }: RelationContext, { schema, name }: DescribedClass, granted: Granted): SystemRow {
  return {
    grantor: granted.grantor,
    grantee: granted.grantee,
    table_catalog: scalar.session.database,
    table_schema: schema,
    table_name: name,
    privilege_type: granted.privilege,
    is_grantable: granted.isGrantable ? 'YES' : 'NO',
  }
}

const ownClasses = (catalog: LoadedCatalog): DescribedClass[] =>
  describedClasses(catalog).filter(
    ({ relkind, isSystem }) => !isSystem && (relkind === 'r' || relkind === 'v'),
  )

export const tablePrivilegeRows: CatalogRows = (catalog) =>
  function* (context) {
    for (const each of ownClasses(catalog)) {
      for (const granted of grantedOn(catalog, each)) {
        if (granted.column !== undefined) continue
        yield {
          ...rowOf(context, each, granted),
          with_hierarchy: granted.privilege === 'SELECT' ? 'YES' : 'NO',
        }
      }
    }
  }

export const columnPrivilegeRows: CatalogRows = (catalog) =>
  function* (context) {
    for (const each of ownClasses(catalog)) {
      for (const granted of grantedOn(catalog, each)) {
        if (!COLUMN.has(granted.privilege)) continue
        for (const { name } of each.columns) {
          if (granted.column === undefined || granted.column === name)
            yield { ...rowOf(context, each, granted), column_name: name }
        }
      }
    }
  }
