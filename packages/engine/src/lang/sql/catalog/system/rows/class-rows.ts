import { parseColumnType } from '../../../../../models/relational/types/column-type.js'
import { keyType } from '../../../../../relation/table-types.js'
import { objectIdOf, objectOid, rowTypeOid } from '../../oids.js'
import type { CatalogClass } from '../../../catalog-snapshot.js'
import type { DataType } from '../../../../../scalar/data-type.js'
import type { TableDefinition } from '../../../../../models/relational/schema/table-definition.js'
import type { IndexEntry, LoadedCatalog, TableObject } from '../../snapshot.js'
import type { SystemRow } from '../system-relation.js'
import { SqlArray } from '../../../../../scalar/array/sql-array.js'
import { oncePerCatalog } from '../once-per-catalog.js'
import type { CatalogRows } from '../system-classes.js'
import { accessList, columnAccessList } from './access-list.js'
import { AM_BTREE } from './operator-classes.js'

/** A class with its columns, whatever it is. */
export interface DescribedClass {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly owner: string
  /** `r` table, `v` view, `m` materialized view, `S` sequence, `c` composite type. */
  readonly relkind: string
  readonly isSystem: boolean
  readonly columns: readonly DescribedColumn[]
  readonly table: TableObject | undefined
  /** Of a materialized view that holds no rows yet. */
  readonly isUnpopulated?: boolean
  readonly options?: readonly string[]
}

export interface DescribedColumn {
  readonly name: string
  readonly type: DataType
  readonly isNotNull: boolean
  readonly hasDefault: boolean
  readonly identity: '' | 'a' | 'd'
  readonly isGenerated: boolean
}

/** Every class but indexes. */
export const describedClasses = oncePerCatalog((catalog): readonly DescribedClass[] => [
  ...[...catalog.classes()].map((each) => describe(catalog, each)),
  ...describedTypes(catalog),
])

const byOid = oncePerCatalog(
  (catalog): ReadonlyMap<number, DescribedClass> =>
    new Map(describedClasses(catalog).map((each) => [each.oid, each])),
)

export function describedClass(catalog: LoadedCatalog, oid: number): DescribedClass | undefined {
  return byOid(catalog).get(oid)
}

/** Materialized views, by the tables that keep their rows. */
const viewsByStorage = oncePerCatalog(
  (catalog): ReadonlyMap<string, number> =>
    new Map(
      catalog.views.flatMap(({ id, value: { storage } }) =>
        storage === undefined ? [] : [[storage, id] as const],
      ),
    ),
)

/** The class that a table is, or the materialized view whose rows it keeps. */
export function classOfTable(catalog: LoadedCatalog, { id, name }: TableObject): DescribedClass | undefined {
  return byOid(catalog).get(objectOid(viewsByStorage(catalog).get(name) ?? id))
}

/** Classes that have indexes, by oid. */
const indexedClasses = oncePerCatalog(
  (catalog): ReadonlySet<number> =>
    new Set(indexEntries(catalog).flatMap(({ table }) => classOfTable(catalog, table)?.oid ?? [])),
)

function describe(catalog: LoadedCatalog, found: CatalogClass): DescribedClass {
  if (found.kind === 'relation') {
    const { relation, owner } = found
    const table = relation.kind === 'table' ? tableOf(catalog, relation.oid) : undefined
    const isMaterialized = relation.kind === 'table' && table === undefined
    const isView = relation.kind === 'catalog' && isSystemView(relation)
    return {
      oid: relation.oid,
      schema: relation.schema,
      name: relation.name,
      owner,
      relkind: isMaterialized ? 'm' : isView ? 'v' : 'r',
      isSystem: relation.kind === 'catalog',
      isUnpopulated: found.materialized?.isPopulated === false,
      table,
      columns: relation.columns.map((column) => ({
        name: column.name,
        type: column.type,
        isNotNull: column.isNotNull,
        hasDefault: column.hasDefault,
        identity: identityOf(column.generated),
        isGenerated: column.generated === 'stored',
      })),
    }
  }
  const plain = { isNotNull: false, hasDefault: false, identity: '', isGenerated: false } as const
  const { oid, schema, name, owner } = found
  const base = { oid, schema, name, owner, isSystem: false, table: undefined }
  if (found.kind === 'view')
    return {
      ...base,
      relkind: found.isMaterialized ? 'm' : 'v',
      ...optionsOf(catalog, oid, found.checkOption),
      columns: found.columns.map((column) => ({ ...column, ...plain })),
    }
  const { registry } = catalog
  const columns = [
    ['last_value', 'int8'],
    ['log_cnt', 'int8'],
    ['is_called', 'bool'],
  ].flatMap(([column = '', type = '']) => {
    const scalar = registry.typeByName(type)
    return scalar === undefined
      ? []
      : [{ name: column, type: { scalar, modifier: -1 }, ...plain, isNotNull: true }]
  })
  return { ...base, relkind: 'S', columns }
}

/** In PostgreSQL, catalogs proper have the lowest numbers. */
function isSystemView({ schema, oid }: { readonly schema: string; readonly oid: number }): boolean {
  return schema === 'information_schema' || oid >= 10_000
}

/** Of a view. */
function optionsOf(
  catalog: LoadedCatalog,
  oid: number,
  checkOption: string | undefined,
): Pick<DescribedClass, 'options'> {
  const own = catalog.views.find(({ id }) => objectOid(id) === oid)?.value.options ?? []
  const options = checkOption === undefined ? own : [...own, `check_option=${checkOption}`]
  return options.length === 0 ? {} : { options }
}

/** Composite types are classes too, whose oids are not those of the types. */
function* describedTypes(catalog: LoadedCatalog): Generator<DescribedClass> {
  for (const { id, value } of catalog.typeRecords) {
    if (value.form.kind !== 'composite') continue
    const type = catalog.types.userType(id)
    yield {
      oid: rowTypeOid(id),
      schema: value.schema,
      name: value.name,
      owner: value.owner,
      relkind: 'c',
      isSystem: false,
      table: undefined,
      columns: (type?.fields ?? []).map((field) => ({
        name: field.name,
        type: field.type,
        isNotNull: false,
        hasDefault: false,
        identity: '',
        isGenerated: false,
      })),
    }
  }
}

function identityOf(generated: string | undefined): '' | 'a' | 'd' {
  if (generated === 'identity always') return 'a'
  return generated === 'identity by default' ? 'd' : ''
}

export function tableOf(catalog: LoadedCatalog, oid: number): TableObject | undefined {
  const id = objectIdOf(oid)
  return id === undefined ? undefined : catalog.tables.find((table) => table.id === id)
}

export function roleOid(catalog: LoadedCatalog, name: string): number {
  return catalog.role(name)?.oid ?? 10
}

export function schemaOid(catalog: LoadedCatalog, name: string): number {
  return catalog.schema(name)?.oid ?? 0
}

/** All indexes, the primary keys that rows are stored by among them. */
export const indexEntries = oncePerCatalog((catalog): readonly IndexEntry[] =>
  catalog.tables.flatMap((table) => {
    const schema = classOfTable(catalog, table)?.schema
    if (schema === undefined) return []
    const { primaryKey, indexes } = table.definition
    const names = [
      ...(primaryKey === undefined ? [] : [primaryKey.name]),
      ...indexes.filter(({ origin }) => origin !== 'foreign-key').map(({ name }) => name),
    ]
    return names.flatMap((name) => catalog.findIndex({ schema, name }, []) ?? [])
  }),
)

const AM_HEAP = 2

export const classRows: CatalogRows = (catalog) =>
  function* () {
    for (const each of describedClasses(catalog)) yield classRow(catalog, each)
    for (const index of indexEntries(catalog)) yield indexClassRow(catalog, index)
  }

const referencedTables = oncePerCatalog(
  (catalog): ReadonlySet<string> =>
    new Set(
      catalog.tables.flatMap(({ definition }) =>
        definition.foreignKeys.map(({ references }) => references.table),
      ),
    ),
)

function isReferenced(catalog: LoadedCatalog, table: string | undefined): boolean {
  return table !== undefined && referencedTables(catalog).has(table)
}

function classRow(catalog: LoadedCatalog, each: DescribedClass): SystemRow {
  const { table } = each
  const definition = table?.definition
  const id = objectIdOf(each.oid)
  return {
    ...plainClass(catalog, each.oid, each.name, each.schema, each.owner, each.relkind),
    reltype:
      each.relkind === 'c'
        ? typeOfClass(catalog, each.oid)
        : id === undefined || each.relkind === 'S'
          ? 0
          : rowTypeOid(id),
    relam: each.relkind === 'r' || each.relkind === 'm' ? AM_HEAP : 0,
    reltuples: -1,
    relhasindex: indexedClasses(catalog).has(each.oid),
    relpersistence: each.schema.startsWith('pg_temp_') ? 't' : 'p',
    relnatts: each.columns.length,
    relchecks: definition?.checks.length ?? 0,
    relhasrules: each.relkind === 'v',
    // PostgreSQL checks foreign keys by triggers on both tables: programs look for the keys only where there are some.
    relhastriggers: (definition?.foreignKeys.length ?? 0) > 0 || isReferenced(catalog, table?.name),
    relreplident: each.isSystem ? 'n' : 'd',
    relispopulated: each.isUnpopulated !== true,
    reloptions: each.options === undefined ? null : new SqlArray(each.options),
    relacl: accessList(catalog, each.oid, each.owner, each.relkind === 'S' ? 'sequence' : 'table'),
  }
}

function typeOfClass(catalog: LoadedCatalog, oid: number): number {
  const record = catalog.typeRecords.find(({ id }) => rowTypeOid(id) === oid)
  return record === undefined ? 0 : objectOid(record.id)
}

function indexClassRow(catalog: LoadedCatalog, index: IndexEntry): SystemRow {
  const owner = classOfTable(catalog, index.table)?.owner ?? 'orbit'
  return {
    ...plainClass(catalog, index.oid, index.name, index.schema, owner, 'i'),
    relam: AM_BTREE,
    relnatts: indexColumns(index).length + includedColumns(index).length,
  }
}

function plainClass(
  catalog: LoadedCatalog,
  oid: number,
  name: string,
  schema: string,
  owner: string,
  relkind: string,
): SystemRow {
  return {
    oid,
    relname: name,
    relnamespace: schemaOid(catalog, schema),
    reltype: 0,
    reloftype: 0,
    relowner: roleOid(catalog, owner),
    relam: 0,
    relfilenode: oid,
    reltablespace: 0,
    relpages: 0,
    reltuples: 0,
    relallvisible: 0,
    reltoastrelid: 0,
    relhasindex: false,
    relisshared: false,
    relpersistence: 'p',
    relkind,
    relnatts: 0,
    relchecks: 0,
    relhasrules: false,
    relhastriggers: false,
    relhassubclass: false,
    relrowsecurity: false,
    relforcerowsecurity: false,
    relispopulated: true,
    relreplident: 'n',
    relispartition: false,
    relrewrite: 0,
    relfrozenxid: 0,
    relminmxid: 0,
  }
}

export const attributeRows: CatalogRows = (catalog) =>
  function* () {
    for (const each of describedClasses(catalog)) {
      for (const [at, column] of each.columns.entries())
        yield attributeRow(each.oid, at, column.name, column.type, {
          attnotnull: column.isNotNull,
          atthasdef: (column.hasDefault && column.identity === '') || column.isGenerated,
          attidentity: column.identity,
          attgenerated: column.isGenerated ? 's' : '',
          attacl: columnAccessList(catalog, each.oid, column.name),
        })
    }
    for (const index of indexEntries(catalog)) yield* indexAttributes(catalog, index)
  }

function* indexAttributes(catalog: LoadedCatalog, index: IndexEntry): Generator<SystemRow> {
  const owner = classOfTable(catalog, index.table)
  const definition = index.table.definition.indexes.find(({ id }) => id === index.indexId)
  const names = new Set<string>()
  for (const [at, number] of [...indexColumns(index), ...includedColumns(index)].entries()) {
    const column = owner?.columns[number - 1]
    const key = definition?.columns[at]?.expression
    if (column !== undefined) yield attributeRow(index.oid, at, column.name, column.type, {})
    else if (key !== undefined) {
      const { type } = keyType(parseColumnType(key.type), catalog.types)
      yield attributeRow(index.oid, at, freeName(names, /^(\w+)\(/.exec(key.sql)?.[1] ?? 'expr'), type, {})
    }
  }
}

/** `expr`, `expr1`, … */
function freeName(taken: Set<string>, wanted: string): string {
  let name = wanted
  for (let number = 1; taken.has(name); number++) name = `${wanted}${number}`
  taken.add(name)
  return name
}

function attributeRow(
  relation: number,
  at: number,
  name: string,
  type: DataType,
  more: SystemRow,
): SystemRow {
  return {
    attrelid: relation,
    attname: name,
    atttypid: type.domain?.oid ?? type.scalar.oid,
    attstattarget: -1,
    attlen: type.scalar.length,
    attnum: at + 1,
    attndims: type.scalar.element === undefined ? 0 : 1,
    attcacheoff: -1,
    atttypmod: type.domain === undefined ? type.modifier : -1,
    attbyval: type.scalar.length > 0 && type.scalar.length <= 8,
    attalign: 'i',
    attstorage: storageOf(type.scalar),
    attcompression: '',
    attnotnull: false,
    atthasdef: false,
    atthasmissing: false,
    attidentity: '',
    attgenerated: '',
    attisdropped: false,
    attislocal: true,
    attinhcount: 0,
    attcollation: collationOid(type),
    ...more,
  }
}

/** Whether large values are compressed and kept apart, as PostgreSQL would. */
export function storageOf({ name, length }: DataType['scalar']): string {
  if (length >= 0) return 'p'
  return name === 'numeric' ? 'm' : 'x'
}

const DEFAULT_COLLATION = 100
const C_COLLATION = 950

export function collationOid({ scalar, collation }: DataType): number {
  if (!scalar.isCollatable) return 0
  return collation === undefined ? DEFAULT_COLLATION : C_COLLATION
}

/** Numbers of the columns of an index, from 1; 0 for an expression. */
export function indexColumns({ table, indexId }: IndexEntry): number[] {
  const { definition } = table
  const ids =
    indexId === undefined
      ? (definition.primaryKey?.columns ?? [])
      : (definition.indexes.find(({ id }) => id === indexId)?.columns.map(({ column }) => column) ?? [])
  return ids.map((id) => numberOf(definition, id))
}

/** Numbers of the columns that an index has beside its keys. */
export function includedColumns({ table, indexId }: IndexEntry): number[] {
  const index = table.definition.indexes.find(({ id }) => id === indexId)
  return (index?.include ?? []).map((id) => numberOf(table.definition, id))
}

export function numberOf({ columns }: TableDefinition, id: number): number {
  return columns.findIndex((column) => column.id === id) + 1
}
