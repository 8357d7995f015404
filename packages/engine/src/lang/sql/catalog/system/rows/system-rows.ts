/** The rows of the relations of `pg_catalog` that Orbit has something of. */
import { sequenceState } from '../../../../../relation/sequence-numbers.js'
import type { SequenceValue } from '../../records.js'
import { SqlArray } from '../../../../../scalar/array/sql-array.js'
import { operatorClassRows, operatorFamilyRows } from './operator-classes.js'
import { EXTENSIONS, FIXED_EXTENSIONS } from '../../../ddl/other/available-extensions.js'
import { SYSTEM_OIDS, objectOid } from '../../oids.js'
import { quoteName } from '../../quote-name.js'
import type { Value } from '../../../../../scalar/value.js'
import type { LoadedCatalog } from '../../snapshot.js'
import type { CatalogRows } from '../system-classes.js'
import { givenComments } from '../given-comments.js'
import { indexText } from '../shown-definitions.js'
import type { SystemRow } from '../system-relation.js'
import {
  attributeRows,
  classRows,
  classOfTable,
  describedClasses,
  indexEntries,
  roleOid,
  schemaOid,
} from './class-rows.js'
import { accessList, defaultAccessList } from './access-list.js'
import { attributeDefaultRows, constraintRows, describedConstraints, indexRows } from './constraint-rows.js'
import { dependRows, fixedExtensions, rewriteRows } from './depend-rows.js'
import {
  aggregateRows,
  castRows,
  enumRows,
  functionRows,
  operatorRows,
  rangeRows,
  typeRows,
} from './type-rows.js'
import { zoneAbbreviationRows, zoneNameRows } from './zone-rows.js'

const UTF8 = 6

const namespaceRows: CatalogRows = (catalog) => () =>
  catalog.schemas().map(({ oid, name, owner }) => ({
    oid,
    nspname: name,
    nspowner: roleOid(catalog, owner),
    nspacl: schemaAccess(catalog, oid, owner),
  }))

/** Everybody may use `public`, which a list of what was granted on it says too. */
function schemaAccess(catalog: LoadedCatalog, oid: number, owner: string): Value {
  const isPublic = oid === SYSTEM_OIDS.public
  return accessList(catalog, oid, owner, 'schema', isPublic ? [`=U/${quoteName(owner)}`] : undefined)
}

const databaseRows: CatalogRows =
  (catalog) =>
  ({ scalar }) => [
    {
      oid: SYSTEM_OIDS.database,
      datname: scalar.session.database,
      datdba: SYSTEM_OIDS.superuser,
      encoding: UTF8,
      datlocprovider: 'c',
      datistemplate: false,
      datallowconn: true,
      datconnlimit: -1,
      datfrozenxid: 0,
      datminmxid: 0,
      dattablespace: SYSTEM_OIDS.defaultTablespace,
      datcollate: 'C',
      datctype: 'C',
      datacl: accessList(catalog, SYSTEM_OIDS.database, 'orbit', 'database', undefined),
    },
  ]

/** @param showsPasswords what of them is kept, which only superusers may read */
function roles(prefix: string, showsPasswords = false): CatalogRows {
  return (catalog) => () =>
    catalog.roleEntries.map(({ role, value }) => ({
      oid: role.oid,
      usesysid: role.oid,
      [`${prefix}name`]: role.name,
      [`${prefix}super`]: role.isSuperuser,
      rolinherit: role.inherits,
      rolcreaterole: role.canCreateRole,
      rolcreatedb: role.canCreateDatabase,
      usecreatedb: role.canCreateDatabase,
      rolcanlogin: role.canLogin,
      rolreplication: value.isReplication,
      userepl: value.isReplication,
      rolbypassrls: value.bypassesRowSecurity,
      usebypassrls: value.bypassesRowSecurity,
      rolconnlimit: role.connectionLimit,
      rolvaliduntil: role.validUntilMicros ?? null,
      valuntil: role.validUntilMicros ?? null,
      rolpassword: showsPasswords ? (value.verifier ?? null) : '********',
      passwd: showsPasswords ? (value.verifier ?? null) : '********',
    }))
}

const memberRows: CatalogRows = (catalog) =>
  function* () {
    for (const { role, value } of catalog.roleEntries) {
      for (const { role: group, withAdmin, grantor } of value.memberOf)
        yield {
          roleid: roleOid(catalog, group),
          member: role.oid,
          grantor: roleOid(catalog, grantor),
          admin_option: withAdmin,
        }
    }
  }

/** Roles that cannot log in, with their members. */
const groupRows: CatalogRows = (catalog) => () =>
  catalog.roleEntries
    .filter(({ role }) => !role.canLogin)
    .map(({ role }) => ({
      groname: role.name,
      grosysid: role.oid,
      grolist: new SqlArray(
        catalog.roleEntries
          .filter(({ value }) => value.memberOf.some((each) => each.role === role.name))
          .map((member) => member.role.oid),
      ),
    }))

const tableRows: CatalogRows = (catalog) => () =>
  describedClasses(catalog)
    .filter(({ relkind }) => relkind === 'r')
    .map(({ schema, name, owner, table }) => ({
      schemaname: schema,
      tablename: name,
      tableowner: owner,
      hasindexes:
        table !== undefined &&
        (table.definition.primaryKey !== undefined || table.definition.indexes.length > 0),
      hasrules: false,
      hastriggers: (table?.definition.foreignKeys.length ?? 0) > 0,
      rowsecurity: false,
    }))

const viewRows: CatalogRows = (catalog) => () =>
  catalog.views
    .filter(({ value }) => value.storage === undefined)
    .map(({ id, value }) => ({
      schemaname: value.schema,
      viewname: value.name,
      viewowner: catalog.facts(objectOid(id))?.owner ?? value.owner,
      definition: value.query,
    }))

const indexViewRows: CatalogRows = (catalog) =>
  function* () {
    for (const index of indexEntries(catalog)) {
      const owner = classOfTable(catalog, index.table)
      yield {
        schemaname: index.schema,
        tablename: owner?.name ?? '',
        indexname: index.name,
        indexdef: indexText(catalog, index),
      }
    }
  }

const sequenceRows: CatalogRows = (catalog) => () =>
  catalog.sequences.map(({ id, value }) => ({
    seqrelid: objectOid(id),
    seqtypid: catalog.registry.typeByName(value.type)?.oid ?? 0,
    seqstart: Number(value.start),
    seqincrement: Number(value.increment),
    seqmax: big(value.max),
    seqmin: big(value.min),
    seqcache: value.cache,
    seqcycle: value.cycle,
  }))

const sequenceViewRows: CatalogRows = (catalog) => async (context) => {
  const rows: SystemRow[] = []
  for (const { id, value } of catalog.sequences) {
    const facts = catalog.sequenceFacts(id)
    const state = facts === undefined ? undefined : await sequenceState(context.models, facts)
    const last = state?.isCalled === true ? big(String(state.lastValue)) : null
    rows.push({ ...sequenceViewRow(catalog, id, value), last_value: last })
  }
  return rows
}

function sequenceViewRow(catalog: LoadedCatalog, id: number, value: SequenceValue): SystemRow {
  return {
    schemaname: value.schema,
    sequencename: value.name,
    sequenceowner: catalog.facts(objectOid(id))?.owner ?? value.owner,
    data_type: catalog.registry.typeByName(value.type)?.oid ?? 0,
    start_value: big(value.start),
    min_value: big(value.min),
    max_value: big(value.max),
    increment_by: big(value.increment),
    cycle: value.cycle,
    cache_size: value.cache,
  }
}

function big(text: string): number | bigint {
  const value = BigInt(text)
  return Number.isSafeInteger(Number(text)) ? Number(text) : value
}

const descriptionRows: CatalogRows = (catalog) =>
  function* () {
    yield* givenComments(catalog)
    for (const { oid, isSystem } of describedClasses(catalog)) {
      if (isSystem) continue
      yield* comments(catalog, oid, 1259)
      for (const [number, text] of catalog.columnComments(oid))
        yield { objoid: oid, classoid: 1259, objsubid: number, description: text }
    }
    for (const { oid } of describedConstraints(catalog)) yield* comments(catalog, oid, 2606)
    for (const { id } of catalog.typeRecords) yield* comments(catalog, objectOid(id), 1247)
    for (const { oid } of catalog.schemas()) yield* comments(catalog, oid, 2615)
    for (const { oid } of indexEntries(catalog)) yield* comments(catalog, oid, 1259)
  }

function* comments(catalog: LoadedCatalog, oid: number, classoid: number): Generator<SystemRow> {
  const comment = catalog.facts(oid)?.comment
  if (comment !== undefined) yield { objoid: oid, classoid, objsubid: 0, description: comment }
}

const DEFAULT_LETTERS = { table: 'r', sequence: 'S', schema: 'n' } as const

const defaultAccessRows: CatalogRows = (catalog) => () =>
  catalog.defaultPrivileges.map(({ id, value }) => ({
    oid: objectOid(id),
    defaclrole: roleOid(catalog, value.role),
    defaclnamespace: value.schema === '' ? 0 : schemaOid(catalog, value.schema),
    defaclobjtype: DEFAULT_LETTERS[value.kind],
    defaclacl: defaultAccessList(value),
  }))

/** Who reads what is not counted. */
const indexUsageRows: CatalogRows = (catalog) =>
  function* () {
    for (const index of indexEntries(catalog)) {
      const owner = classOfTable(catalog, index.table)
      yield {
        relid: owner?.oid ?? 0,
        indexrelid: index.oid,
        schemaname: index.schema,
        relname: owner?.name ?? '',
        indexrelname: index.name,
      }
    }
  }

const tableUsageRows: CatalogRows = (catalog) => () =>
  describedClasses(catalog)
    .filter(({ relkind, isSystem }) => !isSystem && (relkind === 'r' || relkind === 'm'))
    .map(({ oid, schema, name }) => ({ relid: oid, schemaname: schema, relname: name }))

const fixed =
  (...rows: SystemRow[]): CatalogRows =>
  () =>
  () =>
    rows

const extensionRows: CatalogRows = (catalog) => () => [
  ...fixedExtensions,
  ...catalog.extensions.map(({ id, name, value }) => ({
    oid: objectOid(id),
    extname: name,
    extowner: 10,
    extnamespace: catalog.schema(value.schema)?.oid ?? SYSTEM_OIDS.public,
    extrelocatable: true,
    extversion: value.version,
  })),
]

/** @param version the column that says which can be made */
function availableRows(version: string): CatalogRows {
  return (catalog) => () =>
    Object.entries(EXTENSIONS).map(([name, facts]) => {
      const installed = FIXED_EXTENSIONS.has(name) ? facts.version : catalog.extension(name)?.version
      return {
        name,
        [version]: facts.version,
        installed_version: installed ?? null,
        installed: installed === facts.version,
        superuser: true,
        trusted: false,
        relocatable: !FIXED_EXTENSIONS.has(name),
        comment: facts.comment,
      }
    })
}

const collation = (oid: number, name: string, provider: string): SystemRow => ({
  oid,
  collname: name,
  collnamespace: 11,
  collowner: 10,
  collprovider: provider,
  collisdeterministic: true,
  collencoding: -1,
  collcollate: name === 'default' ? null : name,
  collctype: name === 'default' ? null : name,
})

export const systemRows: ReadonlyMap<string, CatalogRows> = new Map([
  ['pg_namespace', namespaceRows],
  ['pg_class', classRows],
  ['pg_attribute', attributeRows],
  ['pg_attrdef', attributeDefaultRows],
  ['pg_type', typeRows],
  ['pg_enum', enumRows],
  ['pg_proc', functionRows],
  ['pg_aggregate', aggregateRows],
  ['pg_range', rangeRows],
  ['pg_operator', operatorRows],
  ['pg_timezone_names', zoneNameRows],
  ['pg_timezone_abbrevs', zoneAbbreviationRows],
  ['pg_cast', castRows],
  ['pg_index', indexRows],
  ['pg_constraint', constraintRows],
  ['pg_description', descriptionRows],
  ['pg_default_acl', defaultAccessRows],
  ['pg_depend', dependRows],
  ['pg_rewrite', rewriteRows],
  ['pg_database', databaseRows],
  ['pg_roles', roles('rol')],
  ['pg_authid', roles('rol', true)],
  ['pg_user', roles('use')],
  ['pg_shadow', roles('use', true)],
  ['pg_group', groupRows],
  ['pg_auth_members', memberRows],
  ['pg_tables', tableRows],
  ['pg_views', viewRows],
  ['pg_indexes', indexViewRows],
  ['pg_sequence', sequenceRows],
  ['pg_sequences', sequenceViewRows],
  ['pg_extension', extensionRows],
  ['pg_available_extensions', availableRows('default_version')],
  ['pg_available_extension_versions', availableRows('version')],
  ['pg_stat_all_indexes', indexUsageRows],
  ['pg_stat_user_indexes', indexUsageRows],
  ['pg_stat_all_tables', tableUsageRows],
  ['pg_stat_user_tables', tableUsageRows],
  ['pg_opclass', operatorClassRows],
  ['pg_opfamily', operatorFamilyRows],
  [
    'pg_am',
    fixed(
      { oid: 2, amname: 'heap', amhandler: 3, amtype: 't' },
      { oid: 403, amname: 'btree', amhandler: 330, amtype: 'i' },
    ),
  ],
  [
    'pg_language',
    fixed(
      { oid: 12, lanname: 'internal', lanowner: 10, lanispl: false, lanpltrusted: false },
      { oid: 14, lanname: 'sql', lanowner: 10, lanispl: false, lanpltrusted: true },
    ),
  ],
  [
    'pg_tablespace',
    fixed(
      { oid: 1663, spcname: 'pg_default', spcowner: 10 },
      { oid: 1664, spcname: 'pg_global', spcowner: 10 },
    ),
  ],
  [
    'pg_collation',
    fixed(collation(100, 'default', 'd'), collation(950, 'C', 'c'), collation(951, 'POSIX', 'c')),
  ],
])
