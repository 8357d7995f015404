import type { ByteWriter } from '@orbit-ts/storage'
import type { ScalarContext } from './scalar-context.js'
import type { Value } from './value.js'

/** PostgreSQL's categories (`pg_type.typcategory`), by which implicit conversions and overloads are chosen. */
export type TypeCategory =
  | 'A' // arrays
  | 'B' // boolean
  | 'C' // composite
  | 'D' // date and time
  | 'E' // enums
  | 'G' // geometric
  | 'I' // network addresses
  | 'N' // numeric
  | 'P' // pseudo-types
  | 'R' // ranges
  | 'S' // strings
  | 'T' // intervals
  | 'U' // user-defined: bytea, uuid, json
  | 'V' // bit strings
  | 'X' // unknown
  | 'Z' // PostgreSQL's internal "char"

/** How strings are put in order. `C`: by code point. */
export interface Collation {
  /** As in `COLLATE "name"`. */
  readonly name: string
  readonly compare: (a: string, b: string) => number
}

/**
 * A type by itself, without length or precision: one object for each, so that types are compared with `===`. Types of
 * the system are constants; those that users make (enums, composite types and the arrays of both) live as long as the
 * catalog's version that they were read from, and are compared by `oid`.
 */
export interface ScalarType {
  /** As in `pg_type`. */
  readonly oid: number
  /** `pg_type.typname`: `int4`, `_int4`. */
  readonly name: string
  /** As `format_type` writes it, without modifier: `integer`, `integer[]`. */
  readonly displayName: string
  readonly category: TypeCategory
  /** The one to convert to, within its category. */
  readonly isPreferred: boolean
  /** Of an array type: the type of its elements. */
  readonly element?: ScalarType
  /** `pg_type.typlen`: bytes, -1 variable, -2 a C string. */
  readonly length: number
  /** True for types whose values are put in order by a collation. */
  readonly isCollatable: boolean
  /** Of an enum: its labels in order. */
  readonly labels?: readonly string[]
  /** Of a range type: the type of the values between its bounds. */
  readonly subtype?: ScalarType
  /** Of a multirange type: the type of its ranges. */
  readonly range?: ScalarType
  /** Of a composite type. */
  readonly fields?: readonly { readonly name: string; readonly type: DataType }[]
  /** Of a domain, as catalogs list it. Expressions are never of it: they are of its base type. */
  readonly domain?: Domain

  /**
   * A value from its text. The modifier is applied as in an assignment: what is too long is refused, and not cut off.
   * @throws `invalid_text_representation`, `numeric_value_out_of_range`, `datetime_field_overflow`, … as PostgreSQL does.
   */
  parse(text: string, modifier: number, context: ScalarContext): Value
  /** Never of null. */
  format(value: Value, context: ScalarContext): string
  /** Appends the value's binary form (`typsend`), without a length before it. */
  encode(writer: ByteWriter, value: Value, context: ScalarContext): void
  /** @throws `invalid_binary_representation` */
  decode(bytes: Uint8Array, modifier: number, context: ScalarContext): Value

  /** The order that indexes and ORDER BY use; undefined for types without one (json, xml …). Never of null. */
  readonly compare: ((a: Value, b: Value, collation: Collation | undefined) => number) | undefined
  /**
   * A primitive that is equal, as a key of a `Map`, exactly for values that are equal by the type's `=`; undefined for
   * types that cannot be hashed. Never of null.
   */
  readonly hashKey: ((value: Value) => string | number | bigint | boolean) | undefined

  /**
   * The value brought to a modifier (`varchar(3)`, `numeric(4,1)`, `timestamp(0)`); left out where the type takes none.
   * @param isExplicit an explicit cast cuts text short where an assignment refuses it.
   */
  applyModifier?(value: Value, modifier: number, isExplicit: boolean): Value
  /** `[10, 2]` → the modifier of `numeric(10,2)`, in PostgreSQL's encoding (`atttypmod`). @throws `invalid_parameter_value` */
  makeModifier?(values: readonly number[]): number
  /** What stands behind the name: `(10,2)`. The whole of it for types that put it inside (`timestamp(3) with time zone`). */
  formatModifier?(modifier: number): string
}

/** A type as an expression or a column has it. */
export interface DataType {
  readonly scalar: ScalarType
  /** `atttypmod`; -1: none. */
  readonly modifier: number
  /** Of collatable types; left out: the default one, `C`. */
  readonly collation?: Collation
  /** Whose values they are known to be; of no effect on operators and functions. */
  readonly domain?: Domain
}

/** What a domain says of the values of its base type, with what the domains say that it is made of. */
export interface Domain {
  readonly oid: number
  /** `pg_type.typname` */
  readonly name: string
  readonly displayName: string
  readonly base: DataType
  readonly isNotNull: boolean
  /** Conditions over `value`, in SQL, in the order in which they are checked. */
  readonly checks: readonly DomainCheck[]
  /** In SQL. */
  readonly default?: string
}

export interface DomainCheck {
  readonly name: string
  readonly sql: string
}
