/**
 * The catalog as one transaction sees it: whole, in memory, immutable. It is kept until a definition changes, which
 * costs each transaction one read; so looking up names never waits.
 */
import type { Relation } from '../../relation/relation.js'
import type { Collation, DataType, ScalarType } from '../../scalar/data-type.js'
import type { AnyFunction } from '../../scalar/functions/function.js'
import type { NameLookup, RegKind } from '../../scalar/scalar-context.js'

/** A name as it is written: `schema` is undefined where the search path decides. Names are folded already. */
export interface ObjectName {
  readonly schema?: string | undefined
  readonly name: string
}

export interface CatalogSnapshot extends NameLookup {
  /** Differs for any two states of the catalog: prepared plans are good for one. */
  readonly version: string
  /** Tables, catalog tables, collections…, views and sequences: they share one space of names in a schema. */
  findClass(name: ObjectName, searchPath: readonly string[]): CatalogClass | undefined
  classByOid(oid: number): CatalogClass | undefined
  findType(name: ObjectName, searchPath: readonly string[]): ScalarType | undefined
  typeByOid(oid: number): ScalarType | undefined
  arrayOf(element: ScalarType): ScalarType | undefined
  /** Of all schemas when none is named: functions of the system and Orbit's own (`orbit.graph_neighbors`). */
  findFunctions(name: ObjectName): readonly AnyFunction[]
  findCollation(name: ObjectName): Collation | undefined
  hasSchema(name: string): boolean
  schemas(): readonly CatalogSchema[]
  classes(): Iterable<CatalogClass>
  roles(): readonly CatalogRole[]
  /** What a role may do, through itself, its groups, PUBLIC and ownership. Superusers may do all. */
  isAllowed(role: string, privilege: Privilege, object: PrivilegeTarget): boolean
  oidOf(kind: RegKind, text: string, searchPath?: readonly string[]): number | undefined
  nameOf(kind: RegKind, oid: number, searchPath?: readonly string[]): string | undefined
  /** The names nearest to one that is not there, for the hint. */
  suggest(name: string): string | undefined
}

export type CatalogClass =
  | {
      readonly kind: 'relation'
      readonly relation: Relation
      readonly owner: string
      /** Of a materialized view: it is only read, and only once it has been filled. */
      readonly materialized?: { readonly isPopulated: boolean }
    }
  | CatalogView
  | CatalogSequence

export interface CatalogView {
  readonly kind: 'view'
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly owner: string
  readonly columns: readonly { readonly name: string; readonly type: DataType }[]
  /** The query, as it was written, and the search path that held. */
  readonly query: string
  readonly searchPath: readonly string[]
  readonly isMaterialized: boolean
  readonly checkOption?: 'local' | 'cascaded'
}

export interface CatalogSequence {
  readonly kind: 'sequence'
  /** Its state as a row. */
  readonly relation: Relation
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly owner: string
  readonly type: ScalarType
  readonly start: bigint
  readonly increment: bigint
  readonly min: bigint
  readonly max: bigint
  readonly cache: number
  readonly cycle: boolean
  /** The column that it goes away with (serial, identity, OWNED BY): `pg_class.oid` and its number from 1. */
  readonly ownedBy?: { readonly table: number; readonly column: number }
}

export interface CatalogSchema {
  readonly oid: number
  readonly name: string
  readonly owner: string
}

export interface CatalogRole {
  readonly oid: number
  readonly name: string
  readonly isSuperuser: boolean
  readonly canLogin: boolean
  readonly canCreateRole: boolean
  readonly canCreateDatabase: boolean
  readonly inherits: boolean
  readonly connectionLimit: number
  /** What is stored instead of its password: `SCRAM-SHA-256$…`. */
  readonly verifier?: string
  /** Names of roles that it is a member of. */
  readonly memberOf: readonly string[]
  /** Microseconds since 1970: from then on the password is not accepted. */
  readonly validUntilMicros?: number
}

export type Privilege =
  | 'select'
  | 'insert'
  | 'update'
  | 'delete'
  | 'truncate'
  | 'references'
  | 'trigger'
  | 'usage'
  | 'create'
  | 'connect'
  | 'temporary'
  | 'execute'

export type PrivilegeTarget =
  | { readonly kind: 'class'; readonly oid: number; readonly column?: string }
  | { readonly kind: 'schema'; readonly name: string }
  | { readonly kind: 'database' }
