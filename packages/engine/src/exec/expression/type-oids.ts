/** Types (`pg_type.oid`) whose values the executor knows more about than their functions say. */
export const TypeOid = {
  BOOL: 16,
  INT8: 20,
  INT2: 21,
  INT4: 23,
  TEXT: 25,
  OID: 26,
  NAME: 19,
  VARCHAR: 1043,
  DATE: 1082,
  TIME: 1083,
  TIMESTAMP: 1114,
  TIMESTAMPTZ: 1184,
  FLOAT4: 700,
  FLOAT8: 701,
  UUID: 2950,
} as const

/** Integers, comparable with one another: numbers and, for int8 alone, bigints. */
export const INTEGER_TYPES: ReadonlySet<number> = new Set([
  TypeOid.INT2,
  TypeOid.INT4,
  TypeOid.INT8,
  TypeOid.OID,
])

/** Kept as integers (or ±Infinity) in the order of the type; comparable with values of the same type only. */
export const NUMBERED_TYPES: ReadonlySet<number> = new Set([
  ...INTEGER_TYPES,
  TypeOid.DATE,
  TypeOid.TIME,
  TypeOid.TIMESTAMP,
  TypeOid.TIMESTAMPTZ,
])

/** Texts that are equal when they are the same text, of any of these types. */
export const SAME_TEXT_TYPES: ReadonlySet<number> = new Set([TypeOid.TEXT, TypeOid.VARCHAR, TypeOid.NAME])

/** Types of which the value itself is the key that `hashKey` gives. */
export const OWN_KEY_TYPES: ReadonlySet<number> = new Set([
  ...NUMBERED_TYPES,
  ...SAME_TEXT_TYPES,
  TypeOid.BOOL,
  TypeOid.UUID,
])
