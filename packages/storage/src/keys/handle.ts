/**
 * What identifies a row in its table, as in TiDB: the 64-bit integer itself when the primary key is one integer
 * column (or when there is none, a generated number), otherwise the encoded datums of the primary key, padded with
 * zeros to nine bytes so that no such handle is as long as an integer.
 */
import { OrbitError } from '@orbit-ts/base'
import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { type Datum, readDatum, writeDatum } from './datum.js'

/** A number or bigint, or the bytes that `handleOf` returns for other primary keys. */
export type Handle = number | bigint | Uint8Array

const WRITER = new ByteWriter(256)
const COMMON_HANDLE_SIZE_MIN = 9
/** Entries of unique indexes hold the length in two bytes. */
export const COMMON_HANDLE_SIZE_MAX = 0xffff

/**
 * The handle of the row with these primary key values.
 * @throws INVALID_ARGUMENT for a null, KEY_TOO_LARGE for more than 65 535 bytes.
 */
export function handleOf(primaryKey: readonly Datum[]): Handle {
  const first = primaryKey[0]
  if (first === undefined) throw new OrbitError('INVALID_ARGUMENT', 'a primary key has at least one value')
  if (primaryKey.length === 1 && first.kind === 'int') return first.value
  const writer = WRITER.reset()
  for (const datum of primaryKey) {
    if (datum.kind === 'null') throw new OrbitError('INVALID_ARGUMENT', 'a primary key value is null')
    writeDatum(writer, datum)
  }
  while (writer.length < COMMON_HANDLE_SIZE_MIN) writer.byte(0)
  if (writer.length > COMMON_HANDLE_SIZE_MAX) {
    throw new OrbitError(
      'KEY_TOO_LARGE',
      `a primary key of ${writer.length} bytes; the limit is ${COMMON_HANDLE_SIZE_MAX}`,
    )
  }
  return writer.toBytes()
}

/** The primary key values of a handle. Text comes back as `bytes`. */
export function handleDatums(handle: Handle): Datum[] {
  if (!(handle instanceof Uint8Array)) return [{ kind: 'int', value: handle }]
  return readHandleDatums(new ByteReader(handle, 'handle'))
}

/** Reads to the end; padding is left out. */
export function readHandleDatums(reader: ByteReader): Datum[] {
  const datums: Datum[] = []
  // No primary key value is null, so a zero can only be padding.
  while (reader.remaining > 0 && reader.peek() !== 0) datums.push(readDatum(reader))
  while (reader.remaining > 0)
    if (reader.byte() !== 0) reader.fail('a handle is padded with something else than zeros')
  if (datums.length === 0) reader.fail('a handle without values')
  return datums
}
