/**
 * The values that queries compute with. A value says little of its own type: the plan knows it. Two values of one type
 * are written in one way only, the canonical form below, so that equal values are equal wherever they come from.
 *
 * | type                            | form                                                                            |
 * | ------------------------------- | ------------------------------------------------------------------------------- |
 * | bool                            | `boolean`                                                                       |
 * | int2, int4, oid, reg…           | `number`                                                                        |
 * | int8                            | {@link Int64}                                                                   |
 * | float4, float8                  | `number` (float4: rounded to single precision)                                  |
 * | numeric                         | {@link Numeric}                                                                 |
 * | text, varchar, char, name, …    | `string`, well-formed Unicode without U+0000                                    |
 * | bytea                           | `Uint8Array`                                                                    |
 * | date                            | `number`: days since 1970-01-01, or ±Infinity                                   |
 * | time                            | `number`: microseconds since midnight, up to 24:00:00                           |
 * | timetz                          | {@link TimeWithZone}                                                            |
 * | timestamp, timestamptz          | {@link Int64}: microseconds since 1970-01-01 (UTC for timestamptz), or ±Infinity |
 * | interval                        | {@link Interval}                                                                |
 * | uuid                            | `string`: 36 characters, lower case                                             |
 * | json                            | `string`: the text as it was given                                              |
 * | jsonb                           | {@link Jsonb}                                                                   |
 * | jsonpath                        | `string`: the path as PostgreSQL shows it                                       |
 * | enums                           | `string`: the label; the type knows the order                                   |
 * | bit, varbit                     | `string`: the digits                                                             |
 * | inet, cidr, macaddr, macaddr8   | `string`: as PostgreSQL shows it                                                 |
 * | money                           | {@link Int64}: hundredths                                                        |
 * | ranges                          | {@link RangeValue}                                                               |
 * | multiranges                     | {@link MultirangeValue}                                                          |
 * | arrays                          | {@link SqlArray}                                                                |
 * | record and composite types      | {@link RecordValue}                                                             |
 * | vector(n)                       | `Float32Array`                                                                  |
 * | int8-like: xid8, pg_lsn         | {@link Int64}                                                                   |
 * | tid, refcursor, void            | `string`                                                                        |
 * | unknown (an untyped literal)    | `string`                                                                        |
 */
import { assert } from '@orbit-ts/base'
import type { Interval } from './temporal/interval.js'
import type { TimeWithZone } from './temporal/time-with-zone.js'
import type { Jsonb } from './json/jsonb.js'
import type { Numeric } from './numeric/numeric.js'
import type { MultirangeValue, RangeValue } from './ranges/range-value.js'
import type { RecordValue } from './record-value.js'
import type { SqlArray } from './array/sql-array.js'

/** A 64-bit integer: a `number` when it is a safe integer, otherwise a `bigint`. Never the other way round. */
export type Int64 = number | bigint

/** A value; `null` is SQL's NULL, of any type. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float32Array
  | Numeric
  | Interval
  | TimeWithZone
  | Jsonb
  | SqlArray
  | RecordValue
  | RangeValue
  | MultirangeValue

/** A row between operators: one value for each column that the operator below puts out, by position. */
export type Row = Value[]

/** The canonical form of a 64-bit integer. */
export function int64(value: bigint): Int64 {
  return value >= MIN_SAFE && value <= MAX_SAFE ? Number(value) : value
}

const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER)
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER)

/** The text of a value that is text, a number or a boolean, as names and ids are; anything else is the caller's mistake. */
export function plainText(value: Value | undefined): string {
  if (value === null || value === undefined) return 'null'
  assert(typeof value !== 'object', 'a value with parts has no plain text')
  return String(value)
}
