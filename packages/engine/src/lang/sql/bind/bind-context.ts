import type { LogicalPlan } from '../../../plan/logical-plan.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { ScalarRegistry } from '../../../scalar/registry.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { CatalogSnapshot, Privilege } from '../catalog-snapshot.js'
import type { ResultColumn } from '../session-contract.js'

/** What names can mean to a statement. */
export interface BindContext {
  readonly catalog: CatalogSnapshot
  /** The system's types, functions, operators and casts; the catalog gives those that users made. */
  readonly registry: ScalarRegistry
  /** Schemas in which unqualified names are looked up. */
  readonly searchPath: readonly string[]
  /** What the client says of `$1`, `$2`, …; undefined where it is to be inferred. */
  readonly parameterTypes: readonly (DataType | undefined)[]
  /** There are no parameters beyond those: a query without the extended protocol, a definition. Default false. */
  readonly hasFixedParameters?: boolean
  /**
   * Told what each `*` of the text stands for: where it begins, and its columns with the name of the table that they can
   * be named with.
   */
  readonly noteStar?: (
    location: number,
    columns: readonly { readonly table: string | undefined; readonly name: string }[],
  ) => void
  /** For reading literals. Nothing else is evaluated while binding. */
  readonly scalar: ScalarContext
}

/** What somebody must be allowed before a statement runs; the session checks it at each execution. */
export type RequiredPrivilege =
  | {
      readonly kind: 'class'
      /** `pg_class.oid` */
      readonly oid: number
      readonly schema: string
      readonly name: string
      readonly privilege: Privilege
      /**
       * The columns concerned: the privilege on the whole, or on each of them, will do. Empty: on the whole or on any
       * column. Undefined: on the whole.
       */
      readonly columns: readonly string[] | undefined
      /** Whose privileges count: the owner of the view that the query of reads it; undefined: the session's user. */
      readonly role: string | undefined
    }
  | {
      readonly kind: 'schema'
      readonly name: string
      readonly privilege: Privilege
      readonly role: string | undefined
    }

export type StatementKind = 'select' | 'insert' | 'update' | 'delete' | 'merge'

/** A statement with everything looked up. Good for one version of the catalog and one search path. */
export interface BoundStatement {
  readonly kind: StatementKind
  readonly plan: LogicalPlan
  /** Types of `$1`, `$2`, …, as declared or inferred. */
  readonly parameters: readonly DataType[]
  /** Undefined when it gives no rows. They correspond to the plan's columns by position. */
  readonly columns: readonly ResultColumn[] | undefined
  readonly privileges: readonly RequiredPrivilege[]
  /** It changes rows, itself or in a WITH query. */
  readonly isModifying: boolean
  /** It locks rows: FOR UPDATE and such. */
  readonly isLocking: boolean
}
