/**
 * The filter language that every model, the HTTP API and the command line share: plain JSON, so it travels.
 *
 * - `{ state: 'CA' }` equals; `{ state: null }` is null or missing.
 * - `{ latitude: { gte: 30, lt: 40 } }` conditions on one field are joined by AND; so are fields.
 * - `{ 'address.city': 'Oslo' }` follows a path into documents and properties. A dot always separates steps; a dot,
 *   a backslash or a dollar sign that belongs to a name is written with a backslash before it.
 * - A step of digits picks an element of an array; any other step into an array goes into each of its elements.
 * - An array matches a condition if any of its elements does; each condition by itself, so `{ gte: 1, lt: 5 }` may be
 *   met by two elements.
 * - `{ $and: [...] }`, `{ $or: [...] }`, `{ $not: … }` combine filters. An empty `$and` is true, an empty `$or` false.
 *
 * The logic has three values, as in SQL. A comparison with a null or missing field is unknown, and so are an order
 * comparison and a pattern on a value of another type; an equality with a value of another type is false. `$not` of
 * unknown is unknown, and what is unknown does not match. Only `ne`, `isNull`, `exists`, `eq: null`, and `in` and `notIn`
 * with null in their list look at absence, and they are always true or false.
 *
 * Values: numbers and bigints compare by value, exactly; strings by code point, which is the byte order of UTF-8;
 * NaN equals itself and is the greatest number, as in PostgreSQL.
 */
export type FilterScalar = string | number | bigint | boolean | null | Date | Uint8Array

export interface Condition<T = unknown> {
  readonly eq?: T | null
  /** The opposite of `eq`: true also where the field is null or missing. */
  readonly ne?: T | null
  readonly gt?: T
  readonly gte?: T
  readonly lt?: T
  readonly lte?: T
  /** Equal to one of these. */
  readonly in?: readonly (T | null)[]
  /** `$not` of `in`: not true where the field is null or missing, unless the list says something about null. */
  readonly notIn?: readonly (T | null)[]
  /** SQL LIKE: `%` any run, `_` any one character, `\` escapes. */
  readonly like?: string
  /** As `like`, ignoring case. */
  readonly ilike?: string
  readonly startsWith?: string
  /** True: the field is null or missing. False: it is neither. */
  readonly isNull?: boolean
  /** True: the field is there, null or not. */
  readonly exists?: boolean
  /** An array field that has this element. */
  readonly contains?: unknown
}

/** What a field's condition compares with: for an array also one of its elements. */
export type Operand<V> = V extends readonly (infer E)[] ? V | E : V

export type FieldFilter<V> = Operand<NonNullable<V>> | null | Condition<Operand<NonNullable<V>>>

export type Filter<T = Record<string, unknown>> = {
  readonly [K in keyof T & string]?: FieldFilter<T[K]>
} & {
  readonly [path: `${string}.${string}`]: unknown
} & {
  readonly $and?: readonly Filter<T>[]
  readonly $or?: readonly Filter<T>[]
  readonly $not?: Filter<T>
}

export interface OrderBy<Field extends string = string> {
  /** A field, or a path as in filters. */
  readonly field: Field
  /** Default `asc`. Nulls come last ascending, first descending, as in PostgreSQL. */
  readonly direction?: 'asc' | 'desc'
}

/** The fields of `T`, of any of them if it is a union, and every path. */
export type FieldPath<T> = (T extends unknown ? keyof T & string : never) | `${string}.${string}`

export interface Query<T = Record<string, unknown>> {
  readonly where?: Filter<T>
  readonly orderBy?: FieldPath<T> | OrderBy<FieldPath<T>> | readonly (FieldPath<T> | OrderBy<FieldPath<T>>)[]
  /** At most this many. Default: all. */
  readonly limit?: number
  /** Leave out this many first. Default 0. */
  readonly offset?: number
  /** Fields or paths to return. Default: all. */
  readonly select?: readonly string[]
}
