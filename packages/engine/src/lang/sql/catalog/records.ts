/** What SQL keeps in the catalog beside tables: plain JSON, one record for each thing. */
import type { CatalogRecord } from '../../../catalog/catalog-object.js'
import type { EnumLabel } from '../../../models/relational/types/column-type.js'

export interface QualifiedName {
  readonly schema: string
  readonly name: string
}

/** A type by its oid (that of a domain where it is one), as a column of a view or a composite type has it. */
export interface StoredType {
  readonly oid: number
  readonly modifier: number
  readonly collation?: string
}

export interface SchemaValue {
  readonly owner: string
  /** Of `public`, which is there without a record: it has been dropped. */
  readonly isDropped?: true
}

export interface ViewValue extends QualifiedName {
  readonly owner: string
  /** As it was written, and the search path that held. */
  readonly query: string
  readonly searchPath: readonly string[]
  readonly columns: readonly (StoredType & { readonly name: string })[]
  readonly checkOption?: 'local' | 'cascaded'
  /** `name=value`, of those that change nothing here. */
  readonly options?: readonly string[]
  /** What it reads: `pg_class.oid`, with the columns: of tables by id, of others by number from 1. */
  readonly reads: readonly { readonly oid: number; readonly columns: readonly number[] }[]
  /** Oids of types that users made. */
  readonly types: readonly number[]
  /** Of a materialized view: the table that holds its rows, by the name of its object. */
  readonly storage?: string
  readonly isPopulated?: boolean
}

export interface SequenceValue extends QualifiedName {
  readonly owner: string
  /** `typname` */
  readonly type: 'int2' | 'int4' | 'int8'
  /** As decimal text. */
  readonly start: string
  readonly increment: string
  readonly min: string
  readonly max: string
  readonly cache: number
  readonly cycle: boolean
  /** The column that it goes away with: the table's object id, and the column's. */
  readonly ownedBy?: { readonly table: number; readonly column: number }
  /** It is of an identity column, not of a serial one. */
  readonly isIdentity?: true
}

export interface TypeValue extends QualifiedName {
  readonly owner: string
  readonly form:
    | { readonly kind: 'enum'; readonly labels: readonly EnumLabel[] }
    | {
        readonly kind: 'composite'
        readonly fields: readonly (StoredType & { readonly name: string })[]
      }
    | DomainForm
}

export interface DomainForm {
  readonly kind: 'domain'
  readonly base: StoredType
  readonly notNull: boolean
  /** In SQL. */
  readonly default?: string
  readonly checks: readonly DomainCheckValue[]
}

/** A condition over `value`. */
export interface DomainCheckValue {
  readonly id: number
  readonly name: string
  readonly sql: string
  /** Values that were there before have not been checked. */
  readonly notValid?: true
}

export interface RoleValue {
  readonly isSuperuser: boolean
  readonly canLogin: boolean
  readonly canCreateRole: boolean
  readonly canCreateDatabase: boolean
  readonly inherits: boolean
  readonly isReplication: boolean
  readonly bypassesRowSecurity: boolean
  readonly connectionLimit: number
  /** Microseconds since 1970. */
  readonly validUntil?: number
  /** `SCRAM-SHA-256$…`; never the password itself. */
  readonly verifier?: string
  readonly memberOf: readonly {
    readonly role: string
    readonly withAdmin: boolean
    readonly grantor: string
  }[]
}

/** One entry of an access list. */
export interface Grant {
  /** Empty: PUBLIC. */
  readonly grantee: string
  readonly grantor: string
  /** Privileges, each with whether it may be handed on. */
  readonly privileges: Readonly<Record<string, boolean>>
  /** Of one column alone. */
  readonly column?: string
}

/** What is said of an object beside its definition. Its name is the object's oid. */
export interface FactsValue {
  readonly owner?: string
  /** Left out: the privileges that everything has by itself. */
  readonly grants?: readonly Grant[]
  readonly comment?: string
  /** Of columns: of tables by id, of others by number from 1. */
  readonly columnComments?: Readonly<Record<string, string>>
}

export type DefaultKind = 'table' | 'sequence' | 'schema'

/** What others may do with things that a role makes from now on. */
export interface DefaultPrivilegesValue {
  readonly role: string
  /** Empty: in all. */
  readonly schema: string
  readonly kind: DefaultKind
  readonly grants: readonly Grant[]
}

export interface ExtensionValue {
  readonly version: string
  readonly schema: string
}

export interface RecordValues {
  readonly 'sql.schema': SchemaValue
  readonly 'sql.view': ViewValue
  readonly 'sql.sequence': SequenceValue
  readonly 'sql.type': TypeValue
  readonly 'sql.role': RoleValue
  readonly 'sql.facts': FactsValue
  readonly 'sql.extension': ExtensionValue
  readonly 'sql.default-privileges': DefaultPrivilegesValue
}

export type RecordKind = keyof RecordValues

/** A record of a kind. */
export type SqlRecord<Kind extends RecordKind> = CatalogRecord<RecordValues[Kind]> & { readonly kind: Kind }

/** All records of a kind. */
export function recordsOf<Kind extends RecordKind>(
  records: readonly CatalogRecord[],
  kind: Kind,
): SqlRecord<Kind>[] {
  // The kind says what the record holds.
  return records.filter((record) => record.kind === kind) as SqlRecord<Kind>[]
}
