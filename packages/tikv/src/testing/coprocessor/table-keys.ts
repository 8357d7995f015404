import { asBuffer } from '@orbit-ts/base'
import { EvaluationError } from './dag-failure.js'

const TABLE = 0x74 // t
const SEPARATOR = 0x5f // _
const ROW = 0x72 // r
const INDEX = 0x69 // i
const KEYSPACE = 0x78 // x
const KEYSPACE_SIZE = 4
const TABLE_SIZE = 9
const PREFIX_SIZE = 11
const ID_SIZE = 8

/** What stands behind `t{table}_r`. */
export function handleOf(key: Uint8Array): Uint8Array {
  return rest(key, ROW)
}

/** What stands behind `t{table}_i{index}`. */
export function entryOf(key: Uint8Array): Uint8Array {
  const entry = rest(key, INDEX)
  if (entry.length < ID_SIZE) throw new EvaluationError('index key expected, but it is cut short')
  return entry.subarray(ID_SIZE)
}

export const isIntegerHandle = (handle: Uint8Array): boolean => handle.length === ID_SIZE

/** API V2 has its keyspace in front. */
function rest(key: Uint8Array, kind: number): Uint8Array {
  const plain = key[0] === KEYSPACE ? key.subarray(KEYSPACE_SIZE) : key
  const fits =
    plain.length >= PREFIX_SIZE &&
    plain[0] === TABLE &&
    plain[TABLE_SIZE] === SEPARATOR &&
    plain[TABLE_SIZE + 1] === kind
  if (fits) return plain.subarray(PREFIX_SIZE)
  const hex = asBuffer(key).toString('hex').toUpperCase()
  throw new EvaluationError(`invalid data type: record or index key expected, but got ${hex}`)
}
