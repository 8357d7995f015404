/** Values of rows as one primitive that is the same exactly for equal values: a key of a `Map`. */
import type { DataType } from '../../scalar/data-type.js'
import { unsupported } from '../../scalar/condition.js'
import type { Row, Value } from '../../scalar/value.js'
import type { Evaluator } from '../expression/evaluator.js'
import { OWN_KEY_TYPES } from '../expression/type-oids.js'
import type { Run } from '../run.js'

/** Null stands for a single null. */
export type Key = string | number | bigint | boolean | null

export type KeyOf = (row: Row, run: Run) => Key
/** Undefined: the row equals no other, because of a null. */
export type MatchKeyOf = (row: Row, run: Run) => Key | undefined

/** Nulls are equal to one another: as GROUP BY, DISTINCT and set operations see rows. */
export function compileKey(values: readonly Evaluator[], types: readonly DataType[]): KeyOf {
  const keys = values.map((value, at) => singleKey(value, types[at]))
  const [first, second] = keys
  if (first === undefined) return () => null
  if (second === undefined) return first
  if (keys.length === 2) return (row, run) => pair(first(row, run), second(row, run))
  return (row, run) => {
    let joined = ''
    for (const key of keys) joined += part(key(row, run))
    return joined
  }
}

/** As {@link compileKey} for all values of a row, by position. */
export function compileRowKey(types: readonly DataType[]): KeyOf {
  return compileKey(
    // Rows have a value for each of their columns.
    types.map((_type, position) => (row) => row[position] as Value),
    types,
  )
}

/** Nulls are equal to nothing, except at the positions of `nullsEqual`. */
export function compileMatchKey(
  values: readonly Evaluator[],
  types: readonly DataType[],
  nullsEqual: readonly boolean[] | undefined,
): MatchKeyOf {
  const keys = values.map((value, at) => singleKey(value, types[at]))
  const strict = keys.map((_key, at) => nullsEqual?.[at] !== true)
  const [first, second] = keys
  if (first === undefined) return () => null
  if (second === undefined) {
    return strict[0] === false ? first : (row, run) => first(row, run) ?? undefined
  }
  return (row, run) => {
    let joined = ''
    for (let at = 0; at < keys.length; at++) {
      // `at` is below the number of keys.
      const key = (keys[at] as KeyOf)(row, run)
      if (key === null && strict[at] === true) return undefined
      joined += part(key)
    }
    return joined
  }
}

function singleKey(value: Evaluator, type: DataType | undefined): KeyOf {
  if (type === undefined || OWN_KEY_TYPES.has(type.scalar.oid)) return value as KeyOf
  const { hashKey } = type.scalar
  if (hashKey === undefined) throw unsupported(`comparing values of type ${type.scalar.displayName} by hash`)
  return (row, run) => {
    const own = value(row, run)
    return own === null ? null : hashKey(own)
  }
}

/** Each part says where it ends, so that no two rows share a text. */
function part(key: Key): string {
  switch (typeof key) {
    case 'string':
      return `${key.length}:${key}`
    case 'number':
      return `${key},`
    case 'bigint':
      return `${key}n`
    case 'boolean':
      return key ? 't' : 'f'
    default:
      return '~'
  }
}

const PACKED_LIMIT = 1 << 25

/** Two small integers make one number, which is quicker to find than a text. */
function pair(a: Key, b: Key): Key {
  if (
    typeof a === 'number' &&
    typeof b === 'number' &&
    a === (a | 0) &&
    b === (b | 0) &&
    a >= 0 &&
    b >= 0 &&
    a < PACKED_LIMIT &&
    b < PACKED_LIMIT
  ) {
    return a * PACKED_LIMIT + b
  }
  return part(a) + part(b)
}

const bits = new DataView(new ArrayBuffer(8))

/** Thirty-two well-mixed bits of a key. Other salts give other bits. */
export function hashOfKey(key: Key, salt: number): number {
  let hash = Math.imul(salt + 1, 0x9e3779b1) | 0
  if (typeof key === 'string') {
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
    return mix(hash)
  }
  // -0 and 0 are one key of a map: adding 0 makes them one number.
  bits.setFloat64(0, Number(key) + 0)
  return mix(hash ^ mix(bits.getInt32(0) ^ Math.imul(bits.getInt32(4), 0x85ebca6b)))
}

function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d)
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b)
  return (hash ^ (hash >>> 16)) >>> 0
}
