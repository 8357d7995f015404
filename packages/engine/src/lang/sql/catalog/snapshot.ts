/**
 * The catalog as one transaction sees it. What queries use of it is made when it is first asked for, and lives as long
 * as this version of the catalog.
 */
import { defined, didYouMean } from '@orbit-ts/base'
import type { CatalogObject } from '../../../catalog/catalog-object.js'
import type { CatalogContents } from '../../../catalog/catalog.js'
import { TableLayout } from '../../../models/relational/layout/table-layout.js'
import type { TableDefinition } from '../../../models/relational/schema/table-definition.js'
import { orbitFunctions } from '../../../relation/models/orbit-functions.js'
import type { SequenceFacts } from '../../../relation/sequence-numbers.js'
import { SequenceRelation } from '../../../relation/sequence-relation.js'
import { TableRelation } from '../../../relation/table-relation.js'
import { tableTypes } from '../../../relation/table-types.js'
import { findCollation } from '../../../scalar/collation/collations.js'
import type { Collation, ScalarType } from '../../../scalar/data-type.js'
import type { AnyFunction } from '../../../scalar/functions/function.js'
import type { ScalarRegistry } from '../../../scalar/registry.js'
import type { RegKind } from '../../../scalar/scalar-context.js'
import type {
  CatalogClass,
  CatalogRole,
  CatalogSchema,
  CatalogSequence,
  CatalogSnapshot,
  CatalogView,
  ObjectName,
  Privilege,
  PrivilegeTarget,
} from '../catalog-snapshot.js'
import { bindIndexExpressions } from './index-expressions.js'
import { NameResolver } from './name-resolver.js'
import { DEFAULT_SCHEMA, splitObjectName } from './object-names.js'
import { SYSTEM_OIDS, indexOid, objectIdOf, objectOid, primaryKeyIndexOid } from './oids.js'
import { isAllowed } from './privileges.js'
import {
  recordsOf,
  type ExtensionValue,
  type FactsValue,
  type QualifiedName,
  type SqlRecord,
} from './records.js'
import { SUPERUSER, roleEntries, type RoleEntry } from './roles.js'
import { relationStatistics, type StoredStatistics } from './table-statistics.js'
import { UserTypes, nameKey, type RowSource } from './user-types.js'
import { MODELS_SCHEMA, modelClasses } from './model-classes.js'
import { systemClasses } from './system/system-classes.js'

export type TableObject = CatalogObject<TableDefinition>

/** An index as an object of its own. */
export interface IndexEntry extends QualifiedName {
  readonly oid: number
  readonly table: TableObject
  /** Undefined: the primary key that the rows are stored by. */
  readonly indexId: number | undefined
}

/** Schemas that names are looked up in whether or not the search path says so. */
const IMPLICIT_SCHEMA = 'pg_catalog'

/** What only superusers may read: pg_authid, pg_shadow, pg_statistic, pg_user_mapping, pg_largeobject, pg_hba_file_rules, … */
const GUARDED_CLASSES: ReadonlySet<number> = new Set([
  ...[1260, 12_005, 2619, 3429, 1418, 2613, 12_110, 12_114, 12_118, 12_130, 12_134, 12_138],
])

export class LoadedCatalog implements CatalogSnapshot {
  readonly version: string
  readonly registry: ScalarRegistry
  readonly tables: readonly TableObject[]
  /** Of the other models. */
  readonly objects: readonly CatalogObject[]
  readonly views: readonly SqlRecord<'sql.view'>[]
  readonly sequences: readonly SqlRecord<'sql.sequence'>[]
  readonly types: UserTypes
  readonly typeRecords: readonly SqlRecord<'sql.type'>[]
  readonly schemaRecords: readonly SqlRecord<'sql.schema'>[]
  readonly roleEntries: readonly RoleEntry[]
  readonly extensions: readonly SqlRecord<'sql.extension'>[]
  readonly defaultPrivileges: readonly SqlRecord<'sql.default-privileges'>[]
  readonly statistics: ReadonlyMap<number, unknown>
  readonly #facts: ReadonlyMap<string, FactsValue>
  readonly #factIds: ReadonlyMap<string, number>
  readonly #roles: ReadonlyMap<string, RoleEntry>
  readonly #schemas: ReadonlyMap<string, CatalogSchema>
  readonly #names: NameResolver
  /** By name: made at once, or when it is asked for. */
  readonly #classes = new Map<string, () => CatalogClass>()
  readonly #byOid = new Map<number, () => CatalogClass>()
  readonly #indexes = new Map<string, IndexEntry>()
  readonly #indexesByOid = new Map<number, IndexEntry>()

  constructor(contents: CatalogContents, registry: ScalarRegistry) {
    const { objects, records } = contents
    this.version = contents.version
    this.registry = registry
    this.statistics = contents.statistics
    this.tables = objects.filter((object): object is TableObject => object.kind === 'table')
    this.objects = objects.filter(({ kind }) => kind !== 'table')
    this.views = recordsOf(records, 'sql.view')
    this.sequences = recordsOf(records, 'sql.sequence')
    this.typeRecords = recordsOf(records, 'sql.type')
    this.schemaRecords = recordsOf(records, 'sql.schema')
    this.extensions = recordsOf(records, 'sql.extension')
    this.defaultPrivileges = recordsOf(records, 'sql.default-privileges')
    const facts = recordsOf(records, 'sql.facts')
    this.#facts = new Map(facts.map(({ name, value }) => [name, value]))
    this.#factIds = new Map(facts.map(({ name, id }) => [name, id]))
    this.roleEntries = roleEntries(recordsOf(records, 'sql.role'))
    this.#roles = new Map(this.roleEntries.map((entry) => [entry.role.name, entry]))
    this.types = new UserTypes(registry, this.typeRecords, this.#rowSources())
    this.#schemas = new Map(this.#allSchemas().map((schema) => [schema.name, schema]))
    this.#names = new NameResolver(this)
    this.#addClasses()
  }

  findClass(name: ObjectName, searchPath: readonly string[]): CatalogClass | undefined {
    for (const schema of this.#schemasFor(name, searchPath)) {
      const found = this.#classes.get(nameKey({ schema, name: name.name }))
      if (found !== undefined) return found()
    }
    return undefined
  }

  classByOid(oid: number): CatalogClass | undefined {
    return this.#byOid.get(oid)?.()
  }

  *classes(): Generator<CatalogClass> {
    for (const make of this.#classes.values()) yield make()
  }

  findIndex(name: ObjectName, searchPath: readonly string[]): IndexEntry | undefined {
    for (const schema of this.#schemasFor(name, searchPath)) {
      const found = this.#indexes.get(nameKey({ schema, name: name.name }))
      if (found !== undefined) return found
    }
    return undefined
  }

  indexByOid(oid: number): IndexEntry | undefined {
    return this.#indexesByOid.get(oid)
  }

  /** Whether a class or an index has the name. */
  hasRelationName(name: QualifiedName): boolean {
    return this.#classes.has(nameKey(name)) || this.#indexes.has(nameKey(name))
  }

  findType(name: ObjectName, searchPath: readonly string[]): ScalarType | undefined {
    for (const schema of this.#schemasFor(name, searchPath)) {
      const found =
        schema === IMPLICIT_SCHEMA
          ? this.registry.typeByName(name.name)
          : this.types.find({ schema, name: name.name })
      if (found !== undefined) return found
    }
    return undefined
  }

  typeByOid(oid: number): ScalarType | undefined {
    return this.registry.typeByOid(oid) ?? this.types.byOid(oid)
  }

  arrayOf(element: ScalarType): ScalarType | undefined {
    return this.types.arrayOf(element)
  }

  findFunctions({ schema, name }: ObjectName): readonly AnyFunction[] {
    if (schema === undefined || schema === IMPLICIT_SCHEMA || schema === DEFAULT_SCHEMA)
      return this.registry.functionsByName(name)
    return schema === MODELS_SCHEMA ? orbitFunctions.filter((each) => each.name === name) : []
  }

  findCollation({ schema, name }: ObjectName): Collation | undefined {
    return schema === undefined || schema === IMPLICIT_SCHEMA ? findCollation(name) : undefined
  }

  hasSchema(name: string): boolean {
    return this.#schemas.has(name)
  }

  schema(name: string): CatalogSchema | undefined {
    return this.#schemas.get(name)
  }

  schemas(): readonly CatalogSchema[] {
    return [...this.#schemas.values()]
  }

  roles(): readonly CatalogRole[] {
    return this.roleEntries.map(({ role }) => role)
  }

  role(name: string): CatalogRole | undefined {
    return this.#roles.get(name)?.role
  }

  roleEntry(name: string): RoleEntry | undefined {
    return this.#roles.get(name)
  }

  /** What is said of an object beside its definition. */
  facts(oid: number): FactsValue | undefined {
    return this.#facts.get(String(oid))
  }

  /** Comments on the columns of a class, by number from 1. */
  columnComments(oid: number): ReadonlyMap<number, string> {
    const comments = this.facts(oid)?.columnComments ?? {}
    const id = objectIdOf(oid)
    const columns = this.tables.find((table) => table.id === id)?.definition.columns
    const numberOf = (key: number): number =>
      columns === undefined ? key : columns.findIndex((column) => column.id === key) + 1
    return new Map(Object.entries(comments).map(([key, text]) => [numberOf(Number(key)), text]))
  }

  /** By oid. */
  *allFacts(): Generator<readonly [oid: number, facts: FactsValue]> {
    for (const [oid, facts] of this.#facts) yield [Number(oid), facts]
  }

  /** The id of the record with the facts of an object. */
  factsId(oid: number): number | undefined {
    return this.#factIds.get(String(oid))
  }

  extension(name: string): ExtensionValue | undefined {
    return this.extensions.find((record) => record.name === name)?.value
  }

  isAllowed(role: string, privilege: Privilege, object: PrivilegeTarget): boolean {
    return isAllowed(
      {
        role: (name) => this.role(name),
        ownerOfClass: (oid) => this.ownerOfClass(oid),
        ownerOfSchema: (name) => this.#schemas.get(name)?.owner,
        schemaOid: (name) => this.#schemas.get(name)?.oid,
        facts: (oid) => this.facts(oid),
        databaseOid: SYSTEM_OIDS.database,
        isSystemClass: (oid) => oid < objectOid(0) && !GUARDED_CLASSES.has(oid),
      },
      role,
      privilege,
      object,
    )
  }

  ownerOfClass(oid: number): string | undefined {
    const found = this.classByOid(oid)
    return found?.owner
  }

  suggest(name: string): string | undefined {
    const names = [...this.#classes.keys()].map((key) => (JSON.parse(key) as [string, string])[1])
    return /"(.*)"/.exec(didYouMean(name, names))?.[1]
  }

  oidOf(kind: RegKind, text: string, searchPath?: readonly string[]): number | undefined {
    return this.#names.oidOf(kind, text, searchPath)
  }

  nameOf(kind: RegKind, oid: number, searchPath?: readonly string[]): string | undefined {
    return this.#names.nameOf(kind, oid, searchPath)
  }

  /** A sequence, by the id of its record. */
  sequenceFacts(id: number): SequenceFacts | undefined {
    const record = this.sequences.find((sequence) => sequence.id === id)
    if (record === undefined) return undefined
    const { name, start, increment, min, max, cycle } = record.value
    return {
      id,
      oid: objectOid(id),
      name,
      start: BigInt(start),
      increment: BigInt(increment),
      min: BigInt(min),
      max: BigInt(max),
      cycle,
    }
  }

  #schemasFor({ schema }: ObjectName, searchPath: readonly string[]): readonly string[] {
    if (schema !== undefined) return [schema]
    return searchPath.includes(IMPLICIT_SCHEMA) ? searchPath : [IMPLICIT_SCHEMA, ...searchPath]
  }

  #allSchemas(): CatalogSchema[] {
    const { pgCatalog, public: publicOid, informationSchema, orbit } = SYSTEM_OIDS
    const made = this.schemaRecords
      .filter(({ name }) => name !== DEFAULT_SCHEMA)
      .map(({ id, name, value }): CatalogSchema => ({
        oid: objectOid(id),
        name,
        owner: this.facts(objectOid(id))?.owner ?? value.owner,
      }))
    const again = this.schemaRecords.find(({ name }) => name === DEFAULT_SCHEMA)?.value
    const owner = this.facts(publicOid)?.owner ?? again?.owner ?? 'pg_database_owner'
    const everybodys = again?.isDropped === true ? [] : [{ oid: publicOid, name: DEFAULT_SCHEMA, owner }]
    return [
      { oid: pgCatalog, name: IMPLICIT_SCHEMA, owner: SUPERUSER },
      ...everybodys,
      { oid: informationSchema, name: 'information_schema', owner: SUPERUSER },
      { oid: orbit, name: 'orbit', owner: SUPERUSER },
      ...made,
    ]
  }

  #rowSources(): RowSource[] {
    const tables = this.tables.map((object): RowSource => {
      const { schema, name } = splitObjectName(object.name)
      const fields = () => {
        const layout = TableLayout.of(object)
        const { types } = tableTypes(layout, this.types)
        return layout.columns.flatMap(({ name: column, position }) => {
          const type = types[position]
          return type === undefined ? [] : [{ name: column, type }]
        })
      }
      return { id: object.id, schema, name, fields }
    })
    const views = this.views.map(({ id, value }): RowSource => ({
      id,
      schema: value.schema,
      name: value.name,
      fields: () => value.columns.map((column) => ({ name: column.name, type: this.types.dataType(column) })),
    }))
    return [...tables, ...views]
  }

  #addClasses(): void {
    const stored = new Map(this.views.map(({ value }) => [value.storage, value]))
    for (const table of this.tables) {
      // The rows of a materialized view are read through the view.
      const view = stored.get(table.name)
      if (view === undefined) this.#addTable(table)
      else this.#addIndexes(table, view.schema)
    }
    for (const record of this.views) this.#add(record.value, objectOid(record.id), () => this.#view(record))
    for (const record of this.sequences)
      this.#add(record.value, objectOid(record.id), () => this.#sequence(record))
    for (const { schema, name, oid, make } of modelClasses(this)) this.#add({ schema, name }, oid, make)
    for (const { schema, name, oid, make } of systemClasses(this)) this.#add({ schema, name }, oid, make)
  }

  #add(name: QualifiedName, oid: number, make: () => CatalogClass): void {
    let made: CatalogClass | undefined
    const once = (): CatalogClass => (made ??= make())
    this.#classes.set(nameKey(name), once)
    this.#byOid.set(oid, once)
  }

  #addTable(object: TableObject): void {
    const { schema, name } = splitObjectName(object.name)
    this.#add({ schema, name }, objectOid(object.id), () => ({
      kind: 'relation',
      relation: this.tableRelation(object),
      owner: this.facts(objectOid(object.id))?.owner ?? SUPERUSER,
    }))
    this.#addIndexes(object, schema)
  }

  #addIndexes(object: TableObject, schema: string): void {
    const { primaryKey, indexes } = object.definition
    if (primaryKey !== undefined)
      this.#addIndex({
        schema,
        name: primaryKey.name,
        oid: primaryKeyIndexOid(object.id),
        table: object,
        indexId: undefined,
      })
    for (const index of indexes) {
      if (index.origin === 'foreign-key') continue
      this.#addIndex({
        schema,
        name: index.name,
        oid: indexOid(object.id, index.id),
        table: object,
        indexId: index.id,
      })
    }
  }

  #addIndex(entry: IndexEntry): void {
    this.#indexes.set(nameKey(entry), entry)
    this.#indexesByOid.set(entry.oid, entry)
  }

  tableRelation(object: TableObject): TableRelation {
    const layout = TableLayout.of(object)
    const { types } = tableTypes(layout, this.types)
    const stored = this.statistics.get(object.id) as StoredStatistics | undefined
    const relation: TableRelation = new TableRelation({
      object,
      oid: objectOid(object.id),
      ...splitObjectName(object.name),
      types: this.types,
      statistics: stored === undefined ? undefined : relationStatistics(stored, layout, types),
      expressions: bindIndexExpressions(this, object, () => relation),
      sequenceOf: (id) => this.sequenceFacts(id),
      nameOf: splitObjectName,
    })
    return relation
  }

  #view({ id, value }: SqlRecord<'sql.view'>): CatalogView | CatalogClass {
    const { schema, name, query, searchPath, storage, checkOption } = value
    const owner = this.facts(objectOid(id))?.owner ?? value.owner
    const table = storage === undefined ? undefined : this.tables.find((object) => object.name === storage)
    if (table !== undefined)
      return {
        kind: 'relation',
        relation: this.#materialized(id, value, table),
        owner,
        materialized: { isPopulated: value.isPopulated !== false },
      }
    return {
      kind: 'view',
      oid: objectOid(id),
      schema,
      name,
      owner,
      columns: value.columns.map((column) => ({ name: column.name, type: this.types.dataType(column) })),
      query,
      searchPath,
      isMaterialized: storage !== undefined,
      ...(checkOption === undefined ? {} : { checkOption }),
    }
  }

  #materialized(id: number, { schema, name }: QualifiedName, table: TableObject): TableRelation {
    const { facts } = this.tableRelation(table)
    return new TableRelation({ ...facts, oid: objectOid(id), schema, name })
  }

  #sequence({ id, value }: SqlRecord<'sql.sequence'>): CatalogSequence {
    const { schema, name, type, start, increment, min, max, cache, cycle, ownedBy } = value
    const scalar = this.registry.typeByName(type)
    if (scalar === undefined) throw new Error(`the type ${type}`)
    const at = ownedBy === undefined ? undefined : this.#columnNumber(ownedBy)
    return {
      kind: 'sequence',
      relation: new SequenceRelation(defined(this.sequenceFacts(id), 'the sequence'), schema),
      oid: objectOid(id),
      schema,
      name,
      owner: this.facts(objectOid(id))?.owner ?? value.owner,
      type: scalar,
      start: BigInt(start),
      increment: BigInt(increment),
      min: BigInt(min),
      max: BigInt(max),
      cache,
      cycle,
      ...(at === undefined ? {} : { ownedBy: at }),
    }
  }

  #columnNumber({ table, column }: { readonly table: number; readonly column: number }) {
    const object = this.tables.find(({ id }) => id === table)
    const at = object?.definition.columns.findIndex(({ id }) => id === column) ?? -1
    return at < 0 ? undefined : { table: objectOid(table), column: at + 1 }
  }
}
