/** `hashtext` and its like: PostgreSQL's own hashes of values. */
import { asBuffer } from '@orbit-ts/base'
import { type SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { DataType, ScalarType } from '../../data-type.js'
import type { Numeric } from '../../numeric/numeric.js'
import { int64, type Int64, type Value } from '../../value.js'
import { bound } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { hashBytes, hashBytesExtended, hashWord, hashWordExtended } from './hash-bytes.js'

/** Once with 32 bits, once with 64 and a seed. */
interface Hasher {
  bytes(bytes: Uint8Array): bigint
  word(value: number): bigint
}

const short: Hasher = { bytes: (bytes) => BigInt(hashBytes(bytes)), word: (value) => BigInt(hashWord(value)) }
const long = (seed: bigint): Hasher => ({
  bytes: (bytes) => hashBytesExtended(bytes, seed),
  word: (value) => hashWordExtended(value, seed),
})

type Hash = (hasher: Hasher, value: NonNullable<Value>, type: ScalarType) => bigint

const ofText: Hash = (hasher, value) => hasher.bytes(Buffer.from(value as string))
const ofWord: Hash = (hasher, value) => hasher.word(Number(value))

/** Numbers that fit into fewer bits hash as those. */
function ofInt64(hasher: Hasher, value: bigint): bigint {
  const low = Number(BigInt.asIntN(32, value))
  const high = Number(BigInt.asIntN(32, value >> 32n))
  return hasher.word(low ^ (value >= 0n ? high : ~high))
}

const ofFloat: Hash = (hasher, value) => {
  const number = Number(value)
  if (number === 0) return 0n
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(number)
  return hasher.bytes(bytes)
}

/** PostgreSQL counts from 2000 on. */
const EPOCH_MICROS = 946_684_800_000_000n

const ofTimestamp: Hash = (hasher, value) => {
  if (value === Infinity) return ofInt64(hasher, 2n ** 63n - 1n)
  if (value === -Infinity) return ofInt64(hasher, -(2n ** 63n))
  return ofInt64(hasher, BigInt(value as Int64) - EPOCH_MICROS)
}

/** The digits to the base 10 000, without zeros at both ends, and the place of the first. */
const ofNumeric: Hash = (hasher, value) => {
  const numeric = value as Numeric
  if (!numeric.isFinite) return 0n
  const places = Math.ceil(numeric.scale / 4)
  let digits = numeric.digits < 0n ? -numeric.digits : numeric.digits
  if (digits === 0n) return -1n
  digits *= 10n ** BigInt(places * 4 - numeric.scale)
  const groups: number[] = []
  for (; digits > 0n; digits /= 10_000n) groups.unshift(Number(digits % 10_000n))
  const weight = groups.length - places - 1
  while (groups.at(-1) === 0) groups.pop()
  const bytes = Buffer.alloc(groups.length * 2)
  for (const [at, group] of groups.entries()) bytes.writeUInt16LE(group, at * 2)
  return hasher.bytes(bytes) ^ BigInt(weight)
}

const ofArray: Hash = (hasher, value, type) => {
  const { element } = type
  const hash = element === undefined ? undefined : HASHES[element.name]
  if (element === undefined || hash === undefined) {
    const name = (element ?? type).displayName
    throw queryError('undefined_function', `could not identify a hash function for type ${name}`)
  }
  let sum = 1n
  for (const each of (value as SqlArray).elements) {
    sum = BigInt.asIntN(64, sum * 31n + (each === null ? 0n : hash(hasher, each, element)))
  }
  return sum
}

const HASHES: Readonly<Record<string, Hash>> = {
  text: ofText,
  varchar: ofText,
  name: ofText,
  bpchar: (hasher, value, type) => ofText(hasher, (value as string).replace(/ +$/, ''), type),
  char: (hasher, value) => hasher.word(((Buffer.from(value as string)[0] ?? 0) << 24) >> 24),
  bool: (hasher, value) => hasher.word(value === true ? 1 : 0),
  bytea: (hasher, value) => hasher.bytes(value as Uint8Array),
  int2: ofWord,
  int4: ofWord,
  oid: ofWord,
  date: (hasher, value) => hasher.word(Number(value) - 10_957),
  int8: (hasher, value) => ofInt64(hasher, BigInt(value as Int64)),
  float4: ofFloat,
  float8: ofFloat,
  numeric: ofNumeric,
  timestamp: ofTimestamp,
  timestamptz: ofTimestamp,
  time: (hasher, value) => ofInt64(hasher, BigInt(value as number)),
  uuid: (hasher, value) => hasher.bytes(asBuffer(Buffer.from((value as string).replaceAll('-', ''), 'hex'))),
}

/** `oid name type`, and the OID of the one with a seed, whose name ends in `extended`. */
const FUNCTIONS = `
  400 hashtext text 448 hashtextextended
  449 hashint2 int2 441 hashint2extended
  450 hashint4 int4 425 hashint4extended
  949 hashint8 int8 442 hashint8extended
  451 hashfloat4 float4 443 hashfloat4extended
  452 hashfloat8 float8 444 hashfloat8extended
  453 hashoid oid 445 hashoidextended
  454 hashchar char 446 hashcharextended
  455 hashname name 447 hashnameextended
  1080 hashbpchar bpchar 972 hashbpcharextended
  432 hash_numeric numeric 780 hash_numeric_extended
  626 hash_array anyarray 782 hash_array_extended
  1688 time_hash time 3409 time_hash_extended
  2039 timestamp_hash timestamp 3411 timestamp_hash_extended
  2963 uuid_hash uuid 3412 uuid_hash_extended
`

function functionsOf(line: string): ScalarFunction[] {
  const [oid, name, type = '', extendedOid, extendedName] = line.trim().split(' ')
  const pick = ([given]: readonly DataType[]): ((hasher: Hasher, value: NonNullable<Value>) => bigint) => {
    const scalar = given?.scalar
    const hash = type === 'anyarray' ? ofArray : HASHES[type]
    return (hasher, value) => (scalar === undefined ? 0n : (hash?.(hasher, value, scalar) ?? 0n))
  }
  return [
    bound(`${oid} ${name}(${type}) int4`, (types) => {
      const hash = pick(types)
      return (_: unknown, value: NonNullable<Value>) => Number(BigInt.asIntN(32, hash(short, value)))
    }),
    bound(`${extendedOid} ${extendedName}(${type},int8) int8`, (types) => {
      const hash = pick(types)
      return (_: unknown, value: NonNullable<Value>, seed: Int64) => int64(hash(long(BigInt(seed)), value))
    }),
  ]
}

export const hashFunctions: readonly ScalarFunction[] = FUNCTIONS.trim().split('\n').flatMap(functionsOf)
